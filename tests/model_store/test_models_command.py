"""`voicepipe models` as a person and as a script use it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from loopback_hub import LoopbackHub
from model_files import flow_file, semantic_file
from typer.testing import CliRunner

from cli import models as command
from cli.output import Session
from voicepipe.errors import UsageError, VoicepipeError
from voicepipe.model.config import Family
from voicepipe.model_store.registry import PublishedFile, PublishedModel

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


class Project:
    """A project folder and the command that runs in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *arguments: str) -> Result:
        """Run the group; what it raises is raised here."""
        result = CliRunner().invoke(command.app, list(arguments), obj=Session(root=self.root))
        if isinstance(result.exception, VoicepipeError):
            raise result.exception
        return result

    def document(self, *arguments: str) -> dict[str, Any]:
        """The JSON document on stdout."""
        result = self.run(*arguments, "--json")
        document = json.loads(result.stdout)
        assert document["schema"] == 1
        return dict(document)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "noah-e15.ckpt").write_bytes(semantic_file())
    (tmp_path / "fine.pth").write_bytes(flow_file())
    return Project(root)


def test_import_then_list_then_verify_then_show(project: Project) -> None:
    assert "no models yet" in project.run("ls").stderr
    path = project.root.parent / "noah-e15.ckpt"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    assert project.run("import", str(path)).stdout == f"noah-e15: semantic, {digest}\n"
    listed = project.run("ls").stdout
    assert "noah-e15" in listed
    assert "local" in listed
    assert project.run("verify").stdout.splitlines() == [
        "noah-e15/model.json: same",
        "noah-e15/model.safetensors: same",
    ]
    shown = project.run("show", "noah-e15", "--keys").stdout
    assert shown.startswith(f"noah-e15: semantic\nsource: noah-e15.ckpt {digest} (local)\n")
    assert "  n_layer: 2\n" in shown
    assert "  ar_predict_layer.weight [9, 8] F16\n" in shown
    assert "ar_predict_layer" not in project.run("show", "noah-e15").stdout


def test_every_answer_has_a_document(project: Project) -> None:
    path = str(project.root.parent / "noah-e15.ckpt")
    imported = project.document("import", path, "--name", "noah")["models"]
    assert project.document("ls")["models"] == imported
    assert [m["name"] for m in imported] == ["noah"]
    files = project.document("verify", "noah")["files"]
    assert {f["state"] for f in files} == {"same"}
    shown = project.document("show", "noah", "--keys")
    assert shown["model"] == imported[0]
    assert shown["n_weights"] == len(shown["weights"])
    assert shown["config"]["model"]["head"] == 2
    assert "weights" not in project.document("show", "noah")
    available = project.document("ls", "--available")
    assert "s2-v4" in available["bundles"]["v4"]
    assert {"hubert", "s1-v3"} <= {m["name"] for m in available["models"]}


def test_available_models_are_listed_for_people(project: Project) -> None:
    listed = project.run("ls", "--available").stdout
    assert "s2-v2proplus" in listed
    assert "all of s1-v3 s2-v4 vocoder-v4 hubert roberta" in listed


def test_verify_fails_on_a_changed_file(project: Project) -> None:
    project.run("import", str(project.root.parent / "noah-e15.ckpt"))
    (project.root / "models" / "noah-e15" / "model.json").write_text("{}")
    result = project.run("verify")
    assert result.exit_code == 4
    assert "noah-e15/model.json: changed" in result.stdout
    assert "1 of 2 files are not those of the lock" in result.stderr


def test_the_family_can_be_said_and_must_exist(project: Project) -> None:
    path = str(project.root.parent / "fine.pth")
    assert "fine: v4" in project.run("import", path, "--family", "V4").stdout
    with pytest.raises(UsageError, match='no family is called "v9"'):
        project.run("import", path, "--family", "v9")


def test_convert_needs_no_project(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    source = str(tmp_path / "noah-e15.ckpt")
    assert project.run("convert", source, str(out)).stdout.startswith("semantic, ")
    document = project.document("convert", source, str(out))
    assert [file.rsplit("/", 1)[1] for file in document["files"]] == [
        "model.safetensors",
        "model.json",
    ]
    assert list(project.root.iterdir()) == []


@pytest.mark.parametrize("revision", ["", "next"])
def test_pull_says_what_it_did_and_on_whose_word(
    project: Project, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    content = semantic_file()
    model = PublishedModel(
        name="s1-test",
        summary="a test",
        family=Family.SEMANTIC,
        weights=PublishedFile(path="a.ckpt", sha256=hashlib.sha256(content).hexdigest()),
    )
    monkeypatch.setattr("voicepipe.model_store.registry.PUBLISHED", {"s1-test": model})
    options = ["--revision", revision] if revision else []
    trust = "first-use" if revision else "pinned"
    with LoopbackHub({"a.ckpt": content}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint + "/")
        first = project.run("pull", "s1-test", *options)
        again = project.document("pull", "s1-test", *options)
    assert first.stdout == f"s1-test: fetched, {trust}, {model.weights.sha256}\n"
    assert ("on the hub's word" in first.stderr) == bool(revision)
    assert [(m["name"], m["fetched"]) for m in again["models"]] == [("s1-test", False)]


def test_an_unknown_model_is_a_usage_error(project: Project) -> None:
    with pytest.raises(UsageError, match='no published model is called "gpt5"'):
        project.run("pull", "gpt5")
    with pytest.raises(UsageError, match='names no model "gpt5"'):
        project.run("show", "gpt5")
