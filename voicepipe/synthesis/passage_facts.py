"""When a passage of a reference clip leads a line, and what a request says of it (torch-free)."""

from __future__ import annotations

from typing import Final

PASSAGE_REVISION: Final = 1
"""Raised when another passage of the same clip would be chosen."""
PASSAGE_FACT: Final = "passage_revision"
"""What a request's engine facts call it; absent where whole clips lead."""
LONGEST_S: Final = 6.0
"""A clip that is no longer leads its lines whole."""
