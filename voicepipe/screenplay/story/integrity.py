"""What has to hold before a line can become a clip at all: ids, names, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.screenplay.story import check_ids, check_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.syntax import Screenplay

CHECKS: Final[tuple[Callable[[Screenplay], Iterator[Diagnostic]], ...]] = (
    check_ids.check_missing_ids,
    check_ids.check_repeated_ids,
    check_ids.check_id_beginnings,
    check_ids.check_letter_case,
    check_ids.check_reserved_names,
    check_names.check_repeated_scenes,
    check_names.check_repeated_declarations,
    check_names.check_speakers_known,
    check_names.check_groups,
)


def check_integrity(screenplay: Screenplay) -> list[Diagnostic]:
    """Find lines that cannot be told apart, or whose speaker nobody knows.

    `resolve_lines` reports these too: nobody renders without them.
    """
    return [diagnostic for check in CHECKS for diagnostic in check(screenplay)]
