"""Starting a voice: its file with a consent that is yet to be filled in, its clips, its casting.

What is written renders nothing: a person has to say who consented, and what each clip says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.audio.wav import decode_clip, read_bytes
from voicepipe.clock import utc_today
from voicepipe.diagnostics import SourceSpan
from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import write_file
from voicepipe.documents.source import read_source
from voicepipe.errors import UsageError
from voicepipe.voices.cast_edit import cast_with
from voicepipe.voices.catalog import CAST_FILE, is_voice_name
from voicepipe.voices.reference_checks import check_reference
from voicepipe.voices.voice import NEUTRAL, AuxiliaryClip
from voicepipe.voices.voice_stub import StubClip, cloned_stub, placeholder_stub

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.settings import Settings
    from voicepipe.voices.reference_checks import ClipFigures

_SIDECARS: Final = (".txt", ".lab")
_MAX_TEXT_BYTES: Final = 64 * 1024
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9_-]+")
_MOOD: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRequest:
    """A voice that a person wants to begin."""

    name: str
    clips: tuple[Path, ...] = ()
    """Recordings to copy, the calm one first."""
    language: str = ""
    """Of the clips; empty: the source language."""
    speakers: tuple[str, ...] = ()
    """Who it speaks for, beside the speaker of its own name."""
    base: str = "tiny"
    """The model it speaks through."""
    is_scratch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVoice:
    """What was written."""

    files: tuple[str, ...]
    """From the project root: the voice's file first."""
    clips: tuple[ClipFigures, ...]
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with the clips."""


def new_voice(root: Path, settings: Settings, request: VoiceRequest) -> NewVoice:
    """Write a voice's file, copy its clips, and cast it.

    Args:
        root: The project.
        settings: Of the project.
        request: What is wanted.

    Raises:
        UsageError: The name cannot be a voice's, or is taken; a language the project has not.
        AudioFileError: A clip cannot be read or decoded. Nothing was written.
        InputError: `cast.yaml` cannot be read, or casts the speaker already. Nothing was written.
        EnvironmentFault: A file cannot be written.
    """
    path = f"{settings.voices}/{request.name}.yaml"
    _check(root, settings, request, path)
    folder = f"{settings.voices}/{request.name}"
    clips = _clips(root, folder, request.clips)
    written = {path: _text(settings, request, [stub for stub, _ in clips]).encode()}
    written |= {stub.path: content for stub, content in clips}
    speakers = [name for name in dict.fromkeys(request.speakers) if name != request.name]
    if speakers:
        cast = f"{settings.voices}/{CAST_FILE}"
        written[cast] = cast_with(root, cast, speakers, request.name).encode()
    for name, content in written.items():
        _write(root, name, content)
    at = SourceSpan(path=path)
    checked = [
        check_reference(root, AuxiliaryClip(path=stub.path, sha256="", span=at))
        for stub, _ in clips
    ]
    return NewVoice(
        files=tuple(written),
        clips=tuple(figures for figures, _ in checked if figures is not None),
        diagnostics=tuple(one for _, found in checked for one in found),
    )


def _check(root: Path, settings: Settings, request: VoiceRequest, path: str) -> None:
    if not is_voice_name(request.name) or request.name == CAST_FILE.partition(".")[0]:
        raise UsageError(
            f'"{request.name}" cannot name a voice',
            remedy="use lower-case letters, digits, _ and -, and begin with a letter",
        )
    if (root / path).exists():
        raise UsageError(f"{path} is already there; nothing was written", remedy="edit it")
    if request.language and request.language not in settings.languages:
        raise UsageError(
            f'"{request.language}" is not a language of the project',
            remedy=f"it has {', '.join(settings.languages)}",
        )
    if request.is_scratch and request.clips:
        raise UsageError("a placeholder listens to no clip", remedy="leave out --scratch or --clip")


def _clips(root: Path, folder: str, sources: Sequence[Path]) -> list[tuple[StubClip, bytes]]:
    """Read the recordings and choose a place in the project for each."""
    found: dict[str, tuple[StubClip, bytes]] = {}
    for source in sources:
        content = read_bytes(source)
        decode_clip(content, str(source))  # what nobody can decode is not copied
        stem = _NOT_PLAIN.sub("-", source.stem.lower()).strip("-_") or "clip"
        names = (stem, *(f"{stem}-{number}" for number in range(2, len(sources) + 100)))
        paths = (f"{folder}/{name}{source.suffix.lower()}" for name in names)
        path = next(one for one in paths if one not in found and not (root / one).exists())
        mood = stem.replace("-", "_")
        is_mood = bool(found) and _MOOD.fullmatch(mood) is not None
        stub = StubClip(
            path=path,
            transcript=_transcript_beside(source),
            emotion=mood if is_mood else NEUTRAL,
        )
        found[path] = (stub, content)
    return list(found.values())


def _transcript_beside(source: Path) -> str:
    """Read the text file of the same name, where there is one, as one line."""
    for suffix in _SIDECARS:
        beside = source.with_suffix(suffix)
        if beside.is_file():
            read, _ = read_source(beside.parent, beside.name, max_bytes=_MAX_TEXT_BYTES)
            if read is not None:
                return " ".join(read.text.split())
    return ""


def _text(settings: Settings, request: VoiceRequest, clips: Sequence[StubClip]) -> str:
    if request.is_scratch:
        return placeholder_stub(request.name, today=utc_today())
    return cloned_stub(
        request.name,
        clips,
        base=request.base,
        bank=settings.bank,
        language=request.language or settings.source_language,
        today=utc_today(),
    )


def _write(root: Path, name: str, content: bytes) -> None:
    path = root / name
    refuse_links(root, path)
    write_file(path, content)
