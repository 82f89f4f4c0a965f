"""The glossary that people read is the one that is kept with the code."""

from __future__ import annotations

import re

from doc_pages import text_of

import voicepipe

_TERM = re.compile(r"^- ([^:]+): (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| (?!word|---)([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_the_page_shows_the_glossary_of_the_code() -> None:
    assert voicepipe.__doc__
    kept = _TERM.findall(voicepipe.__doc__)
    assert len(kept) > 30
    assert _ROW.findall(text_of("docs/reference/glossary.md")) == kept


def test_every_word_means_one_thing() -> None:
    assert voicepipe.__doc__
    words = [word for word, _ in _TERM.findall(voicepipe.__doc__)]
    assert len(set(words)) == len(words)
