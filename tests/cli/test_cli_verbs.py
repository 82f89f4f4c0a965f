"""The command as a person or a script meets it: verbs, answers, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_shell import Shell
from quay_project import SCRIPT, write_quay

from cli.main import VERBS, command, run, verbs_asked
from voicepipe import __version__


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_quay(tmp_path)


@pytest.fixture
def shell(root: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(root, capfd)


def test_render_then_render_again_then_change_and_plan(shell: Shell) -> None:
    assert shell("plan", "--exit-code") == 10
    assert "2 to render" in shell.out

    assert shell("render", "--json") == 0
    report = json.loads(shell.out)
    assert (report["schema"], report["rendered"], report["is_new"]) == (1, 2, True)
    assert report["path"] == "out/banks/quay/v0001"

    assert shell("plan", "--exit-code") == 0
    assert shell("render") == 0
    assert shell.out == (
        "bank quay v0001, unchanged: nothing to do; 2 clips in out/banks/quay/v0001\n"
    )

    path = shell.root / "scripts_in" / "quay.yaml"
    path.write_text(SCRIPT.replace("Nobody.", "The wind."), "utf-8")
    assert shell("plan", "--json", "--exit-code") == 10
    steps = {s["line"]: s for s in json.loads(shell.out)["steps"]}
    assert steps["quay_0020"]["reasons"] == ["text changed"]
    assert steps["quay_0010"]["action"] == "keep"
    assert shell("render", "--verbose") == 0
    assert "1 rendered" in shell.out
    assert "rendering 1 clip in 1 process" in shell.err


@pytest.mark.parametrize(
    "words",
    [("render",), ("render", "--json"), ("render", "--profile"), ("plan",), ("-q", "plan")],
)
def test_nothing_changed_is_said_alike_with_and_without_reading_the_lines(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert shell("render") == 0
    (shell.root / "out/up_to_date.json").rename(shell.root / "kept")
    assert shell(*words) == 0
    said = (shell.out, shell.err)
    (shell.root / "kept").rename(shell.root / "out/up_to_date.json")
    with monkeypatch.context() as patch:
        patch.delattr("voicepipe.pipeline.opening.load_project")
        assert shell(*words) == 0
    if "--profile" not in words:  # which tells seconds
        assert (shell.out, shell.err) == said
    assert shell("render", "--line", "quay_0099") == 2
    assert shell("render", "--store", "nonsense") == 2
    assert shell("plan", "--store", "nonsense") == 2


def test_a_release_is_checked_even_when_nothing_changed(shell: Shell) -> None:
    assert shell("render") == 0
    assert shell("render", "--release") == 1
    assert shell("plan", "--release") == 1


def test_script_text_is_never_read_as_markup(shell: Shell) -> None:
    assert shell("render") == 0
    assert shell("bank", "show") == 0
    assert "[aside] Who goes there?" in shell.out
    assert "[/sigh] Nobody." in shell.out


def test_errors_are_shown_where_they_are_and_stop_with_1(shell: Shell) -> None:
    path = shell.root / "scripts_in" / "quay.yaml"
    path.write_text(SCRIPT.replace('who: ann, text: "[/', 'who: an, text: "[/'), "utf-8")
    assert shell("render") == 1
    assert "scripts_in/quay.yaml:5:" in shell.err
    assert 'did you mean "ann"' in shell.err
    assert not (shell.root / "out").exists()
    assert shell("render", "--json") == 1
    document = json.loads(shell.out)
    assert document["exit_code"] == 1
    assert document["diagnostics"][0]["path"] == "scripts_in/quay.yaml"


def test_a_release_refuses_placeholder_voices(shell: Shell) -> None:
    assert shell("render", "--release") == 1
    assert "VP691" in shell.err


def test_a_folder_without_settings_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(tmp_path, capfd)
    assert shell("plan") == 1
    assert "voicepipe.yaml" in shell.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("render", "--retake"), "name lines with --line"),
        (("render", "--seed", "3"), "--seed needs --retake"),
        (("plan", "--scene", "quai"), 'did you mean "quay"'),
        (("render", "--lang", "fr"), "it has: en"),
        (("dance",), "No such command"),
        (("render", "--jobs", "many"), "--jobs"),
    ],
)
def test_usage_mistakes_end_with_2_and_one_remedy(
    shell: Shell, words: tuple[str, ...], said: str
) -> None:
    assert shell(*words) == 2
    assert said in shell.err


def test_version_and_help_answer_on_stdout(shell: Shell) -> None:
    assert shell("--version") == 0
    assert shell.out == f"voicepipe {__version__}\n"
    assert shell("--help") == 0
    for verb in ("init", "check", "plan", "render", "bank", "voices", "walk", "explain"):
        assert re.search(rf"^  {verb} ", shell.out, re.MULTILINE), verb


def test_init_makes_a_project_of_cloned_voices(shell: Shell) -> None:
    assert shell("init", "harbour", "--json") == 0
    told = json.loads(shell.out)
    assert "voices/guide/calm.ogg" in told["files"]
    assert "tiny-gpt" in told["models"]
    made = Shell(shell.root / "harbour", shell._capture)
    assert made("check", "--release") == 0, made.err
    assert "nothing wrong" in made.err
    assert made("render", "--line", "opening_0020", "--json") == 0
    assert json.loads(made.out)["rendered"] == 1


def test_init_makes_a_project_that_renders(shell: Shell) -> None:
    assert shell("init", "Night Harbour!", "--scratch") == 0
    made = Shell(shell.root / "Night Harbour!", shell._capture)
    assert made("check") == 0, made.err
    assert "nothing wrong" in made.err
    assert made("render", "--json") == 0
    assert json.loads(made.out)["bank"] == "night_harbour"
    assert shell("init", "Night Harbour!") == 2
    assert "nothing was written" in shell.err


def test_a_bug_of_ours_is_shown_whole_and_ends_with_70(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("voicepipe.pipeline.render.plan_folder.plan_project", broken)
    assert shell("plan") == 70
    assert "ZeroDivisionError" in shell.err


def test_an_interrupted_command_ends_with_130(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("voicepipe.pipeline.render.plan_folder.plan_project", interrupted)
    assert shell("plan") == 130
    assert "finished takes are kept" in shell.err


def test_converting_says_each_thing_once_and_from_the_project_root(
    shell: Shell, root: Path
) -> None:
    quay, there = str(root / "scripts_in" / "quay.yaml"), root / "scripts_in" / "quay.csv"
    assert shell("convert", quay.replace("quay", "none"), str(there)) == 1
    assert shell.err.count("VP101") == 1
    assert "scripts_in/none.yaml:1:1" in shell.err
    assert shell("convert", quay, str(there), "--json") == 0
    document = json.loads(shell.out)
    assert (document["schema"], document["source"]) == (1, quay)
    assert "quay_0010" in there.read_text("utf-8")


def test_a_render_that_fails_does_not_say_that_there_was_nothing_to_do(
    shell: Shell, root: Path
) -> None:
    assert shell("render", "--jobs", "1") == 0
    (root / "overrides" / "en").mkdir(parents=True)
    (root / "overrides" / "en" / "quay_0010.wav").write_bytes(b"Not a sound.")
    assert shell("render", "--jobs", "1") == 3
    assert "1 failed" in shell.out
    assert "1 line failed" in shell.err
    assert "nothing to do" not in shell.out


def test_a_retake_says_which_pins_go_and_which_recordings_hide_it(shell: Shell, root: Path) -> None:
    assert shell("render", "--jobs", "1") == 0
    assert shell("bank", "pin", "quay_0010") == 0
    assert shell("render", "--retake", "--line", "quay_0010", "--jobs", "1") == 0
    assert "quay_0010 (en) was pinned" in shell.err
    (root / "overrides" / "en").mkdir(parents=True)
    take = next((root / "out" / "banks").rglob("quay_0010.wav"))
    (root / "overrides" / "en" / "quay_0010.wav").write_bytes(take.read_bytes())
    assert shell("render", "--retake", "--line", "quay_0010", "--jobs", "1") == 0
    assert "stays as recorded" in shell.err


def test_a_damaged_bank_is_mended_as_the_help_says(shell: Shell, root: Path) -> None:
    assert shell("render", "--jobs", "1") == 0
    before = (root / "out" / "banks" / "quay" / "v0001" / "manifest.json").read_bytes()
    sound = json.loads(before)["entries"][0]["sha256"]
    damaged = root / "out" / "objects" / sound[:2] / f"{sound}.wav"
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    assert shell("bank", "verify") == 4
    assert "bank rm VERSION --latest" in shell.err
    damaged.unlink()
    assert shell("bank", "rm", "latest", "--latest") == 0
    assert shell("render", "--jobs", "1") == 0
    assert shell("bank", "verify") == 0
    after = (root / "out" / "banks" / "quay" / "v0002" / "manifest.json").read_bytes()
    assert json.loads(after)["content_sha256"] == json.loads(before)["content_sha256"]


def test_a_plan_says_when_a_render_would_publish_without_rendering(
    shell: Shell, root: Path
) -> None:
    assert shell("render", "--jobs", "1") == 0
    assert shell("plan", "--exit-code") == 0
    settings = root / "voicepipe.yaml"
    settings.write_text(settings.read_text("utf-8").replace("[en]", "[en, fr]"), "utf-8")
    assert shell("plan", "--exit-code") == 10
    assert "nothing to render" in shell.out
    assert shell("render") == 0
    assert "quay v0002: nothing to render" in shell.out
    assert shell("plan", "--exit-code") == 0


def test_a_group_without_a_verb_shows_its_help(shell: Shell) -> None:
    assert shell("bank") == 2
    assert shell.err.startswith("Usage: voicepipe bank")
    assert "error:" not in shell.err


def test_a_render_says_where_its_time_went_when_asked(shell: Shell) -> None:
    assert shell("render", "--profile", "--json", "--jobs", "1") == 0
    profile = json.loads(shell.out)["profile"]
    assert (profile["lines"], profile["workers"]) == (2, 1)
    assert {"post", "store"} <= set(profile["stages"])
    assert sum(stage["share"] for stage in profile["stages"].values()) == pytest.approx(1, abs=0.01)
    assert 0 < profile["working_s"] <= profile["wall_s"]

    assert shell("render", "--profile") == 0
    assert "no line was made" in shell.out
    assert shell("render", "--json") == 0
    assert "profile" not in json.loads(shell.out)


def test_the_next_step_of_a_new_project_can_be_pasted(shell: Shell) -> None:
    assert shell("init", "my game", "--scratch") == 0
    assert "Next: cd 'my game' && voicepipe check" in shell.out


def test_options_of_the_whole_command_stand_before_or_after_the_verb(shell: Shell) -> None:
    assert shell("check", "-q") == 0
    assert shell.err == ""
    assert shell("bank", "-C", str(shell.root / "none"), "ls") == 1
    assert shell("bank", "ls", "--project", str(shell.root)) == 0


def test_sound_goes_to_stdout_or_into_a_wav_and_nothing_else(
    root: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    words = ["-C", str(root), "say", "Hello.", "--voice", "ann", "-o"]
    err = b""
    for destination, code in (("-", 0), (str(root / "a.mp3"), 2)):
        with pytest.raises(SystemExit) as ended:
            run([*words, destination])
        out, err = capfdbinary.readouterr()
        assert ended.value.code == code
        assert out[:4] == (b"RIFF" if code == 0 else b"")
    assert b'would hold WAV, and not what ".mp3" says' in err


def test_a_project_in_a_repository_adds_to_its_gitignore(shell: Shell) -> None:
    ignored = shell.root / "game" / ".gitignore"
    ignored.parent.mkdir()
    ignored.write_text("*.tmp\nout/", "utf-8")
    assert shell("init", "game", "--scratch") == 0
    lines = ignored.read_text("utf-8").splitlines()
    assert lines[:2] == ["*.tmp", "out/"]
    assert lines.count("out/") == lines.count("/models/") == 1
    assert shell("init", "game", "--scratch") == 2


def test_the_package_can_be_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voicepipe", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"voicepipe {__version__}\n"


@pytest.mark.parametrize(
    ("given", "verbs"),
    [
        (["check"], ("check",)),
        (["-C", "plan", "check", "--json"], ("check",)),
        (["-qC", "plan", "check"], ("check",)),
        (["--project", "plan", "-q", "check"], ("check",)),
        (["--project=plan", "bank", "ls"], ("bank",)),
        (["--help", "check"], VERBS),
        (["chekc", "plan"], VERBS),
        (["-q"], VERBS),
        ([], VERBS),
    ],
)
def test_only_the_verb_that_is_called_is_loaded(given: list[str], verbs: tuple[str, ...]) -> None:
    assert verbs_asked(given) == verbs


def test_every_verb_is_the_module_of_its_name() -> None:
    assert set(command().commands) == set(VERBS)
    for verb in VERBS:
        assert list(command((verb,)).commands) == [verb]
