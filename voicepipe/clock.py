"""The moment things happen, as every record writes it."""

from __future__ import annotations

import datetime


def utc_now() -> str:
    """Now in UTC: ISO 8601, whole seconds, ending in `Z`."""
    moment = datetime.datetime.now(datetime.timezone.utc)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def utc_today() -> datetime.date:
    """The day it is in UTC: the one consent is asked for."""
    return datetime.datetime.now(datetime.timezone.utc).date()
