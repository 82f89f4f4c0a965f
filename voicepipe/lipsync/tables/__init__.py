"""Data files of lip-sync, read once each.

`sounds.json` says which mouth sounds each phoneme of a language is made of; the others say how a
set of mouths shows each sound.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from voicepipe.documents.shipped_tables import shipped_table

table: Final = partial(shipped_table, __name__)
