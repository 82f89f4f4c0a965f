"""What people decided about single lines: retakes, seeds and pins.

Kept in `out/decisions.json`, because a decision is about takes that exist
here. Knows nothing of scripts: a decision about a line that is gone stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.files import write_atomic
from voicepipe.bank.layout import is_hash
from voicepipe.bank.schemas import Schema
from voicepipe.errors import EnvironmentFault
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.hashing import Json

DECISIONS_NAME = "decisions.json"
DECISIONS = Schema(what="the file of retakes and pins")
MOST_TAKES = 1_000_000
SEEDS = 2**31
"""Seeds lie in [0, 2**31)."""
_LARGEST_FILE = 1 << 28
_FIELDS = frozenset({"take", "seed", "pin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about one line in one language."""

    take: int = 1
    """From 1; each retake is the next number."""
    seed: int | None = None
    """Instead of the one that follows from line, language and take number."""
    pin: str = ""
    """The take key this line keeps whatever changes; empty: not pinned."""
    more: Mapping[str, Json] = field(default_factory=dict)
    """What a newer release decided besides: kept, and written again."""


NOTHING_DECIDED = Decision()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All decisions of an output folder."""

    lines: Mapping[tuple[str, str], Decision] = field(default_factory=dict)
    """(line, language) → what was decided."""
    more: Mapping[str, Json] = field(default_factory=dict)
    """What a newer release put beside the lines: kept, and written again."""

    def of(self, line: str, language: str) -> Decision:
        """Look a line up; the first take, unpinned, when nothing was decided."""
        return self.lines.get((line, language), NOTHING_DECIDED)

    def pins(self) -> frozenset[str]:
        """List the pinned take keys."""
        return frozenset(decision.pin for decision in self.lines.values() if decision.pin)

    def with_decision(self, line: str, language: str, decision: Decision) -> Decisions:
        """Decide about one line; the default decision forgets it."""
        lines = {key: kept for key, kept in self.lines.items() if key != (line, language)}
        if decision != NOTHING_DECIDED:
            lines[line, language] = decision
        return replace(self, lines=lines)

    def with_retake(self, line: str, language: str, seed: int | None = None) -> Decisions:
        """Ask for the next take of a line; an explicit seed wins, a pin is let go.

        Raises:
            ValueError: The seed is outside [0, 2**31).
        """
        if seed is not None and not 0 <= seed < SEEDS:
            raise ValueError(f"seed {seed} is outside [0, {SEEDS})")
        earlier = self.of(line, language)
        later = replace(earlier, take=earlier.take + 1, seed=seed, pin="")
        return self.with_decision(line, language, later)

    def with_pin(self, line: str, language: str, take_key: str) -> Decisions:
        """Pin a line to a take, or let it go with an empty key.

        Raises:
            ValueError: The key is not a hash.
        """
        if take_key and not is_hash(take_key):
            raise ValueError(f'"{take_key}" is not a take key')
        return self.with_decision(line, language, replace(self.of(line, language), pin=take_key))


def load_decisions(out: Path) -> Decisions:
    """Read the decisions of an output folder; none when there is no file.

    Raises:
        MadeByNewer: A newer release wrote the file.
        EnvironmentFault: The file is not what we write; says where it departs. Nothing is
            guessed, because a lost pin may cost a take that cannot be made again.
    """
    path = out / DECISIONS_NAME
    with explained(path):
        try:
            content = read_regular(path, limit=_LARGEST_FILE)
        except FileNotFoundError:
            return Decisions()
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
    return Decisions(lines=lines, more=fields)


def save_decisions(out: Path, decisions: Decisions) -> None:
    """Write the decisions whole; the caller holds the lock.

    Raises:
        EnvironmentFault: Disk full or folder not writable; the old file is untouched.
    """
    lines: dict[str, dict[str, dict[str, Json]]] = {}
    for (line, language), decision in decisions.lines.items():
        facts: dict[str, Json] = {**decision.more, "take": decision.take}
        if decision.seed is not None:
            facts["seed"] = decision.seed
        if decision.pin:
            facts["pin"] = decision.pin
        lines.setdefault(line, {})[language] = facts
    content = orjson.dumps(
        {**decisions.more, "schema": DECISIONS.number, "lines": lines},
        option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )
    write_atomic(out, out / DECISIONS_NAME, content)


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
            more = {name: row[name] for name in row.keys() - _FIELDS}
            decided[line, language] = Decision(**known, more=more)
    return decided, ""


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
