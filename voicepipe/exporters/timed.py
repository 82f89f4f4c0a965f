"""Mouths and subtitles in exports: files beside a clip, and what an engine's tables say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from voicepipe.errors import UsageError
from voicepipe.exporters.protocol import ExportFault, TimedFile, TimedForm
from voicepipe.exporters.timed_reading import reading_fault
from voicepipe.settings_export import MouthSetName, SubtitleForm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from voicepipe.exporters.protocol import Export, ExportClip, Exporter

SUFFIXES: Final[Mapping[str, str]] = {
    "rhubarb.json": ".json",
    "rhubarb.tsv": ".tsv",
    "visemes": ".visemes.json",
    "arkit": ".csv",
    "live2d": ".motion3.json",
    "vrm": ".vrma",
    "vtt": ".vtt",
    "srt": ".srt",
}
"""Form -> what its files end in, where an engine asks for nothing else."""
MOUTHS: Final[tuple[str, ...]] = get_args(MouthSetName)
SUBTITLES: Final[tuple[str, ...]] = get_args(SubtitleForm)[1:]


def set_of(form: str) -> str:
    """Give the set of mouths, or the kind of subtitles, that a form belongs to."""
    return form.partition(".")[0]


def places_of(exporter: Exporter) -> Mapping[str, str]:
    """Give the forms an exporter has a place for, with the suffixes of their files."""
    places: Mapping[str, str] = getattr(exporter, "timed", {})
    return places


def placed(exporter: Exporter, among: Sequence[str]) -> tuple[str, ...]:
    """Give the sets, or kinds of subtitles, that an exporter has a place for."""
    known = {set_of(form) for form in places_of(exporter)}
    return tuple(one for one in among if one in known)


def asked_forms(exporter: Exporter, asked: Sequence[str]) -> tuple[TimedForm, ...]:
    """Give the forms of an export.

    Args:
        exporter: Knows which it has a place for, and what their files end in.
        asked: Sets of mouths and kinds of subtitles; an empty one asks for nothing.

    Raises:
        UsageError: It has no place for one of them.
    """
    known = placed(exporter, (*MOUTHS, *SUBTITLES))
    lacking = [one for one in asked if one and one not in known]
    if lacking:
        raise UsageError(
            f'{exporter.title} has no place for "{lacking[0]}"',
            remedy=f"it takes {', '.join(known) or 'none'}; the target generic takes all",
        )
    return tuple(
        TimedForm(name=form, suffix=suffix)
        for form, suffix in places_of(exporter).items()
        if set_of(form) in asked
    )


def timed_files(export: Export, clip: ExportClip, stem: str, sound: str) -> Iterator[TimedFile]:
    """Give a clip's mouths and subtitles.

    Args:
        export: Says which.
        clip: Whose.
        stem: Where they lie, without suffix.
        sound: Path of the clip's file, or its name.
    """
    for form in export.timed:
        name = sound.rpartition("/")[2]
        yield TimedFile(path=f"{stem}{form.suffix}", clip=clip, form=form.name, sound=name)


def timed_fields(export: Export, stem: str) -> dict[str, str]:
    """Give what a table says of a clip's mouths and subtitles: field -> path."""
    return {form.field: f"{stem}{form.suffix}" for form in export.timed}


def timed_faults(
    export: Export, clip: ExportClip, folder: Path, said: Mapping[str, str]
) -> Iterator[ExportFault]:
    """Read a clip's mouths and subtitles by what a table says of them.

    Args:
        export: Says which there should be.
        clip: Whose.
        folder: That the table's paths begin in.
        said: Field -> path, as the table has them.
    """
    for form in export.timed:
        path = said.get(form.field, "")
        fault = reading_fault(folder / path, form.name) if path else "no table names it"
        if fault:
            yield ExportFault(what=f"{form.name}: {fault}", clip=clip, path=path)
