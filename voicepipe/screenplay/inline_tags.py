"""Inline tags: `[emotion:sad]`, `[pause:400ms]` and their like, taken out of a text.

Variables are filled in before tags are parsed (`placeholders.substitute`).
Knows nothing of which emotions a voice has.
"""

from __future__ import annotations

import difflib
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
    from collections.abc import Mapping

    from voicepipe.diagnostics import CodeInfo, Diagnostic, SourceSpan

__all__ = [
    "VariableUse",
    "parse_inline_tags",
    "plain_text",
    "substitute",
    "tag_places",
    "variables_in",
]

_ROUGHLY_SPELT: Final = ("emotion", "pause", "pitch", "say", "speed")
_NEARLY_SPELT: Final = ("energy", "range", "sound", "stress")
"""Too near to ordinary words (`[stage: left]`) to be looked for far from their spelling."""
_NEARLY: Final = 0.8
TAG_NAMES: Final = (*_ROUGHLY_SPELT, *_NEARLY_SPELT)
"""Every word that makes brackets an inline tag."""
SOUND_WORDS: Final = ("laughs", "sighs")
"""Sounds that need no `[sound:…]` around their name."""
DEMANDING_TAGS: Final = frozenset({"range", "stress"})
"""Those that only some engines can follow."""
SOUND: Final = "sound"
"""The tag of a sound; with a colon and its name, what the sound's place is called."""
_PAIRS: Final = ("say", "stress")
"""Tags about the words up to their closing."""
SPEED_RANGE: Final = (0.5, 2.0)
"""Times the normal pace; outside it speech falls apart."""
PITCH_RANGE: Final = (-12.0, 12.0)
"""Semitones: an octave each way."""
ENERGY_RANGE: Final = (-12.0, 6.0)
"""Decibels, as a row of the prosody table may have."""
RANGE_RANGE: Final = (0.1, 3.0)
"""Times the melody, as a row of the prosody table may have."""
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
    "energy": re.compile(_NUMBER),
    "pause": re.compile(_NUMBER),
    "pitch": re.compile(_NUMBER),
    "range": re.compile(_NUMBER),
    "say": re.compile(r"\S+"),
    "speed": re.compile(_NUMBER),
    "sound": re.compile(r"(?!)"),
    "stress": re.compile(r"(?!)"),
}
"""What follows a tag's word without a colon and can only be its value: [pause here] is text."""
_NOWHERE: Final[Mapping[str, SourceSpan]] = {}
_ID = re.compile(r"[a-z](?:_?[a-z0-9])*_?")
_LONGEST_ID: Final = 64
_LENGTH = re.compile(r"(?:(?P<ms>[0-9]{1,6})ms|(?P<s>[0-9]{1,3}(?:\.[0-9]{1,3})?)s)")
_NUMBERS: Final = {
    "energy": (re.compile(r"(?P<number>[+-]?[0-9]{1,2}(?:\.[0-9]{1,2})?)dB"), ENERGY_RANGE),
    "pitch": (re.compile(r"(?P<number>[+-]?[0-9]{1,2}(?:\.[0-9]{1,2})?)st"), PITCH_RANGE),
    "range": (re.compile(r"(?P<number>[0-9](?:\.[0-9]{1,3})?)"), RANGE_RANGE),
    "speed": (re.compile(r"(?P<number>[0-9](?:\.[0-9]{1,3})?)"), SPEED_RANGE),
}
"""How each number is written, and its least and greatest."""


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


def tag_places(raw: str, span: SourceSpan) -> Mapping[str, SourceSpan]:
    """Find where each demanding tag is first used, for what is said of it once voices are known.

    Args:
        raw: The text, variables already filled in.
        span: Where it stands.
    """
    if "[" not in raw:
        return _NOWHERE
    places: dict[str, SourceSpan] = {}
    for match in _BRACKETS.finditer(raw):
        word, rest = match["word"], match["rest"]
        if match["close"]:
            continue
        if word in SOUND_WORDS or (word == SOUND and rest):
            word = f"{SOUND}:{rest[1:].strip() if rest else word}"
        elif word not in DEMANDING_TAGS:
            continue
        places.setdefault(word, inner_span(span, raw, match.start(), len(match[0])))
    return places or _NOWHERE


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
    _numbers: dict[str, float] = field(default_factory=dict)
    _say: str | None = None
    _opened: dict[str, re.Match[str]] = field(default_factory=dict)
    """Of tags that are to be closed: where they were opened."""

    def read(self) -> None:
        at = 0
        for match in _BRACKETS.finditer(self.raw):
            if not (_is_loose_tag(match) if match["loose"] else self._is_tag(match)):
                continue
            self._text += self.raw[at : match.start()]
            at = match.end()
            self._apply(match)
        self._text += self.raw[at:]
        for word, match in self._opened.items():
            written = _WRITTEN[word]
            self._refuse(match, f"{written} is never closed", f"add [/{word}] after the words")
        self._say = None
        self._opened = {}
        self._end_segment()

    def _is_tag(self, match: re.Match[str]) -> bool:
        """Tell tags, misspelt ones included, from ordinary words in brackets."""
        word = match["word"]
        if match["rest"] is None and not match["close"] and word.lower() in SOUND_WORDS:
            return True
        if (
            word in TAG_NAMES
            and "：" not in match[0]
            and "［" not in match[0]
            and "］" not in match[0]
        ):
            return True
        if match["rest"] is None and not match["close"] and word not in TAG_NAMES:
            return False
        return _is_nearly_a_tag(word.lower())

    def _apply(self, match: re.Match[str]) -> None:
        word, rest = match["word"] or match["loose"].lower(), match["rest"]
        if word in SOUND_WORDS and match[0] == f"[{word}]":
            self._sound(match, word)
        elif word not in TAG_NAMES:
            hint = did_you_mean(word.lower(), (*TAG_NAMES, *SOUND_WORDS))
            self._report(UNKNOWN_TAG, match, f'unknown inline tag "{match[0]}"{hint}', _FORMS[""])
        elif not re.fullmatch(r"\[/?[a-z]+(:[^：［］]*)?\]", match[0]):
            self._refuse(match, f'"{match[0]}" is not written as an inline tag', _FORMS[word])
        elif match["close"]:
            self._close(match)
        elif (rest is not None and bool(rest[1:].strip())) == (word == "stress"):
            what = "takes no value" if word == "stress" else "has no value"
            self._refuse(match, f'the inline tag "{match[0]}" {what}', _FORMS[word])
        elif self._say is not None:
            self._refuse(match, f'"{match[0]}" stands inside [say:…]', "move it outside")
        elif word in self._opened:
            self._refuse(match, f'"{match[0]}" stands inside {_WRITTEN[word]}', "remove it")
        else:
            self._open(match, word, "" if rest is None else rest[1:].strip())

    def _open(self, match: re.Match[str], word: str, value: str) -> None:
        if word in _PAIRS:
            self._end_segment()
            self._opened[word] = match
            self._say = value if word == "say" else None
        elif word == "pause":
            self._pause(match, value)
        elif word == SOUND:
            self._sound(match, value)
        elif word == "emotion":
            self._change_emotion(match, value)
        else:
            self._change_number(match, word, value)

    def _close(self, match: re.Match[str]) -> None:
        word = match["word"]
        opened = self._opened.get(word)
        if opened is None:
            what = "closes nothing" if word in _PAIRS else "is not needed"
            self._refuse(match, f'"{match[0]}" {what}', "remove it")
            return
        if word == "stress" and self._say is not None:
            self._refuse(match, f'"{match[0]}" stands inside [say:…]', "move it outside")
            return
        if not self.raw[opened.end() : match.start()].strip():
            self._refuse(opened, f"{_WRITTEN[word]}[/{word}] holds no words", _FORMS[word])
        self._end_segment()
        self._opened.pop(word)
        self._say = None

    def _pause(self, match: re.Match[str], value: str) -> None:
        pause_ms = length_ms(value)
        if not 0 < pause_ms <= MAX_PAUSE_MS:
            self._refuse(match, f'"{value}" is not a pause up to 10 s', _FORMS["pause"])
            return
        self._end_segment(pause_ms=pause_ms)

    def _sound(self, match: re.Match[str], name: str) -> None:
        if self._say is not None:
            self._refuse(match, f'"{match[0]}" stands inside [say:…]', "move it outside")
        elif not _ID.fullmatch(name) or len(name) > _LONGEST_ID:
            self._refuse(match, f'"{name}" is not the name of a sound', _FORMS[SOUND])
        else:
            self._end_segment()
            self.segments.append(replace(self._segment("", 0), sound=name))

    def _change_emotion(self, match: re.Match[str], value: str) -> None:
        if not _ID.fullmatch(value) or len(value) > _LONGEST_ID:
            self._refuse(match, f'"{value}" is not the id of an emotion', _FORMS["emotion"])
            return
        self._end_segment()
        self._emotion = value

    def _change_number(self, match: re.Match[str], word: str, value: str) -> None:
        written, (low, high) = _NUMBERS[word]
        found = written.fullmatch(value)
        number = float(found["number"]) if found is not None else None
        if number is None or not low <= number <= high:
            article = "an" if word == "energy" else "a"
            message = f'"{value}" is not {article} {word} from {low:g} to {high:g}'
            self._refuse(match, message, _FORMS[word])
            return
        self._end_segment()
        self._numbers[word] = number

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
            speed=self._numbers.get("speed", 1.0),
            pitch_semitones=self._numbers.get("pitch", 0.0),
            energy_db=self._numbers.get("energy", 0.0),
            range=self._numbers.get("range", 1.0),
            is_stressed="stress" in self._opened,
            say=self._say,
            pause_after_ms=pause_ms,
        )

    def _refuse(self, match: re.Match[str], message: str, remedy: str) -> None:
        self._report(BAD_TAG, match, message, remedy)

    def _report(self, code: CodeInfo, match: re.Match[str], message: str, remedy: str) -> None:
        place = inner_span(self.span, self.raw, match.start(), len(match[0]))
        self.findings.add(code, place, message, remedy)


def _is_nearly_a_tag(word: str) -> bool:
    """Tell a tag that is misspelt from an ordinary word."""
    if word in TAG_NAMES or did_you_mean(word, _ROUGHLY_SPELT):
        return True
    return bool(difflib.get_close_matches(word, _NEARLY_SPELT, n=1, cutoff=_NEARLY))


def _is_loose_tag(match: re.Match[str]) -> bool:
    """Tell a tag without its colon, `[pause 400ms]`, from words in brackets, `[say no more]`."""
    word, given = match["loose"].lower(), match["given"].strip()
    if given[0] in "=＝":
        return _is_nearly_a_tag(word)
    given = given.lstrip("- ")
    if word in TAG_NAMES:
        return _LOOSE_VALUES[word].fullmatch(given) is not None
    is_number = _LOOSE_VALUES["pause"].fullmatch(given) is not None
    return is_number and _is_nearly_a_tag(word)


_FORMS: Final = {
    "": "tags are [emotion:sad], [speed:0.9], [pitch:+2st], [energy:+3dB], [range:1.4], "
    "[pause:400ms], [say:…]words[/say], [stress]words[/stress], [laughs], [sighs], [sound:…]",
    "emotion": "write it as [emotion:sad]",
    "energy": "write it as [energy:+3dB]",
    "pause": "write it as [pause:400ms] or [pause:1.2s]",
    "pitch": "write it as [pitch:+2st]",
    "range": "write it as [range:1.4]",
    "say": "write it as [say:MAH-ree-oh]Mario[/say]",
    "sound": "write it as [sound:coughs], or [laughs] and [sighs] without the word",
    "speed": "write it as [speed:0.9]",
    "stress": "write it as [stress]words[/stress]",
}
_WRITTEN: Final = {"say": "[say:…]", "stress": "[stress]"}
