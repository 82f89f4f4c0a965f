"""The moment things happen, as every record writes it."""

from __future__ import annotations

import datetime


def utc_now() -> str:
    """Now in UTC: ISO 8601, whole seconds, ending in `Z`."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
