"""The diagnostics of subtitles: VP760-VP761."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

TOO_FAST: Final = CodeInfo(
    code="VP760",
    title="a caption that nobody can read in time",
    severity=Severity.WARNING,
    explanation=(
        "A caption stays as long as its words are heard. This one asks for more characters a "
        "second than players read: 20 in languages with Latin letters, 11 in Chinese, 9 in "
        "Japanese, 14 in Korean, or what `subtitles:` in `voicepipe.yaml` says. Say it slower "
        "([speed:0.9]), give it a pause, or write it shorter.\n\n"
        "    subtitles:\n"
        "      languages:\n"
        "        en: {reading_speed: 24}"
    ),
)
TOO_WIDE: Final = CodeInfo(
    code="VP761",
    title="a caption that does not fit its lines",
    severity=Severity.WARNING,
    explanation=(
        "A word, or a name in Latin letters, is longer than a line of captions holds, and nothing "
        "in it may be broken: it will run out of the picture, or the engine breaks it anywhere. "
        "Write it in parts, or allow longer lines: `subtitles: {languages: {en: {line_length: "
        "50}}}`."
    ),
)

CODES: Final = (TOO_FAST, TOO_WIDE)
