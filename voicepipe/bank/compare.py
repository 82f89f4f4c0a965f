"""What differs between two versions, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from voicepipe.bank.clip_facts import FAILED, NOT_JUDGED
from voicepipe.bank.manifest import COLUMNS
from voicepipe.bank.plan import REASON_OF_INPUT, Reason

if TYPE_CHECKING:
    from voicepipe.bank.manifest import BankManifest, ManifestEntry


class Change(Enum):
    """What became of a line in a language."""

    ADD = "add"
    MODIFY = "modify"
    DELETE = "delete"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """One line in one language, in two versions."""

    change: Change
    line: str
    language: str
    what: tuple[str, ...] = ()
    """`sound`, then the manifest's fields that differ, then why (`text changed` …)."""
    before: ManifestEntry | None
    after: ManifestEntry | None

    @property
    def quality(self) -> str:
        """`better` or `worse`, where both versions judged the clip; else empty."""
        if self.before is None or self.after is None:
            return ""
        old, new = _faultiness(self.before), _faultiness(self.after)
        if old is None or new is None or old == new:
            return ""
        return "better" if new < old else "worse"


def _faultiness(entry: ManifestEntry) -> tuple[bool, int] | None:
    """Order clips by how they stand; None: nobody judged it."""
    if entry.verdict == NOT_JUDGED:
        return None
    return entry.verdict == FAILED, len(entry.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """All lines of two versions, sorted by language and line."""

    before: str
    after: str
    changes: tuple[LineChange, ...]

    def of(self, change: Change) -> tuple[LineChange, ...]:
        """Pick the lines with this fate."""
        return tuple(item for item in self.changes if item.change is change)


_FOLLOWING = frozenset(
    {
        "sha256",
        "size_bytes",
        "clip_key",
        "take_key",
        "inputs",
        "script",
        "position",
        "judged",
        "verdict_basis",
    }
)
"""Fields that only repeat another difference, or move with every edit above a line."""


def compare_versions(before: BankManifest, after: BankManifest) -> VersionDiff:
    """Compare two manifests, of one bank or of two.

    A line that only moved in its script counts as unchanged.
    """
    old = {(entry.language, entry.line): entry for entry in before.entries}
    new = {(entry.language, entry.line): entry for entry in after.entries}
    changes = [
        _change(key[1], key[0], old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
    ]
    return VersionDiff(before=before.version, after=after.version, changes=tuple(changes))


def _change(
    line: str, language: str, old: ManifestEntry | None, new: ManifestEntry | None
) -> LineChange:
    what: tuple[str, ...] = ()
    if old is None or new is None:
        fate = Change.ADD if old is None else Change.DELETE
    else:
        what = _differences(old, new)
        fate = Change.MODIFY if what else Change.UNCHANGED
    return LineChange(change=fate, line=line, language=language, what=what, before=old, after=new)


def _differences(old: ManifestEntry, new: ManifestEntry) -> tuple[str, ...]:
    if old == new:
        return ()
    sound = ["sound"] if old.sha256 != new.sha256 else []
    fields = [
        name
        for name in COLUMNS
        if name not in _FOLLOWING and getattr(old, name) != getattr(new, name)
    ]
    groups = sorted(old.inputs.keys() | new.inputs.keys())
    why = [
        REASON_OF_INPUT.get(group, Reason.OTHER).value
        for group in groups
        if old.inputs.get(group) != new.inputs.get(group)
    ]
    return tuple(dict.fromkeys([*sound, *fields, *why]))
