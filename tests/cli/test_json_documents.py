"""Every verb has `--json`, and a run with it writes one document, however the run ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from quay_project import SCRIPT, VOICE
from typer.core import TyperGroup

from cli import main

SETTINGS = """\
bank: quay
languages: [en]
text_languages: [de]
audio: {sample_rate: 16000, bit_depth: 16}
"""

REVIEW = """\
{"schema": 1, "what": "voicepipe review", "bank": "quay", "version": "v0001", "decisions":
 [{"decision": "note", "line": "quay_0010", "language": "en", "words": "softer"}]}
"""

SUCCEEDS: dict[str, str | None] = {
    "bank choose": None,
    "bank confirm": None,
    "bank diff": "v0001 v0001",
    "bank gc": "",
    "bank ls": "",
    "bank pin": "quay_0010",
    "bank repair": "",
    "bank rm": "v0001 --latest",
    "bank show": "",
    "bank takes": "",
    "bank unpin": "quay_0020",
    "bank verify": "",
    "bench": None,
    "check": "",
    "convert": "{root}/scripts_in/quay.yaml {root}/quay.csv",
    "decide approve": "quay_0010",
    "decide list": "",
    "decide note": "quay_0010 --text louder",
    "decide pin": "quay_0010",
    "decide reject": "quay_* --reason swallowed",
    "decide rerecord": "quay_0010",
    "decide retake": "quay_0010",
    "decide status": "final quay_0010",
    "decide unpin": "quay_0020",
    "decide withdraw": "quay_0010",
    "explain": "VP301",
    "export": "generic",
    "graph": "",
    "ids": "",
    "ids rename": "quay_0010 pier_0010",
    "init": "new --scratch",
    "labels check": "{root}/out --fast",
    "labels keygen": "{root}/../keys",
    "lipsync align": "",
    "lipsync export": "--set rhubarb --to {root}/mouths",
    "lipsync preview": "quay_0010 -o {root}/quay.svg",
    "listen": "quay_0010 --path",
    "models convert": None,
    "models formula": None,
    "models import": None,
    "loc export": "de",
    "loc update": "de --dry-run",
    "models ls": "",
    "models pull": "tiny",
    "models rm": None,
    "models selftest": None,
    "models show": None,
    "models verify": "",
    "plan": "",
    "play": "-o {root}/play",
    "pronounce": "Hello. --lang en",
    "qc": "--recordings {root}/voices",
    "qc calibrate": "--line quay_0010",
    "render": "",
    "report disclosure": "",
    "report provenance": "",
    "report usage": "--voice ann",
    "review": "-o {root}/review",
    "review apply": "{root}/review.json",
    "say": "Hello. --voice ann -o {root}/a.wav",
    "schema": "voice",
    "stats": "--by status",
    "subtitles check": "",
    "subtitles export": "--format vtt --format words --to {root}/subtitles",
    "subtitles walk": "-o {root}/path.vtt",
    "train report": None,
    "train run": None,
    "train status": "ann",
    "voices certificate": None,
    "voices check": "",
    "voices log": "ann --add signed",
    "voices ls": "",
    "voices new": "bob",
    "voices prepare": "",
    "voices resume": "ann --confirm ann",
    "voices revoke": "ann --confirm ann",
    "voices suspend": "ann",
    "walk": "",
}
"""Verb → what makes it end with 0 in a rendered project; None where that takes models or
recordings, and the tests of those verbs read their document."""

FAILS: dict[str, tuple[str, int]] = {
    "bank choose": ("quay_0010 --take 2", 2),
    "bank confirm": ("quay_0010", 2),
    "bank diff": ("v0009 v0001", 2),
    "bank gc": ("--days x", 2),
    "bank ls": ("-C {root}/none", 1),
    "bank pin": ("quay_0099", 2),
    "bank repair": ("v0009", 2),
    "bank rm": ("v0001", 2),
    "bank show": ("v0009", 2),
    "bank takes": ("quay_0010", 2),
    "bank unpin": ("quay_0010", 2),
    "bank verify": ("v0009", 2),
    "bench": ("--voice none", 2),
    "check": ("-C {root}/broken", 1),
    "convert": ("{root}/scripts_in/quay.yaml {root}/quay.txt", 2),
    "decide approve": ("quay_0099", 2),
    "decide list": ("--lang xx", 2),
    "decide note": ("quay_0010", 2),
    "decide pin": ("quay_0099", 2),
    "decide reject": ("quay_0010", 2),
    "decide rerecord": ("quay_0099", 2),
    "decide retake": ("quay_0010 --seed x", 2),
    "decide status": ("done quay_0010", 2),
    "decide unpin": ("quay_0099", 2),
    "decide withdraw": ("quay_0099", 2),
    "explain": ("VP000", 2),
    "export": ("none", 2),
    "graph": ("--scene none", 2),
    "ids": ("--write --dry-run", 2),
    "ids rename": ("quay_0099 pier_0010", 2),
    "init": (".", 2),
    "labels check": ("{root}/none", 2),
    "labels keygen": ("{root}/keys", 2),
    "lipsync align": ("--line quay_0099", 2),
    "lipsync export": ("--set none --to {root}/mouths", 2),
    "lipsync preview": ("quay_0099 -o {root}/quay.svg", 2),
    "listen": ("quay_0099", 2),
    "models convert": ("{root}/none.ckpt {root}/folder", 4),
    "models formula": ("v9", 2),
    "models import": ("{root}/none.ckpt", 4),
    "loc export": ("xx", 2),
    "loc update": ("xx", 2),
    "models ls": ("--none", 2),
    "models pull": ("none", 2),
    "models rm": ("none", 2),
    "models selftest": ("--vectors {root}/none", 2),
    "models show": ("none", 2),
    "models verify": ("none", 2),
    "plan": ("--line quay_0099", 2),
    "play": ("-o {root}/scripts_in", 2),
    "pronounce": ("Hello.", 2),
    "qc": ("--line no_such_line", 2),
    "qc calibrate": ("", 2),
    "render": ("--seed 1", 2),
    "report disclosure": ("--version v0099", 2),
    "report provenance": ("--version v0099", 2),
    "report usage": ("--voice nobody", 2),
    "review": ("", 2),
    "review apply": ("{root}/voicepipe.yaml", 1),
    "say": ("Hello. --voice none -o {root}/a.wav", 2),
    "schema": ("none", 2),
    "stats": ("--by mood", 2),
    "subtitles check": ("--line quay_0099", 2),
    "subtitles export": ("--format ass --to {root}/subtitles", 2),
    "subtitles walk": ("-o {root}/path.txt", 2),
    "train report": ("ann", 2),
    "train run": ("ann --data {root}/none", 1),
    "train status": ("none", 2),
    "voices certificate": ("ann", 2),
    "voices check": ("none", 2),
    "voices log": ("none", 2),
    "voices ls": ("-C {root}/none", 1),
    "voices new": ("ann", 2),
    "voices prepare": ("none", 2),
    "voices resume": ("ann", 2),
    "voices revoke": ("ann", 2),
    "voices suspend": ("none", 2),
    "walk": ("--lang xx", 2),
}
"""Verb → words that it refuses, and the exit code."""


def _verbs(group: TyperGroup, before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        whole = f"{before} {name}".strip()
        if isinstance(command, TyperGroup):
            found |= _verbs(command, whole)
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            found[whole] = command
    return found


VERBS = sorted(_verbs(main.command()))


def _write_project(root: Path, script: str) -> Path:
    (root / "scripts_in").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in" / "quay.yaml").write_text(script, "utf-8")
    (root / "voices" / "ann.yaml").write_text(VOICE, "utf-8")
    return root


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = _write_project(tmp_path_factory.mktemp("json") / "quay", SCRIPT)
    _write_project(root / "broken", SCRIPT.replace("goto: END", "goto: nowhere"))
    (root / "review.json").write_text(REVIEW, "utf-8")
    for words in (["render"], ["bank", "pin", "quay_0020"]):
        with pytest.raises(SystemExit) as ended:
            main.run(["-q", "-C", str(root), *words])
        assert ended.value.code == 0
    return root


class Tool:
    """Runs a verb with `--json` in a copy of the rendered project."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capfd

    def __call__(self, verb: str, words: str) -> tuple[int, dict[str, Any]]:
        given = [*verb.split(), *words.format(root=self.root).split(), "--json"]
        with pytest.raises(SystemExit) as ended:
            main.run(["-C", str(self.root), *given])
        said = self._capture.readouterr().out
        document = json.loads(said)  # refuses a second document, and anything beside the first
        assert document["schema"] == 1
        assert isinstance(ended.value.code, int)
        assert document["exit_code"] == ended.value.code
        return ended.value.code, document


@pytest.fixture
def tool(rendered: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Tool:
    shutil.copytree(rendered, tmp_path / "quay")
    capfd.readouterr()
    return Tool(tmp_path / "quay", capfd)


def test_every_verb_has_json_and_is_tried_here() -> None:
    options = {
        verb: {name for option in command.params for name in option.opts}
        for verb, command in _verbs(main.command()).items()
    }
    assert [verb for verb, names in options.items() if "--json" not in names] == []
    assert sorted(SUCCEEDS) == sorted(FAILS) == VERBS


@pytest.mark.parametrize("verb", [verb for verb, words in SUCCEEDS.items() if words is not None])
def test_success_is_one_document(tool: Tool, verb: str) -> None:
    code, document = tool(verb, SUCCEEDS[verb] or "")
    assert code == 0
    assert "error" not in document


@pytest.mark.parametrize("verb", VERBS)
def test_failure_is_one_document(tool: Tool, verb: str) -> None:
    words, expected = FAILS[verb]
    code, document = tool(verb, words)
    assert code == expected, document
    assert document.get("error") or document["diagnostics"]


def _refuse(**_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("verb", "words"), [(v, w) for v, w in SUCCEEDS.items() if w is not None])
def test_interruption_after_the_document_is_one_document(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, verb: str, words: str
) -> None:
    command = _verbs(main.command((verb.split(maxsplit=1)[0],)))[verb]
    original = command.callback

    def stopped(**given: object) -> None:
        original(**given)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "callback", stopped)
    code, document = tool(verb, words)
    assert code == 130
    assert document["error"]["kind"] == "Interrupted"
    assert set(document) > {"schema", "exit_code", "error", "diagnostics"}


@pytest.mark.parametrize("verb", VERBS)
def test_interruption_at_first_is_one_document(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    command = _verbs(main.command((verb.split(maxsplit=1)[0],)))[verb]
    monkeypatch.setattr(command, "callback", _refuse)
    words = SUCCEEDS[verb]
    needed = {"models import": "x", "models convert": "x y"}.get(verb, FAILS[verb][0])
    code, document = tool(verb, needed if words is None else words)
    assert code == 130
    assert document["error"]["kind"] == "Interrupted"


def test_a_bug_is_one_document(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("unforeseen")

    monkeypatch.setattr("voicepipe.pipeline.project.load_project", broken)
    code, document = tool("check", "")
    assert code == 70
    assert "ValueError" in document["error"]["message"]


@pytest.mark.parametrize("words", ["--svg - --mermaid -", "--svg - --json"])
def test_stdout_holds_one_answer(tool: Tool, words: str) -> None:
    code, document = tool("graph", words.replace(" --json", ""))
    assert code == 2
    assert "two answers" in document["error"]["message"]
