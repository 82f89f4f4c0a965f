"""What other programs call: one project from its files to its bank, without the command line."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from importlib import resources
from pathlib import Path

import pytest
from small_project import ENGINES, SCRIPT, Bench, write_small_project

import voicepipe
from voicepipe import api
from voicepipe.errors import InputError, UsageError

ROOT = Path(voicepipe.__file__).parents[1]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """The small project with the built-in placeholder engine."""
    root = tmp_path / "film"
    write_small_project(root)
    for voice in (root / "voices").iterdir():
        voice.write_text(voice.read_text("utf-8").replace("engine: tone", "engine: scratch"))
    return root


def test_a_project_goes_from_its_files_to_its_bank(film: Path) -> None:
    assert [d for d in api.check(film) if d.severity is api.Severity.ERROR] == []
    planned = api.plan(film)
    assert (planned.has_changes, len(planned.changes), planned.n_clips) == (True, 6, 6)
    assert {step.action for step in planned.steps} == {api.Action.RENDER}
    events: list[api.RenderEvent] = []
    report = api.render(film, api.RenderOptions(jobs=1), on_event=events.append)
    assert (report.bank, report.rendered, report.failed) == ("small", 6, ())
    assert isinstance(events[0], api.ProjectRead)
    assert sum(isinstance(event, api.ClipDone) for event in events) == 6
    bank = api.read_bank(film)
    assert [(entry.language, entry.line) for entry in bank.entries] == [
        (language, line)
        for language in ("de", "en")
        for line in ("hall_0010", "hall_0020", "hall_0030")
    ]
    assert all(bank.file_of(entry).is_file() for entry in bank.entries)
    (row,) = api.bank_versions(film)
    assert (row.version.name, row.n_clips, bank.name) == ("v0001", 6, "v0001")


def test_nothing_is_read_again_where_nothing_changed(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.render(film, api.RenderOptions(jobs=1))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the project was read")

    monkeypatch.setattr("voicepipe.pipeline.opening.load_project", refuse)
    events: list[api.RenderEvent] = []
    report = api.render(film, on_event=events.append)
    assert (report.rendered, report.kept, report.bank) == (0, 6, "small")
    assert [type(event) for event in events] == [api.ProjectRead]
    short = api.plan(film, api.PlanOptions(lists_steps=False))
    assert (short.has_changes, short.n_clips, short.steps) == (False, 6, ())
    with pytest.raises(AssertionError, match="was read"):
        api.plan(film)
    with pytest.raises(AssertionError, match="was read"):
        api.render(film, api.RenderOptions(engines=ENGINES))


def test_a_bank_is_exported_and_read_back(rendered: Bench, tmp_path: Path) -> None:
    first = api.export(rendered.root, "generic", to=tmp_path / "to")
    assert (first.name, first.version, first.refused) == ("generic", "v0001", ())
    assert [(one.language, one.clips, one.missing) for one in first.languages] == [
        ("en", 3, ()),
        ("de", 3, ()),
    ]
    again = api.export(rendered.root, "generic", to=tmp_path / "to")
    assert (again.written, again.kept) == ((), len(first.written))
    assert api.check_export(rendered.root, "generic", to=tmp_path / "to") == ()
    (tmp_path / "to/de/hall/hall_0020.wav").unlink()
    (told,) = api.check_export(rendered.root, "generic", to=tmp_path / "to")
    assert (told.code, told.severity) == ("VP780", api.Severity.ERROR)
    with pytest.raises(UsageError, match="no place"):
        api.export(rendered.root, api.ExportSettings(target="fmod", mouths=("vrm",)))


def test_a_selection_is_held_to_the_projects_names(film: Path) -> None:
    nobody = api.Selection(speakers=frozenset({"bobb"}))
    with pytest.raises(UsageError, match='no speaker "bobb"'):
        api.plan(film, api.PlanOptions(selection=nobody))
    with pytest.raises(UsageError, match='no speaker "bobb"'):
        api.render(film, api.RenderOptions(selection=nobody))
    chosen = api.Selection(lines=frozenset({"hall_0020"}))
    steps = api.plan(film, api.PlanOptions(selection=chosen)).steps
    assert [(step.line, step.language) for step in steps] == [
        ("hall_0020", "en"),
        ("hall_0020", "de"),
    ]


def test_a_retake_tells_what_it_does_besides(rendered: Bench) -> None:
    chosen = api.Selection(lines=frozenset({"hall_0010"}))
    events: list[api.RenderEvent] = []
    options = api.RenderOptions(selection=chosen, retake=True, engines=ENGINES, jobs=1)
    assert api.render(rendered.root, options, on_event=events.append).rendered == 2
    noted = [event for event in events if isinstance(event, api.RetakeNoted)]
    assert [(e.line_id, e.language, e.lets_pin_go, e.hidden_by) for e in noted] == [
        ("hall_0010", "en", False, ""),
        ("hall_0010", "de", False, ""),
    ]
    for wrong in (
        replace(options, selection=api.Selection()),
        replace(options, retake=False, seed=3),
    ):
        with pytest.raises(UsageError, match="--retake"):
            api.render(rendered.root, wrong)


def test_errors_are_data_where_they_are_asked_for_and_raised_where_they_stop(film: Path) -> None:
    path = film / "scripts_in" / "hall.yaml"
    path.write_text(SCRIPT.replace("who: bob", "who: bobb"), "utf-8")
    errors = [d for d in api.check(film) if d.severity is api.Severity.ERROR]
    assert "bobb" in errors[0].message
    assert api.load(film).diagnostics == api.check(film)
    with pytest.raises(InputError) as raised:
        api.render(film)
    assert set(errors) <= set(raised.value.diagnostics)
    (film / "voicepipe.yaml").write_text("bank: [", "utf-8")
    assert api.check(film)
    with pytest.raises(InputError):
        api.read_bank(film)


def test_voices_are_checked_with_their_clips_and_their_consent(film: Path) -> None:
    found = api.check_voices(film)
    assert [voice.id for voice in found.voices] == ["ann", "bob"]
    assert (found.clips, found.diagnostics) == ((), ())
    path = film / "voices" / "bob.yaml"
    path.write_text(path.read_text("utf-8").replace("2020-01-01", "2999-01-01"), "utf-8")
    problems = api.check_voices(film, "bob").diagnostics
    assert [d.code[:3] for d in problems] == ["VP4"]
    assert api.check_voices(film, "ann").diagnostics == ()
    with pytest.raises(UsageError, match='no voice "rob"'):
        api.check_voices(film, "rob")


def test_one_sentence_is_said_and_nothing_is_stored(film: Path) -> None:
    said = api.say(film, "Who goes there?", voice="ann")
    assert said.clip.duration_s > 0.3
    assert said.clip.wav_bytes[:4] == b"RIFF"
    assert not (film / "out" / "takes").exists()


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, voicepipe.api\n"
        "heavy = {'torch', 'numpy', 'pandas', 'soundfile', 'loky', 'typer'} & set(sys.modules)\n"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_it_is_typed_and_says_so() -> None:
    assert resources.files("voicepipe").joinpath("py.typed").is_file()
    assert '"voicepipe"]' in (ROOT / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_is_there_and_says_what_it_is_for(name: str) -> None:
    found = getattr(api, name)
    if name == "RenderEvent":
        return  # a union of the events
    assert found.__doc__
    if is_dataclass(found):
        assert fields(found)
