"""Loaded before workers are forked: a library that starts a thread when it is loaded."""

from __future__ import annotations

import threading

import held_memory

assert held_memory.HELD_MIB  # what a fork would have
threading.Thread(target=threading.Event().wait, daemon=True).start()
