"""YAML as a tree of raw text, with a place for every key and value.

Scalars are never interpreted: `no`, `3.10` and `on` are what they look like.
The tree is lean on purpose: a hundred thousand lines of dialogue are a million
nodes, so places are numbers, and spans are made when somebody asks.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from voicepipe.documents.codes import (
    DUPLICATE_KEY,
    FORBIDDEN_CHARACTER,
    MALFORMED_YAML,
    REFUSED_YAML,
    TOO_DEEP,
    TOO_LONG,
)
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import MAX_VALUE_LENGTH, forbidden_character

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.documents.source import SourceFile

MAX_DEPTH: Final = 50
"""Levels of nesting; real documents have fewer than ten."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUOTED: Final = ("'", '"')
_COMMENT: Final = re.compile(r"\s+#")
_NULLS: Final = ("", "~", "null")


class YamlScalar(NamedTuple):
    """A piece of text."""

    value: str
    line: int
    column: int
    """Of the first character, after an opening quotation mark."""
    length: int
    """Code points on the first line, quotation marks left out."""
    is_null: bool
    """Written as nothing at all, `~` or `null`, without quotes."""


class YamlSequence(NamedTuple):
    """A list."""

    items: list[YamlNode]
    line: int
    column: int


class YamlMapping(NamedTuple):
    """Keys and values, in the order they are written."""

    entries: dict[str, tuple[YamlScalar, YamlNode]]
    line: int
    column: int

    def get(self, key: str) -> YamlNode | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry[1]


YamlNode = YamlScalar | YamlSequence | YamlMapping
_Entries = dict[str, tuple[YamlScalar, YamlNode]]
_Frame = tuple[_Entries | None, list[YamlNode], YamlNode | None, int, int]
# Making a NamedTuple through its own __new__ costs three times as much.
_new: Final = tuple.__new__


def node_span(source: SourceFile, node: YamlNode) -> SourceSpan:
    """The place of a node: of a mapping or list, the place of its first character."""
    length = node.length if isinstance(node, YamlScalar) else 1
    return source.span(node.line, node.column, length)


def comment_after(lines: Sequence[str], scalar: YamlScalar) -> tuple[int, int, int] | None:
    """Find a comment that ends an unquoted text, on its first line or on a later one.

    Args:
        lines: The lines of the file it was read from.
        scalar: The text.

    Returns:
        Line, column and length of the comment, its `#` included; None where nothing was cut off,
        and for quoted texts and blocks, which hold every `#` themselves.
    """
    number, column = scalar.line, scalar.column - 1
    line = lines[number - 1]
    if line[column - 1 : column] in _QUOTED or line[column : column + 1] in ("|", ">"):
        return None
    end = column + scalar.length
    if line[column:end] != scalar.value:
        # It goes on over several lines, which YAML joins by single spaces.
        n_words = len(scalar.value.split())
        while True:
            end = _end_before_comment(line, column)
            n_words -= len(line[column:end].split())
            if n_words <= 0 or number == len(lines):
                break
            number, column, line = number + 1, 0, lines[number]
    found = _COMMENT.match(line, end)
    if found is None:
        return None
    return number, found.end(), len(line.rstrip()) - found.end() + 1


def _end_before_comment(line: str, start: int) -> int:
    found = _COMMENT.search(line, start)
    return len(line) if found is None else found.start()


def parse_yaml(source: SourceFile) -> tuple[tuple[YamlNode, ...], tuple[Diagnostic, ...]]:
    """Read every document of a YAML file.

    Args:
        source: The file.

    Returns:
        One tree for each document that is not empty, up to the first place where reading cannot go
        on; and what is wrong. Anchors, aliases, tags and duplicate keys are reported and left out.
    """
    findings = Findings()
    documents = tuple(iter_documents(source, findings))
    return documents, findings.diagnostics()


def iter_documents(source: SourceFile, findings: Findings) -> Iterator[YamlNode]:
    """Read the documents of a YAML file one by one, so that only one is in memory.

    Args:
        source: The file.
        findings: Told what is wrong, before the document it is in is yielded.

    Yields:
        As `parse_yaml` returns.
    """
    builder = _TreeBuilder(source, findings)
    try:
        yield from builder.documents(_LOADER(source.text).get_event)
    except yaml.YAMLError as error:
        builder.malformed(error)


class _TreeBuilder:
    """Turns events into trees without recursion, so that no nesting can exhaust the stack."""

    def __init__(self, source: SourceFile, findings: Findings) -> None:
        self._findings = findings
        self._source = source

    # One loop without calls on purpose: it runs a million times for a large script.
    def documents(self, next_event: Callable[[], Any]) -> Iterator[YamlNode]:  # noqa: C901, PLR0912, PLR0915
        """Yield each document that is not empty."""
        names: dict[str, str] = {}
        # What is open around the current node: (entries or None, items, key, line, column).
        around: list[_Frame] = []
        entries: _Entries | None = None
        items: list[YamlNode] = []
        key: YamlNode | None = None
        line = column = 0
        node: YamlNode
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is ScalarEvent:
                node = self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                around.append((entries, items, key, line, column))
                line, column = event.start_mark.line + 1, event.start_mark.column + 1
                if event.anchor is not None or event.tag is not None:
                    self._refuse_decoration(event)
                if len(around) > MAX_DEPTH:
                    self._too_deep(line, column)
                    return
                entries, items, key = ({} if kind is MappingStartEvent else None), [], None
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                if entries is None:
                    node = YamlSequence(items, line, column)
                else:
                    node = YamlMapping(entries, line, column)
                entries, items, key, line, column = around.pop()
            elif kind is AliasEvent:
                node = self._alias(event)
            else:
                if kind is DocumentStartEvent and event.tags:
                    self._refuse(event, "a %TAG directive")
                continue
            if not around:
                if not (isinstance(node, YamlScalar) and node.is_null):
                    yield node
            elif entries is None:
                items.append(node)
            elif key is None:
                key = node
            elif type(key) is YamlScalar and (word := key[0]) not in entries:
                # The same few keys come back in every entry: keep one copy of each.
                entries[names.setdefault(word, word)] = (key, node)
                key = None
            else:
                self._refuse_key(key, entries)
                key = None

    def malformed(self, error: yaml.YAMLError) -> None:
        """Report where the text stops being YAML."""
        if not isinstance(error, yaml.MarkedYAMLError):
            # A character no YAML holds; text that was read from a file has none.
            self._findings.add(MALFORMED_YAML, self._source.span(), f"this is not YAML: {error}")
            return
        mark = error.problem_mark or error.context_mark
        place = None if mark is None else _first_too_deep(self._source.text[: mark.index])
        if place is not None:
            self._too_deep(*place)
            return
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        while_ = f" {error.context}" if error.context else ""
        remedy = "check the indentation, and put texts with brackets, `: ` or ` #` in quotes"
        if any("\t" in text[:column] for text in self._source.lines()[line - 1 : line]):
            remedy = "YAML is indented with spaces; replace the tab at the beginning of the line"
        message = f"this is not YAML{while_}: {error.problem}"
        self._findings.add(MALFORMED_YAML, self._source.span(line, column), message, remedy)

    def _scalar(self, event: Any) -> YamlScalar:  # noqa: ANN401 - see _alias
        mark, end, value, style = event.start_mark, event.end_mark, event.value, event.style
        line, column = mark.line, mark.column
        length = end.column - column if end.line == line else 1
        is_null = False
        if style in _QUOTED:
            column += 1
            length -= 2
        elif not style:
            is_null = value in _NULLS
        if event.anchor is not None or event.tag is not None:
            self._refuse_decoration(event)
        if len(value) > MAX_VALUE_LENGTH:
            self._too_long(event, len(value))
            value = ""
        if style == '"' and forbidden_character(value):
            self._forbidden(event)
            value = ""
        fields = (value, line + 1, column + 1, length if length > 0 else 1, is_null)
        return _new(YamlScalar, fields)

    def _alias(self, event: Any) -> YamlScalar:  # noqa: ANN401 - events of both loaders, C and Python
        self._refuse(event, f'the alias "*{event.anchor}"')
        return YamlScalar("", event.start_mark.line + 1, event.start_mark.column + 1, 1, True)

    def _refuse_key(self, key: YamlNode, entries: _Entries) -> None:
        span = node_span(self._source, key)
        if isinstance(key, YamlScalar):
            message = f'the key "{key.value}" is already given in line {entries[key.value][0].line}'
            self._findings.add(DUPLICATE_KEY, span, message, "remove one")
        else:
            remedy = 'a text that begins with a brace or bracket goes in quotes: "{player}, wait"'
            self._findings.add(REFUSED_YAML, span, "a key that is not plain text", remedy)

    def _refuse_decoration(self, event: Any) -> None:  # noqa: ANN401 - see _alias
        if event.anchor is not None:
            self._refuse(event, f'the anchor "&{event.anchor}"')
        if event.tag is not None:
            self._refuse(event, f'the tag "{event.tag}"')

    def _refuse(self, event: Any, what: str) -> None:  # noqa: ANN401 - see _alias
        mark = event.start_mark
        remedy = 'write it out; a text that begins with &, * or ! goes in quotes: "*sighs*"'
        span = self._source.span(mark.line + 1, mark.column + 1)
        self._findings.add(REFUSED_YAML, span, f"{what} is not used here", remedy)

    def _too_deep(self, line: int, column: int) -> None:
        span = self._source.span(line, column)
        self._findings.add(TOO_DEEP, span, f"nested deeper than {MAX_DEPTH} levels")

    def _forbidden(self, event: Any) -> None:  # noqa: ANN401 - see _alias
        span = self._source.span(event.start_mark.line + 1, event.start_mark.column + 1)
        message = "an escape for a control character, which no text may hold"
        self._findings.add(FORBIDDEN_CHARACTER, span, message, "remove it")

    def _too_long(self, event: Any, length: int) -> None:  # noqa: ANN401 - see _alias
        mark = event.start_mark
        message = f"a value of {length} characters; the limit is {MAX_VALUE_LENGTH}"
        remedy = "check that every quotation mark is closed"
        span = self._source.span(mark.line + 1, mark.column + 1)
        self._findings.add(TOO_LONG, span, message, remedy)


def _first_too_deep(text: str) -> tuple[int, int] | None:
    """Find where a text first nests deeper than `MAX_DEPTH`, given up to where reading failed.

    The library scans up to 1,024 characters ahead of the event it gives, and some releases
    refuse a nesting of their own choosing on the way (libyaml 0.2.6: 1,000 levels). Cut off
    before that refusal, the same text gives its events.

    Returns:
        Line and column of the opening, from 1; None when nothing nests that deep.
    """
    depth = 0
    next_event = _LOADER(text).get_event
    with contextlib.suppress(yaml.YAMLError):
        while (event := next_event()) is not None:
            if isinstance(event, CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    mark = event.start_mark
                    assert mark is not None, "an event that was read has a place"
                    return mark.line + 1, mark.column + 1
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
    return None
