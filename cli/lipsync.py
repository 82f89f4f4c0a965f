"""`voicepipe lipsync`: when phonemes and words sound, and what a mouth does meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bank_place import BankName, answer_rest, n_shown
from cli.destination import require_free_stdout, require_suffix, write_to
from cli.options import AsJson, Languages, Lines, Scenes, Speakers
from cli.output import answer, emit_json, say, session_of
from cli.progress_bar import ProgressBar
from cli.projects import filters
from cli.published import OfVersion, clips_of, one_clip
from cli.verb_groups import add_group

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.pipeline.mouth_files import TimesReport


def register(app: typer.Typer) -> None:
    """Add the group of verbs."""
    about = "Lip-sync: times of phonemes and words, and files that move mouths."
    add_group(app, "lipsync", about, {"align": align, "export": export, "preview": preview})


def align(
    ctx: typer.Context,
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    version: OfVersion = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Find when each phoneme and word of published clips sounds, and keep it with the clips.

    Recordings too. English, Mandarin and Japanese are aligned with what is heard; in other
    languages times are estimated from loudness, and say so. What is known is not found again.
    """
    from voicepipe.pipeline.mouth_files import find_times

    meant = filters(languages, scenes, speakers, None, lines)
    clips = clips_of(ctx, meant, bank=bank, version=version)
    with ProgressBar(quiet=session_of(ctx).quiet) as bar:
        bar.begin("aligning", len(clips.entries))
        report = find_times(clips, bar.count)
    _tell(ctx, report, clips.manifest.version, as_json=as_json)


def export(
    ctx: typer.Context,
    sets: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="NAME",
            help="rhubarb, visemes, arkit, live2d or vrm; may be repeated.",
        ),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the files go.")],
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    version: OfVersion = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Write mouths of published clips: DIR/<set>/<language>/<scene>/<line>.<suffix>.

    Times that are not known yet are found first. A file that is as it should be is not written.
    """
    from voicepipe.pipeline.mouth_files import export_mouths

    meant = filters(languages, scenes, speakers, None, lines)
    clips = clips_of(ctx, meant, bank=bank, version=version)
    with ProgressBar(quiet=session_of(ctx).quiet) as bar:
        bar.begin("writing", len(clips.entries))
        report = export_mouths(clips, list(dict.fromkeys(sets)), to, bar.count)
    _tell(ctx, report, clips.manifest.version, as_json=as_json, to=to)


def preview(
    ctx: typer.Context,
    line: Annotated[str, typer.Argument(metavar="LINE", help="A line id.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="An SVG file, or - for stdout.")
    ],
    language: Annotated[str, typer.Option("--lang", help="Which language of the line.")] = "",
    version: OfVersion = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Draw one clip: its wave, words, phonemes, mouths, and how far the jaw opens."""
    from voicepipe.pipeline.mouth_files import preview_mouth

    require_free_stdout(output, as_json=as_json)
    require_suffix(output, (".svg",), "an SVG picture")
    languages = [language] if language else None
    clips = clips_of(ctx, filters(languages, None, None, None, [line]), bank=bank, version=version)
    entry = one_clip(clips, line)
    write_to(output, preview_mouth(clips, entry))
    if as_json:
        emit_json({"line": entry.line, "language": entry.language, "file": str(output)})
    else:
        say(session_of(ctx), f"{entry.line} ({entry.language}) is drawn in {output}")


def _tell(
    ctx: typer.Context,
    report: TimesReport,
    version: str,
    *,
    as_json: bool,
    to: Path | None = None,
) -> None:
    if as_json:
        document: dict[str, Json] = {
            "version": version,
            "clips": report.n_clips,
            "aligned": report.n_clips - len(report.estimated),
            "found_now": report.n_new,
            "estimated": [
                {"line": one.line, "language": one.language, "why": one.why}
                for one in report.estimated
            ],
        }
        if to is not None:
            document |= {
                "to": str(to),
                "files_written": report.n_written,
                "files_unchanged": report.n_unchanged,
            }
        emit_json(document)
        return
    for one in report.estimated[: n_shown(ctx)]:
        answer(f"{one.line} ({one.language}): estimated: {one.why}")
    answer_rest(ctx, len(report.estimated))
    answer(
        f"{version}: {report.n_clips} clips, {report.n_clips - len(report.estimated)} aligned, "
        f"{len(report.estimated)} estimated, {report.n_new} found just now"
    )
    if to is not None:
        answer(f"{report.n_written} files written to {to}, {report.n_unchanged} unchanged")
