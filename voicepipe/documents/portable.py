"""Names that every system can give to a file."""

from __future__ import annotations

import re
from typing import Final

RESERVED_PATTERN: Final = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])"
"""Names of devices, in lower case."""

_RESERVED = re.compile(RESERVED_PATTERN)


def is_reserved_name(text: str) -> bool:
    """Tell whether Windows keeps this name for itself, as `con` or `lpt1`."""
    return _RESERVED.fullmatch(text.lower()) is not None
