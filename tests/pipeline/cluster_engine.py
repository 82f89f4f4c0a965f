"""The tone engine at a walking pace, with lines that kill whoever renders them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tone_engine import ToneEngine, ToneRenderer

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicepipe.engines.protocol import Rendered
    from voicepipe.synthesis.request import SynthesisRequest

LINE_S = 0.15


class WalkingEngine(ToneEngine):
    """Its renderers read the project's settings, as a file that has to be on the node."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def for_project(cls, root: Path) -> WalkingEngine:
        return cls(root)

    def open(self, device: str, *, lines_at_once: int = 0) -> ToneRenderer:
        if not (self._root / "voicepipe.yaml").is_file():
            raise EnvironmentFault(f"{self._root}: the project's files are not here")
        return WalkingRenderer()


class WalkingRenderer(ToneRenderer):
    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        for rendered in super().render(requests):
            if "deadly" in str(rendered.request.inputs["text"]):
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(LINE_S)
            yield rendered
