"""All checks of how a story branches, one small function a code.

Ids, names and groups are `integrity`'s; texts are judged where lines are resolved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.reports import in_source_order
from voicepipe.screenplay.story import (
    check_detours,
    check_paths,
    check_targets,
    check_use,
    check_variables,
)
from voicepipe.screenplay.story.state_space import DEFAULT_STATE_LIMIT
from voicepipe.screenplay.story.story import read_story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.screenplay.story.story import Story
    from voicepipe.screenplay.syntax import Screenplay

CHECKS: Final[tuple[Callable[[Story], Iterator[Diagnostic]], ...]] = (
    check_targets.check_targets,
    check_targets.check_reach,
    check_targets.check_dead_ends,
    check_targets.check_unheeded,
    check_targets.check_self_jumps,
    check_targets.check_starts,
    check_targets.check_ambiguous_targets,
    check_paths.check_stuck_choices,
    check_paths.check_closed_edges,
    check_paths.check_unheard_lines,
    check_paths.check_traps,
    check_paths.check_loops,
    check_paths.check_search_bound,
    check_variables.check_known_variables,
    check_variables.check_kinds,
    check_variables.check_assigned_range,
    check_variables.check_settled_conditions,
    check_variables.check_unused_variables,
    check_variables.check_declared_values,
    check_detours.check_entry_patterns,
    check_detours.check_returns,
    check_detours.check_circular_detours,
    check_use.check_silent_speakers,
    check_use.check_empty,
)


def check_story(
    screenplay: Screenplay, *, state_limit: int = DEFAULT_STATE_LIMIT
) -> list[Diagnostic]:
    """Find what is wrong with a story: its branches, its variables, what is never used.

    Args:
        screenplay: As read from the files; anything in it may be missing or wrong.
        state_limit: How many combinations of node and variables to walk through. When there are
            more, a note says so, and nothing is called impossible that was not tried.

    Returns:
        Everything found, in the order of files and lines.
    """
    story = read_story(screenplay, state_limit=state_limit)
    found = [diagnostic for check in CHECKS for diagnostic in check(story)]
    return list(in_source_order(_without_echoes(found)))


def _without_echoes(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Leave out what follows from a comparison that the declarations settle already."""
    settled = {(d.span.path, d.span.line): d.span for d in diagnostics if d.code == "VP215"}
    return [
        d
        for d in diagnostics
        if d.code not in ("VP206", "VP207")
        or not _covers(d.span, settled.get((d.span.path, d.span.line)))
    ]


def _covers(outer: SourceSpan, inner: SourceSpan | None) -> bool:
    if inner is None:
        return False
    end = outer.column + max(outer.length, 1)
    return outer.column <= inner.column < end
