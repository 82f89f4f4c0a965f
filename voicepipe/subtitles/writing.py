"""Captions as files: WebVTT and SubRip; and words with their times as JSON (torch-free).

Nothing a script writes is taken for markup: WebVTT has escapes, SubRip has none, so there what a
player would take for a tag is taken out.

Source: WebVTT, W3C candidate recommendation of 2019, sections 4 and 6.4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.hashing import Json
    from voicepipe.lipsync.timing import ClipTiming
    from voicepipe.subtitles.captions import Caption

_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,80}>|\{\\[^{}]{0,80}\}")
_UNWRITABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ARROW: Final = "-->"
CAPTIONS_REVISION: Final = 1
"""Raised whenever WebVTT or SubRip would be written otherwise for the same clip and rules."""


def write_vtt(captions: Sequence[Caption]) -> str:
    """Write WebVTT; speakers are its voice spans, line ids its cue identifiers."""
    cues = []
    for caption in captions:
        shown = "\n".join(map(_escaped, caption.lines))
        if caption.speaker:
            shown = f"<v {_escaped(caption.speaker).replace('&gt;', '')}>{shown}</v>"
        times = f"{_clock(caption.start_s, '.')} --> {_clock(caption.end_s, '.')}"
        head = f"{_plain(caption.line)}\n" if caption.line else ""
        cues.append(f"{head}{times}\n{shown}\n")
    return "\n".join(["WEBVTT\n", *cues])


def write_srt(captions: Sequence[Caption], *, names: bool = False) -> str:
    """Write SubRip.

    Args:
        captions: In order.
        names: Put the speaker's name before each: `Noah: …`.
    """
    cues = []
    for number, caption in enumerate(captions, start=1):
        first, *others = [_untagged(line) for line in caption.lines]
        if names and caption.speaker:
            first = f"{_untagged(caption.speaker)}: {first}"
        times = f"{_clock(caption.start_s, ',')} --> {_clock(caption.end_s, ',')}"
        cues.append("\n".join([str(number), times, first, *others, ""]))
    return "\n".join(cues)


def write_words(timing: ClipTiming, *, line: str, speaker: str) -> bytes:
    """Write a clip's words with their times, for captions that light up word by word."""
    document: dict[str, Json] = {
        "schema": 1,
        "line": line,
        "language": timing.language,
        "speaker": speaker,
        "text": timing.text,
        "duration_s": timing.duration_s,
        "method": timing.method,
        "words": [
            {
                "text": word.text,
                "start": word.start,
                "end": word.end,
                "start_s": word.start_s,
                "end_s": word.end_s,
                **({"reading": word.reading} if word.reading else {}),
            }
            for word in timing.words
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _escaped(text: str) -> str:
    return _plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _untagged(text: str) -> str:
    bare = _TAG.sub("", _plain(text)).replace(_ARROW, "→").strip()
    return bare or "…"


def _plain(text: str) -> str:
    return _UNWRITABLE.sub(" ", text).strip()


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
