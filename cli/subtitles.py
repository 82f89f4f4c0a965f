"""`voicepipe subtitles`: captions for lines, scenes and paths, and whether they can be read."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cli.bank_place import BankName, n_shown
from cli.destination import STDOUT, require_free_stdout, require_suffix, write_to
from cli.options import AsJson, Languages, Lines, Scenes, Speakers
from cli.output import answer, emit_json, say, session_of, warn
from cli.progress_bar import ProgressBar
from cli.projects import filters
from cli.published import OfVersion, clips_of
from cli.story_answers import AtRandom, Choices, Seed, parse_answers
from cli.verb_groups import add_group
from voicepipe.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from voicepipe.hashing import Json
    from voicepipe.pipeline.subtitle_files import SubtitleReport
    from voicepipe.screenplay.syntax import Option


def register(app: typer.Typer) -> None:
    """Add the group of verbs."""
    about = "Subtitles: WebVTT, SubRip, and words with their times."
    add_group(app, "subtitles", about, {"check": check, "export": export, "walk": walk})


def check(
    ctx: typer.Context,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when a caption cannot be read.")
    ] = False,
    version: OfVersion = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> int:
    """Name captions that are too fast to be read, or too wide for their lines.

    Limits are those of `subtitles:` in voicepipe.yaml, or of the language.
    """
    from voicepipe.pipeline.subtitle_files import captioned, report_of

    meant = filters(languages, scenes, speakers, None, lines)
    clips = clips_of(ctx, meant, bank=bank, version=version)
    with ProgressBar(quiet=session_of(ctx).quiet) as bar:
        bar.begin("reading", len(clips.entries))
        report = report_of(captioned(clips, bar.count))
    _tell(ctx, report, clips.manifest.version, as_json=as_json)
    return ExitCode.INPUT if strict and report.findings else ExitCode.DONE


def export(
    ctx: typer.Context,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the files go.")],
    forms: Annotated[
        list[str] | None,
        typer.Option("--format", help="vtt (the default), srt or words; may be repeated."),
    ] = None,
    per: Annotated[
        str, typer.Option("--per", help="A file for each `line`, or for each `scene`.")
    ] = "line",
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    version: OfVersion = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Write subtitles of published clips: DIR/<language>/<scene>/<line>.vtt.

    Texts are as they are written, not as they are said. Per scene, its lines follow one another
    in the order of the script. `words` is JSON with the time of every word, for karaoke captions.
    """
    from voicepipe.pipeline.subtitle_files import export_subtitles

    meant = filters(languages, scenes, speakers, None, lines)
    clips = clips_of(ctx, meant, bank=bank, version=version)
    chosen = list(dict.fromkeys(forms or ["vtt"]))
    with ProgressBar(quiet=session_of(ctx).quiet) as bar:
        bar.begin("writing", len(clips.entries))
        report = export_subtitles(clips, to, chosen, per, bar.count)
    _tell(ctx, report, clips.manifest.version, as_json=as_json, to=to)


def walk(
    ctx: typer.Context,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FILE", help="A .vtt or .srt file, or - for stdout."
        ),
    ],
    language: Annotated[
        str, typer.Option("--lang", help="Which language; empty: the script's own.")
    ] = "",
    scene: Annotated[str, typer.Option("--scene", help="Begin in this scene.")] = "",
    choose: Choices = "",
    at_random: AtRandom = False,
    seed: Seed = 0,
    version: OfVersion = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Write the subtitles of one path through the story, its clips laid one after another.

    The path ends at the first choice that was not answered in advance. With --json the document
    says when each clip begins.
    """
    from voicepipe.pipeline.selection import EVERYTHING
    from voicepipe.pipeline.subtitle_files import heard_on, subtitle_path, written
    from voicepipe.screenplay.story.walk import walk_story

    answers = parse_answers(choose, at_random=at_random)
    require_free_stdout(output, as_json=as_json)
    suffix = ".srt" if output.suffix.lower() == ".srt" else ".vtt"
    require_suffix(output, (suffix,), "subtitles")
    clips = clips_of(ctx, EVERYTHING, bank=bank, version=version)
    chosen = language or clips.project.settings.source_language
    clips = clips_of(ctx, filters([chosen], None, None, None, None), bank=bank, version=version)
    pick = _at_random(seed) if at_random else _in_advance(answers)
    heard = heard_on(walk_story(clips.project.screenplay, pick, scene=scene))
    quiet = session_of(ctx).quiet
    with ProgressBar(quiet=quiet) as bar:
        bar.begin("reading", len(clips.entries))
        path, missing = subtitle_path(clips, heard, bar.count)
    write_to(output, written(suffix[1:], path.captions))
    for line in missing:
        warn(f"warning: {line} ({chosen}) has no clip in {clips.manifest.version}")
    if as_json:
        document: dict[str, Json] = {
            "language": chosen,
            "version": clips.manifest.version,
            "file": str(output),
            "duration_s": path.duration_s,
            "missing": list(missing),
            "lines": [
                {"line": one.line, "file": one.file, "start_s": one.start_s, "end_s": one.end_s}
                for one in path.lines
            ],
        }
        emit_json(document)
    elif output != STDOUT:
        shown = f"{len(path.captions)} captions of {len(path.lines)} lines"
        say(session_of(ctx), f"{shown}, {path.duration_s:.1f} s, in {output}")


def _in_advance(answers: Iterable[int]) -> Callable[[Sequence[Option]], int | None]:
    options = iter(answer - 1 for answer in answers)
    return lambda _: next(options, None)


def _at_random(seed: int) -> Callable[[Sequence[Option]], int]:
    rng = random.Random(seed)  # noqa: S311 - which way a story goes is no secret
    return lambda options: rng.randrange(len(options))


def _tell(
    ctx: typer.Context,
    report: SubtitleReport,
    version: str,
    *,
    as_json: bool,
    to: Path | None = None,
) -> None:
    from voicepipe.reports import SourceLines, diagnostics_to_json, in_source_order, render_text

    findings = list(in_source_order(report.findings))
    if as_json:
        document: dict[str, Json] = {
            "version": version,
            "clips": report.n_clips,
            "captions": report.n_captions,
            "estimated": report.n_estimated,
            "diagnostics": cast("list[Json]", diagnostics_to_json(findings)),
        }
        if to is not None:
            document |= {
                "to": str(to),
                "files_written": report.n_written,
                "files_unchanged": report.n_unchanged,
            }
        emit_json(document)
        return
    shown = findings[: n_shown(ctx)]
    if shown:
        warn(render_text(shown, SourceLines(session_of(ctx).root)))
    if len(findings) > len(shown):
        warn(f"… and {len(findings) - len(shown)} more; --verbose shows them all")
    answer(
        f"{version}: {report.n_captions} captions of {report.n_clips} clips, "
        f"{len(findings)} warnings, {report.n_estimated} clips with estimated times"
    )
    if to is not None:
        answer(f"{report.n_written} files written to {to}, {report.n_unchanged} unchanged")
