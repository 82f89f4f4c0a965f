"""Subtitles of published clips: per line, per scene, and per path of a walk."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import Diagnostic, SourceSpan
from voicepipe.errors import UsageError
from voicepipe.pipeline.clip_times import clip_timer
from voicepipe.pipeline.written_files import WrittenFiles
from voicepipe.screenplay.story.walk import Heard
from voicepipe.subtitles.captions import captions_of, lengthened, shifted
from voicepipe.subtitles.checks import caption_findings
from voicepipe.subtitles.rules import reading_rules
from voicepipe.subtitles.writing import write_srt, write_vtt, write_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.lipsync.timing import ClipTiming
    from voicepipe.pipeline.clip_times import TimedClip
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.published import PublishedClips
    from voicepipe.screenplay.story.walk import Event
    from voicepipe.settings import Settings
    from voicepipe.subtitles.captions import Caption
    from voicepipe.subtitles.rules import ReadingRules

    OnClip = Callable[[TimedClip], None]

FORMS: Final = ("vtt", "srt", "words")
UNITS: Final = ("line", "scene")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionedClip:
    """A clip and its captions."""

    entry: ManifestEntry
    timing: ClipTiming
    captions: tuple[Caption, ...]
    findings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtitleReport:
    """What was written."""

    n_clips: int
    n_captions: int
    n_estimated: int
    """Clips of whose words the times are only estimated."""
    findings: tuple[Diagnostic, ...]
    n_written: int = 0
    n_unchanged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """A line on a path."""

    line: str
    file: str
    """Of its clip, below the version; empty: it has none."""
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtitledPath:
    """The captions of a path, its lines laid one after another."""

    captions: tuple[Caption, ...]
    lines: tuple[PlacedLine, ...]
    duration_s: float


def rules_for(language: str, settings: Settings) -> ReadingRules:
    """Give what captions of a language are held to in a project."""
    return reading_rules(language, settings.subtitles.languages.get(language))


def speaker_of(entry: ManifestEntry, project: Project) -> str:
    """Name a clip's speaker as players read it."""
    shown = (
        name
        for speaker in project.screenplay.speakers
        if speaker.id == entry.speaker
        for language, name in speaker.names.items()
        if language == entry.language
    )
    return next(shown, entry.speaker)


def clip_captions(
    entry: ManifestEntry, timing: ClipTiming, project: Project
) -> tuple[Caption, ...]:
    """Make the captions of one clip, from its beginning."""
    rules = rules_for(entry.language, project.settings)
    return captions_of(timing, rules, speaker=speaker_of(entry, project), line=entry.line)


def captioned(clips: PublishedClips, on_clip: OnClip) -> list[CaptionedClip]:
    """Make the captions of clips; their times are found where nobody has yet.

    Raises:
        EnvironmentFault: A clip is missing or damaged, or times cannot be stored.
    """
    wanted = clips.project.settings.subtitles
    found: list[CaptionedClip] = []
    for timed in clip_timer(clips.project).times(clips.entries):
        entry, timing = timed.entry, timed.timing
        captions = clip_captions(entry, timing, clips.project)
        findings = caption_findings(
            captions,
            rules_for(entry.language, clips.project.settings),
            name=f"{entry.line} ({entry.language})",
            span=_span_of(entry.script),
            room_s=wanted.shortest_s,
        )
        found.append(
            CaptionedClip(entry=entry, timing=timing, captions=captions, findings=tuple(findings))
        )
        on_clip(timed)
    return found


def report_of(found: Sequence[CaptionedClip], files: WrittenFiles | None = None) -> SubtitleReport:
    """Sum up captions, and what was written of them."""
    return SubtitleReport(
        n_clips=len(found),
        n_captions=sum(len(one.captions) for one in found),
        n_estimated=sum(one.timing.is_estimated for one in found),
        findings=tuple(finding for one in found for finding in one.findings),
        n_written=0 if files is None else files.n_written,
        n_unchanged=0 if files is None else files.n_unchanged,
    )


def export_subtitles(
    clips: PublishedClips, folder: Path, forms: Sequence[str], unit: str, on_clip: OnClip
) -> SubtitleReport:
    """Write `<folder>/<lang>/<scene>/<line>.<form>`, or one file a scene.

    Args:
        clips: Whose.
        folder: Made where it is missing.
        forms: `vtt`, `srt`, `words`.
        unit: `line`, each beginning with its clip; or `scene`, its lines one after another in the
            order of the script.
        on_clip: Told of each.

    Raises:
        UsageError: There is no such form or unit, or words are asked for by scene.
        EnvironmentFault: A clip is missing or damaged, or a file cannot be written.
    """
    _check_asked(forms, unit)
    found = captioned(clips, on_clip)
    files = WrittenFiles(folder)
    if unit == "line":
        for one in found:
            _write_line(files, one, forms)
    else:
        _write_scenes(files, clips, found, forms)
    return report_of(found, files)


def _check_asked(forms: Sequence[str], unit: str) -> None:
    for form in forms:
        if form not in FORMS:
            raise UsageError(
                f'"{form}" is no form of subtitles', remedy=f"choose from {', '.join(FORMS)}"
            )
    if unit not in UNITS:
        raise UsageError(f'"{unit}" is neither line nor scene', remedy="write --per line")
    if unit == "scene" and "words" in forms:
        raise UsageError("words are written per line", remedy="leave out --per scene")


def _write_line(files: WrittenFiles, one: CaptionedClip, forms: Sequence[str]) -> None:
    place = PurePosixPath(one.entry.file)
    for form in forms:
        if form == "words":
            speaker = one.captions[0].speaker if one.captions else one.entry.speaker
            content = write_words(one.timing, line=one.entry.line, speaker=speaker)
            files.write(str(place.with_suffix(".words.json")), content)
        else:
            files.write(str(place.with_suffix(f".{form}")), written(form, one.captions))


def _write_scenes(
    files: WrittenFiles, clips: PublishedClips, found: Sequence[CaptionedClip], forms: Sequence[str]
) -> None:
    wanted = clips.project.settings.subtitles
    ordered = sorted(
        found, key=lambda one: (one.entry.language, one.entry.scene, one.entry.position)
    )
    for (language, scene), members in groupby(
        ordered, key=lambda one: (one.entry.language, one.entry.scene)
    ):
        laid = laid_out(members, gap_s=wanted.gap_s, shortest_s=wanted.shortest_s)
        for form in forms:
            files.write(f"{language}/{scene}.{form}", written(form, laid.captions))


def written(form: str, captions: Sequence[Caption], *, names: bool = True) -> bytes:
    """Write captions as WebVTT or SubRip, the latter with the speakers' names."""
    text = write_vtt(captions) if form == "vtt" else write_srt(captions, names=names)
    return text.encode()


def laid_out(clips: Iterable[CaptionedClip], *, gap_s: float, shortest_s: float) -> SubtitledPath:
    """Lay clips one after another.

    Args:
        clips: In the order they are heard.
        gap_s: Silence between two.
        shortest_s: Captions stay so long at least, where the next one leaves room.
    """
    captions: list[Caption] = []
    lines: list[PlacedLine] = []
    at_s = 0.0
    for one in clips:
        captions += shifted(one.captions, at_s)
        end_s = at_s + one.timing.duration_s
        lines.append(
            PlacedLine(
                line=one.entry.line,
                file=one.entry.file,
                start_s=round(at_s, 3),
                end_s=round(end_s, 3),
            )
        )
        at_s = end_s + gap_s
    duration_s = lines[-1].end_s if lines else 0.0
    return SubtitledPath(
        captions=tuple(lengthened(captions, shortest_s)), lines=tuple(lines), duration_s=duration_s
    )


def heard_on(events: Iterable[Event]) -> list[str]:
    """List the ids, as the script has them, of the lines that a walk hears."""
    return [str(event.line.id) for event in events if isinstance(event, Heard)]


def subtitle_path(
    clips: PublishedClips, heard: Sequence[str], on_clip: OnClip
) -> tuple[SubtitledPath, tuple[str, ...]]:
    """Lay the lines of a walk one after another.

    Args:
        clips: Of one language.
        heard: Ids as the script has them, in the order they are heard; of a line with variants
            the first is taken, of one for a group all.
        on_clip: Told of each.

    Returns:
        The path, and the lines that have no clip in this version.
    """
    by_id: dict[str, list[CaptionedClip]] = {}
    for one in captioned(clips, on_clip):
        by_id.setdefault(one.entry.base_line, []).append(one)
    wanted = clips.project.settings.subtitles
    chosen = [one for line in heard for one in _as_heard(by_id.get(line, []))]
    path = laid_out(chosen, gap_s=wanted.gap_s, shortest_s=wanted.shortest_s)
    missing = tuple(dict.fromkeys(line for line in heard if line not in by_id))
    return path, missing


def _as_heard(clips: Sequence[CaptionedClip]) -> Sequence[CaptionedClip]:
    return clips[:1] if clips and clips[0].entry.variant else clips


def _span_of(script: str) -> SourceSpan:
    """Read `file:line:column` as the manifest has it."""
    path, line, column = (*script.rsplit(":", 2), "1", "1")[:3]
    is_place = line.isdigit() and column.isdigit()
    return SourceSpan(
        path=path if is_place else script,
        line=int(line) if is_place else 1,
        column=int(column) if is_place else 1,
    )
