"""Example projects, one folder a diagnostic code, and what each is answered with.

`VPnnn/input/` is a project; what it lacks of a whole one is filled in. Inputs that cannot be kept
as files are made by `special_inputs`. `VPnnn/expected.txt` is what people are shown for the code.
Run this file to write the expectations anew, and read the difference before keeping it.
"""

from __future__ import annotations

import datetime
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from special_inputs import CHECKS, MAKERS

from voicepipe.errors import InputError
from voicepipe.pipeline.codes import all_codes
from voicepipe.pipeline.project import load_project
from voicepipe.reports import SourceLines, in_source_order, render_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.diagnostics import Diagnostic

FOLDER = Path(__file__).parent
TODAY = datetime.date(2026, 6, 1)
DEFAULTS = {
    "voicepipe.yaml": "bank: case\nlanguages: [en, zh]\n",
    "scripts_in/zz_rest.yaml": "scene: zz_rest\n",
    "voices/nobody.yaml": "engine: scratch\n",
}
"""Given to a case that has no such file (for folders: nothing in that folder)."""


def answer(code: str, root: Path) -> str:
    """Copy a code's project, check it, and give what is said under that code."""
    prepare(code, root)
    found = CHECKS.get(code, check_project)(root)
    ours = [diagnostic for diagnostic in in_source_order(found) if diagnostic.code == code]
    return render_text(ours, SourceLines(root)) + "\n"


def prepare(code: str, root: Path) -> None:
    """Lay out the project of a code in an empty folder."""
    given = FOLDER / code / "input"
    if given.is_dir():
        shutil.copytree(given, root, symlinks=True, dirs_exist_ok=True)
    if code in MAKERS:
        MAKERS[code](root)
        return
    for name, content in DEFAULTS.items():
        path = root / name
        is_there = path.exists() if path.parent == root else path.parent.is_dir()
        if not is_there:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")


def check_project(root: Path) -> Sequence[Diagnostic]:
    """Find everything wrong with a project, on a fixed day."""
    try:
        return load_project(root, today=TODAY).diagnostics
    except InputError as error:
        return error.diagnostics


def write_expectations(codes: Sequence[str]) -> None:
    """Write what the codes are answered with now."""
    for code in codes or [c for c in all_codes() if (FOLDER / c).is_dir()]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "project"
            root.mkdir()
            said = answer(code, root)
        (FOLDER / code).mkdir(exist_ok=True)
        (FOLDER / code / "expected.txt").write_text(said, "utf-8", newline="\n")
        sys.stdout.write(f"== {code}\n{said}")


if __name__ == "__main__":
    write_expectations(sys.argv[1:])
