"""What is wrong with captions: too fast to be read, or too wide (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.documents.findings import finding
from voicepipe.subtitles.codes import TOO_FAST, TOO_WIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.subtitles.captions import Caption
    from voicepipe.subtitles.rules import ReadingRules

_QUOTED = 40


def caption_findings(
    captions: Sequence[Caption], rules: ReadingRules, *, name: str, span: SourceSpan, room_s: float
) -> Iterator[Diagnostic]:
    """Hold a clip's captions to the rules of their language.

    Args:
        captions: Of one clip, in order.
        rules: Of its language.
        name: What messages call the line, with its language.
        span: Of its text in the script.
        room_s: Seconds a short caption may stay on; speed is measured over these at least.
    """
    for caption in captions:
        shown_s = max(caption.end_s - caption.start_s, room_s, 0.001)
        speed = rules.length(caption.text) / shown_s
        if speed > rules.reading_speed:
            message = (
                f"{name}: {_quoted(caption.text)} asks for {speed:.1f} characters a second, "
                f"the limit is {rules.reading_speed:g}"
            )
            yield finding(
                TOO_FAST, span, message, "say it slower with [speed:0.9], or write it shorter"
            )
        for line in caption.lines:
            length = rules.length(line)
            if length > rules.line_length:
                message = (
                    f"{name}: {_quoted(line)} takes {length:g} characters, a line holds "
                    f"{rules.line_length:g}, and nothing in it may be broken"
                )
                remedy = "write it in parts, or allow longer lines in voicepipe.yaml"
                yield finding(TOO_WIDE, span, message, remedy)


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= _QUOTED else f'"{text[:_QUOTED]}…"'
