"""Figures that are written alike in several languages, however they are said."""

from __future__ import annotations

import re
from typing import Final

MONTH_FIRST_DATE: Final = re.compile(
    r"(?<![\d/])(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])/(?P<y>\d{4})(?!\d)"
)
TIME_OF_DAY: Final = re.compile(
    r"(?<![\d:])([01]?\d|2[0-4])[:：]([0-5]\d)(?:[:：]([0-5]\d))?(?![\d:：])"
)
"""Hour, minute and perhaps second."""
DOLLARS_AND_CENTS: Final = re.compile(r"[$＄](\d+)\.(\d\d)(?!\d)")
MINUS_SIGN: Final = re.compile(r"(?<![\dA-Za-z])[-−](?=\d)")
"""Before a number that is below zero."""
