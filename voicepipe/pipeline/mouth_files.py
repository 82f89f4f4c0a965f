"""Mouths of published clips: times found, files written, a picture drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from voicepipe.audio.wav import decode_clip
from voicepipe.bank.take_store import TakeStore
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError
from voicepipe.lipsync.forms import SETS
from voicepipe.lipsync.preview import draw_preview
from voicepipe.pipeline.clip_times import clip_timer
from voicepipe.pipeline.written_files import WrittenFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.lipsync.timing import ClipTiming
    from voicepipe.pipeline.clip_times import TimedClip
    from voicepipe.pipeline.published import PublishedClips

    OnClip = Callable[[TimedClip], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """A clip whose times are a guess."""

    line: str
    language: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesReport:
    """What finding times, and writing files from them, came to."""

    n_clips: int
    n_new: int
    """Clips whose times were found just now, and not looked up."""
    estimated: tuple[Estimated, ...]
    n_written: int = 0
    n_unchanged: int = 0
    """Files that held the same already."""


def find_times(clips: PublishedClips, on_clip: OnClip) -> TimesReport:
    """Find the times of clips and keep them; twice in a row finds nothing new.

    Args:
        clips: Whose.
        on_clip: Told of each.

    Raises:
        EnvironmentFault: A clip is missing or damaged, or times cannot be stored.
    """
    return _followed(clips, on_clip, ())


def export_mouths(
    clips: PublishedClips, sets: Sequence[str], folder: Path, on_clip: OnClip
) -> TimesReport:
    """Write mouths as files: `<folder>/<set>/<lang>/<scene>/<line>.<suffix>`.

    Args:
        clips: Whose.
        sets: Names of `SETS`.
        folder: Made where it is missing.
        on_clip: Told of each.

    Raises:
        UsageError: There is no such set.
        EnvironmentFault: A clip is missing or damaged, or a file cannot be written.
    """
    for name in sets:
        if name not in SETS:
            raise UsageError(
                f'there are no mouths "{name}"{did_you_mean(name, SETS)}',
                remedy=f"sets are {', '.join(SETS)}",
            )
    files = WrittenFiles(folder)

    def write(entry: ManifestEntry, timing: ClipTiming) -> None:
        place = PurePosixPath(entry.file)
        for name in sets:
            for suffix, content in SETS[name].write(timing, place.name).items():
                files.write(f"{name}/{place.with_suffix(suffix)}", content)

    report = _followed(clips, on_clip, (write,))
    return TimesReport(
        n_clips=report.n_clips,
        n_new=report.n_new,
        estimated=report.estimated,
        n_written=files.n_written,
        n_unchanged=files.n_unchanged,
    )


def _followed(
    clips: PublishedClips,
    on_clip: OnClip,
    uses: Sequence[Callable[[ManifestEntry, ClipTiming], None]],
) -> TimesReport:
    timer = clip_timer(clips.project)
    n_new = 0
    estimated: list[Estimated] = []
    for timed in timer.times(clips.entries):
        entry, timing = timed.entry, timed.timing
        n_new += timed.is_new
        if timing.is_estimated:
            estimated.append(Estimated(line=entry.line, language=entry.language, why=timing.why))
        for use in uses:
            use(entry, timing)
        on_clip(timed)
    return TimesReport(n_clips=len(clips.entries), n_new=n_new, estimated=tuple(estimated))


def preview_mouth(clips: PublishedClips, entry: ManifestEntry) -> str:
    """Draw one clip's mouth as SVG.

    Raises:
        EnvironmentFault: The clip is missing or damaged.
    """
    (timed,) = clip_timer(clips.project).times([entry])
    name = f"{entry.line} ({entry.language})"
    content = TakeStore(clips.project.out).objects.read(entry.sha256)
    clip = decode_clip(content, name)[0]
    return draw_preview(timed.timing, clip, f"{name} {entry.speaker}")
