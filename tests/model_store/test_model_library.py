"""Importing, pinning, verifying and showing models."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
import torch
from loaded_modules import loaded_by
from model_files import encoder_file, flow_file, lora_file, semantic_file
from safetensors.torch import load_file

from voicepipe.errors import CheckpointError, EnvironmentFault, InputError, UsageError
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.config import Family
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model_store.convert import convert_checkpoint
from voicepipe.model_store.describe import describe_model
from voicepipe.model_store.importing import import_models
from voicepipe.model_store.library import FileState, ModelLibrary
from voicepipe.model_store.lock import Trust, is_model_name, read_lock, write_lock
from voicepipe.model_store.registry import BUNDLES, PUBLISHED, find_published

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def semantic(tmp_path: Path) -> Path:
    path = tmp_path / "noah-e15.ckpt"
    path.write_bytes(semantic_file())
    return path


def test_an_imported_file_is_safetensors_with_the_same_values(
    library: ModelLibrary, semantic: Path
) -> None:
    (model,) = import_models(library, semantic)

    assert (model.name, model.family, model.lora_rank) == ("noah-e15", "semantic", None)
    assert model.source.sha256 == hashlib.sha256(semantic.read_bytes()).hexdigest()
    assert (model.source.file, model.source.trust) == ("noah-e15.ckpt", Trust.LOCAL)
    weights = library.weights_path("noah-e15")
    assert sorted(p.name for p in weights.parent.iterdir()) == ["model.json", "model.safetensors"]
    original, converted = load_checkpoint(semantic), load_checkpoint(weights)
    assert converted.tensors.keys() == original.tensors.keys()
    for key, value in original.tensors.items():
        assert torch.equal(converted.tensors[key], value)
        assert converted.tensors[key].dtype == value.dtype == torch.float16
    assert converted.config == original.config
    assert converted.source_sha256 == original.sha256
    assert converted.info == "GPT-e15"
    assert SemanticStage.from_checkpoint(converted).config.n_layers == 2
    assert sorted(p.name for p in library.folder.iterdir()) == ["noah-e15"]


def test_the_lock_pins_what_lies_there(library: ModelLibrary, semantic: Path) -> None:
    (model,) = import_models(library, semantic)
    document = json.loads(library.lock_path.read_text())
    entry = document["models"]["noah-e15"]
    for name in ("model.safetensors", "model.json"):
        content = (library.folder / "noah-e15" / name).read_bytes()
        facts = {"sha256": hashlib.sha256(content).hexdigest(), "n_bytes": len(content)}
        assert entry["files"][name] == facts
    assert library.models() == (model,)
    assert all(verdict.is_intact for verdict in library.verify())


def test_importing_twice_gives_the_same_bytes(library: ModelLibrary, semantic: Path) -> None:
    import_models(library, semantic)
    before = library.lock_path.read_bytes()
    import_models(library, semantic)
    assert library.lock_path.read_bytes() == before


def test_another_file_takes_the_place_of_a_model_only_when_it_is_told_to(
    library: ModelLibrary, semantic: Path
) -> None:
    (first,) = import_models(library, semantic)
    semantic.write_bytes(semantic_file(0.5))
    with pytest.raises(UsageError, match='names a model "noah-e15" already') as caught:
        import_models(library, semantic)
    assert "--replace" in caught.value.remedy
    assert library.models() == (first,)
    (model,) = import_models(library, semantic, replace=True)
    assert model != first
    assert library.models() == (model,)
    assert all(verdict.is_intact for verdict in library.verify())


def test_a_refused_file_leaves_the_library_as_it_was(library: ModelLibrary, semantic: Path) -> None:
    import_models(library, semantic)
    before = library.lock_path.read_bytes()
    semantic.write_bytes(b"junk")
    with pytest.raises(CheckpointError, match="begins with"):
        import_models(library, semantic)
    assert library.lock_path.read_bytes() == before
    assert [p.name for p in library.folder.iterdir()] == ["noah-e15"]
    assert all(verdict.is_intact for verdict in library.verify())


def test_a_folder_of_files_becomes_a_model_each(library: ModelLibrary, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "艾-e15.ckpt").write_bytes(semantic_file())
    (folder / "ai_e8_l2.pth").write_bytes(lora_file())
    (folder / "notes.txt").write_text("not a model")
    models = import_models(library, folder)
    assert [(m.name, m.family, m.lora_rank) for m in models] == [
        ("ai_e8_l2", "v4", 2),
        ("艾-e15", "semantic", None),
    ]
    with pytest.raises(UsageError, match="2 weight files, and one name"):
        import_models(library, folder, name="both")


def test_a_transformers_folder_becomes_one_model_with_its_configuration(
    library: ModelLibrary, tmp_path: Path
) -> None:
    folder = tmp_path / "chinese-hubert-base"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(encoder_file())
    (folder / "config.json").write_text('{"model_type": "hubert"}')
    (folder / "notes.txt").write_text("not taken")
    (model,) = import_models(library, folder, name="hubert")
    assert sorted(model.files) == ["config.json", "model.json", "model.safetensors"]
    assert model.family == "hubert"
    weights = library.weights_path("hubert")
    assert list(load_file(weights)) == ["feature_extractor.conv_layers.0.conv.weight"]
    # The transformers library reads these files too, and asks for this note.
    assert b'"format":"pt"' in weights.read_bytes()[:200]

    (folder / "config.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"config\.json:1:\d+: not JSON"):
        import_models(library, folder)
    (folder / "config.json").write_text(" " * (17 << 20))
    with pytest.raises(CheckpointError, match="larger than"):
        import_models(library, folder)


def test_an_empty_folder_and_an_absent_file_are_named(
    library: ModelLibrary, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="no weight file in this folder"):
        import_models(library, library.folder.parent)
    with pytest.raises(CheckpointError, match=r"absent\.ckpt"):
        import_models(library, tmp_path / "absent.ckpt")


def test_an_ambiguous_family_can_be_said(library: ModelLibrary, tmp_path: Path) -> None:
    path = tmp_path / "fine.pth"
    path.write_bytes(flow_file())
    with pytest.raises(CheckpointError, match="does not say which"):
        import_models(library, path)
    (model,) = import_models(library, path, family=Family.V4)
    assert model.family == "v4"
    assert load_checkpoint(library.weights_path("fine")).family is Family.V4


@pytest.mark.parametrize(
    "name", ["", ".x", "-x", "a/b", "a\\b", "a:b", "..", "a..b", "a.", "a b", "x" * 81, "a\n", "_a"]
)
def test_names_that_could_be_paths_or_options_are_refused(
    library: ModelLibrary, semantic: Path, name: str
) -> None:
    assert not is_model_name(name)
    if name:
        with pytest.raises(UsageError, match="cannot be a model's name"):
            import_models(library, semantic, name=name)
        assert not library.folder.exists()


def test_verify_tells_missing_changed_and_unlocked_files_apart(
    library: ModelLibrary, semantic: Path
) -> None:
    import_models(library, semantic, name="a")
    import_models(library, semantic, name="b")
    import_models(library, semantic, name="c")
    changed = library.folder / "a" / "model.safetensors"
    changed.write_bytes(changed.read_bytes()[:-1] + b"\x01")
    (library.folder / "b" / "model.json").unlink()
    (library.folder / "c" / "extra.py").write_text("import os")
    states = {(v.model, v.file): v.state for v in library.verify() if not v.is_intact}
    assert states == {
        ("a", "model.safetensors"): FileState.CHANGED,
        ("b", "model.json"): FileState.MISSING,
        ("c", "extra.py"): FileState.UNLOCKED,
    }
    assert {v.model for v in library.verify(["a"])} == {"a"}


def test_a_model_that_is_not_here_says_how_to_get_it(library: ModelLibrary, semantic: Path) -> None:
    import_models(library, semantic, name="noah")
    (library.folder / "noah" / "model.safetensors").unlink()
    with pytest.raises(EnvironmentFault, match="not on this machine") as caught:
        library.weights_path("noah")
    assert caught.value.remedy == "voicepipe models import noah-e15.ckpt --name noah"
    with pytest.raises(UsageError, match='names no model "noha"') as unknown:
        library.find("noha")
    assert 'did you mean "noah"?' in unknown.value.remedy


def test_a_place_that_cannot_be_written_is_an_environment_fault(
    library: ModelLibrary, semantic: Path
) -> None:
    library.folder.write_text("a file where the folder should be")
    with pytest.raises(EnvironmentFault, match="models"):
        import_models(library, semantic)
    library.folder.unlink()
    library.folder.mkdir()
    (library.folder / "noah-e15").write_text("a file where the model should be")
    with pytest.raises(EnvironmentFault, match="noah-e15"):
        import_models(library, semantic)
    assert library.models() == ()


def test_a_file_that_cannot_be_read_is_an_environment_fault(
    library: ModelLibrary, semantic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_models(library, semantic)

    def fail(path: Path) -> str:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr("voicepipe.model_store.library.sha256_of_file", fail)
    with pytest.raises(EnvironmentFault, match=r"model\.json: Input/output error"):
        library.verify()


def test_a_locked_model_without_its_folder_is_missing(
    library: ModelLibrary, semantic: Path
) -> None:
    import_models(library, semantic, name="noah")
    document = json.loads(library.lock_path.read_text())
    document["models"]["noah"]["source"]["repository"] = "somebody/something"
    library.lock_path.write_text(json.dumps(document))
    for path in (library.folder / "noah").iterdir():
        path.unlink()
    (library.folder / "noah").rmdir()
    assert {verdict.state for verdict in library.verify()} == {FileState.MISSING}
    with pytest.raises(EnvironmentFault) as caught:
        library.weights_path("noah")
    assert caught.value.remedy == "voicepipe models pull noah"


def lock_entry(**changes: object) -> dict[str, object]:
    entry: dict[str, object] = {
        "family": "v2",
        "lora_rank": None,
        "files": {"model.safetensors": {"sha256": "0" * 64, "n_bytes": 3}},
        "source": {
            "file": "a.pth",
            "sha256": "1" * 64,
            "trust": "local",
            "repository": "",
            "revision": "",
        },
    }
    return entry | changes


def test_a_lock_survives_writing_and_reading(library: ModelLibrary) -> None:
    path = library.lock_path
    path.write_text(json.dumps({"schema": 1, "models": {"a": lock_entry(lora_rank=4)}}))
    models = read_lock(path)
    write_lock(path, models)
    assert read_lock(path) == models
    assert models["a"].lora_rank == 4
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"models\.lock:1:\d+: not JSON"),
        ("[]", "the model lock is not a JSON object"),
        ('{"schema": 0, "models": {}}', 'no "schema" number'),
        ('{"schema": 1}', "no table `models`"),
        (json.dumps({"schema": 1, "models": {"../x": lock_entry()}}), "cannot be a model's name"),
        (
            json.dumps({"schema": 1, "models": {"a": lock_entry(files={"../x": {}})}}),
            "cannot be the name of a model's file",
        ),
        (json.dumps({"schema": 1, "models": {"a": lock_entry(lora_rank="x")}}), "lora_rank of a"),
        (json.dumps({"schema": 1, "models": {"a": lock_entry(source={})}}), "malformed"),
        (
            json.dumps({"schema": 1, "models": {"a": lock_entry(files={"m": {"sha256": "x"}})}}),
            "'x' is no sha256",
        ),
        (json.dumps({"schema": 1, "models": {"a": 3}}), "malformed"),
        (" " * (5 << 20), "larger than"),
    ],
)
def test_a_broken_lock_is_the_user_s_to_mend(
    library: ModelLibrary, text: str, message: str
) -> None:
    library.lock_path.write_text(text)
    with pytest.raises(InputError, match=message):
        library.models()


def test_an_unwritable_place_is_an_environment_fault(
    library: ModelLibrary, semantic: Path, tmp_path: Path
) -> None:
    library.lock_path.mkdir()
    with pytest.raises(EnvironmentFault, match=r"models\.lock"):
        library.models()
    with pytest.raises(EnvironmentFault, match=r"models\.lock"):
        write_lock(library.lock_path, {})
    assert list(library.lock_path.parent.iterdir()) == [library.lock_path]
    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvironmentFault, match="file"):
        convert_checkpoint(semantic, tmp_path / "file")


def test_a_description_is_read_without_weights(library: ModelLibrary, semantic: Path) -> None:
    import_models(library, semantic, name="noah")
    facts = describe_model(library.weights_path("noah"))
    original = load_checkpoint(semantic)
    assert {t.key: t.shape for t in facts.tensors} == {
        key: tuple(value.shape) for key, value in original.tensors.items()
    }
    assert {t.dtype for t in facts.tensors} == {"F16"}
    assert facts.n_parameters == sum(t.numel() for t in original.tensors.values())
    assert facts.dimensions["n_layer"] == 2
    assert (facts.family, facts.source, facts.source_sha256) == (
        "semantic",
        "noah-e15.ckpt",
        original.sha256,
    )


@pytest.mark.parametrize(
    ("weights", "description", "message"),
    [
        (b"\xff" * 9, "{}", "its header claims"),
        (b"\x02" + b"\0" * 7 + b"[]", "{}", "not a whole safetensors file"),
        (b"\x07" + b"\0" * 7 + b'{"a":1}', "{}", "not a whole safetensors file"),
        (b"", "{", "not JSON"),
        (b"", "[]", "not the description"),
        (b"", None, "No such file"),
        (None, "{}", "No such file"),
    ],
)
def test_a_damaged_model_cannot_be_described(
    tmp_path: Path, weights: bytes | None, description: str | None, message: str
) -> None:
    path = tmp_path / "model.safetensors"
    if weights is not None:
        path.write_bytes(weights)
    if description is not None:
        path.with_suffix(".json").write_text(description)
    with pytest.raises(CheckpointError, match=message):
        describe_model(path)


def test_every_published_model_is_pinned_and_every_bundle_whole() -> None:
    for model in PUBLISHED.values():
        assert is_model_name(model.name)
        assert model.is_embedded or len(model.revision) == 40
        for file in model.files:
            assert len(file.sha256) == 64
            assert set(file.sha256) <= set("0123456789abcdef")
    hashes = [model.weights.sha256 for model in PUBLISHED.values()]
    assert len(set(hashes)) == len(hashes)
    for members in BUNDLES.values():
        families = [PUBLISHED[name].family for name in members]
        assert families[0] is Family.SEMANTIC
        assert families[1].is_acoustic
        tiny = {Family.PHONETIC, Family.RECOGNISER}
        ears = tiny if Family.TINY in families else {Family.HUBERT, Family.BERT}
        assert ears <= set(families)
    assert not set(BUNDLES) & set(PUBLISHED)


def test_names_of_models_and_bundles_are_found_once_each() -> None:
    found = find_published(["v2Pro", "hubert", "s2-v4"])
    assert [m.name for m in found] == [*BUNDLES["v2pro"], "s2-v4"]
    with pytest.raises(UsageError, match='called "s2-v2por"') as caught:
        find_published(["s2-v2por"])
    assert 'did you mean "s2-v2pro"?' in caught.value.remedy


@pytest.mark.parametrize("module", ["library", "lock", "registry", "describe"])
def test_looking_at_models_needs_no_torch(module: str) -> None:
    heavy = ("torch", "huggingface_hub", "transformers")
    assert not loaded_by(f"import voicepipe.model_store.{module}", heavy)
