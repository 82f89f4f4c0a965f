"""Exports as tests make them: by the pipeline's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicepipe.pipeline.export_reading import check_export
from voicepipe.pipeline.exporting import ExportRequest, prepare_export, write_prepared
from voicepipe.settings_export import ExportSettings

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.exporters.writing import Written
    from voicepipe.pipeline.exporting import PreparedExport


def prepared(
    root: Path, target: str, folder: Path | None = None, **settings: Any
) -> PreparedExport:
    """Work an export out."""
    return prepare_export(
        root, ExportRequest(target=ExportSettings(target=target, **settings), folder=folder)
    )


def exported(
    root: Path, target: str, folder: Path | None = None, *, replaces: bool = False, **settings: Any
) -> Written:
    """Write an export."""
    return write_prepared(prepared(root, target, folder, **settings), replaces=replaces)


def faults(root: Path, target: str, folder: Path | None = None, **settings: Any) -> list[str]:
    """Read an export back: `code message` of each finding."""
    found = check_export(prepared(root, target, folder, **settings))
    return [f"{one.code} {one.message}" for one in found]


def tree(folder: Path) -> dict[str, bytes]:
    """Give every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
