"""Inline tags: `[emotion:sad]`, `[pause:400ms]` and their like, taken out of a text.

Variables are filled in before tags are parsed (`placeholders.substitute`).
Knows nothing of which emotions a voice has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.findings import Findings
from voicepipe.documents.positions import inner_span
from voicepipe.screenplay.codes.syntax import BAD_TAG, UNKNOWN_TAG
from voicepipe.screenplay.line import Segment
from voicepipe.screenplay.placeholders import VariableUse, substitute, variables_in

if TYPE_CHECKING:
    from voicepipe.diagnostics import CodeInfo, Diagnostic, SourceSpan

__all__ = ["VariableUse", "parse_inline_tags", "plain_text", "substitute", "variables_in"]

TAG_NAMES: Final = ("emotion", "pause", "pitch", "say", "speed")
"""Every word that makes brackets an inline tag."""
SPEED_RANGE: Final = (0.5, 2.0)
"""Times the normal pace; outside it speech falls apart."""
PITCH_RANGE: Final = (-12.0, 12.0)
"""Semitones: an octave each way."""
MAX_PAUSE_MS: Final = 10_000
"""A longer pause is a mistake of units."""

# Full-width brackets and colons come from Chinese and Japanese input methods; other signs, or
# none, stand where somebody forgot how a tag is written: [pause 400ms], [emotion=sad].
_BRACKETS = re.compile(
    r"[\[［]\s*(?P<close>/?)\s*(?P<word>[A-Za-z]+)\s*(?P<rest>[:：][^\]］\[［]*)?[\]］]"
    r"|[\[［]\s*(?P<loose>[A-Za-z]+)(?P<given>(?:\s+|\s*[=＝-]\s*)[^\]］\[［:：]+)[\]］]"
)
_SPACES = re.compile(r" {2,}")
_NUMBER = r"[+-]?[0-9][0-9.]*\s*(?:[A-Za-z]+|[%％])?"
_LOOSE_VALUES: Final = {
    "emotion": re.compile(r"[A-Za-z_]+"),
    "pause": re.compile(_NUMBER),
    "pitch": re.compile(_NUMBER),
    "say": re.compile(r"\S+"),
    "speed": re.compile(_NUMBER),
}
"""What follows a tag's word without a colon and can only be its value: [pause here] is text."""
_ID = re.compile(r"[a-z](?:_?[a-z0-9])*_?")
_LENGTH = re.compile(r"(?:(?P<ms>[0-9]{1,6})ms|(?P<s>[0-9]{1,3}(?:\.[0-9]{1,3})?)s)")
_SPEED = re.compile(r"[0-9](?:\.[0-9]{1,3})?")
_PITCH = re.compile(r"(?P<st>[+-]?[0-9]{1,2}(?:\.[0-9]{1,2})?)st")


def length_ms(written: str) -> int:
    """Read `400ms` or `1.2s`; 0 when it is no length."""
    found = _LENGTH.fullmatch(written)
    if found is None:
        return 0
    return int(found["ms"]) if found["ms"] else round(float(found["s"]) * 1000)


def parse_inline_tags(
    raw: str, span: SourceSpan
) -> tuple[tuple[Segment, ...], tuple[Diagnostic, ...]]:
    """Split a text into stretches that are spoken one way each.

    Args:
        raw: The text, variables already filled in.
        span: Where it stands; a tag's own place is worked out from it.

    Returns:
        The stretches in order (none for an empty text), and what is wrong with the tags. A faulty
        tag is left out of the text and changes nothing.
    """
    if "[" not in raw and "［" not in raw:
        return ((Segment(text=raw),) if raw.strip() else ()), ()
    reader = _TagReader(raw, span)
    reader.read()
    return tuple(reader.segments), reader.findings.diagnostics()


def plain_text(segments: tuple[Segment, ...]) -> str:
    """The text as a subtitle shows it: tags gone, and no double space where one was."""
    whole = "".join([segment.text for segment in segments])
    return (_SPACES.sub(" ", whole) if "  " in whole else whole).strip()


@dataclass(slots=True)
class _TagReader:
    """One walk over one text."""

    raw: str
    span: SourceSpan
    segments: list[Segment] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    _text: str = ""
    _emotion: str = ""
    _speed: float = 1.0
    _pitch: float = 0.0
    _say: str | None = None
    _say_opened: re.Match[str] | None = None

    def read(self) -> None:
        at = 0
        for match in _BRACKETS.finditer(self.raw):
            if not (_is_loose_tag(match) if match["loose"] else self._is_tag(match)):
                continue
            self._text += self.raw[at : match.start()]
            at = match.end()
            self._apply(match)
        self._text += self.raw[at:]
        if self._say_opened is not None:
            self._refuse(self._say_opened, "[say:…] is never closed", "add [/say] after the words")
            self._say = None
        self._end_segment()

    def _is_tag(self, match: re.Match[str]) -> bool:
        """Tell tags, misspelt ones included, from ordinary words in brackets."""
        word = match["word"]
        if (
            word in TAG_NAMES
            and "：" not in match[0]
            and "［" not in match[0]
            and "］" not in match[0]
        ):
            return True
        if match["rest"] is None and not match["close"] and word not in TAG_NAMES:
            return False
        return word.lower() in TAG_NAMES or bool(did_you_mean(word.lower(), TAG_NAMES))

    def _apply(self, match: re.Match[str]) -> None:
        word, rest = match["word"] or match["loose"].lower(), match["rest"]
        if word not in TAG_NAMES:
            hint = did_you_mean(word.lower(), TAG_NAMES)
            self._report(UNKNOWN_TAG, match, f'unknown inline tag "{match[0]}"{hint}', _FORMS[""])
        elif not re.fullmatch(r"\[/?[a-z]+(:[^：［］]*)?\]", match[0]):
            self._refuse(match, f'"{match[0]}" is not written as an inline tag', _FORMS[word])
        elif match["close"]:
            self._close(match)
        elif rest is None or not rest[1:].strip():
            self._refuse(match, f'the inline tag "{match[0]}" has no value', _FORMS[word])
        elif self._say is not None:
            self._refuse(match, f'"{match[0]}" stands inside [say:…]', "move it outside")
        else:
            self._open(match, word, rest[1:].strip())

    def _open(self, match: re.Match[str], word: str, value: str) -> None:
        if word == "say":
            self._end_segment()
            self._say, self._say_opened = value, match
        elif word == "pause":
            self._pause(match, value)
        elif word == "emotion":
            self._change_emotion(match, value)
        else:
            self._change_number(match, word, value)

    def _close(self, match: re.Match[str]) -> None:
        if match["word"] != "say" or self._say_opened is None:
            what = "closes nothing" if match["word"] == "say" else "is not needed"
            self._refuse(match, f'"{match[0]}" {what}', "remove it")
            return
        if not self._text.strip():
            self._refuse(self._say_opened, "[say:…][/say] holds no words", _FORMS["say"])
        self._end_segment()
        self._say = self._say_opened = None

    def _pause(self, match: re.Match[str], value: str) -> None:
        pause_ms = length_ms(value)
        if not 0 < pause_ms <= MAX_PAUSE_MS:
            self._refuse(match, f'"{value}" is not a pause up to 10 s', _FORMS["pause"])
            return
        self._end_segment(pause_ms=pause_ms)

    def _change_emotion(self, match: re.Match[str], value: str) -> None:
        if not _ID.fullmatch(value) or len(value) > 64:
            self._refuse(match, f'"{value}" is not the id of an emotion', _FORMS["emotion"])
            return
        self._end_segment()
        self._emotion = value

    def _change_number(self, match: re.Match[str], word: str, value: str) -> None:
        low, high = SPEED_RANGE if word == "speed" else PITCH_RANGE
        found = (_SPEED if word == "speed" else _PITCH).fullmatch(value)
        number = float(found[0].removesuffix("st")) if found is not None else None
        if number is None or not low <= number <= high:
            message = f'"{value}" is not a {word} from {low:g} to {high:g}'
            self._refuse(match, message, _FORMS[word])
            return
        self._end_segment()
        if word == "speed":
            self._speed = number
        else:
            self._pitch = number

    def _end_segment(self, *, pause_ms: int = 0) -> None:
        """Close the stretch so far; a bare pause adds to the one before it."""
        text, self._text = self._text, ""
        if text.strip():
            self.segments.append(self._segment(text, pause_ms))
        elif pause_ms and not self.segments:
            self.segments.append(self._segment("", pause_ms))
        elif self.segments and (pause_ms or text):
            last = self.segments[-1]
            total_ms = last.pause_after_ms + pause_ms
            self.segments[-1] = replace(last, text=last.text + text, pause_after_ms=total_ms)

    def _segment(self, text: str, pause_ms: int) -> Segment:
        return Segment(
            text=text,
            emotion=self._emotion,
            speed=self._speed,
            pitch_semitones=self._pitch,
            say=self._say,
            pause_after_ms=pause_ms,
        )

    def _refuse(self, match: re.Match[str], message: str, remedy: str) -> None:
        self._report(BAD_TAG, match, message, remedy)

    def _report(self, code: CodeInfo, match: re.Match[str], message: str, remedy: str) -> None:
        place = inner_span(self.span, self.raw, match.start(), len(match[0]))
        self.findings.add(code, place, message, remedy)


def _is_loose_tag(match: re.Match[str]) -> bool:
    """Tell a tag without its colon, `[pause 400ms]`, from words in brackets, `[say no more]`."""
    word, given = match["loose"].lower(), match["given"].strip()
    if given[0] in "=＝":
        return word in TAG_NAMES or bool(did_you_mean(word, TAG_NAMES))
    given = given.lstrip("- ")
    if word in TAG_NAMES:
        return _LOOSE_VALUES[word].fullmatch(given) is not None
    is_number = _LOOSE_VALUES["pause"].fullmatch(given) is not None
    return is_number and bool(did_you_mean(word, TAG_NAMES))


_FORMS: Final = {
    "": "tags are [emotion:sad], [speed:0.9], [pitch:+2st], [pause:400ms], [say:…]words[/say]",
    "emotion": "write it as [emotion:sad]",
    "pause": "write it as [pause:400ms] or [pause:1.2s]",
    "pitch": "write it as [pitch:+2st]",
    "say": "write it as [say:MAH-ree-oh]Mario[/say]",
    "speed": "write it as [speed:0.9]",
}
