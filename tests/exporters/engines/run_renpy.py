"""Starts Debian's Ren'Py 8.0 under a newer Python than it was written for.

Its trees of code hold line numbers that end before they begin, which Python refuses since 3.11:
they are put right before they are compiled. Usage: python run_renpy.py RENPY.PY GAME COMMAND …
"""

from __future__ import annotations

import ast
import builtins
import runpy
import sys
from typing import Any

_compile = builtins.compile


def _mended(source: Any, *arguments: Any, **options: Any) -> Any:
    if isinstance(source, ast.AST):
        for node in ast.walk(source):
            line, end = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
            if line is not None and (end is None or end < line):
                node.end_lineno, node.end_col_offset = line, node.col_offset  # type: ignore[attr-defined]
    return _compile(source, *arguments, **options)


if __name__ == "__main__":
    builtins.compile = _mended
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
