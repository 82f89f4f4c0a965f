"""Loaded before workers are forked: it never ends."""

from __future__ import annotations

import time

time.sleep(600)
