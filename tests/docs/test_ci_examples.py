"""The templates for build servers and images: whole, safe, and naming only what is there."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from doc_commands import fault_of
from doc_pages import ROOT

CI = ROOT / "examples/ci"
FOUND = [
    {
        "code": "VP301",
        "column": 7,
        "help": "voicepipe voices new ann",
        "length": 3,
        "line": 4,
        "message": 'speaker "ann":\n100% not cast',
        "path": "scripts_in/a,b.yaml",
        "severity": "error",
    },
    {
        "code": "VP244",
        "column": 1,
        "help": "",
        "length": 1,
        "line": 1,
        "message": "no text",
        "path": "scripts_in/c.yaml",
        "severity": "warning",
    },
]


def _template(name: str) -> dict[Any, Any]:
    loaded = yaml.safe_load((CI / name).read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _lines(script: object) -> list[str]:
    rows = script if isinstance(script, list) else [script]
    return [line.strip() for row in rows for line in str(row).splitlines() if line.strip()]


def _github_steps() -> list[dict[str, Any]]:
    steps = _template("github-actions.yml")["jobs"]["voices"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    return list(steps)


def _scripts() -> list[str]:
    found = [line for step in _github_steps() for line in _lines(step.get("run", []))]
    gitlab = _template("gitlab-ci.yml")
    return found + [line for name in gitlab["stages"] for line in _lines(gitlab[name]["script"])]


def test_every_command_of_a_template_can_be_given() -> None:
    commands = [line for line in _scripts() if line.startswith("voicepipe ")]
    assert len(commands) >= 8
    for line in commands:
        words = shlex.split(re.sub(r"\s(>\s*\S+|\|\|.*)", "", line))
        assert fault_of(words[1:]) == "", line


def test_templates_check_render_verify_and_cache_a_shared_store() -> None:
    for template in ("github-actions.yml", "gitlab-ci.yml"):
        text = (CI / template).read_text("utf-8")
        verbs = re.findall(r"voicepipe (check|render|bank verify)", text)
        assert verbs == ["check", "render", "bank verify"]
        assert "VOICEPIPE_STORE: file://" in text
        assert ".voicepipe-store" in text
        assert "annotations.py" in text
    assert _template("github-actions.yml")["permissions"] == {"contents": "read"}
    gitlab = _template("gitlab-ci.yml")
    assert gitlab["render"]["cache"]["paths"] == [".voicepipe-store/"]
    assert gitlab["check"]["artifacts"]["reports"]["codequality"] == "quality.json"
    assert {gitlab[name]["stage"] for name in gitlab["stages"]} == set(gitlab["stages"])


def test_actions_are_pinned_to_a_version() -> None:
    used = [step["uses"] for step in _github_steps() if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", name) for name in used)


def test_the_image_runs_as_a_user_and_installs_what_the_makefile_has() -> None:
    text = (CI / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    steps = [line.split(None, 1) for line in text.splitlines() if line and line[0] != "#"]
    known = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in steps} == known
    last = len(steps) - 1 - [word for word, _ in steps][::-1].index("FROM")
    users = [rest for word, rest in steps[last:] if word == "USER"]
    assert users == ["voicepipe"]
    assert all("-slim-" in rest for word, rest in steps if word == "FROM")
    assert json.loads(steps[-2][1]) == ["voicepipe"]
    made = [rest for word, rest in steps if word == "RUN" and rest.startswith("make ")]
    assert made == ["make .venv/.user CPU=1"]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {".git", ".venv*", "out", "models"} <= set(ignored)


def test_the_small_installation_leaves_out_nvidia_and_triton_and_nothing_else(
    tmp_path: Path,
) -> None:
    target = f"{tmp_path}/venv/.user"
    asked = ["make", "-n", target, "CPU=1", f"VENV={tmp_path}/venv", "TORCH_INDEX=there"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(
        asked, cwd=ROOT, env=plain, capture_output=True, text=True, check=True
    ).stdout
    (filtered,) = [line for line in shown.splitlines() if line.startswith("awk ")]
    program = shlex.split(filtered)[1]
    lock = ROOT / "locks/run.txt"
    kept = subprocess.run(
        ["awk", program, str(lock)], capture_output=True, text=True, check=True
    ).stdout
    names = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
    left_out = set(names.findall(lock.read_text("utf-8"))) - set(names.findall(kept))
    torch = {name for name in left_out if name.startswith("torch")}
    assert "torch" in torch
    assert "triton" in left_out
    rest = left_out - torch - {"triton"}
    assert all(re.match(r"(nvidia|cuda)-", name) for name in rest)
    assert not re.search(r"^(nvidia|triton|torch)", kept, re.MULTILINE)
    assert kept.count("--hash=") > 100
    (torch_line,) = [line for line in shown.splitlines() if "--index-url there" in line]
    versions = subprocess.run(
        ["sh", "-c", f"echo {torch_line.partition('--index-url there ')[2]}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {word.partition("==")[0] for word in versions} == torch


@pytest.fixture(name="annotate")
def _annotate(tmp_path: Path) -> Any:
    def run(kind: str, found: object) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "check.json"
        path.write_text(json.dumps({"diagnostics": found}), "utf-8")
        return subprocess.run(
            [sys.executable, str(CI / "annotations.py"), kind, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_findings_are_shown_at_their_lines(annotate: Any) -> None:
    done = annotate("github", FOUND)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "::error file=scripts_in/a%2Cb.yaml,line=4,col=7,title=VP301::"
        'speaker "ann":%0A100%25 not cast (voicepipe voices new ann)',
        "::warning file=scripts_in/c.yaml,line=1,col=1,title=VP244::no text",
    ]
    report = json.loads(annotate("gitlab", FOUND).stdout)
    assert [(one["severity"], one["location"]["lines"]["begin"]) for one in report] == [
        ("blocker", 4),
        ("minor", 1),
    ]
    assert len({one["fingerprint"] for one in report}) == 2
    assert annotate("github", FOUND[1:]).returncode == 0
    assert annotate("other", []).returncode == 1


def test_annotations_take_what_check_writes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from cli.main import run

    with pytest.raises(SystemExit):
        run(["-C", str(tmp_path), "check", "--json"])
    document = json.loads(capfd.readouterr().out)
    module = runpy.run_path(str(CI / "annotations.py"))
    assert [module["github"](one)[:8] for one in document["diagnostics"]] == ["::error "]
    assert module["gitlab"](document["diagnostics"][0])["check_name"] == "VP506"
