"""The codes of everything that can be wrong with a story, VP201–VP279."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import CodeInfo, Diagnostic
from voicepipe.screenplay.codes.branches import BRANCH_CODES
from voicepipe.screenplay.codes.entries import ENTRY_CODES
from voicepipe.screenplay.codes.scripts import SCRIPT_CODES

if TYPE_CHECKING:
    from voicepipe.diagnostics import SourceSpan

CODES: tuple[CodeInfo, ...] = BRANCH_CODES + SCRIPT_CODES + ENTRY_CODES

_SEVERITIES = {info.code: info.severity for info in CODES}


def diagnose(code: str, span: SourceSpan, message: str, remedy: str = "") -> Diagnostic:
    """Make a diagnostic with the severity its code has."""
    return Diagnostic(
        code=code, severity=_SEVERITIES[code], span=span, message=message, help=remedy
    )
