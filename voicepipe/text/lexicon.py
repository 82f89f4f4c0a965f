"""The project's pronunciations: words and how they are said, for everyone or one speaker."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.documents.findings import Findings
from voicepipe.documents.source import read_source
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, node_span, parse_yaml
from voicepipe.errors import UsageError
from voicepipe.text.codes import BAD_SHAPE, UNKNOWN_LANGUAGE, UNKNOWN_NOTATION, UNREADABLE_SOUND
from voicepipe.text.languages import Language, language_of
from voicepipe.text.prepare import prepare
from voicepipe.text.spelling import Notation, Spelling, SpellingError, parse_spelling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode

LEXICON_FILE = "lexicon.yaml"
_SPEAKERS = "speakers"
_LATIN = "A-Za-zÀ-ÖØ-öø-ÿĀ-ſ"


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconEntry:
    """One word and how it is said."""

    word: str
    """Latin words match whole and in any case, unless written in capitals only; others match
    wherever their characters stand, the longest first."""
    language: Language
    spelling: Spelling
    speaker: str = ""
    """Empty: for everyone."""
    span: SourceSpan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconMatch:
    """Where an entry's word stands in a text."""

    start: int
    end: int
    entry: LexiconEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All entries of a project; an empty one changes nothing."""

    entries: tuple[LexiconEntry, ...] = ()
    _index: Mapping[tuple[Language, str], tuple[tuple[str, LexiconEntry], ...]] = field(
        init=False, repr=False, compare=False
    )
    """What each speaker hears in each language, in the order words are looked for, each behind its
    word in small letters."""

    def __post_init__(self) -> None:
        order = sorted(
            self.entries, key=lambda entry: (-len(entry.word), entry.speaker == "", entry.word)
        )
        index = {
            (language, speaker): tuple(
                (entry.word.casefold(), entry)
                for entry in order
                if entry.language is language and entry.speaker in {"", speaker}
            )
            for language in Language
            for speaker in {"", *(entry.speaker for entry in self.entries)}
        }
        object.__setattr__(self, "_index", index)

    def find(self, text: str, language: Language, speaker: str = "") -> tuple[LexiconMatch, ...]:
        """Find the words of one language that a text uses.

        Args:
            text: As written.
            language: Whose entries to look for.
            speaker: Whose own entries win over everyone's.

        Returns:
            Matches in order of appearance; they don't overlap, and the longest word wins.
        """
        heard = self._index.get((language, speaker), self._index[language, ""])
        if not heard:
            return ()
        folded = text.casefold()
        taken = [False] * len(text)
        matches = []
        for word, entry in heard:
            if word not in folded:
                continue
            for start, end in _occurrences(entry.word, text):
                if not any(taken[start:end]):
                    taken[start:end] = [True] * (end - start)
                    matches.append(LexiconMatch(start=start, end=end, entry=entry))
        return tuple(sorted(matches, key=lambda match: match.start))


EMPTY_LEXICON = Lexicon()


def _occurrences(word: str, text: str) -> Iterator[tuple[int, int]]:
    flags = 0 if word.isupper() and len(word) > 1 else re.IGNORECASE
    before = f"(?<![{_LATIN}])" if re.match(f"[{_LATIN}]", word) else ""
    after = f"(?![{_LATIN}])" if re.search(f"[{_LATIN}]$", word) else ""
    for match in re.finditer(before + re.escape(word) + after, text, flags):
        yield match.span()


def load_lexicon(root: Path, path: str = LEXICON_FILE) -> tuple[Lexicon, tuple[Diagnostic, ...]]:
    """Read the project's lexicon.

    Args:
        root: The project folder.
        path: Relative to it, with forward slashes.

    Returns:
        What could be read, and everything that could not. No file is an empty lexicon.
    """
    if not (root / path).exists():
        return EMPTY_LEXICON, ()
    source, diagnostics = read_source(root, path)
    if source is None:
        return EMPTY_LEXICON, diagnostics
    lexicon, findings = parse_lexicon(source)
    return lexicon, (*diagnostics, *findings)


def parse_lexicon(source: SourceFile) -> tuple[Lexicon, tuple[Diagnostic, ...]]:
    """Read a lexicon's text; wrong entries are reported and left out."""
    documents, diagnostics = parse_yaml(source)
    findings = Findings()
    findings.extend(diagnostics)
    reader = _Reader(source, findings)
    entries = tuple(entry for document in documents for entry in reader.entries(document))
    return Lexicon(entries=entries), findings.diagnostics()


class _Reader:
    """Walks the tree and notes what does not fit."""

    def __init__(self, source: SourceFile, findings: Findings) -> None:
        self._source = source
        self._findings = findings

    def entries(self, document: YamlNode) -> Iterator[LexiconEntry]:
        for key, section in self._pairs(document, "languages"):
            if key.value != _SPEAKERS:
                yield from self._language(key, section, speaker="")
                continue
            for speaker, languages in self._pairs(section, "speakers"):
                for language, words in self._pairs(languages, "languages"):
                    yield from self._language(language, words, speaker=speaker.value)

    def _language(
        self, key: YamlScalar, section: YamlNode, *, speaker: str
    ) -> Iterator[LexiconEntry]:
        try:
            language = language_of(key.value)
        except UsageError as error:
            span = node_span(self._source, key)
            self._findings.add(UNKNOWN_LANGUAGE, span, error.message, error.remedy)
            return
        for word, said in self._pairs(section, "words"):
            spelling = self._spelling(said, language)
            if spelling and word.value.strip():
                yield LexiconEntry(
                    # Lines are looked at after they are prepared, so words are prepared too.
                    word=prepare(word.value.strip()),
                    language=language,
                    spelling=spelling,
                    speaker=speaker,
                    span=node_span(self._source, word),
                )

    def _pairs(self, node: YamlNode, what: str) -> Iterator[tuple[YamlScalar, YamlNode]]:
        if isinstance(node, YamlMapping):
            yield from node.entries.values()
        elif not (isinstance(node, YamlScalar) and node.is_null):
            span = node_span(self._source, node)
            self._findings.add(BAD_SHAPE, span, f"{what} belong here, each with a value", "")

    def _spelling(self, node: YamlNode, language: Language) -> Spelling | None:
        if isinstance(node, YamlScalar):
            return self._parse(node, language, None)
        pairs = list(node.entries.values()) if isinstance(node, YamlMapping) else []
        written = pairs[0][1] if len(pairs) == 1 else None
        if not isinstance(written, YamlScalar):
            span = node_span(self._source, node)
            remedy = "write word: MAH-ree-oh, or word: {ipa: ˈmɑːrioʊ}"
            self._findings.add(BAD_SHAPE, span, "one pronunciation belongs here", remedy)
            return None
        name = pairs[0][0]
        known = [notation.value for notation in Notation]
        if name.value not in known:
            span = node_span(self._source, name)
            message = f'"{name.value}" is not a way of writing sounds'
            self._findings.add(UNKNOWN_NOTATION, span, message, f"use one of {', '.join(known)}")
            return None
        return self._parse(written, language, Notation(name.value))

    def _parse(
        self, node: YamlScalar, language: Language, notation: Notation | None
    ) -> Spelling | None:
        try:
            return parse_spelling(node.value, language, notation)
        except SpellingError as error:
            span = node_span(self._source, node)
            self._findings.add(UNREADABLE_SOUND, span, error.message, error.remedy)
            return None
