"""What documents call by name exists: paths, modules, functions, records, diagnostics."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest
from doc_pages import PAGES, ROOT, name_of, text_of

from voicepipe.diagnostics import CodeInfo
from voicepipe.pipeline.codes import all_codes

_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:voicepipe|cli|tests|benchmarks|tiny|locks|examples|docs)/[\w./-]*")
_DOTTED = re.compile(r"(?:voicepipe|cli|benchmarks|tiny)(?:\.[a-z_0-9]+)+")
_RECORD = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+|[A-Z]\w+\.[a-z_]+")
_DIAGNOSTIC = re.compile(r"\bVP\d{3}\b")
ARCHITECTURE = "docs/architecture.md"
FOREIGN = {"GitHub", "OpenJTalk"}
"""Names in code letters that are other people's."""


@lru_cache(maxsize=1)
def _defined() -> dict[str, set[str]]:
    """Module path → the functions, classes and `Class.method`s it defines."""
    return {
        path.relative_to(ROOT).as_posix(): _names(ast.parse(path.read_text("utf-8")))
        for top in ("voicepipe", "cli")
        for path in (ROOT / top).rglob("*.py")
    }


def _names(tree: ast.Module) -> set[str]:
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{m.name}" for m in node.body if isinstance(m, ast.FunctionDef)}
    return names


def _rows(heading: str) -> list[list[str]]:
    """Give the rows of the first table under a heading of the architecture page."""
    section = text_of(ARCHITECTURE).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = section[section.index("|") :].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # it tells of what was
    for code in _CODE.findall(page.read_text("utf-8")):
        if _PATH.fullmatch(code) and "NNN" not in code:
            assert (ROOT / code).exists(), f"{name_of(page)} names `{code}`"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    for dotted in _DOTTED.findall(" ".join(_CODE.findall(page.read_text("utf-8")))):
        if dotted == "voicepipe.yaml":
            continue
        path = ROOT / dotted.replace(".", "/")
        is_there = path.is_dir() or path.with_suffix(".py").is_file()
        assert is_there, f"{name_of(page)} names `{dotted}`"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_diagnostic_that_a_page_names_exists(page: Path) -> None:
    codes: dict[str, CodeInfo] = dict(all_codes())
    if "add-a-diagnostic" in page.name:
        codes |= dict.fromkeys(("VP699",), next(iter(codes.values())))  # the toy of that page
    assert set(_DIAGNOSTIC.findall(page.read_text("utf-8"))) <= codes.keys()


def test_every_record_that_the_architecture_names_exists() -> None:
    known = set().union(*_defined().values()) | FOREIGN
    named = {code for code in _CODE.findall(text_of(ARCHITECTURE)) if _RECORD.fullmatch(code)}
    assert len(named) >= 25
    assert named <= known, f"no such thing: {sorted(named - known)}"


def test_the_way_of_a_line_is_told_with_the_real_names() -> None:
    rows = _rows("The way of one line's text from file to WAV")
    assert len(rows) > 20
    for what, function, where, _ in rows:
        name, path = function.strip("`"), where.strip("`")
        assert name in _defined()[path], f'"{what}": {path} has no {name}'
