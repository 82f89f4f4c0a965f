"""The embedded model can be made again: every step of the recipe, a few steps each."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from golden_vectors import MISSING
from one_thread import one_thread
from torch import nn

from tiny.colouring import Colour, coloured, draw_colour
from tiny.corpus import (
    MIXED,
    SAMPLE_RATE,
    Clip,
    is_of_the_language,
    pitch_factors,
    read_corpus,
)
from tiny.finish import part_of_the_way
from tiny.trainee import OneNetwork, Recipe
from tiny.workshop import STEPS, Making, Recipes
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.stage import AcousticLine, ReferenceAudio
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.encoders.content import ContentEncoder
from voicepipe.model.semantic.generation import SemanticRequest, generate_semantic
from voicepipe.model.semantic.sampling import SamplingSettings
from voicepipe.model.semantic.stage import SemanticStage

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
SHORT = Recipe(n_steps=4, batch_size=2, peak=1e-3, warmup_steps=2)
AT_ONCE = replace(SHORT, warmup_steps=1)
AVERAGED = replace(AT_ONCE, averaging=0.9)
TWICE = replace(SHORT, further_steps=3, further_peak=5e-4)

_threads_are_put_back = pytest.fixture(autouse=True)(one_thread)


def whole_corpus() -> tuple[Clip, ...]:
    """Every clip of the corpus, which is too large to be committed."""
    if not CORPUS.is_dir():
        pytest.skip(f"{MISSING}corpus")
    return read_corpus([CORPUS])


def a_few_clips(folder: Path) -> Path:
    """Some sentences of two voices, one of the sentences kept to judge by; some mixed ones."""
    folder.mkdir()
    rows = [
        clip
        for clip in whole_corpus()
        if clip.voice in ("af_heart", "jm_kumo") and clip.path.stat().st_size < 30_000
    ]
    held_out = {clip.voice: clip for clip in rows if clip.is_held_out}
    learnt = [clip for voice in held_out for clip in rows if clip.voice == voice][:400:40]
    with (folder / "clips-few.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["path", "language", "voice", "seconds", "speed", "text"])
        for clip in (*held_out.values(), *learnt):
            (folder / clip.name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(clip.path, folder / clip.name)
            table.writerow([clip.name, clip.language, clip.voice, 0, 1, clip.text])
        for clip in learnt[:3]:
            name = f"{clip.language}/{MIXED}00/{clip.path.name}"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(clip.path, folder / name)
            table.writerow([name, clip.language, f"{MIXED}00", 0, 1, clip.text])
    return folder


def test_a_voice_keeps_its_rates() -> None:
    assert pitch_factors("af_heart") == pitch_factors("af_heart")
    own, slow, fast = pitch_factors("jm_kumo")
    assert own == 1
    assert 0.8 < slow < 0.95
    assert 1.05 < fast < 1.2


def test_a_sentence_is_kept_to_judge_by_whoever_says_it() -> None:
    clips = whole_corpus()
    kept: dict[str, set[bool]] = {}
    for clip in clips:
        kept.setdefault(clip.path.stem, set()).add(clip.is_held_out)
    assert all(len(answers) == 1 for answers in kept.values())
    assert 0.01 < sum(clip.is_held_out for clip in clips) / len(clips) < 0.04
    assert isinstance(clips[0], Clip)


def test_mixed_and_crossing_voices_are_of_no_language() -> None:
    assert is_of_the_language("bf_emma", "en")
    assert is_of_the_language("zf_xiaobei", "zh")
    assert not is_of_the_language("bf_emma", "ja")
    assert not is_of_the_language(f"{MIXED}en-00", "en")


def test_the_mean_of_the_weights_follows_them_and_is_what_is_kept() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.ones_(network.weight)
    trainee = OneNetwork(network, replace(AVERAGED, weight_decay=0.0), {})
    for step in range(3):
        trainee.learn(network.weight.sum(), step)
    mean, last = float(trainee.weights()["weight"]), float(network.weight.detach())
    assert last < mean < 1
    with trainee.averaged():
        assert float(network.weight.detach()) == mean
    assert float(network.weight.detach()) == last
    restored = nn.Linear(1, 1, bias=False)
    again = OneNetwork(restored, replace(AVERAGED, weight_decay=0.0), {})
    again.restore(trainee.tensors())
    assert float(again.weights()["weight"]) == mean
    assert float(restored.weight.detach()) == last


def test_weights_part_of_the_way_lie_between_both() -> None:
    numbers, counts = torch.tensor([1.0, 3.0]), torch.tensor([7])
    between = part_of_the_way(
        {"weight": numbers, "count": counts}, {"weight": numbers + 2, "count": counts}, 0.25
    )
    assert between["weight"].tolist() == [1.5, 3.5]
    assert between["count"].tolist() == [7]


def test_a_folder_without_tables_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="clips-"):
        read_corpus([tmp_path])


def test_a_rate_falls_along_one_cosine_and_then_another() -> None:
    rates = [TWICE.rate(step) for step in range(TWICE.total_steps)]
    assert len(rates) == 7
    assert max(rates[:4]) == TWICE.peak
    assert max(rates[4:]) == TWICE.further_peak
    assert rates[3] < rates[2]
    assert rates[4] < rates[6] == TWICE.further_peak
    assert [SHORT.rate(step) for step in range(4)] == rates[:4]


def test_no_colour_leaves_a_voice_as_it_is() -> None:
    wave = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, 9_000).astype(np.float32))
    assert torch.allclose(coloured(wave, Colour(1.0, (0.0,) * 5)), wave, atol=1e-5)


def test_a_colour_moves_formants_and_neither_pitch_nor_loudness() -> None:
    times = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    numbers = np.arange(1, 80)[:, None]
    sizes = 1 / (1 + ((100 * numbers - 1500) / 200) ** 2)
    buzz = (np.cos(2 * np.pi * 100 * numbers * times) * sizes).sum(0)
    wave = torch.from_numpy((0.1 * buzz).astype(np.float32))
    moved = coloured(wave, Colour(1.15, (0.0,) * 5))
    assert float(moved.norm()) == pytest.approx(float(wave.norm()), rel=1e-4)
    before, after = (torch.fft.rfft(x).abs() for x in (wave, moved))
    harmonics = torch.arange(1, 80) * 100  # a bin a hertz
    assert after[harmonics].sum() > 50 * after[harmonics + 50].sum()
    centre = [float((harmonics * x[harmonics]).sum() / x[harmonics].sum()) for x in (before, after)]
    assert 1.05 < centre[1] / centre[0] < 1.2


def test_colours_are_drawn_from_chance_alone() -> None:
    one, same, other = (draw_colour(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.slow
def test_the_whole_recipe_makes_models_that_speak(tmp_path: Path) -> None:
    corpus = a_few_clips(tmp_path / "corpus")
    recipes = Recipes(
        first_listener=SHORT,
        listener=SHORT,
        semantic=TWICE,
        acoustic=TWICE,
        finish=AT_ONCE,
        heard=AVERAGED,
    )
    models = tmp_path / "models"
    making = Making(work=tmp_path / "work", corpora=(corpus,), out=models, jobs=2, recipes=recipes)
    making.take(STEPS)
    encoder = ContentEncoder.load(models / "tiny-content")
    acoustic = load_acoustic_stage(load_checkpoint(models / "tiny-sovits" / "model.safetensors"))
    stage = SemanticStage.from_checkpoint(
        load_checkpoint(models / "tiny-gpt" / "model.safetensors")
    )
    clip = torch.sin(torch.arange(24_000 * 3) * 0.05)
    prompt_tokens = acoustic.semantic_tokens(encoder.encode(clip[:48_000]))
    assert prompt_tokens.shape == (75,)
    request = SemanticRequest(
        phoneme_ids=(30, 31, 32),
        prompt_tokens=tuple(prompt_tokens.tolist()),
        seed=1,
        settings=SamplingSettings(max_tokens=20),
    )
    tokens = generate_semantic(stage, [request], n_slots=1, max_length=200)[0].tokens
    assert tokens
    prompt = acoustic.encode_reference([ReferenceAudio(waveforms={24_000: clip})])
    line = AcousticLine(
        semantic_tokens=torch.tensor(tokens),
        phoneme_ids=torch.tensor([31, 32]),
        prompt=prompt,
        seed=1,
    )
    wave = acoustic.decode([line])[0]
    assert wave.shape == (len(tokens) * 960,)
    assert torch.isfinite(wave).all()
