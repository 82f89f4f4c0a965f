"""What comes from files never steers a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import run
from cli.output import answer, answer_table, emit_json, warn
from cli.printable import printable, printable_json

HOSTILE = "red \x1b[31m up \x1b[2J bell \x07 back \x08 csi \x9b1m del \x7f turn \u202eabc\u2066 end"
OBEYED = "\x1b\x07\x08\x9b\x7f\u202e\u2066\r"


def obeyed(text: str) -> set[str]:
    return set(text) & set(OBEYED)


def test_what_a_terminal_would_obey_is_shown_as_an_escape() -> None:
    assert printable("a\x1b[31m\u202eb\r") == "a\\x1b[31m\\u202eb\\x0d"
    assert not obeyed(printable(HOSTILE))


@pytest.mark.parametrize(
    "text", ["", "two\nlines\tand a tab", "שלום \u200f!", "一…é🙂\u200d", "\u3000"]
)
def test_ordinary_text_of_every_script_is_printed_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_a_json_document_means_the_same_and_steers_nothing() -> None:
    document = json.dumps({HOSTILE: [HOSTILE]}, ensure_ascii=False).encode()
    shown = printable_json(document)
    assert json.loads(shown) == json.loads(document)
    assert not obeyed(shown.decode())


def test_answers_tables_documents_and_warnings_steer_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(HOSTILE)
    answer_table([HOSTILE], [[HOSTILE]], title=HOSTILE)
    warn(HOSTILE)
    out, err = capsys.readouterr()
    assert not obeyed(out)
    assert not obeyed(err)
    assert "\\x1b[31m" in out


def test_a_json_answer_steers_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    emit_json({"text": HOSTILE})
    out = capfd.readouterr().out
    assert json.loads(out)["text"] == HOSTILE
    assert not obeyed(out)


SCRIPT = """\
scene: quay
nodes:
  night:
    - {line: quay_0010, who: ann, text: "Turn \\u202e round."}
    - goto: END
"""
VOICE = """\
engine: scratch
consent:
  {id: "a\\e[31m", kind: synthetic, who: e, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""


@pytest.mark.parametrize(
    "words", [("check",), ("plan",), ("walk", "--lang", "en"), ("voices", "ls"), ("pronounce",)]
)
def test_scripts_and_voices_never_steer_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "voices").mkdir()
    (tmp_path / "voicepipe.yaml").write_text("bank: quay\nlanguages: [en]\n", "utf-8")
    (tmp_path / "scripts_in" / "quay.yaml").write_text(SCRIPT, "utf-8")
    (tmp_path / "voices" / "ann.yaml").write_text(VOICE, "utf-8")
    if words == ("pronounce",):
        words = ("pronounce", "Turn \u202e round \x1b[31m.", "--lang", "en")
    with pytest.raises(SystemExit):
        run(["-C", str(tmp_path), *words])
    out, err = capfd.readouterr()
    assert out + err
    assert not obeyed(out + err)


def test_an_error_about_a_damaged_file_steers_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "voicepipe.yaml").write_text("bank: quay\nlanguages: [en]\n", "utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "decisions.json").write_text(
        json.dumps({"schema": 1, "lines": {HOSTILE: 3}}), "utf-8"
    )
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(tmp_path), "bank", "gc"])
    assert ended.value.code == 4
    assert not obeyed(capfd.readouterr().err)


def test_a_warning_that_is_logged_steers_nothing(tmp_path: Path) -> None:
    code = (
        "import logging, sys\n"
        "from cli.main import run\n"
        "try: run(['--version'])\n"
        "except SystemExit: logging.getLogger('voicepipe').warning('a\\x1b[31m\\u202e')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "a\\x1b[31m\\u202e" in done.stderr
    assert not obeyed(done.stderr)
