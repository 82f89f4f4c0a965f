"""A process that loads files one after the other, and says what each came to and what all took."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.reading import load_checkpoint


def main(folder: Path) -> None:
    before = _most_memory_kb()
    said = {path.name: _answer(path) for path in sorted(folder.iterdir())}
    json.dump({"said": said, "grown_kb": _most_memory_kb() - before}, sys.stdout)


def _answer(path: Path) -> str:
    try:
        load_checkpoint(path)
    except CheckpointError as error:
        return error.message
    return "loaded"


def _most_memory_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
