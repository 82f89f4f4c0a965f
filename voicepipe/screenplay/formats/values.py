"""Single values of a screenplay, checked alike in YAML and in CSV.

Each reader takes what is written and where, reports what does not fit, and gives
something the reading can go on with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import SourceSpan, did_you_mean
from voicepipe.documents.positions import inner_span
from voicepipe.screenplay.codes.syntax import (
    BAD_EXPRESSION,
    BAD_ID,
    BAD_LANGUAGE,
    BAD_NUMBER,
    BAD_VALUE,
    MISSING_KEY,
    SPOKEN_MARKUP,
    SPREADSHEET_ERROR,
)
from voicepipe.screenplay.expressions import ExpressionFault, parse_assignment, parse_condition
from voicepipe.screenplay.inline_tags import SPEED_RANGE, length_ms, parse_inline_tags
from voicepipe.screenplay.markup import find_markup, read_markup
from voicepipe.screenplay.placeholders import placeholder_problems
from voicepipe.screenplay.syntax import (
    END,
    EVERY_LANGUAGE,
    RETURN,
    Expression,
    Language,
    SourceText,
)
from voicepipe.settings_values import language_tag_problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.documents.findings import Findings

MAX_ID_LENGTH: Final = 64
"""Ids become file names; engines and archives cut longer ones."""

_SPREADSHEET_ERRORS: Final = frozenset(
    ("#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!", "#SPILL!", "#ERROR!")
)
_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_FOREIGN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
_KEPT_AS_THEY_ARE: Final = frozenset(
    ("line", "scene", "node", "start", "barks", "set of barks", "tag", "value")
)
"""What may have been named elsewhere, by another tool's rules."""
_NUMBER: Final = re.compile(r"[0-9](?:\.[0-9]{1,3})?")
SLOT_RANGE_S: Final = (0.1, 120.0)
"""Shorter is no word, longer no line."""
_INTEGER: Final = re.compile(r"-?[0-9]{1,9}")
_MARKED: Final = re.compile(r"[\[［{}<\\《]")
_TAG_SEPARATORS: Final = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLanguages:
    """Which languages a script may hold."""

    source: Language
    """The language of texts without a tag."""
    known: tuple[Language, ...] = ()
    """Empty: any well-formed tag."""
    markup: str = "none"
    """Which engine's markup texts are written with: see `voicepipe.screenplay.markup`."""


class ValueReader:
    """Reads the values of one file."""

    def __init__(self, findings: Findings, languages: ScriptLanguages) -> None:
        self.findings = findings
        self.languages = languages
        self._good_ids: dict[str, str] = {}
        self._good_tags: dict[str, Language] = {
            tag: tag for tag in (*languages.known, languages.source)
        }

    def is_known_id(self, raw: str) -> bool:
        """Tell whether this was read as an id before, so that its place need not be worked out."""
        return raw in self._good_ids

    def identifier(self, raw: str, span: SourceSpan, what: str) -> str:
        """Read an id; a faulty one is reported and kept, so that what refers to it still does."""
        good = self._good_ids.get(raw)
        if good is not None:
            return good
        problem = id_problem(raw)
        if not problem:
            self._good_ids[raw] = raw
            return raw
        if what in _KEPT_AS_THEY_ARE:
            problem = foreign_id_problem(raw)
        if problem:
            remedy = f'write "{tidy}"' if (tidy := _tidy(raw)) else "use a-z, 0-9 and _"
            self.findings.add(BAD_ID, span, f'{what} "{_short(raw)}" {problem}', remedy)
        return raw

    def value_id(self, raw: str, span: SourceSpan) -> str:
        """Read the id of a variable's value: a word, or a whole number."""
        return raw if _INTEGER.fullmatch(raw) else self.identifier(raw, span, "value")

    def target(self, raw: str, span: SourceSpan) -> str:
        """Read where a jump leads: `node`, `scene`, `scene.node`, `END` or `RETURN`."""
        if raw in (END, RETURN) or raw in self._good_ids:
            return raw
        scene, dot, node = raw.partition(".")
        problem = foreign_id_problem(scene) or (foreign_id_problem(node) if dot else "")
        if problem:
            remedy = "name a node, a scene, scene.node, END or RETURN"
            self.findings.add(BAD_ID, span, f'target "{_short(raw)}" {problem}', remedy)
        return raw

    def detour(self, raw: str, span: SourceSpan) -> str:
        """Read what a detour plays: `node`, `scene` or `scene.node`."""
        if raw in (END, RETURN):
            message = f'a detour plays a node and comes back; "{raw}" is none'
            self.findings.add(BAD_ID, span, message, f"write goto: {raw}")
            return raw
        return self.target(raw, span)

    def language(self, tag: str, span: SourceSpan) -> Language | None:
        """Read a language tag; None when it is none."""
        good = self._good_tags.get(tag)
        if good is not None:
            return good
        problem = language_tag_problem(tag)
        if problem:
            known = self.languages.known
            self.findings.add(BAD_LANGUAGE, span, problem + did_you_mean(tag, known))
            return None
        if self.languages.known:
            known = self.languages.known
            message = f'"{tag}" is not a language of this project{did_you_mean(tag, known)}'
            remedy = f"it speaks {', '.join(known)}; add {tag} to languages in voicepipe.yaml"
            self.findings.add(BAD_LANGUAGE, span, message, remedy)
        self._good_tags[tag] = Language(tag)
        return Language(tag)

    def text(self, raw: str, span: SourceSpan) -> SourceText | None:
        """Read a text and check its inline tags and braces; None when there is nothing in it.

        Spaces and line breaks around a text do not count.
        """
        stripped = raw.strip()
        if not stripped:
            return None
        if len(stripped) != len(raw):
            span = _stripped_span(raw, stripped, span)
        if stripped in _SPREADSHEET_ERRORS:
            message = f'"{stripped}" is an error of a spreadsheet, not a text'
            remedy = "mend the cell's formula; a text that begins with = or + needs a ' before it"
            self.findings.add(SPREADSHEET_ERROR, span, message, remedy)
        if "\r" in stripped:
            stripped = stripped.replace("\r\n", "\n").replace("\r", "\n")
        if _MARKED.search(stripped):
            stripped = self._without_markup(stripped, span)
            self.findings.extend(placeholder_problems(stripped, span))
            self.findings.extend(parse_inline_tags(stripped, span)[1])
        return SourceText(raw=stripped, span=span)

    def _without_markup(self, text: str, span: SourceSpan) -> str:
        if self.languages.markup != "none":
            return read_markup(text, self.languages.markup)
        found = find_markup(text)
        if found:
            message = f'"{_short(found)}" looks like an engine\'s markup, and would be spoken'
            remedy = "take it out, or say which it is: text: {markup: renpy|bbcode|html}"
            self.findings.add(SPOKEN_MARKUP, span, message, remedy)
        return text

    def plain(self, raw: str) -> str:
        """Read words that are shown to people only."""
        return raw.strip().replace("\r\n", "\n").replace("\r", "\n")

    def speed(self, raw: str, span: SourceSpan) -> float:
        """Read a pace; 1.0 stands in for a faulty one."""
        low, high = SPEED_RANGE
        speed = float(raw) if _NUMBER.fullmatch(raw) else 0.0
        if low <= speed <= high:
            return speed
        message = f'speed "{_short(raw)}" is not a number from {low} to {high}'
        self.findings.add(BAD_NUMBER, span, message, "1.0 is the voice's own pace")
        return 1.0

    def slot(self, raw: str, span: SourceSpan) -> float | None:
        """Read how long speech lasts in the picture, in seconds; None when it is no such length."""
        seconds = length_ms(raw.strip()) / 1000
        low, high = SLOT_RANGE_S
        if low <= seconds <= high:
            return seconds
        message = f'slot "{_short(raw)}" is not a length from {low} s to {high:g} s'
        self.findings.add(BAD_NUMBER, span, message, "write it as 2.4s or 2400ms")
        return None

    def slots(self, raw: str, span: SourceSpan) -> dict[str, float]:
        """Read a cell of slots: `2.4s`, and others by language: `2.4s en=2.6s`."""
        slots: dict[str, float] = {}
        for word in raw.split():
            tag, equals, length = word.rpartition("=")
            language = self.language(tag, span) if equals else EVERY_LANGUAGE
            slot_s = self.slot(length, span)
            if language is not None and slot_s is not None:
                slots[language] = slot_s
        return slots

    def integer(self, raw: str, span: SourceSpan, what: str) -> int | None:
        """Read a whole number; None when it is none."""
        if _INTEGER.fullmatch(raw):
            return int(raw)
        message = f'{what} "{_short(raw)}" is not a whole number of at most 9 digits'
        self.findings.add(BAD_NUMBER, span, message)
        return None

    def choice(self, raw: str, span: SourceSpan, what: str, allowed: Iterable[str]) -> str:
        """Read one of a few words; empty for any other."""
        options = tuple(allowed)
        if raw in options:
            return raw
        hint = did_you_mean(raw, options)
        message = f'{what} "{_short(raw)}" is not one of {", ".join(options)}{hint}'
        self.findings.add(BAD_VALUE, span, message)
        return ""

    def word(self, raw: str, span: SourceSpan, what: str) -> str:
        """Read a value without spaces; empty for any other."""
        if len(raw) <= MAX_ID_LENGTH and not re.search(r"\s", raw):
            return raw
        self.findings.add(BAD_VALUE, span, f'{what} "{_short(raw)}" is not a single word')
        return ""

    def condition(self, raw: str, span: SourceSpan) -> Expression:
        """Read a condition; a faulty one is reported and kept as it is."""
        stripped = raw.strip()
        place = span if len(stripped) == len(raw) else _stripped_span(raw, stripped, span)
        self._check_expression(stripped, place, parse_condition(stripped))
        return Expression(raw=stripped, span=place)

    def assignments(self, raw: str, span: SourceSpan) -> tuple[Expression, ...]:
        """Read assignments separated by `;`."""
        found, at = [], 0
        for part in raw.split(";"):
            text = part.strip()
            if text:
                start = at + part.index(text)
                found.append(self._assignment(text, inner_span(span, raw, start, len(text))))
            at += len(part) + 1
        if not found:
            self.findings.add(BAD_EXPRESSION, span, "there is no assignment here")
        return tuple(found)

    def tags(self, raw: str, span: SourceSpan) -> tuple[str, ...]:
        """Read ids separated by spaces."""
        words = [word for word in _TAG_SEPARATORS.split(raw) if word]
        return tuple(self.identifier(word, span, "tag") for word in words)

    def unvoiced(self, key: str, span: SourceSpan) -> None:
        """Report something only a voiced option may have, on an option nobody speaks."""
        message = f'"{key}" makes this a voiced option, and nobody speaks it'
        self.findings.add(MISSING_KEY, span, message, f"add who, or remove {key}")

    def _assignment(self, raw: str, span: SourceSpan) -> Expression:
        self._check_expression(raw, span, parse_assignment(raw))
        return Expression(raw=raw, span=span)

    def _check_expression(self, raw: str, span: SourceSpan, parsed: object) -> None:
        if isinstance(parsed, ExpressionFault):
            place = inner_span(span, raw, parsed.start, parsed.length)
            self.findings.add(BAD_EXPRESSION, place, parsed.message)


def id_problem(raw: str) -> str:
    """Say why a word is not an id of ours; empty when it is one."""
    return _problem(raw, _ID, "lower-case letters, digits and _, starting with a letter")


def foreign_id_problem(raw: str) -> str:
    """Say why a word cannot be kept as the id of a line, scene or node; empty when it can."""
    if raw in (END, RETURN):
        return "is a jump's own word"
    return _problem(raw, _FOREIGN_ID, "letters a-z, digits and _, starting with a letter or digit")


def _problem(raw: str, pattern: re.Pattern[str], form: str) -> str:
    if len(raw) > MAX_ID_LENGTH:
        return f"has {len(raw)} characters; the limit is {MAX_ID_LENGTH}"
    if not pattern.fullmatch(raw):
        return f"is not {form}"
    if "__" in raw:
        return 'holds "__", which is kept for suffixes'
    return ""


def _tidy(raw: str) -> str:
    """The nearest id, or empty."""
    candidate = re.sub(r"[^a-z0-9]+", "_", raw.lower()).strip("_")
    return "" if id_problem(candidate) else candidate


def _short(raw: str) -> str:
    return raw if len(raw) <= 80 else raw[:77] + "…"


def _stripped_span(raw: str, stripped: str, span: SourceSpan) -> SourceSpan:
    lead = len(raw) - len(raw.lstrip())
    if "\n" in raw or span.length != len(raw):
        return span
    return SourceSpan(
        path=span.path, line=span.line, column=span.column + lead, length=len(stripped)
    )
