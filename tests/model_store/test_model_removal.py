"""`voicepipe models rm`: what a voice uses stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from model_files import flow_file, semantic_file

from cli.main import run
from voicepipe.errors import ExitCode, InputError, UsageError
from voicepipe.model_store.importing import import_models
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.model_removal import remove_models

if TYPE_CHECKING:
    from pathlib import Path

VOICE = "engine: gpt-sovits\nmodel: {}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "voices").mkdir(parents=True)
    (root / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    (tmp_path / "noah.ckpt").write_bytes(semantic_file())
    (tmp_path / "noah.pth").write_bytes(flow_file(b"02"))
    library = ModelLibrary(root)
    import_models(library, tmp_path / "noah.ckpt", tmp_path / "noah.pth")
    import_models(library, tmp_path / "noah.ckpt", name="s1-v3")
    return root


def use(project: Path, model: str) -> None:
    (project / "voices" / "noah.yaml").write_text(VOICE.format(model), "utf-8")


def test_an_unused_model_leaves_with_its_entry(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use(project, "{gpt: noah-gpt, sovits: noah-sovits}")
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(project), "models", "rm", "s1-v3"])
    assert ended.value.code == ExitCode.DONE
    assert capsys.readouterr().out == "s1-v3: removed\n"
    assert not (project / "models" / "s1-v3").exists()
    assert [m.name for m in ModelLibrary(project).models()] == ["noah-gpt", "noah-sovits"]


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("{gpt: noah-gpt, sovits: noah-sovits}", "noah-gpt"),
        ("{gpt: models/noah-gpt/model.safetensors, sovits: noah-sovits}", "noah-gpt"),
        ("{base: v4}", "s1-v3"),  # by its family's own pair
        ("{gpt: nothing, sovits: noah-sovits}", "noah-sovits"),  # beside another fault
    ],
)
def test_a_model_that_a_voice_uses_stays(project: Path, model: str, name: str) -> None:
    use(project, model)
    others = [m.name for m in ModelLibrary(project).models() if m.name != name]
    with pytest.raises(UsageError, match=rf"{name} is used by voices/noah\.yaml"):
        remove_models(project, [*others[:1], name] if model == "{base: v4}" else [name])
    assert len(ModelLibrary(project).models()) == 3
    assert (project / "models" / name).is_dir()


def test_nothing_leaves_while_a_voice_file_cannot_be_read(project: Path) -> None:
    (project / "voices" / "noah.yaml").write_text("model: {gpt: [", "utf-8")
    with pytest.raises(InputError, match="not known which models they use"):
        remove_models(project, ["noah-gpt"])
    assert (project / "models" / "noah-gpt").is_dir()


def test_an_unknown_name_is_said(project: Path) -> None:
    with pytest.raises(UsageError, match='names no model "noah-gp"'):
        remove_models(project, ["noah-gp"])
