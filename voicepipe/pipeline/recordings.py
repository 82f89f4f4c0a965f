"""Human recordings that win over any take: `<overrides>/<language>/<line>.wav`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicepipe.diagnostics import Diagnostic, SourceSpan, did_you_mean
from voicepipe.documents.findings import finding
from voicepipe.errors import EnvironmentFault, QcRefused
from voicepipe.hashing import sha256_of_file
from voicepipe.pipeline.codes import UNFIT_RECORDING, UNUSABLE_RECORDING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from voicepipe.screenplay.line import Line
    from voicepipe.settings import Settings

SUFFIX = ".wav"
_OTHER_SOUND = (".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wma")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A file a person recorded for one line in one language."""

    path: Path
    shown: str
    """Relative to the project root, with forward slashes."""
    sha256: str


def find_recordings(
    root: Path, settings: Settings, lines: Sequence[Line]
) -> tuple[dict[tuple[str, str], Recording], list[Diagnostic]]:
    """List the recordings of a project and hash them.

    Returns:
        (line, language) → recording, and a warning for every sound file that is not used. Links
        are not followed, so that nothing outside the project is ever read.

    Raises:
        EnvironmentFault: A recording cannot be read.
    """
    folder = root / settings.overrides
    if not folder.is_dir():
        stray = os.path.lexists(folder)
        return {}, [_unfit(settings.overrides, "it is not a folder")] if stray else []
    ids = {line.id for line in lines if line.is_voiced}
    found: dict[tuple[str, str], Recording] = {}
    unfit: list[Diagnostic] = []
    for path in sorted(_sound_files(folder)):
        shown = path.relative_to(root).as_posix()
        problem = _unusable(path) or _misfit(path, folder, ids, settings.languages)
        if problem:
            unfit.append(_unfit(shown, problem))
            continue
        try:
            digest = sha256_of_file(path)
        except OSError as error:
            raise EnvironmentFault(f"cannot read {shown}: {error.strerror}") from error
        key = (path.stem, path.parent.name)
        found[key] = Recording(path=path, shown=shown, sha256=digest)
    return found, unfit


def unusable_recordings(recordings: Mapping[tuple[str, str], Recording]) -> list[Diagnostic]:
    """Decode recordings as a render would, and say which of them it would refuse."""
    refused = map(_refusal_of, recordings.values())
    return [found for found in refused if found is not None]


def _refusal_of(recording: Recording) -> Diagnostic | None:
    # NumPy loads only where there is something to decode.
    from voicepipe.workers.recording import read_recording  # noqa: PLC0415

    try:
        read_recording(str(recording.path), recording.sha256, recording.shown)
    except QcRefused as refused:
        message = refused.message.removeprefix(f"{recording.shown}: ")
        span = SourceSpan(path=recording.shown)
        return finding(UNUSABLE_RECORDING, span, message, refused.remedy)
    return None


def _sound_files(folder: Path) -> Iterator[Path]:
    """Everything whose name says that it is sound, whatever it is, and folders that are links."""

    def unreadable(error: OSError) -> None:
        shown = Path(error.filename).relative_to(folder.parent).as_posix()
        raise EnvironmentFault(f"cannot read {shown}: {error.strerror}") from error

    for here, folders, names in os.walk(folder, onerror=unreadable, followlinks=False):
        folders.sort()
        for name in (*names, *folders):
            path = Path(here) / name
            is_audio = path.suffix.lower() in (SUFFIX, *_OTHER_SOUND)
            # A linked folder may be full of recordings that nobody would hear of.
            is_linked_folder = path.is_symlink() and path.is_dir()
            if (is_audio or is_linked_folder) and not name.startswith("."):
                yield path


def _unusable(path: Path) -> str:
    if path.is_symlink():
        return "it is a link, and links are not followed"
    return "" if path.is_file() else "it is not an ordinary file"


def _misfit(path: Path, folder: Path, ids: Collection[str], languages: Collection[str]) -> str:
    parts = path.relative_to(folder).parts
    if len(parts) != 2:
        return "it is not directly in a language's folder"
    language, _ = parts
    if language not in languages:
        return f'"{language}" is not a language of the project' + did_you_mean(language, languages)
    if path.suffix != SUFFIX:
        return f'its name ends in "{path.suffix}", not in "{SUFFIX}"'
    if path.stem not in ids:
        return f'the project has no line "{path.stem}"' + did_you_mean(path.stem, ids)
    return ""


def _unfit(shown: str, problem: str) -> Diagnostic:
    message = f"this recording is not used: {problem}"
    remedy = "put a WAV at <language>/<line>.wav, as `voicepipe plan` spells them"
    return finding(UNFIT_RECORDING, SourceSpan(path=shown), message, remedy)
