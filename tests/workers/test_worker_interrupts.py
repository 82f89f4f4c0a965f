"""Ctrl-C that falls where Python drops exceptions."""

from __future__ import annotations

import contextlib
import signal
import threading

import pytest

from voicepipe.workers.interrupts import remembered_interrupts


def test_an_interrupt_that_was_swallowed_is_raised_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with remembered_interrupts() as raise_if_asked:
        raise_if_asked()
        with contextlib.suppress(KeyboardInterrupt):  # as a destructor would
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            raise_if_asked()
    assert signal.getsignal(signal.SIGINT) is before


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with remembered_interrupts() as raise_if_asked:
            signal.raise_signal(signal.SIGINT)
            raise_if_asked()
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_ask_for_no_signals() -> None:
    outcome: list[str] = []

    def work() -> None:
        with remembered_interrupts() as raise_if_asked:
            raise_if_asked()
            outcome.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert outcome == ["done"]
