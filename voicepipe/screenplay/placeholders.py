"""Variables inside texts: `{player}`, and `{{ }}` for braces that are meant to be seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from voicepipe.documents.findings import finding
from voicepipe.documents.positions import inner_span
from voicepipe.screenplay.codes.syntax import BAD_PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.diagnostics import Diagnostic, SourceSpan

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*)\}|[{}]")


class VariableUse(NamedTuple):
    """One `{name}` in a text."""

    name: str
    start: int
    """Code points from the start of the text, from 0."""
    length: int
    """Braces included."""


def variables_in(raw: str) -> tuple[VariableUse, ...]:
    """Every variable a text shows, in order, repeats included."""
    if "{" not in raw:
        return ()
    return tuple(
        VariableUse(match[1], match.start(), len(match[0]))
        for match in _PLACEHOLDER.finditer(raw)
        if match[1]
    )


def substitute(raw: str, values: Mapping[str, str]) -> str:
    """Fill in variables and turn doubled braces into single ones.

    A variable without a value stays as it is written. Marks in the text are left alone: parse them
    after this.
    """
    if "{" not in raw and "}" not in raw:
        return raw

    def filled(match: re.Match[str]) -> str:
        if match[1]:
            return values.get(match[1], match[0])
        return match[0][0]

    return _PLACEHOLDER.sub(filled, raw)


def placeholder_problems(raw: str, span: SourceSpan) -> Iterator[Diagnostic]:
    """Report every brace that neither belongs to a variable nor is doubled."""
    if "{" not in raw and "}" not in raw:
        return
    for match in _PLACEHOLDER.finditer(raw):
        if match[0] in ("{", "}"):
            yield finding(
                BAD_PLACEHOLDER,
                inner_span(span, raw, match.start(), 1),
                f'"{match[0]}" does not belong to a variable such as {{player}}',
                f'write "{match[0] * 2}" for a brace that is meant to be seen',
            )
