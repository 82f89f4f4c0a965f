"""The command run on a project, in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import run


class Shell:
    """Runs the command in this process."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capfd
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        with pytest.raises(SystemExit) as ended:
            run(["-C", str(self.root), *words])
        self.out, self.err = self._capture.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    def document(self, *words: str) -> dict[str, Any]:
        self(*words, "--json")
        found: dict[str, Any] = json.loads(self.out)
        return found
