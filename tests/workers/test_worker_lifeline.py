"""A worker looks for its parent by itself."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from voicepipe import child_processes as lifeline

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _own_ctrl_c() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="there, a handle is waited for")
@pytest.mark.usefixtures("_own_ctrl_c")
def test_an_orphan_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    codes: list[int] = []

    def leave(code: int) -> None:
        codes.append(code)
        ended.set()

    monkeypatch.setattr(os, "_exit", leave)
    lifeline.tie_to_parent(os.getpid())  # never our own parent: as if it had died
    assert ended.wait(5)
    assert codes == [1]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.skipif(sys.platform == "win32", reason="there, a handle is waited for")
@pytest.mark.usefixtures("_own_ctrl_c")
def test_a_child_stays_as_long_as_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    parents = iter([7, 7, 1, 1])
    monkeypatch.setattr(os, "getppid", lambda: next(parents, 1))
    monkeypatch.setattr(lifeline, "_LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(os, "_exit", lambda _: ended.set())
    lifeline.tie_to_parent(7)
    assert ended.wait(5)
    assert next(parents) == 1  # looked three times, not less and not more
