"""The file that earlier releases kept decisions in: `decisions.json` in the output folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from voicepipe.bank.decisions import MOST_TAKES, SEEDS, Decision
from voicepipe.bank.faults import explained
from voicepipe.bank.layout import is_hash
from voicepipe.bank.schemas import Schema
from voicepipe.errors import EnvironmentFault
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

OLD_NAME = "decisions.json"
DECISIONS = Schema(what="the file of retakes and pins")
_LARGEST_FILE = 1 << 28
_FIELDS = frozenset({"take", "seed", "pin"})


def load_old_decisions(out: Path) -> dict[tuple[str, str], Decision] | None:
    """Read what an earlier release decided; None when there is no file.

    Raises:
        MadeByNewer: A newer release wrote the file.
        EnvironmentFault: The file is not what was written; says where it departs. Nothing is
            guessed, because a lost pin may cost a take that cannot be made again.
    """
    path = out / OLD_NAME
    with explained(path):
        try:
            content = read_regular(path, limit=_LARGEST_FILE)
        except (FileNotFoundError, NotADirectoryError):
            return None
    if len(content) > _LARGEST_FILE:
        raise _damaged(path, f"it is larger than {_LARGEST_FILE} bytes")
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        fault = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _damaged(path, fault) from error
    fields, fault = DECISIONS.bring_up(facts, str(path))
    lines: dict[tuple[str, str], Decision] = {}
    if not fault:
        lines, fault = _parse(fields.pop("lines", None))
    if fault:
        raise _damaged(path, fault)
    return lines


def _parse(facts: object) -> tuple[dict[tuple[str, str], Decision], str]:
    if not isinstance(facts, dict):
        return {}, '"lines" is not an object of lines'
    decided: dict[tuple[str, str], Decision] = {}
    for line, languages in facts.items():
        if not isinstance(languages, dict):
            return {}, f'"{line[:80]}" is not an object of languages'
        for language, row in languages.items():
            fault = _row_fault(row)
            if fault:
                return {}, f'"{line[:80]}" in "{language[:40]}": {fault}'
            known = {name: row[name] for name in _FIELDS & row.keys()}
            decided[line, language] = Decision(**known, more=_more(row))
    return decided, ""


def _more(row: dict[str, Any]) -> dict[str, str]:
    further = {name: row[name] for name in row.keys() - _FIELDS}
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in further.items()
    }


def _row_fault(row: Any) -> str:  # noqa: ANN401 - whatever stood in the file
    if not isinstance(row, dict):
        return "it is not an object"
    take, seed, pin = row.get("take", 1), row.get("seed", 0), row.get("pin", "")
    if type(take) is not int or not 1 <= take <= MOST_TAKES:
        return f'"take" is not a whole number from 1 to {MOST_TAKES}'
    if type(seed) is not int or not 0 <= seed < SEEDS:
        return f'"seed" is not a whole number below {SEEDS}'
    if not isinstance(pin, str) or (pin and not is_hash(pin)):
        return '"pin" is not a take key (64 hex digits)'
    return ""


def _damaged(path: Path, fault: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"{path}: {fault}",
        remedy="mend the file, or restore it from a backup: it holds retakes and pins",
    )
