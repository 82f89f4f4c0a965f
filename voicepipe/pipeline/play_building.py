"""Gathering what a played story needs: the story, every line's text and clip, smaller sounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.audio.encodings import make_encoding
from voicepipe.bank.encoded_clips import encoded_clip
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import UsageError
from voicepipe.exporters.story_script import read_story_script
from voicepipe.lipsync.cues import mouth_cues
from voicepipe.lipsync.mouth_drawing import SHAPES, mouth_drawing
from voicepipe.pages.play_page import PlayedClip, PlayHead, write_play
from voicepipe.pipeline.clip_times import clip_timer
from voicepipe.pipeline.export_ledger import note_page
from voicepipe.pipeline.permissions import load_permissions
from voicepipe.pipeline.play_story import story_json
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.refused_clips import refused_clips

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.pipeline.production import ProducedLine, Production


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What was written."""

    folder: Path
    n_clips: int
    n_missing: int
    """Lines in a language that have no clip; the page names them."""
    refused: Mapping[tuple[str, str], str]
    """(line, language) → why the bank's clip is left out."""


def build_play(
    production: Production,
    target: Path,
    *,
    languages: Sequence[str] = (),
    form: str = "mp3",
    mouths: bool = False,
    on_clip: Callable[[int], None],
) -> Played:
    """Write the folder in which a story is played.

    Args:
        production: As it stands.
        target: The folder.
        languages: Only these; empty: all of the project.
        form: Of the sounds: `mp3`, `opus`, `ogg`, `flac` or `wav`.
        mouths: Show a mouth that moves as each line sounds; times that nobody found yet are found.
        on_clip: Told how many clips are done.

    A clip whose voice's consent does not allow it today is left out, as one that is not there.

    Raises:
        UsageError: The folder holds something else, the story leads nowhere, or there is no such
            form or language.
        EnvironmentFault: A sound cannot be read, or a file not be written.
    """
    settings = production.settings
    chosen = tuple(tag for tag in settings.languages if not languages or tag in languages)
    unknown = set(languages) - set(settings.languages)
    if unknown:
        raise UsageError(
            f'"{min(unknown)}" is not a language of the project',
            remedy=f"it has: {', '.join(settings.languages)}",
        )
    script = read_story_script(production.screenplay, chosen, settings.source_language)
    lines = [one for one in production.produced if one.language in chosen]
    head = PlayHead(
        bank=settings.bank,
        title=settings.bank,
        version="" if production.manifest is None else production.manifest.version,
        languages=chosen,
        source_language=settings.source_language,
        mouths={shape: mouth_drawing(shape, 0, 0, 100) for shape in SHAPES} if mouths else {},
    )
    refused = _refused(production)
    cues = _MouthCues(production) if mouths else None
    clips = [_clip(one, refused, cues) for one in lines if one.text is not None]
    note_page(
        production,
        target,
        "play",
        (one.entry.voice for one in lines if one.entry is not None and one.key not in refused),
    )
    write_play(
        target,
        head,
        story_json(script),
        {name: dict(names) for name, names in script.speakers.items()},
        clips,
        file_of=_SoundFiles(production, form),
        on_clip=on_clip,
    )
    n_missing = sum(not clip.sound for clip in clips)
    return Played(
        folder=target, n_clips=len(clips) - n_missing, n_missing=n_missing, refused=refused
    )


def _refused(production: Production) -> dict[tuple[str, str], str]:
    version, manifest = production.version, production.manifest
    if version is None or manifest is None:
        return {}
    permissions = load_permissions(production.root, production.settings)
    return refused_clips(version, manifest, permissions)


def _clip(
    one: ProducedLine, refused: Mapping[tuple[str, str], str], cues: _MouthCues | None
) -> PlayedClip:
    entry = None if one.key in refused else one.entry
    return PlayedClip(
        line=one.line.id,
        language=one.language,
        speaker=one.line.speaker,
        text=one.shown_text,
        seconds=one.seconds,
        sound="" if entry is None else entry.sha256,
        mouth="" if entry is None or cues is None else cues.of(entry),
    )


class _MouthCues:
    """Says when which mouth shape of a clip is seen."""

    def __init__(self, production: Production) -> None:
        self._timer = clip_timer(load_project(production.root))

    def of(self, entry: ManifestEntry) -> str:
        """Give shapes and hundredths of a second: `X0B12C25`."""
        (timed,) = self._timer.times([entry])
        return "".join(f"{cue.shape}{round(100 * cue.start_s)}" for cue in mouth_cues(timed.timing))


class _SoundFiles:
    """Says under which name a clip lies in the page's folder, and where it comes from."""

    def __init__(self, production: Production, form: str) -> None:
        self._encoding = make_encoding(form)
        self._takes = TakeStore(production.out)
        self._entries = {one.key: one.entry for one in production.produced if one.entry}

    def __call__(self, clip: PlayedClip) -> tuple[str, Path]:
        made = encoded_clip(self._takes, self._entries[clip.line, clip.language], self._encoding)
        return f"{clip.sound[:32]}{made.suffix}", made.path
