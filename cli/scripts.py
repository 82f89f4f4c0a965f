"""Reading the scripts alone, for verbs that need no voices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import warn
from cli.projects import settings_of

if TYPE_CHECKING:
    from cli.output import Session
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.syntax import Screenplay
    from voicepipe.settings import Settings


def read_scripts(
    session: Session, *, whole: bool
) -> tuple[Settings, Screenplay, tuple[Diagnostic, ...]]:
    """Read settings and scripts.

    Args:
        session: Says which project.
        whole: Refuse scripts that can only be read in part.

    Returns:
        The settings, the screenplay, and what is wrong with the files; errors among it are on
        stderr already.

    Raises:
        InputError: The settings, or (if `whole`) the scripts, cannot be read.
    """
    from voicepipe.diagnostics import Severity
    from voicepipe.pipeline.project import input_error
    from voicepipe.reports import SourceLines, render_counted
    from voicepipe.screenplay.formats.loader import load_screenplay

    settings = settings_of(session)
    loaded = load_screenplay(session.root, settings)
    errors = [d for d in loaded.diagnostics if d.severity is Severity.ERROR]
    if errors and whole:
        raise input_error(session.root, errors)
    if errors:
        rest = "`voicepipe check --verbose` shows all"
        warn(render_counted(errors, SourceLines(session.root), rest=rest))
    return settings, loaded.screenplay, loaded.diagnostics
