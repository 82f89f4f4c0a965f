"""`voicepipe train`: its answers, its refusals, and what it writes into a voice's file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from dataset_builder import write_takes

from cli.main import run
from voicepipe.documents.source import SourceFile
from voicepipe.errors import EnvironmentFault, InputError
from voicepipe.pipeline.train.results import write_report
from voicepipe.pipeline.train.voice_edit import set_models, with_models
from voicepipe.reports import counted
from voicepipe.training.report.pictures import line_chart, png
from voicepipe.training.report.records import Preview, RunFolder, RunRecord

ROOT = Path(__file__).parents[2]
VOICE = """\
engine: scratch
consent:
  id: nobody-1
  kind: synthetic
  who: A formula
  scope: [small, training]
  languages: ["*"]
  from: 2020-01-01
"""


@pytest.fixture(scope="module", name="recordings")
def _recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_takes(tmp_path_factory.mktemp("recordings"), n=20)


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    (tmp_path / "voices").mkdir()
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    (tmp_path / "voices/noah.yaml").write_text(VOICE, "utf-8")
    return tmp_path


@pytest.fixture(name="said")
def _said(project: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def ask(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            run(["-C", str(project), "train", *arguments])
        shown = capsys.readouterr()
        return int(caught.value.code or 0), shown.out, shown.err

    return ask


def test_a_check_answers_for_people_and_for_programs(said: Any, recordings: Path) -> None:
    code, out, err = said("noah", "--data", str(recordings), "--check")
    assert code == 0
    assert "fit to train with" in out
    assert "sounds of en that never occur" in out
    assert "VP653" in err
    code, out, _ = said("noah", "--data", str(recordings), "--check", "--json")
    document = orjson.loads(out)
    assert (code, document["may_train"], document["figures"]["clips"]) == (0, True, 20)
    assert len(document["clips"]) == 20
    assert {"snr_db", "bandwidth_hz", "phonemes_per_s"} <= document["clips"][0].keys()


def test_a_check_says_when_consent_is_missing(said: Any, project: Path, recordings: Path) -> None:
    path = project / "voices/noah.yaml"
    path.write_text(VOICE.replace("[small, training]", '["*"]'), "utf-8")
    code, out, err = said("noah", "--data", str(recordings), "--check")
    assert code == 1
    assert "not to be trained with" in out
    assert 'help: add "training" to `scope`' in err
    code, _, err = said("noah", "--data", str(recordings))
    assert code == 1
    assert "VP405" in err
    assert "reading recordings" not in err


def test_what_is_unfit_or_unknown_is_refused(said: Any, tmp_path: Path) -> None:
    few = write_takes(tmp_path / "few", n=2)
    code, _, err = said("noah", "--data", str(few))
    assert code == 1
    assert "VP650" in err
    assert "in the training data" in err
    code, _, err = said("noha", "--data", str(few))
    assert code == 2
    assert 'there is no voice "noha" — did you mean "noah"' in err
    code, _, err = said("noah", "--data", str(tmp_path / "nowhere"))
    assert code == 2
    assert "no such folder" in err


def test_without_models_a_training_says_what_to_fetch(said: Any, recordings: Path) -> None:
    code, _, err = said("noah", "--data", str(recordings))
    assert code == 2
    assert "voicepipe models pull s1-v3" in err


def test_status_and_report_of_a_voice_that_was_never_trained(said: Any) -> None:
    assert said("status", "noah")[:2] == (0, 'the voice "noah" has not been trained here\n')
    code, out, _ = said("status", "noah", "--json")
    assert (code, orjson.loads(out)["trainings"]) == (0, [])
    code, _, err = said("report", "noah")
    assert code == 2
    assert "has not been trained here" in err


def test_help_and_check_start_no_torch(project: Path, recordings: Path) -> None:
    code = (
        "import sys\nfrom cli.main import run\n"
        "try:\n    run(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'pandas', 'scipy', 'transformers'} & set(sys.modules)\n"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else 0)\n"
    )
    for arguments in (
        ["train", "run", "--help"],
        ["-C", str(project), "train", "noah", "--data", str(recordings), "--check"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


TABLE = {"gpt": "noah-gpt", "sovits": "noah-sovits"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "# mine\nengine: scratch  # for now\nnote: hi\n",
            "# mine\nengine: gpt-sovits  # for now\n"
            "model: {gpt: noah-gpt, sovits: noah-sovits}\nnote: hi\n",
        ),
        (
            "engine: gpt-sovits\nmodel: {gpt: old, hubert: h} # pair\nnote: hi\n",
            "engine: gpt-sovits\n"
            "model: {gpt: noah-gpt, hubert: h, sovits: noah-sovits} # pair\nnote: hi\n",
        ),
        (
            "engine: gpt-sovits\r\nmodel:\r\n  gpt: old  # melody\r\n  # timbre\r\n"
            "  base: v2\r\nnote: hi",
            "engine: gpt-sovits\r\nmodel:\r\n  sovits: noah-sovits\r\n"
            "  gpt: noah-gpt  # melody\r\n  # timbre\r\n  base: v2\r\nnote: hi",
        ),
        ("engine: scratch", "engine: gpt-sovits\nmodel: {gpt: noah-gpt, sovits: noah-sovits}\n"),
    ],
    ids=["absent", "one-line", "block", "no-line-end"],
)
def test_models_are_written_and_nothing_else_is_touched(before: str, after: str) -> None:
    assert with_models(SourceFile(path="v.yaml", text=before), TABLE) == after
    assert with_models(SourceFile(path="v.yaml", text=after), TABLE) == after


def test_a_layout_that_cannot_be_edited_is_left_alone(tmp_path: Path) -> None:
    odd = "engine: gpt-sovits\nmodel: {gpt: old,\n  sovits: older}\n"
    (tmp_path / "v.yaml").write_text(odd, "utf-8")
    with pytest.raises(EnvironmentFault, match="cannot be edited safely") as caught:
        set_models(tmp_path, "v.yaml", TABLE)
    assert "model: {gpt: noah-gpt, sovits: noah-sovits}" in caught.value.remedy
    assert (tmp_path / "v.yaml").read_text("utf-8") == odd
    with pytest.raises(InputError, match="is not a voice's file"):
        with_models(SourceFile(path="v.yaml", text="- a\n"), TABLE)
    with pytest.raises(InputError, match="cannot be read"):
        set_models(tmp_path, "nowhere.yaml", TABLE)


def _record(**changes: Any) -> RunRecord:
    facts: dict[str, Any] = {
        "voice": "noah",
        "key": "0" * 64,
        "begun": "2026-06-01T00:00:00+00:00",
        "consent": {"id": "c", "until": None},
        "dataset_sha256": "0" * 64,
        "dataset": {"clips": 1, "sounds": [{"language": "en", "missing": ["ZH"]}]},
        "remarks": ("VP653: <few>",),
        "bases": {"gpt": "s1"},
        "settings": {"seed": 1},
        "steps": {"acoustic": 2},
    }
    return RunRecord(**(facts | changes))


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    run_folder = RunFolder(tmp_path, tmp_path / "run")
    assert run_folder.read() is None
    preview = Preview(text="Go.", language="en", file="previews/gone.wav")
    record = _record(previews=(preview,), models={"gpt": "noah-gpt"})
    run_folder.write(record)
    assert run_folder.read() == record
    page = write_report(tmp_path, run_folder, record).read_text("utf-8")
    assert "gone.wav" in page
    assert "&lt;few&gt;" in page
    assert "nothing yet" not in page
    for content in (b"{", b"[]", b'{"schema": 1}', b'{"schema": 99}'):
        (tmp_path / "run/run.json").write_bytes(content)
        with pytest.raises(EnvironmentFault, match=r"run\.json"):
            run_folder.read()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("voice", 7),
        ("begun", None),
        ("consent", []),
        ("dataset", "x"),
        ("dataset", {"coverage": 3}),
        ("dataset", {"sounds": [{"language": "en"}]}),
        ("dataset", {"sounds": [3]}),
        ("remarks", "few"),
        ("remarks", [1]),
        ("bases", []),
        ("settings", 1),
        ("steps", {"acoustic": "2"}),
        ("steps", {"acoustic": -2}),
        ("models", {"gpt": 1}),
        ("previews", {}),
        ("previews", [{"text": "a", "language": "en", "file": 3}]),
        ("previews", [{"text": "a", "language": "en", "file": "../../../secret.wav"}]),
        ("previews", [{"text": "a", "language": "en", "file": "/etc/secret.wav"}]),
        ("previews", [{"text": "a", "language": "en", "file": "C:\\secret.wav"}]),
    ],
)
def test_a_record_with_an_impossible_value_is_refused_and_says_which(
    tmp_path: Path, field: str, value: object
) -> None:
    run_folder = RunFolder(tmp_path, tmp_path / "run")
    run_folder.write(_record())
    path = tmp_path / "run/run.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), field: value}))
    with pytest.raises(EnvironmentFault, match=r"run\.json") as caught:
        run_folder.read()
    assert field.removesuffix("s") in caught.value.message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", 1),
        ("step", "1"),
        ("step", -1),
        ("losses", [2.5]),
        ("losses", {"mel": "2.5"}),
        ("losses", {"mel": 1e300}),
        ("seconds", None),
        ("seconds", -1),
        ("previews", "a.wav"),
        ("previews", ["../../secret.wav"]),
    ],
)
def test_a_line_of_the_log_with_an_impossible_value_is_refused_and_says_which(
    tmp_path: Path, field: str, value: object
) -> None:
    run_folder = RunFolder(tmp_path, tmp_path / "run")
    row = {"kind": "step", "step": 1, "losses": {"mel": 2.5}, "seconds": 0.1, "previews": []}
    log = run_folder.stage("semantic") / "events.jsonl"
    log.parent.mkdir(parents=True)
    log.write_bytes(b"\n".join(map(orjson.dumps, (row, {**row, field: value}, row))))
    with pytest.raises(EnvironmentFault, match="line 2") as caught:
        run_folder.losses("semantic")
    assert field.removesuffix("s") in caught.value.message


def test_a_loss_that_was_no_number_is_left_out(tmp_path: Path) -> None:
    run_folder = RunFolder(tmp_path, tmp_path / "run")
    row = {"kind": "step", "step": 1, "losses": {"mel": None}, "seconds": 0.1, "previews": []}
    log = run_folder.stage("semantic") / "events.jsonl"
    log.parent.mkdir(parents=True)
    log.write_bytes(orjson.dumps(row))
    assert run_folder.losses("semantic")[0].losses == {}


def test_a_report_reads_no_sound_through_a_link(tmp_path: Path) -> None:
    run_folder = RunFolder(tmp_path, tmp_path / "run")
    record = _record(previews=(Preview(text="Go.", language="en", file="previews/001.wav"),))
    run_folder.write(record)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run" / "previews").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentFault, match="is a link"):
        write_report(tmp_path, run_folder, record)


def test_a_line_of_the_log_that_was_cut_short_ends_it(tmp_path: Path) -> None:
    run_folder = RunFolder(tmp_path, tmp_path / "run")
    assert run_folder.losses("semantic") == ()
    row = {"kind": "step", "step": 1, "losses": {"mel": 2.5}, "seconds": 0.1, "previews": []}
    log = run_folder.stage("semantic") / "events.jsonl"
    log.parent.mkdir(parents=True)
    log.write_bytes(orjson.dumps(row) + b"\n" + orjson.dumps(row)[:20])
    (only,) = run_folder.losses("semantic")
    assert (only.step, dict(only.losses)) == (1, {"mel": 2.5})


def test_one_is_not_written_as_many() -> None:
    assert [counted(n, "clip") for n in (0, 1, 2)] == ["0 clips", "1 clip", "2 clips"]


def test_charts_are_thinned_escaped_and_bear_what_is_no_number() -> None:
    points = [(step, float(step % 7)) for step in range(5_000)] + [(5_000, float("nan"))]
    chart = line_chart("a <b>", {"mel & co": points})
    assert chart.startswith("<svg")
    assert "mel &amp; co" in chart
    assert "a &lt;b&gt;" in chart
    assert chart.count(",") < 700
    assert "nothing yet" in line_chart("empty", {"mel": [(1, float("inf"))]})
    assert "polyline" in line_chart("one", {"mel": [(3, 1.0)]})


def test_pictures_are_png() -> None:
    import numpy as np

    content = png(np.zeros((2, 3), dtype=np.uint8))
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert content[16:24] == b"\0\0\0\3\0\0\0\2"
    assert content.endswith(b"IEND\xaeB`\x82")
