"""Showing diagnostics: to people with the line they are on, to programs as JSON, to CI as SARIF.

Knows nothing of the product; the source lines come from whoever asks.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import Diagnostic, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import CodeInfo, SourceSpan
    from voicepipe.hashing import Json

MAX_SHOWN_CELLS: Final = 100
"""Terminal cells of a source line; a longer one is shown around its place."""
SHOWN_OF_A_CODE: Final = 5
"""Diagnostics of one code that are shown in full before the rest is counted."""
MAX_SHOWN_BYTES: Final = 64 * 1024 * 1024
"""Files beyond this are not opened just to show a line of them."""

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
# Control characters could drive the terminal, and bidirectional ones reorder what is read.
_UNSHOWN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class SourceLines:
    """Gives lines of a project's files, each file read at most once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._lines: dict[str, list[str]] = {}

    def __call__(self, path: str, line: int) -> str | None:
        """Give a line, from 1; None for a file that is missing or lies outside the project."""
        if path not in self._lines:
            self._lines[path] = self._read(path)
        lines = self._lines[path]
        return lines[line - 1] if 0 < line <= len(lines) else None

    def _read(self, path: str) -> list[str]:
        try:
            real = (self._root / path).resolve()
            found = real.stat()
            is_ours = real.is_relative_to(self._root) and stat.S_ISREG(found.st_mode)
            if not is_ours or found.st_size > MAX_SHOWN_BYTES:
                return []
            content = real.read_bytes()
        except (OSError, ValueError, RuntimeError):
            return []
        return (
            [] if _is_binary(content) else _LINE_BREAK.split(content.decode("utf-8-sig", "replace"))
        )


def _is_binary(content: bytes) -> bool:
    """Tell sound and UTF-16 from text that has a stray byte in it."""
    head = content[:4096]
    return 10 * sum(byte < 9 for byte in head) > len(head)


def render_text(
    diagnostics: Iterable[Diagnostic], line_of: Callable[[str, int], str | None]
) -> str:
    """Show diagnostics to people.

    Args:
        diagnostics: In the order they are to be shown.
        line_of: Gives the source line of a place, or None; a `SourceLines`, for instance.

    Returns:
        For each a head `path:line:column: error[VP101]: message`, the source line with carets under
        the place, and the remedy. No line end after the last; empty for no diagnostics.
    """
    return "\n".join(_one(diagnostic, line_of) for diagnostic in diagnostics)


def render_counted(
    diagnostics: Iterable[Diagnostic],
    line_of: Callable[[str, int], str | None],
    *,
    rest: str = "",
) -> str:
    """Show diagnostics to people, the first few of each code, and count the others.

    Args:
        diagnostics: In the order they are to be shown.
        line_of: As for `render_text`.
        rest: What shows all of them.
    """
    found = list(diagnostics)
    left = Counter(diagnostic.code for diagnostic in found)
    shown: dict[str, int] = {}
    parts = []
    for diagnostic in found:
        code = diagnostic.code
        shown[code] = shown.get(code, 0) + 1
        left[code] -= 1
        is_next = shown[code] == SHOWN_OF_A_CODE + 1
        # One more in full takes little more room than counting it.
        if shown[code] <= SHOWN_OF_A_CODE or (is_next and not left[code]):
            parts.append(_one(diagnostic, line_of))
        elif is_next:
            more = f"… and {left[code] + 1} more {code} like it"
            parts.append(f"{more}; {rest}" if rest else more)
    return "\n".join(parts)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Count: `2 errors, 1 warning`; `nothing wrong` for none."""
    counts = dict.fromkeys(Severity, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    words = [
        f"{count} {severity.value}{'s' if count > 1 else ''}"
        for severity, count in counts.items()
        if count
    ]
    return ", ".join(words) or "nothing wrong"


def counted(count: int, noun: str) -> str:
    """Write a number of things: `1 clip`, `2 clips`, `2 processes`."""
    ending = "es" if noun.endswith("s") else "s"
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{ending}"


def diagnostics_to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Give diagnostics as plain values, for the `diagnostics` of a JSON document."""
    return [
        {
            "code": d.code,
            "severity": d.severity.value,
            "path": d.span.path,
            "line": d.span.line,
            "column": d.span.column,
            "length": d.span.length,
            "message": d.message,
            "help": d.help,
        }
        for d in diagnostics
    ]


def diagnostics_to_sarif(
    diagnostics: Iterable[Diagnostic], codes: Iterable[CodeInfo], *, version: str
) -> dict[str, Json]:
    """Give diagnostics as a SARIF log, which code hosts turn into annotations.

    Args:
        diagnostics: What to report.
        codes: The registry; only the codes that occur become rules.
        version: Of this program.

    Source: OASIS Static Analysis Results Interchange Format 2.1.0.
    """
    found = list(diagnostics)
    used = {d.code for d in found}
    rules = sorted((info for info in codes if info.code in used), key=lambda info: info.code)
    index = {info.code: number for number, info in enumerate(rules)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "voicepipe",
                        "version": version,
                        "rules": [_rule(info) for info in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(d, index) for d in found],
            }
        ],
    }


def display_width(text: str) -> int:
    """Count the terminal cells of a text: two for a wide character, none for a combining one."""
    return sum(_cells(character) for character in text)


def _one(diagnostic: Diagnostic, line_of: Callable[[str, int], str | None]) -> str:
    head = f"{diagnostic.span}: {diagnostic.severity.value}[{diagnostic.code}]: "
    parts = [_shown(head + diagnostic.message)]
    line = line_of(diagnostic.span.path, diagnostic.span.line)
    if line is not None and line.strip():
        parts += _excerpt(diagnostic.span, line)
    if diagnostic.help:
        parts.append(_shown(f"  help: {diagnostic.help}"))
    return "\n".join(parts)


def _excerpt(span: SourceSpan, line: str) -> list[str]:
    """The source line, cut to fit around the place, and carets under the place."""
    start = min(span.column - 1, len(line))
    stop = min(start + span.length, len(line))
    first, last = _window(line, start, stop)
    before = ("…" if first else "") + _shown(line[first:start])
    marked = _shown(line[start : min(stop, last)])
    after = _shown(line[min(stop, last) : last]) + ("…" if last < len(line) else "")
    gutter = f"{span.line:>6} | "
    carets = "^" * max(1, display_width(marked))
    margin = " " * (len(gutter) - 2) + "| "
    return [
        (gutter + before + marked + after).rstrip(),
        margin + " " * display_width(before) + carets,
    ]


def _window(line: str, start: int, stop: int) -> tuple[int, int]:
    """The part of a line to show: all of it, or as much around the place as fits."""
    if display_width(line[: MAX_SHOWN_CELLS + 1]) <= MAX_SHOWN_CELLS and (
        len(line) <= MAX_SHOWN_CELLS
    ):
        return 0, len(line)
    first, cells = start, 0
    while first > 0 and cells + _cells(line[first - 1]) <= MAX_SHOWN_CELLS // 3:
        first -= 1
        cells += _cells(line[first])
    last = start
    while last < len(line) and cells + _cells(line[last]) <= MAX_SHOWN_CELLS:
        cells += _cells(line[last])
        last += 1
    return first, max(last, min(stop, start + 1))


def _shown(text: str) -> str:
    """The text as a terminal may have it: tabs as one space, what drives terminals replaced."""
    return _UNSHOWN.sub("\ufffd", text.replace("\t", " "))


def _cells(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200b\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


_SARIF_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
}


def _rule(info: CodeInfo) -> dict[str, Json]:
    return {
        "id": info.code,
        "shortDescription": {"text": info.title},
        "fullDescription": {"text": info.explanation},
        "defaultConfiguration": {"level": _SARIF_LEVELS[info.severity]},
    }


def _result(diagnostic: Diagnostic, index: dict[str, int]) -> dict[str, Json]:
    span = diagnostic.span
    result: dict[str, Json] = {
        "ruleId": diagnostic.code,
        "level": _SARIF_LEVELS[diagnostic.severity],
        "message": {"text": _message(diagnostic)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(span.path)},
                    "region": {
                        "startLine": span.line,
                        "startColumn": span.column,
                        "endColumn": span.column + span.length,
                    },
                }
            }
        ],
    }
    if diagnostic.code in index:
        return {**result, "ruleIndex": index[diagnostic.code]}
    return result


def _message(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.message}; {diagnostic.help}" if diagnostic.help else diagnostic.message


def _uri(path: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - only CI asks for this

    return quote(path)


def in_source_order(diagnostics: Iterable[Diagnostic]) -> Sequence[Diagnostic]:
    """Sort by path and place, so that output is the same on every machine."""
    return sorted(
        diagnostics, key=lambda d: (d.span.path, d.span.line, d.span.column, d.code, d.message)
    )
