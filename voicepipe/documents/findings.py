"""Collecting diagnostics while reading goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.diagnostics import CodeInfo, SourceSpan


MAX_MESSAGE_LENGTH: Final = 400
"""Characters; messages quote what is written, and a value may be a megabyte."""


class Findings:
    """What a reader has found wrong so far; it never stops the reading."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []

    def add(self, code: CodeInfo, span: SourceSpan, message: str, remedy: str = "") -> None:
        """Note one problem, with the severity its code is registered with."""
        self._found.append(finding(code, span, message, remedy))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Note what another reader found."""
        self._found.extend(diagnostics)

    @property
    def has_errors(self) -> bool:
        """Tell whether anything found stops the work."""
        return any(d.severity is Severity.ERROR for d in self._found)

    def __len__(self) -> int:
        return len(self._found)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, in the order it was found."""
        return tuple(self._found)


def finding(code: CodeInfo, span: SourceSpan, message: str, remedy: str = "") -> Diagnostic:
    """Make one diagnostic of a registered code; a message that quotes too much is cut."""
    if len(message) > MAX_MESSAGE_LENGTH:
        half = MAX_MESSAGE_LENGTH // 2
        message = f"{message[:half]} … {message[-half:]}"
    return Diagnostic(
        code=code.code, severity=code.severity, span=span, message=message, help=remedy
    )
