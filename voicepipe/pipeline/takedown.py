"""The takedown list: published and exported files of a revoked voice, for a person to remove."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson

from voicepipe.bank.files import write_atomic

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.revocation import PublishedFile
    from voicepipe.hashing import Json
    from voicepipe.pipeline.revoked_exports import Copies, ExportedFile

TAKEDOWN_SCHEMA = 1
_COLUMNS = ("bank", "version", "file", "sha256", "line", "language")


def published_rows(files: Sequence[PublishedFile], out: Path) -> list[dict[str, Json]]:
    """Describe published files for the lists; `path` is relative to the output folder."""
    return [
        {
            "bank": file.bank,
            "version": file.version,
            "file": file.file,
            "path": file.path.relative_to(out).as_posix(),
            "sha256": file.sha256,
            "line": file.line,
            "language": file.language,
        }
        for file in files
    ]


def exported_rows(files: Sequence[ExportedFile], root: Path) -> list[dict[str, Json]]:
    """Describe exported files for the lists; `path` is relative to the project where it is in it.

    Their `version` is the export they belong to.
    """
    return [
        {
            "bank": "",
            "version": f"export {file.export}",
            "file": file.file,
            "path": _shown(file.path, root),
            "sha256": file.sha256,
            "line": file.line,
            "language": file.language,
        }
        for file in files
    ]


def _shown(path: Path, root: Path) -> str:
    inside = path.is_relative_to(root)
    return path.relative_to(root).as_posix() if inside else path.as_posix()


def write_takedown(
    root: Path,
    out: Path,
    voice: str,
    date: datetime.date,
    published: Sequence[PublishedFile],
    copies: Copies,
) -> tuple[Path, Path]:
    """Write the list as CSV and JSON into the output folder.

    Raises:
        EnvironmentFault: One cannot be written.
    """
    rows, exports = published_rows(published, out), exported_rows(copies.files, root)
    stem = f"revocation-{voice}-{date}"
    as_csv, as_json = out / f"{stem}.csv", out / f"{stem}.json"
    write_atomic(out, as_csv, _csv([*rows, *exports]))
    document: dict[str, Json] = {
        "schema": TAKEDOWN_SCHEMA,
        "voice": voice,
        "date": str(date),
        "files": rows,
        "exported": exports,
        "unreachable": [asdict(one) for one in copies.unreachable],
    }
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    write_atomic(out, as_json, content + b"\n")
    return as_csv, as_json


def _csv(rows: Sequence[Mapping[str, Json]]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8")
