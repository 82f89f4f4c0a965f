"""Names that a person asks for, held against those there are: patterns, and the closest one."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_SHOWN = 8


def matching(asked: Iterable[str], there: Collection[str]) -> frozenset[str]:
    """Replace patterns such as `bridge_*` by the names they match.

    Args:
        asked: With the wildcards of a shell.
        there: What there is.

    Returns:
        The names; a pattern that matches none stays, for `refuse_unknown`.
    """
    found: set[str] = set()
    for name in asked:
        found |= {known for known in there if fnmatchcase(known, name)} or {name}
    return frozenset(found)


def refuse_unknown(whose: str, what: str, asked: Collection[str], there: Collection[str]) -> None:
    """Go on only when every name asked for is there.

    Args:
        whose: What has the names, such as `the project`.
        what: What they name: `line`, `scene` …
        asked: By a person.
        there: What there is.

    Raises:
        UsageError: One is not; with the closest one that is.
    """
    for name in sorted(set(asked) - set(there)):
        shown = ", ".join(sorted(there)[:_SHOWN]) + (" …" if len(there) > _SHOWN else "")
        raise UsageError(
            f'{whose} has no {what} "{name}"' + did_you_mean(name, there),
            remedy=f"it has: {shown}" if there else "",
        )
