"""The documents of the repository, and what stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    sorted(
        [
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "examples").rglob("*.md"),
        ]
    )
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block."""

    page: str
    """From the repository's root."""
    kind: str
    """As written behind the opening fence; may be empty."""
    text: str


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks_of(page: Path, kind: str = "") -> list[Block]:
    """Give the fenced blocks of a page; with a kind, only those."""
    found = [
        Block(page=name_of(page), kind=match[1], text=match[2])
        for match in _FENCE.finditer(page.read_text("utf-8"))
    ]
    return [block for block in found if not kind or block.kind == kind]


def prose_of(page: Path) -> str:
    """Give a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors_of(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as forges make them."""
    anchors = set()
    for heading in _HEADING.findall(prose_of(page)):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        anchors.add(plain.replace(" ", "-"))
    return anchors
