"""Writing missing ids into script files: whole or not at all, and never over someone's edit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.documents.replacing import replace_file
from voicepipe.documents.source import read_source
from voicepipe.screenplay.ids.insertion import insert_ids, only_ids_were_added

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.values import ScriptLanguages
    from voicepipe.screenplay.ids.numbering import IdProposal

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """What became of one script."""

    path: str
    n_ids: int
    problem: str = ""
    """Why the file was left as it is; empty when it was written."""


def write_ids(
    root: Path, proposals: Sequence[IdProposal], languages: ScriptLanguages
) -> tuple[WrittenFile, ...]:
    """Write proposed ids into the scripts they belong to.

    Each file is written aside and takes the place of the old one in a single step, after the new
    text has been read again and found to say the same with just these ids more. No backup is kept:
    the insertion is all that differs.

    Args:
        root: The project root.
        proposals: As `propose_ids` gives them.
        languages: Which languages the scripts may hold.

    Returns:
        One result a file, sorted by path.

    Raises:
        OSError: A file cannot be written; those before it in the order are done.
    """
    by_path: dict[str, list[IdProposal]] = {}
    for proposal in proposals:
        by_path.setdefault(proposal.span.path, []).append(proposal)
    return tuple(
        WrittenFile(path=path, n_ids=len(wanted), problem=_write(root, path, wanted, languages))
        for path, wanted in sorted(by_path.items())
    )


def _write(
    root: Path, path: str, proposals: Sequence[IdProposal], languages: ScriptLanguages
) -> str:
    source, problems = read_source(root, path)
    if source is None:
        return problems[0].message
    changed = replace(source, text=insert_ids(source, proposals))
    if not only_ids_were_added(source, changed, proposals, languages):
        return "the ids do not fit in without changing something else; write them by hand"
    real = (root / path).resolve()
    if real.read_bytes() != bytes_of(source):
        return "the file has changed meanwhile; run the command again"
    replace_file(real, bytes_of(changed))
    return ""


def bytes_of(source: SourceFile) -> bytes:
    """Give a file's text as it stands on the disk."""
    return (_BOM if source.has_bom else b"") + source.text.encode("utf-8")
