"""The import statements of a file, read once a process: many rules ask for the same ones."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Statement = ast.Import | ast.ImportFrom


@cache
def imports_of(path: Path) -> tuple[Statement, ...]:
    """List the import statements anywhere in a file, those for typing and in functions included."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
