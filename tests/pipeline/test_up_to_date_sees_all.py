"""Nothing that planning looks at escapes what a standing version is compared by.

Planning the bundled film is watched from the interpreter's own hooks: every file that is opened,
every folder that is listed, every path that is asked for. A room that begins to read something in
a new place ends here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from embedded_models import pull_embedded

from voicepipe.documents.inventory import is_counted
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.up_to_date import _files_of, take_snapshot
from voicepipe.user_cache import cache_folder

ROOT = Path(__file__).parents[2]
FILM = ("voicepipe.yaml", "models.lock", "lexicon.yaml", "scripts_in", "voices")
COMPARED_IN_OUT = ("banks", "clips", "objects", "decisions.json", "withdrawn", "suspended")
"""`find_up_to_date` looks at these itself."""
DERIVED_IN_OUT = ("takes", "file-hashes.json", "work")
"""Takes matter only where a clip is missing; the hashes are those of files that are compared."""
READ_BY_LIBRARIES = ("/etc/os-release", "/proc", "/dev", "/sys")

WATCH = r"""
import json, os, sys
touched = set()

def heard(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and arguments:
        if isinstance(arguments[0], (str, bytes)):
            touched.add(os.fsdecode(arguments[0]))

def watched(ask):
    def asks(path, *rest, **options):
        if not isinstance(path, int):
            touched.add(os.fsdecode(path))
        return ask(path, *rest, **options)
    return asks

for name in ("stat", "lstat", "access", "readlink"):
    setattr(os, name, watched(getattr(os, name)))
from pathlib import Path
from voicepipe.pipeline.render.planning import plan_project
from voicepipe.model_store.registry import find_published
from voicepipe.pipeline.project import load_project
from voicepipe.synthesis.reading_keys import front_end_revision
front_end_revision()  # names of libraries, which are compared
sys.addaudithook(heard)
touched.clear()
root = Path(sys.argv[1])
project = load_project(root)
project.require_valid()
plan_project(project)
print(json.dumps(sorted({os.path.abspath(path) for path in touched})))
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled film, with a recording and a signed paper besides."""
    root = tmp_path_factory.mktemp("watched") / "film"
    root.mkdir()
    for name in FILM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, root / name)
    (root / "overrides/en").mkdir(parents=True)
    shutil.copyfile(ROOT / "voices/noah/en.ogg", root / "overrides/en/wake_0030.wav")
    paper = b"signed"
    (root / "papers").mkdir()
    (root / "papers/noah.pdf").write_bytes(paper)
    voice = root / "voices/noah.yaml"
    signed = (
        "  kind: actor\n  evidence: papers/noah.pdf\n"
        f"  evidence_sha256: {hashlib.sha256(paper).hexdigest()}\n"
    )
    said = voice.read_text("utf-8")
    assert "  kind: synthetic\n" in said
    voice.write_text(said.replace("  kind: synthetic\n", signed), "utf-8")
    pull_embedded(root)
    return root


@pytest.fixture(scope="module")
def touched(film: Path) -> list[Path]:
    """Every path that planning the film asked the system for."""
    command = [sys.executable, "-c", WATCH, str(film)]
    told = subprocess.run(command, cwd=film, check=True, stdout=subprocess.PIPE, timeout=300)
    return [Path(path) for path in json.loads(told.stdout)]


def test_whatever_planning_asks_for_in_the_project_is_compared(
    film: Path, touched: list[Path]
) -> None:
    snapshot = take_snapshot(film)
    assert snapshot is not None
    files = snapshot.input_fingerprint.project.files
    inside = [path.relative_to(film) for path in touched if path.is_relative_to(film)]
    assert len(inside) > 50, "the watch saw too little to mean anything"
    for path in inside:
        if path.parts[:1] == ("out",):
            known = (*COMPARED_IN_OUT, *DERIVED_IN_OUT)
            assert len(path.parts) == 1 or path.parts[1] in known, f"{path} is not compared"
            continue
        assert is_counted(path.as_posix()), f"{path} is out of sight"
        assert not (film / path).is_file() or path.as_posix() in files


def test_planning_asks_for_nothing_outside_but_voicepipe_and_its_libraries(
    film: Path, touched: list[Path]
) -> None:
    libraries = (sys.prefix, sys.base_prefix, *READ_BY_LIBRARIES)
    known = [film, *(Path(place) for place in libraries)]
    # Readings kept there are what would be read anew: tests/pipeline/test_kept_readings.py.
    known += [cache_folder()]
    known += [ROOT / "voicepipe", *(Path(place) for place in sys.path if "site-packages" in place)]
    strange = [
        str(path)
        for path in touched
        if not any(path.is_relative_to(place) for place in known)
        # Looking a path up asks for each folder on the way.
        and not any(other.is_relative_to(path) for other in known)
    ]
    assert strange == []


def test_a_note_names_every_file_it_depends_on(film: Path, touched: list[Path]) -> None:
    named = set(_files_of(load_project(film)))
    read = {path.relative_to(film).as_posix() for path in touched if path.is_relative_to(film)}
    expected = {name for name in read if (film / name).is_file() and not name.startswith("out/")}
    beside = {"voicepipe.yaml", "models.lock", "voices/cast.yaml"}
    assert {name for name in expected - beside if not name.startswith("models/")} <= named
    assert {"papers/noah.pdf", "overrides/en/wake_0030.wav", "lexicon.yaml"} <= named
