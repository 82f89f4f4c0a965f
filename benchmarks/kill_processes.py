"""The processes that a campaign of kills starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

_CODE = Path(__file__).parents[1]
_FRESH = """\
import os, sys
import cli.main, voicepipe.model_store.importing, voicepipe.model_store.pull
os.write(1, b".")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
cli.main.run(sys.argv[1:])
"""
"""What an interpreter of its own runs: it says when it has loaded what the command needs."""


def fork(root: Path, words: Sequence[str]) -> int:
    """Start a command in a copy of this process, which has loaded it."""
    child = os.fork()
    if child == 0:
        _become(root, words)
    return child


def spawn(root: Path, words: Sequence[str]) -> int:
    """Start a command that loads torch in an interpreter of its own; wait until it has loaded it.

    A fork would share torch's threads and locks with this process, of which a child has only what
    one thread held.
    """
    heard, said = os.pipe()
    arguments = [sys.executable, "-c", _FRESH, "-C", str(root), *words]
    places = os.pathsep.join(filter(None, (str(_CODE), os.environ.get("PYTHONPATH", ""))))
    child = os.posix_spawn(
        sys.executable,
        arguments,
        {**os.environ, "PYTHONPATH": places},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, said, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
    )
    os.close(said)
    os.read(heard, 1)
    os.close(heard)
    return child


def _become(root: Path, words: Sequence[str]) -> NoReturn:
    from cli.main import run  # noqa: PLC0415

    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)
    sys.argv = ["voicepipe", "-C", str(root), *words]
    try:
        run()
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    except BaseException:  # noqa: BLE001 - a fork must never go on as its parent would
        os._exit(70)
    os._exit(0)
