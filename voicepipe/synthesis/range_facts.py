"""When a reference clip sets how lively a voice is, and what a request says of it (torch-free)."""

from __future__ import annotations

from typing import Final

RANGE_REVISION: Final = 1
"""Raised when the same clip would set a melody's range otherwise."""
RANGE_FACT: Final = "range_revision"
"""What a request's engine facts call it; absent where melodies stay as the network says them."""
