"""Loaded before workers are forked: memory that takes its time to make, and who made it."""

from __future__ import annotations

import os

import numpy as np

HELD_MIB = 64
HELD = np.full(HELD_MIB << 20, 7, np.uint8)
MADE_BY = os.getpid()
