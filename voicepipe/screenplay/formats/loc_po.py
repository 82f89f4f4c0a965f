"""Translation sheets as PO files, which translators' tools read: written and read by polib."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy
from voicepipe.screenplay.formats.loc_sheets import STALE, SheetRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.documents.source import SourceFile

_HASH = re.compile(r"source_hash: ([0-9a-f]{12})")


def print_po(rows: Sequence[SheetRow], language: str) -> str:
    """Write a sheet: a line's id is its `msgctxt`, a stale translation is `fuzzy`.

    Raises:
        EnvironmentFault: polib is not installed.
    """
    polib = _polib()
    file = polib.POFile(wrapwidth=0)
    file.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "MIME-Version": "1.0",
        "Language": language,
    }
    for row in rows:
        said = {"speaker": row.speaker, "direction": row.direction, "context": row.context}
        notes = [f"{name}: {words}" for name, words in said.items() if words]
        file.append(
            polib.POEntry(
                msgctxt=row.line,
                msgid=row.source,
                msgstr=row.text,
                comment="\n".join([*notes, f"source_hash: {row.source_hash}"]),
                occurrences=[(row.place[0], str(row.place[1]))],
                flags=["fuzzy"] if row.status == STALE else [],
            )
        )
    return f"{file}\n"


def read_po(source: SourceFile) -> list[SheetRow]:
    """Read a sheet as it comes back.

    Raises:
        ValueError: It is not a PO file.
        EnvironmentFault: polib is not installed.
    """
    polib = _polib()
    try:
        # A text of one line could be taken for the name of a file.
        file = polib.pofile(source.text + "\n\n")
    except (OSError, UnicodeError, ValueError) as error:
        raise ValueError(f"{source.path}: not a PO file: {error}") from error
    return [
        SheetRow(
            line=entry.msgctxt or "",
            text=entry.msgstr.strip(),
            source_hash=found[1] if (found := _HASH.search(entry.comment)) else "",
            source=entry.msgid,
            status=STALE if "fuzzy" in entry.flags else "",
        )
        for entry in file
        if not entry.obsolete and entry.msgctxt
    ]


def _polib() -> Any:  # noqa: ANN401 - a module
    try:
        import polib  # noqa: PLC0415 - only translators' sheets need it
    except ImportError as error:
        raise EnvironmentFault(
            "PO files need polib, which is not installed", remedy=install_remedy("loc")
        ) from error
    return polib
