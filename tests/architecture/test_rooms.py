"""The house rules that a machine can check: floors, heavy imports, file sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "errors",
        "hashing",
        "clock",
        "diagnostics",
        "reports",
        "memory",
        "regular_files",
        "installation",
    ),
    ("documents",),
    ("settings", "settings_codes"),
    ("screenplay", "audio", "consent"),
    ("voices",),
    ("bank", "text"),
    ("model", "model_store", "remote"),
    ("synthesis", "formula_models"),
    ("engines", "parity"),
    ("qc", "lipsync"),
    ("training",),
    ("workers", "exporters", "benchmarking"),
    ("pipeline",),
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
}
"""Rooms of one floor that may know each other, and which way."""

TORCH_ROOMS = (
    "voicepipe/model/",
    "voicepipe/model_store/",
    "voicepipe/formula_models/",
    "voicepipe/parity/",
    "voicepipe/text/features.py",
    "voicepipe/synthesis/",
    "voicepipe/engines/",
    "voicepipe/training/",
    "voicepipe/benchmarking/measure.py",
    "voicepipe/benchmarking/bench.py",
)
HEAVY = {"torch", "torchaudio", "pandas", "scipy", "transformers", "numpy"}
LIGHT_COMMANDS = (
    "bench",
    "check",
    "plan",
    "bank",
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
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "voicepipe":
                names = [f"voicepipe.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found.update((n.split(".")[1], node.lineno) for n in names if n.startswith("voicepipe."))
    return found


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    room = _room_of(path)
    if room == "__init__":
        return
    assert room in LEVEL, f"{room} has no floor: add it to FLOORS and docs/architecture.md"
    for other, line in _imported_rooms(path):
        if other in (room, "__version__"):
            continue
        allowed = LEVEL[other] < LEVEL[room] or (room, other) in BESIDE
        assert allowed, (
            f"{path.relative_to(ROOT)}:{line} imports {other}, which is not below {room}"
        )


def _imports_at_run_time(path: Path, package: str) -> list[int]:
    lines = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
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


@pytest.mark.parametrize("command", LIGHT_COMMANDS)
def test_light_commands_start_without_heavy_libraries(command: str) -> None:
    code = (
        "import sys\n"
        "from cli.main import app\n"
        f"try:\n    app(args=[{command!r}, '--help'], standalone_mode=False)\n"
        "except SystemExit:\n    pass\n"
        f"heavy = {HEAVY!r} & set(sys.modules)\n"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


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
