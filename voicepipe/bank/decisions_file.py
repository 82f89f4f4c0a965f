"""`decisions.csv` beside `voicepipe.yaml`: read, written, and the old file taken over once."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voicepipe.bank.decisions import Decisions
from voicepipe.bank.decisions_csv import decisions_csv, parse_decisions
from voicepipe.bank.decisions_json import OLD_NAME, load_old_decisions
from voicepipe.bank.faults import explained
from voicepipe.documents.replacing import replace_file
from voicepipe.documents.source import read_source
from voicepipe.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.diagnostics import Diagnostic

DECISIONS_NAME: Final = "decisions.csv"
TAKEN_OVER_NAME: Final = "decisions.json.taken-over"
_ATTRIBUTES: Final = ".gitattributes"
_UNION: Final = f"{DECISIONS_NAME} merge=union"


def read_decisions(root: Path, out: Path) -> tuple[Decisions, tuple[Diagnostic, ...]]:
    """Read the decisions of a project; none when there is no file.

    Args:
        root: The project root.
        out: Its output folder, where an earlier release may have left a file: what that says
            holds for lines the project's file does not speak of.

    Raises:
        MadeByNewer: A newer release wrote the earlier file.
        EnvironmentFault: The earlier file is damaged.
    """
    decisions = Decisions()
    found: tuple[Diagnostic, ...] = ()
    if os.path.lexists(root / DECISIONS_NAME):
        source, found = read_source(root, DECISIONS_NAME)
        if source is not None:
            decisions, found = parse_decisions(source)
    old = load_old_decisions(out) or {}
    return replace(decisions, lines={**old, **decisions.lines}), found


def load_decisions(root: Path, out: Path) -> Decisions:
    """As `read_decisions`, for those who cannot go on with half of them.

    Raises:
        InputError: The file is not what we write; says where it departs.
        MadeByNewer: A newer release wrote the earlier file.
        EnvironmentFault: The earlier file is damaged.
    """
    decisions, found = read_decisions(root, out)
    if found:
        raise InputError(
            f"{found[0].span}: {found[0].message}",
            remedy=found[0].help,
            diagnostics=found,
            root=root,
        )
    return decisions


def save_decisions(root: Path, decisions: Decisions) -> None:
    """Write the decisions whole; the caller holds the output folder's lock.

    In a Git working copy Git is told once to keep both sides' rows when it merges the file.

    Raises:
        EnvironmentFault: Disk full or folder not writable; the old file is untouched.
    """
    path = root / DECISIONS_NAME
    with explained(path):
        replace_file(path, decisions_csv(decisions).encode("utf-8"))
    _say_how_to_merge(root)


def _say_how_to_merge(root: Path) -> None:
    real = root.resolve()
    if not any((folder / ".git").exists() for folder in (real, *real.parents)):
        return
    path = root / _ATTRIBUTES
    if path.is_symlink():
        return
    with explained(path):
        content = path.read_bytes() if path.is_file() else b""
        if DECISIONS_NAME.encode() in content:
            return
        gap = b"" if not content or content.endswith(b"\n") else b"\n"
        replace_file(path, content + gap + f"{_UNION}\n".encode())


def take_over_old_decisions(
    root: Path, out: Path, load_previous: Callable[[], BankManifest | None]
) -> int:
    """Move what an earlier release decided into the project's file; the caller holds the lock.

    Args:
        root: The project root.
        out: The output folder; the old file stays in it under another name.
        load_previous: Reads the latest version, which knows the numbers of pinned takes; called
            only where there is an old file.

    Returns:
        How many lines the old file spoke of; 0 when there was none.

    Raises:
        InputError: The project's file is not what we write.
        EnvironmentFault: The old file is damaged, or a file cannot be written.
    """
    old = load_old_decisions(out)
    if old is None:
        return 0
    decisions = load_decisions(root, out)
    previous = load_previous()
    numbers = {entry.take_key: entry.take for entry in previous.entries} if previous else {}
    lines = {
        key: replace(one, pinned_take=one.pinned_take or numbers.get(one.pin, 0))
        for key, one in decisions.lines.items()
    }
    if old:
        save_decisions(root, replace(decisions, lines=lines))
    with explained(out / OLD_NAME):
        (out / OLD_NAME).replace(out / TAKEN_OVER_NAME)
    return len(old)
