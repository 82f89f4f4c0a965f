"""Models that come with the package: brought in without a connection, and refused when changed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
import soxr
import torch
import yaml

from voicepipe.errors import CorruptObject, UsageError
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.encoders.content import ContentEncoder
from voicepipe.model.semantic.recogniser import PhonemeRecogniser
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import Trust
from voicepipe.model_store.pull import EMBEDDED_FOLDER, pull_model
from voicepipe.model_store.registry import BUNDLES, PUBLISHED, find_published
from voicepipe.text.frontend import utterance

WEIGHTS = "model.safetensors"
VOICES = Path(__file__).parents[2] / "voices"
NOWHERE = "http://127.0.0.1:9"
EMBEDDED = [model for model in PUBLISHED.values() if model.is_embedded]


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    return ModelLibrary(tmp_path)


def test_the_bundle_is_made_of_what_is_embedded() -> None:
    assert [model.name for model in EMBEDDED] == list(BUNDLES["tiny"])
    assert sum((EMBEDDED_FOLDER / m.weights.path).stat().st_size for m in EMBEDDED) < 25e6


def test_they_are_brought_in_without_a_connection(library: ModelLibrary) -> None:
    for model in find_published(["tiny"]):
        pulled = pull_model(library, model, endpoint=NOWHERE)
        assert pulled.is_new
        assert pulled.model.source.trust is Trust.PINNED
        assert pulled.model.source.repository == "voicepipe"
        assert pulled.model.family == model.family.value
        assert load_checkpoint(library.weights_path(model.name)).family is model.family
        assert not pull_model(library, model, endpoint=NOWHERE).is_new
    assert all(verdict.is_intact for verdict in library.verify())


def test_a_project_that_holds_older_ones_is_brought_the_present(library: ModelLibrary) -> None:
    model = EMBEDDED[-1]
    pull_model(library, replace(model, revision="older"))
    assert not pull_model(library, replace(model, revision="older")).is_new
    pulled = pull_model(library, model)
    assert pulled.is_new
    assert pulled.model.source.revision == model.revision
    assert [held.source.revision for held in library.models()] == [model.revision]


def test_there_is_one_revision_of_them(library: ModelLibrary) -> None:
    with pytest.raises(UsageError, match="in the one revision"):
        pull_model(library, EMBEDDED[0], revision="main")


@pytest.mark.parametrize("name", ["model.safetensors", "model.json"])
def test_changed_bytes_are_never_taken(
    library: ModelLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model = EMBEDDED[-1]
    folder = tmp_path / "embedded"
    shutil.copytree(EMBEDDED_FOLDER / model.name, folder / model.name)
    with (folder / model.name / name).open("ab") as stream:
        stream.write(b" ")
    monkeypatch.setattr("voicepipe.model_store.pull.EMBEDDED_FOLDER", folder)
    with pytest.raises(CorruptObject, match="its bytes hash to"):
        pull_model(library, model)
    (folder / model.name / name).unlink()
    with pytest.raises(CorruptObject, match="hash to nothing"):
        pull_model(library, model)
    assert library.models() == ()


def test_the_recogniser_hears_which_of_the_films_clips_says_what() -> None:
    stage = load_acoustic_stage(load_checkpoint(EMBEDDED_FOLDER / "tiny-sovits" / WEIGHTS))
    ears = ContentEncoder.load(EMBEDDED_FOLDER / "tiny-content")
    recogniser = PhonemeRecogniser.from_checkpoint(
        load_checkpoint(EMBEDDED_FOLDER / "tiny-recogniser" / WEIGHTS)
    )
    for language in ("en", "zh", "ja"):
        texts, tokens = {}, {}
        for voice in ("mara", "noah", "wei"):
            table = yaml.safe_load((VOICES / f"{voice}.yaml").read_text("utf-8"))
            (clip,) = (one for one in table["clips"] if one["language"] == language)
            texts[voice] = utterance(clip["transcript"], language).phoneme_ids
            sound, rate = soundfile.read(VOICES.parent / clip["path"], dtype="float32")
            heard = ears.encode(torch.from_numpy(soxr.resample(sound, rate, 16_000)))
            tokens[voice] = stage.semantic_tokens(heard).tolist()
        for voice, said in tokens.items():
            fits = {name: recogniser.pronunciation(said, ids) for name, ids in texts.items()}
            assert max(fits, key=lambda name: fits[name]) == voice, (language, fits)
            assert fits[voice] > -1.0
