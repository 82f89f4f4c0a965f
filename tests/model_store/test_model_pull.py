"""Fetching published models from a hub on loopback."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback_hub import LoopbackHub
from model_files import encoder_file, semantic_file

from voicepipe.errors import CheckpointError, CorruptObject, EnvironmentFault, UsageError
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.config import Family
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import Trust
from voicepipe.model_store.pull import pull_model
from voicepipe.model_store.registry import PublishedFile, PublishedModel
from voicepipe.qc.whisper_files import find_whisper

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = b'{"model_type": "hubert"}'


def published(content: bytes, *, name: str = "s1-test") -> PublishedModel:
    return PublishedModel(
        name=name,
        summary="a test",
        family=Family.SEMANTIC,
        weights=PublishedFile(path="sub/epoch=1.ckpt", sha256=hashlib.sha256(content).hexdigest()),
    )


def encoder(weights: bytes) -> PublishedModel:
    return PublishedModel(
        name="hubert",
        summary="a test",
        family=Family.HUBERT,
        weights=PublishedFile(
            path="hub/pytorch_model.bin", sha256=hashlib.sha256(weights).hexdigest()
        ),
        companions=(
            PublishedFile(path="hub/config.json", sha256=hashlib.sha256(CONFIG).hexdigest()),
        ),
    )


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelLibrary:
    monkeypatch.setenv("HF_TOKEN", "a secret of this machine")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    root = tmp_path / "project"
    root.mkdir()
    return ModelLibrary(root)


def test_a_pinned_model_is_fetched_checked_converted_and_locked(library: ModelLibrary) -> None:
    content = semantic_file()
    with LoopbackHub({"sub/epoch=1.ckpt": content}) as hub:
        pulled = pull_model(library, published(content), endpoint=hub.endpoint)

        assert pulled.is_new
        source = pulled.model.source
        assert (source.trust, source.file) == (Trust.PINNED, "sub/epoch=1.ckpt")
        assert source.sha256 == hashlib.sha256(content).hexdigest()
        assert source.repository == "lj1995/GPT-SoVITS"
        assert len(source.revision) == 40
        assert all(f"/resolve/{source.revision}/" in path for _, path, _ in hub.seen)
        assert {key for _, _, key in hub.seen} == {None}, "a machine's key went to a hub"
        checkpoint = load_checkpoint(library.weights_path("s1-test"))
        assert checkpoint.source_sha256 == source.sha256
        assert [p.name for p in library.folder.iterdir()] == ["s1-test"]

        n_requests = len(hub.seen)
        assert not pull_model(library, published(content), endpoint=hub.endpoint).is_new
        assert len(hub.seen) == n_requests, "what is here is not fetched again"

        (library.folder / "s1-test" / "model.json").unlink()
        assert pull_model(library, published(content), endpoint=hub.endpoint).is_new
        assert all(verdict.is_intact for verdict in library.verify())


def test_companions_come_along(library: ModelLibrary) -> None:
    content = encoder_file()
    files = {"hub/pytorch_model.bin": content, "hub/config.json": CONFIG}
    with LoopbackHub(files, small=frozenset({"hub/config.json"})) as hub:
        model = pull_model(library, encoder(content), endpoint=hub.endpoint).model
    assert sorted(model.files) == ["config.json", "model.json", "model.safetensors"]
    assert (library.folder / "hubert" / "config.json").read_bytes() == CONFIG


def test_a_recogniser_is_kept_as_it_is_published(library: ModelLibrary) -> None:
    files = {"model.bin": b"weights of another library", "vocabulary.txt": b"a\nb\n"}
    model = PublishedModel(
        name="whisper-base",
        summary="a test",
        family=Family.WHISPER,
        weights=PublishedFile(
            path="model.bin", sha256=hashlib.sha256(files["model.bin"]).hexdigest()
        ),
        companions=(
            PublishedFile(
                path="vocabulary.txt", sha256=hashlib.sha256(files["vocabulary.txt"]).hexdigest()
            ),
        ),
    )
    with LoopbackHub(files, small=frozenset({"vocabulary.txt"})) as hub:
        pulled = pull_model(library, model, endpoint=hub.endpoint)
        assert not pull_model(library, model, endpoint=hub.endpoint).is_new
    assert {name: (library.folder / "whisper-base" / name).read_bytes() for name in files} == files
    assert all(verdict.is_intact for verdict in library.verify())
    source = find_whisper(library.folder.parent)
    assert source is not None
    assert source.read() == files
    assert source.fingerprint == pulled.model.source.sha256[:12]
    with pytest.raises(UsageError, match="kept as it was published"):
        library.weights_path("whisper-base")


def test_other_bytes_than_the_pinned_ones_are_refused_before_they_are_read(
    library: ModelLibrary,
) -> None:
    content = semantic_file()
    other = content[:-1] + b"\x01"
    with (
        LoopbackHub({"sub/epoch=1.ckpt": other}) as hub,
        pytest.raises(CorruptObject, match="its bytes hash to") as caught,
    ):
        pull_model(library, published(content), endpoint=hub.endpoint)
    assert hashlib.sha256(other).hexdigest() in caught.value.message
    assert library.models() == ()
    assert list(library.folder.iterdir()) == []


def test_a_changed_companion_is_refused_too(library: ModelLibrary) -> None:
    content = encoder_file()
    files = {"hub/pytorch_model.bin": content, "hub/config.json": b"{}"}
    with (
        LoopbackHub(files, small=frozenset({"hub/config.json"})) as hub,
        pytest.raises(CorruptObject, match=r"config\.json: its bytes"),
    ):
        pull_model(library, encoder(content), endpoint=hub.endpoint)
    assert library.models() == ()


def test_another_revision_is_taken_on_the_hub_s_word_and_held_to_it(library: ModelLibrary) -> None:
    pinned, newer = semantic_file(), semantic_file(0.5)
    with LoopbackHub({"sub/epoch=1.ckpt": newer}) as hub:
        pulled = pull_model(library, published(pinned), endpoint=hub.endpoint, revision="next")
        assert pulled.model.source.trust is Trust.FIRST_USE
        assert pulled.model.source.revision == "next"
        assert pulled.model.source.sha256 == hashlib.sha256(newer).hexdigest()
        again = pull_model(library, published(pinned), endpoint=hub.endpoint, revision="next")
        assert not again.is_new
    assert all(verdict.is_intact for verdict in library.verify())


def test_a_hub_that_breaks_its_own_word_is_refused(library: ModelLibrary) -> None:
    promised = semantic_file()
    sent = semantic_file(0.5)
    assert len(sent) == len(promised)
    with (
        LoopbackHub({"sub/epoch=1.ckpt": promised}, lies={"sub/epoch=1.ckpt": sent}) as hub,
        pytest.raises(CorruptObject, match="must to " + hashlib.sha256(promised).hexdigest()),
    ):
        pull_model(library, published(b""), endpoint=hub.endpoint, revision="next")
    assert library.models() == ()


def test_a_file_the_hub_lacks_is_named(library: ModelLibrary) -> None:
    with (
        LoopbackHub({}) as hub,
        pytest.raises(EnvironmentFault, match=r"@[0-9a-f]{40}/sub/epoch=1\.ckpt: ") as caught,
    ):
        pull_model(library, published(b""), endpoint=hub.endpoint)
    assert "--endpoint" in caught.value.remedy


@pytest.mark.slow
def test_a_hub_that_does_not_answer_is_an_environment_fault(library: ModelLibrary) -> None:
    with LoopbackHub({}) as hub:
        gone = hub.endpoint
    with pytest.raises(EnvironmentFault, match=gone):
        pull_model(library, published(b""), endpoint=gone)


def test_right_bytes_that_are_no_model_are_refused(library: ModelLibrary) -> None:
    content = b"PK but nothing else"
    with (
        LoopbackHub({"sub/epoch=1.ckpt": content}) as hub,
        pytest.raises(CheckpointError, match="damaged or cut short"),
    ):
        pull_model(library, published(content), endpoint=hub.endpoint)
    assert library.models() == ()


def test_right_bytes_of_another_family_are_refused(library: ModelLibrary) -> None:
    content = semantic_file()
    model = replace(published(content), family=Family.V2)
    with (
        LoopbackHub({"sub/epoch=1.ckpt": content}) as hub,
        pytest.raises(CheckpointError, match="said to be v2"),
    ):
        pull_model(library, model, endpoint=hub.endpoint)
