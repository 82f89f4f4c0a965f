"""From a place inside a value to a place in its file."""

from __future__ import annotations

from voicepipe.diagnostics import SourceSpan


def inner_span(span: SourceSpan, value: str, start: int, length: int) -> SourceSpan:
    """Find the place of a part of a value.

    Args:
        span: Where the whole value stands.
        value: The value.
        start: Code points from the start of the value, from 0.
        length: Code points.

    Returns:
        The part's own place when the value stands in the file as it is, on one line; the place of
        the whole value otherwise (escapes, folded lines and filled-in variables shift everything).
    """
    if len(value) != span.length or "\n" in value:
        return span
    column = span.column + min(start, max(0, len(value) - 1))
    return SourceSpan(path=span.path, line=span.line, column=column, length=max(1, length))
