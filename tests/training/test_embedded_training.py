"""The embedded family learns a voice: what moves and what does not, refusals, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from dataset_builder import speech, spoken, write_sound, write_takes
from embedded_models import pull_embedded
from embedded_voice import CALM, CALM_CLIP, embedded_voice
from training_project import RecordingWatcher

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.resample import resample
from voicepipe.errors import CheckpointError, EnvironmentFault, InputError, UsageError
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.acoustic.pitch_track import pitch_track
from voicepipe.model.checkpoints.reading import Checkpoint, load_checkpoint
from voicepipe.model.config import Family
from voicepipe.model.encoders.content import ContentEncoder
from voicepipe.model.semantic.recogniser import PhonemeRecogniser
from voicepipe.model.spectral import linear_spectrogram
from voicepipe.model.spectral_config import SpectrogramConfig
from voicepipe.model.training.articulation import PhonemeListener, articulation_distance
from voicepipe.model.training.colour_distance import colour_distance
from voicepipe.model.training.pitch_level import pitch_level
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.render.saying import SayRequest, say_text
from voicepipe.pipeline.train import bases
from voicepipe.pipeline.train.bases import find_timbre_weights
from voicepipe.pipeline.train.checks import (
    hear_dataset,
    hear_reference_clips,
    load_training_voice,
)
from voicepipe.pipeline.train.plan import Plan, TrainingRequest, plan_training
from voicepipe.pipeline.train.results import model_table
from voicepipe.pipeline.train.run import Outcome, run_training, split
from voicepipe.synthesis.file_hashes import FileHashes
from voicepipe.synthesis.voice_models import ModelFinder
from voicepipe.training.dataset.utterance import TrainingUtterance
from voicepipe.training.loops.loop import read_events
from voicepipe.training.loops.schedules import WarmupCosine
from voicepipe.training.loops.source_filter_trainer import (
    ListenerFiles,
    SourceFilterSettings,
    SourceFilterTraining,
)

RATE = 24_000


def _project(root: Path) -> Path:
    project = root / "project"
    (project / "voices").mkdir(parents=True)
    (project / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    (project / "voices/noah.yaml").write_text(embedded_voice(CALM_CLIP), "utf-8")
    clip = spoken(CALM, seed=40)
    write_sound(project / "voices/calm.wav", clip)
    pull_embedded(project)
    recordings = write_takes(root / "recordings", n=18)
    # Chinese is read from phonemes alone: no BERT is here.
    write_sound(recordings / "takes/zh.wav", speech(3.0, seed=30))
    with (recordings / "transcript.csv").open("a", encoding="utf-8") as table:
        table.write('takes/zh.wav,"我们没有时间再等其他人了。",zh\n')
    return project


def _planned(project: Path, **asked: object) -> Plan:
    subject = load_training_voice(project, "noah")
    report = hear_dataset(subject, project.parent / "recordings")
    settings = {"base": "tiny", "steps": 3, "batch": 2, "device": "cpu"}
    return plan_training(subject, report, TrainingRequest(**{**settings, **asked}))  # type: ignore[arg-type]


def _trained(project: Path, **asked: object) -> Outcome:
    torch.set_num_threads(1)
    return run_training(_planned(project, **asked), RecordingWatcher())


@pytest.fixture(scope="module", name="project")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _project(tmp_path_factory.mktemp("embedded"))


def _weights(project: Path, name: str) -> Checkpoint:
    return load_checkpoint(ModelLibrary(project).weights_path(name))


def _base(project: Path) -> Checkpoint:
    return _weights(project, "tiny-sovits")


def _utterances(project: Path, outcome: Outcome) -> list[TrainingUtterance]:
    """What the training heard, made again from what it kept."""
    waves = sorted((outcome.run.path.parents[1] / "waves").glob("*.wav"))
    return [
        TrainingUtterance(
            name=wave.stem,
            phoneme_ids=(20, 30, 40),
            bert=None,
            semantic_tokens=np.arange(40) % 7,
            wave=wave,
            language="en",
        )
        for wave in waves
    ]


def test_only_what_says_envelopes_learns_and_the_voice_speaks_with_it(project: Path) -> None:
    outcome = _trained(project)
    assert outcome.record.models == {"sovits": "noah-sovits"}
    library = ModelLibrary(project)
    (made,) = (model for model in library.models() if model.name == "noah-sovits")
    assert made.family == "tiny"
    assert made.trained is not None
    assert (made.trained.base, made.trained.voice) == ("tiny-sovits", "noah")
    base, learned = _base(project), load_checkpoint(library.weights_path("noah-sovits"))
    tones = [c.config["model"]["source_filter"].get("tone") for c in (base, learned)]
    assert tones == [None, "learnt"]
    assert learned.tensors.keys() == base.tensors.keys()
    moved = {n for n, t in learned.tensors.items() if not torch.equal(t, base.tensors[n])}
    assert "dec.envelope.weight" in moved
    assert all(name.startswith("dec.") for name in moved)
    assert "dec.pitch.weight" not in moved
    plan = _planned(project)
    table = model_table(plan, outcome.record)
    assert table == {"gpt": "tiny-gpt", "sovits": "noah-sovits"}
    texts = {"own": table, "base": {"base": "tiny"}}
    said = {
        name: say_text(project, SayRequest(text="We are late.", voice="noah", model=model))
        for name, model in texts.items()
    }
    assert said["own"].request.key() != said["base"].request.key()
    own, before = (said[name].clip for name in ("own", "base"))
    assert own.duration_s == pytest.approx(before.duration_s, abs=0.2)
    assert own.wav_bytes != before.wav_bytes


def test_two_clips_are_held_out_of_a_minute(project: Path) -> None:
    utterances = _utterances(project, _trained(project))
    assert len(utterances) == 19
    assert len(split(utterances)[1]) == 0
    learned, held_out = split(utterances, least=2)
    assert (len(learned), len(held_out)) == (17, 2)
    assert len(split(utterances[:5], least=2)[1]) == 1


def test_a_minute_is_a_hundred_steps_of_either_stage(project: Path) -> None:
    plan = _planned(project, steps=0, batch=4, stages=("semantic", "acoustic"))
    assert plan.steps == {"semantic": 100, "acoustic": 100}


def test_a_reference_clip_is_learnt_from_in_twenty_steps_of_one_stage(project: Path) -> None:
    subject = load_training_voice(project, "noah")
    clip = hear_reference_clips(subject)

    def planned(**asked: object) -> Plan:
        request = TrainingRequest(**{"base": "tiny", "device": "cpu", **asked})  # type: ignore[arg-type]
        return plan_training(subject, clip, request)

    assert planned().steps == {"acoustic": 20}
    assert planned(passes=1).steps == {"acoustic": 25}
    with pytest.raises(UsageError, match="only the embedded family's acoustic stage"):
        planned(stages=("semantic", "acoustic"))
    outcome = run_training(planned(steps=2, name="close"), RecordingWatcher())
    assert outcome.record.models == {"sovits": "close-sovits"}
    learned = _weights(project, "close-sovits").tensors
    assert not torch.equal(
        learned["dec.envelope.weight"], _base(project).tensors["dec.envelope.weight"]
    )


def test_recordings_in_a_language_it_never_heard_are_refused(tmp_path: Path) -> None:
    project = _project(tmp_path)
    with (tmp_path / "recordings/transcript.csv").open("a", encoding="utf-8") as table:
        table.write('takes/ko.wav,"우리는 이제 시간이 없습니다.",ko\n')
    write_sound(tmp_path / "recordings/takes/ko.wav", speech(2.5, seed=31))
    with pytest.raises(UsageError, match="never heard ko; it speaks en, ja, zh"):
        _planned(project)


def test_critics_are_refused_where_none_judge(project: Path) -> None:
    with pytest.raises(UsageError, match="trained without critics"):
        _planned(project, critics="tiny-sovits")


def test_a_voice_trained_on_it_speaks_no_language_it_never_learned(project: Path) -> None:
    outcome = _trained(project, stages=("semantic", "acoustic"))
    assert set(outcome.record.models) == {"gpt", "sovits"}
    finder = ModelFinder(project, FileHashes(project / "out"))
    models = finder.find({"gpt": "noah-gpt", "sovits": "noah-sovits"})
    assert models.faults == ()
    assert sorted(models.languages or ()) == ["en", "ja", "zh"]


def _listeners(project: Path) -> ListenerFiles:
    content = ModelLibrary(project).weights_path("tiny-content")
    return ListenerFiles(
        content=load_checkpoint(content, family=Family.PHONETIC),
        recogniser=_weights(project, "tiny-recogniser"),
        timbre=find_timbre_weights(),
    )


def _training(
    project: Path,
    base: Checkpoint,
    learned: list[TrainingUtterance],
    held_out: list[TrainingUtterance],
    *,
    listeners: ListenerFiles | None = None,
) -> SourceFilterTraining:
    torch.set_num_threads(1)
    schedule = WarmupCosine(peak=1e-3, start=1e-3, end=1e-3, warmup_steps=1, total_steps=30)
    settings = SourceFilterSettings(seed=3, batch_size=2, schedule=schedule)
    return SourceFilterTraining(base, listeners or _listeners(project), learned, held_out, settings)


def test_a_training_that_was_stopped_ends_with_the_same_bits(project: Path) -> None:
    heard = _utterances(project, _trained(project))
    whole, stopped = (_training(project, _base(project), heard[:3], []) for _ in range(2))
    kept = None
    for step in range(2):
        whole.take_step(step)
        if step == 0:
            kept = {name: tensor.clone() for name, tensor in whole.tensors().items()}
    assert kept is not None
    stopped.restore(kept)
    stopped.take_step(1)
    for name, tensor in whole.weights().items():
        assert torch.equal(tensor, stopped.weights()[name]), name


def test_what_is_published_lies_between_the_base_and_what_was_learnt(project: Path) -> None:
    base = _base(project)
    training = _training(project, base, _utterances(project, _trained(project))[:3], [])
    measured = {"dec.pitch.bias"}
    begun = training.weights().items()
    assert all(torch.equal(weight, base.tensors[n]) for n, weight in begun if n not in measured)
    training.take_step(0)
    name = "dec.envelope.weight"
    first, learnt = base.tensors[name], training.tensors()[f"network:{name}"]
    share = (training.weights()[name] - first) / (learnt - first)
    assert not torch.equal(learnt, first)
    torch.testing.assert_close(share.median(), torch.tensor(0.75), rtol=0.01, atol=0)


def test_a_training_begins_with_how_high_the_speaker_is(project: Path) -> None:
    base, heard = _base(project), _utterances(project, _trained(project))[:3]
    lower = {**base.tensors, "dec.pitch.bias": base.tensors["dec.pitch.bias"] - 0.1}
    bases = [base, replace(base, tensors=lower)]
    biases = [_training(project, one, heard, []).weights()["dec.pitch.bias"] for one in bases]
    torch.testing.assert_close(biases[0], biases[1], rtol=0, atol=0.02)
    assert float((biases[1] - lower["dec.pitch.bias"]).abs()) > 0.05


def test_the_level_of_pitch_is_that_of_most_voiced_frames() -> None:
    recorded = torch.full((200,), 200.0)
    recorded[:20], recorded[20:60] = 400.0, 0.0  # heard an octave off, and no voice
    said = torch.full((200,), 200.0).log() - 0.1
    said[20:60] = 9.0
    assert pitch_level([said[:50], said[50:]], [recorded[:50], recorded[50:]]) == pytest.approx(0.1)
    assert pitch_level([said - 1], [recorded]) == pytest.approx(np.log(2) / 3)
    assert pitch_level([said[:90]], [recorded[:90]]) == 0


def test_what_has_no_such_generator_or_no_recordings_is_refused(project: Path) -> None:
    heard = _utterances(project, _trained(project))
    with pytest.raises(InputError, match="no utterance"):
        _training(project, _base(project), [], heard[:1])
    with pytest.raises(InputError, match="tokens and phonemes"):
        _training(project, _base(project), [replace(heard[0], phoneme_ids=(-1,))], [])
    with pytest.raises(CheckpointError):
        _training(project, _weights(project, "tiny-gpt"), heard[:3], [])


def test_pitch_is_followed_within_half_a_percent() -> None:
    sizes = SpectrogramConfig(sample_rate=RATE, n_fft=1024, hop_length=240, win_length=1024)
    times = np.arange(RATE) / RATE
    hertz = 150 + 60 * times
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    wave = 0.1 * np.sum([np.sin(k * phase) / k for k in range(1, 12)], axis=0)
    wave[: RATE // 5] = 0
    heard = torch.from_numpy(wave.astype(np.float32))
    found = pitch_track(linear_spectrogram(heard[None], sizes)[0], RATE)
    assert len(found) == 100
    assert not found[:17].any()
    assert found[24:96] == pytest.approx(hertz[120::240][24:96], rel=5e-3)


def test_colour_is_nothing_for_a_copy_and_grows_with_a_tilt() -> None:
    rng = np.random.default_rng(0)
    wave = torch.from_numpy(rng.standard_normal((2, RATE)).astype(np.float32)) * 0.1
    tilted = wave - 0.5 * wave.roll(1, dims=1)
    further = wave - 0.9 * wave.roll(1, dims=1)
    same, near, far = (float(colour_distance(w, wave, RATE)) for w in (wave, tilted, further))
    assert same == 0
    assert 0.1 < near < far


def _listening(project: Path) -> PhonemeListener:
    network = load_acoustic_stage(_base(project)).network
    files = _listeners(project)
    return PhonemeListener(files.content, files.recogniser, network.ssl_proj, sample_rate=RATE)


def test_a_training_hears_what_the_family_hears(project: Path) -> None:
    clip = AudioClip(samples=speech(2.0, rate=RATE), sample_rate=RATE)
    encoder = ContentEncoder.load(ModelLibrary(project).weights_path("tiny-content").parent)
    features = encoder.encode(torch.from_numpy(resample(clip, 16_000).samples.copy()))
    stage = load_acoustic_stage(_base(project))
    tokens = stage.semantic_tokens(features)
    projected = stage.network.ssl_proj(features[None]).repeat_interleave(2, dim=2)
    recogniser = PhonemeRecogniser.from_checkpoint(_weights(project, "tiny-recogniser"))
    with torch.inference_mode():
        heard = _listening(project)(torch.from_numpy(clip.samples.copy())[None])
        expected = recogniser.scores(projected)
        of_tokens = recogniser(tokens[None])
    assert heard.shape == expected.shape == of_tokens.shape
    assert float(articulation_distance(heard, expected)) < 0.02
    others = float(articulation_distance(heard.roll(25, dims=2), expected))
    assert float(articulation_distance(of_tokens, expected)) < 0.5 * others


def test_articulation_is_nothing_for_a_copy_and_shows_the_way_to_it(project: Path) -> None:
    listener = _listening(project)
    said = torch.from_numpy(np.stack([speech(2.0, rate=RATE, hz=hz) for hz in (110.0, 200.0)]))
    wanted = listener(said)
    assert float(articulation_distance(listener(said), wanted)) == pytest.approx(0, abs=1e-6)
    made = (said - 0.9 * said.roll(1, dims=1)).requires_grad_()
    before = articulation_distance(listener(made), wanted)
    (gradient,) = torch.autograd.grad(before, made)
    step = 1e-3 * gradient / gradient.square().mean().sqrt()
    after = articulation_distance(listener(made - step), wanted)
    assert 0 < float(after.detach()) < float(before.detach())
    assert not [name for name, weight in listener.named_parameters() if weight.requires_grad]


def test_listeners_that_do_not_fit_the_base_are_refused(project: Path) -> None:
    files = _listeners(project)
    with pytest.raises(CheckpointError, match="codes"):
        _training(
            project, _base(project), [], [], listeners=replace(files, recogniser=files.content)
        )
    narrow = torch.nn.Conv1d(16, 16, 2, 2)
    with pytest.raises(CheckpointError, match="not 16"):
        PhonemeListener(files.content, files.recogniser, narrow, sample_rate=RATE)


def test_a_recogniser_that_is_away_is_named_with_the_way_to_it(tmp_path: Path) -> None:
    project = _project(tmp_path)
    ModelLibrary(project).weights_path("tiny-recogniser").unlink()
    with pytest.raises(EnvironmentFault, match="tiny-recogniser") as refused:
        _planned(project)
    assert refused.value.remedy == "voicepipe models pull tiny-recogniser"


def test_a_missing_network_that_tells_speakers_apart_is_named_with_the_way_to_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bases, "installed_weights", lambda: None)
    with pytest.raises(EnvironmentFault, match="resemblyzer is not installed") as refused:
        _planned(project)
    assert "pip install --no-deps resemblyzer==0.1.4" in refused.value.remedy
    assert _planned(project, stages=("semantic",)).timbre is None


@pytest.mark.slow
def test_a_short_training_brings_held_out_recordings_nearer(tmp_path: Path) -> None:
    outcome = _trained(_project(tmp_path), steps=30)
    events = read_events(outcome.run.stage("acoustic"))
    judged = [event.losses for event in events if event.kind == "validation"]
    for part in ("colour", "articulation", "timbre"):
        assert min(losses[part] for losses in judged) < 0.9 * judged[0][part], judged
