"""The house rules that a machine can check: floors, heavy imports, file sizes."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from import_statements import imports_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ROOT = Path(__file__).parents[2]

FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "errors",
        "hashing",
        "clock",
        "diagnostics",
        "reports",
        "memory",
        "child_processes",
        "regular_files",
        "installation",
        "user_cache",
        "kept_columns",
        "kept_documents",
    ),
    ("documents",),
    (
        "settings",
        "settings_codes",
        "settings_export",
        "settings_labels",
        "settings_qc",
        "settings_subtitles",
        "settings_timing",
        "settings_values",
    ),
    ("screenplay", "audio", "consent"),
    ("voices", "labels"),
    ("bank", "text"),
    ("model", "model_store", "remote"),
    ("synthesis", "formula_models"),
    ("engines", "parity"),
    ("qc", "lipsync"),
    ("training", "subtitles"),
    ("workers", "exporters", "benchmarking", "pages"),
    ("pipeline",),
    ("api",),
)
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
BESIDE = {
    ("model_store", "model"),
    ("reports", "diagnostics"),
    ("reports", "hashing"),
    ("reports", "errors"),
    ("errors", "diagnostics"),
    ("hashing", "regular_files"),
    ("settings", "settings_codes"),
    ("settings", "settings_export"),
    ("settings", "settings_labels"),
    ("settings", "settings_qc"),
    ("settings", "settings_subtitles"),
    ("settings", "settings_timing"),
    ("settings", "settings_values"),
}
"""Rooms of one floor that may know each other, and which way."""

OWN_MODULES = "own modules"
"""Of a room with inner rooms: the modules beside these, unless a floor names them."""

INNER_FLOORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "screenplay": (
        ("codes",),
        (OWN_MODULES,),
        ("story",),
        ("formats",),
        ("lines", "drawing", "ids"),
    ),
    "text": (
        ("tables",),
        (OWN_MODULES,),
        ("en", "ja", "ko", "zh"),
        ("yue",),
        ("readers", "spelling", "written_words"),
        ("lexicon",),
        ("frontend",),
    ),
    "lipsync": (
        ("tables",),
        (OWN_MODULES,),
    ),
    "model": (
        (OWN_MODULES,),
        ("kernels", "checkpoints"),
        ("encoders",),
        ("acoustic", "semantic"),
        ("training",),
    ),
    "engines": (
        ("protocol",),
        ("scratch", "gpt_sovits"),
        ("codes", "registry"),
    ),
    "training": (
        (OWN_MODULES,),
        ("dataset", "report"),
        ("loops",),
        ("export",),
        ("stage_run",),
    ),
    "pipeline": (
        (OWN_MODULES,),
        ("render",),
        ("train",),
        ("accounts",),
        ("benching", "exporting", "suspension", "revoked_exports"),
        ("takedown",),
        ("certifying",),
        ("export_reading", "review_session", "revocation"),
    ),
}
"""Which inner room may import which: lowest first, as with rooms. A module that stands above the
inner rooms of its room is named like one."""

TORCH_ROOMS = (
    "voicepipe/model/",
    "voicepipe/model_store/",
    "voicepipe/formula_models/",
    "voicepipe/parity/",
    "voicepipe/synthesis/",
    "voicepipe/engines/",
    "voicepipe/training/",
    "voicepipe/lipsync/aligner.py",
    "voicepipe/benchmarking/measure.py",
    "voicepipe/benchmarking/bench.py",
)
HEAVY = {"torch", "torchaudio", "pandas", "scipy", "transformers", "numpy"}
LIGHT_COMMANDS = (
    "bench",
    "check",
    "plan",
    "bank",
    "review",
    "play",
    "lipsync",
    "subtitles",
    "decide",
    "stats",
    "voices",
    "train",
    "graph",
    "walk",
    "ids",
    "schema",
    "explain",
    "render",
)


def _sources() -> list[Path]:
    return sorted((ROOT / "voicepipe").rglob("*.py"))


def _room_of(path: Path) -> str:
    first = path.relative_to(ROOT / "voicepipe").parts[0]
    return first.removesuffix(".py")


def _imported_rooms(path: Path) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for node in imports_of(path):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif node.module == "voicepipe":
            names = [f"voicepipe.{alias.name}" for alias in node.names]
        else:
            names = [node.module or ""]
        found.update((n.split(".")[1], node.lineno) for n in names if n.startswith("voicepipe."))
    return found


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    room = _room_of(path)
    if room in {"__init__", "__main__"}:
        return
    assert room in LEVEL, f"{room} has no floor: add it to FLOORS and docs/architecture.md"
    for other, line in _imported_rooms(path):
        if other in (room, "__version__"):
            continue
        allowed = LEVEL[other] < LEVEL[room] or (room, other) in BESIDE
        assert allowed, (
            f"{path.relative_to(ROOT)}:{line} imports {other}, which is not below {room}"
        )


def _inner_level(module: str) -> int:
    """Give the floor of a module inside its room."""
    _, room, inner, *_ = module.split(".")
    levels = {name: level for level, names in enumerate(INNER_FLOORS[room]) for name in names}
    is_folder = (ROOT / "voicepipe" / room / inner).is_dir()
    assert inner in levels or not is_folder, f"{room}/{inner} has no floor: add it to INNER_FLOORS"
    return levels[inner] if inner in levels else levels[OWN_MODULES]


@cache
def _imports() -> dict[str, set[str]]:
    """Give the modules of voicepipe that each imports anywhere, typing and functions included."""
    paths = {_module_of(path): path for path in _sources()}
    return {module: _imported(path, paths.keys()) - {module} for module, path in paths.items()}


def _module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path, modules: Collection[str]) -> set[str]:
    found: set[str] = set()
    for node in imports_of(path):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(name if name in modules else str(node.module) for name in names)
        else:
            found.update(alias.name for alias in node.names)
    return found & set(modules)


@pytest.mark.parametrize("room", INNER_FLOORS)
def test_an_inner_room_imports_only_inner_rooms_below_it(room: str) -> None:
    prefix = f"voicepipe.{room}."
    for module, imported in _imports().items():
        for other in sorted(imported):
            if not (module.startswith(prefix) and other.startswith(prefix)):
                continue
            inner, beside = module.split(".")[2], other.split(".")[2]
            if inner == beside or _inner_level(other) < _inner_level(module):
                continue
            is_own = _is_own_module(room, inner) and _is_own_module(room, beside)
            assert is_own, f"{module} imports {other}, which is not below it in {room}"


def _is_own_module(room: str, inner: str) -> bool:
    return not any(inner in names for names in INNER_FLOORS[room])


def test_no_room_with_inner_rooms_is_without_floors() -> None:
    rooms = {path.parts[-3] for path in ROOT.glob("voicepipe/*/*/__init__.py")}
    assert rooms == INNER_FLOORS.keys()


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for typing alone and those inside functions count: they bind a reader just so."""
    assert not _circle(_imports())


def test_a_circle_is_found_however_long() -> None:
    line = {"a": {"b"}, "b": {"c"}, "c": set[str]()}
    assert not _circle(line)
    assert _circle({**line, "c": {"b"}}) == ["b", "c", "b"]
    assert _circle({**line, "c": {"a"}}) == ["a", "b", "c", "a"]


def _circle(imports: Mapping[str, set[str]]) -> list[str]:
    """Find modules that import each other in a circle: the first of them again at the end."""
    done: set[str] = set()

    def follow(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for other in sorted(imports[module]):
            if found := follow(other, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(imports) if (found := follow(module, []))), [])


def _imports_at_run_time(path: Path, package: str) -> list[int]:
    lines = []
    for node in imports_of(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            lines.append(node.lineno)
        if isinstance(node, ast.Import) and any(
            a.name.split(".")[0] == package for a in node.names
        ):
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_torch_stays_in_its_rooms(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    if where.startswith(TORCH_ROOMS):
        return
    assert not _imports_at_run_time(path, "torch"), f"{where} imports torch"
    assert not _imports_at_run_time(path, "torchaudio"), f"{where} imports torchaudio"


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """Heavy libraries that are there after the help of each light command, all in one process."""
    code = (
        "import json, sys\n"
        "from cli.main import run\n"
        "for command in sys.argv[1:]:\n"
        "    try:\n        run([command, '--help'])\n"
        "    except SystemExit as ended:\n        assert ended.code == 0, command\n"
        f"    print(json.dumps([command, sorted({HEAVY!r} & set(sys.modules))]), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *LIGHT_COMMANDS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(map(json.loads, done.stderr.splitlines()))


@pytest.mark.parametrize("command", LIGHT_COMMANDS)
def test_light_commands_start_without_heavy_libraries(
    loaded: dict[str, list[str]], command: str
) -> None:
    assert loaded[command] == []


def _all_python() -> list[Path]:
    return [
        p
        for top in ("cli", "voicepipe", "tests", "benchmarks")
        for p in sorted((ROOT / top).rglob("*.py"))
    ]


@pytest.mark.parametrize("path", _all_python(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    n_lines = len(path.read_text("utf-8").splitlines())
    assert n_lines <= 400, f"{path.relative_to(ROOT)} has {n_lines} lines: split it"
