"""Data files of the front end, read once each; `SOURCES.md` says where each comes from."""

from __future__ import annotations

from functools import partial
from typing import Final

from voicepipe.documents.shipped_tables import shipped_table

table: Final = partial(shipped_table, __name__)
