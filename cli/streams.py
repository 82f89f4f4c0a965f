"""The standard streams: always there, able to hold any text, and honest when they fail."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterator


def prepare() -> None:
    """Put a sink where a stream is closed, and escape what a terminal's encoding cannot hold.

    A closed stream's number would otherwise go to the next file that is opened, and whatever
    a worker prints would end up in it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, _sink(number))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _sink(number: int) -> io.TextIOWrapper:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    os.set_inheritable(number, True)
    return open(number, "w" if number else "r", encoding="utf-8", closefd=False)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Say what became of an answer that could not be written.

    A reader that has seen enough, as `head` has, is no fault: the rest goes nowhere, and the
    command ends as it would have.

    Raises:
        EnvironmentFault: The disk is full.
    """
    try:
        yield
    except BrokenPipeError:
        _discard()
    except OSError as error:
        _discard()
        raise EnvironmentFault(
            f"the answer cannot be written: {error.strerror or error}",
            remedy="make room, or send it elsewhere",
        ) from error


def finish() -> None:
    """Write out what is still held back.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    with writing():
        sys.stdout.flush()


def _discard() -> None:
    """Let what is still held back go nowhere: Python would complain of it when it ends."""
    with contextlib.suppress(OSError, ValueError):
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)
