"""Documents can be read anywhere: links lead somewhere, lines are short, advice is ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from doc_pages import PAGES, ROOT, anchors_of, name_of, prose_of, text_of

WIDEST = 120
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PAGE_IN_CODE = re.compile(r"\bdocs/[\w/-]+\.(?:md|json)\b")
_INDEX_INSTALL = re.compile(r"""pip install (?:-\S+ )*["'`]?voicepipe\b""")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in _LINK.findall(prose_of(page)):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = page if not path else (page.parent / path).resolve()
        assert target.exists(), f"{name_of(page)}: {link} leads nowhere"
        if anchor:
            assert anchor in anchors_of(target), f"{name_of(page)}: {link} has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_lines_are_no_wider_than_a_window(page: Path) -> None:
    # A row of a table cannot be broken in Markdown.
    lines = enumerate(page.read_text("utf-8").splitlines(), start=1)
    wide = [n for n, line in lines if len(line) > WIDEST and not line.startswith("|")]
    assert not wide, f"{name_of(page)}: lines {wide} are wider than {WIDEST}"


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs/README.md"
    linked = {
        (index.parent / link.partition("#")[0]).resolve()
        for link in _LINK.findall(index.read_text("utf-8"))
    }
    assert {page for page in (ROOT / "docs").rglob("*.md") if page != index} <= linked
    assert set((ROOT / "docs/schemas").glob("*.json")) <= linked


def test_messages_and_comments_name_pages_that_exist() -> None:
    sources = [
        path
        for top in ("cli", "voicepipe", "tests", "benchmarks", "tiny", "voices", "scripts_in")
        for path in (ROOT / top).rglob("*")
        if path.suffix in {".py", ".yaml"}
    ]
    named = {
        (page, source)
        for source in sources
        for page in _PAGE_IN_CODE.findall(source.read_text("utf-8"))
    }
    assert named
    for page, source in named:
        assert (ROOT / page).is_file(), f"{name_of(source)} names {page}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_nobody_is_sent_to_an_index_for_voicepipe(page: Path) -> None:
    # The index has a package of that name that is not this one.
    assert not _INDEX_INSTALL.search(text_of(name_of(page)))
