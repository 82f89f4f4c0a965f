"""`voicepipe graph`: the story as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.destination import STDOUT, require_free_stdout, write_to
from cli.options import AsJson
from cli.output import emit_json, say, session_of
from cli.scripts import read_scripts
from voicepipe.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("graph")(graph)


def graph(
    ctx: typer.Context,
    svg: Annotated[
        Path | None, typer.Option("--svg", help="Write an SVG picture; `-` is stdout.")
    ] = None,
    mermaid: Annotated[
        Path | None, typer.Option("--mermaid", help="Write Mermaid text; `-` is stdout.")
    ] = None,
    scene: Annotated[str, typer.Option("--scene", help="Only this scene.")] = "",
    lang: Annotated[
        str, typer.Option("--lang", help="Label options in this language; the source otherwise.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Draw scenes, nodes and choices. Without options: Mermaid text on stdout."""
    from voicepipe.diagnostics import did_you_mean
    from voicepipe.reports import counted
    from voicepipe.screenplay.drawing.graph_document import graph_document
    from voicepipe.screenplay.drawing.mermaid import write_mermaid
    from voicepipe.screenplay.drawing.picture import picture_story
    from voicepipe.screenplay.drawing.svg import draw_svg
    from voicepipe.screenplay.story.story import read_story
    from voicepipe.screenplay.syntax import Language

    require_free_stdout(svg, mermaid, as_json=as_json)
    session = session_of(ctx)
    settings, screenplay, _ = read_scripts(session, whole=False)
    names = [each.id for each in screenplay.scenes]
    if scene and scene not in names:
        raise UsageError(f'there is no scene "{scene}"{did_you_mean(scene, names)}')
    if lang and lang not in settings.all_languages:
        hint = did_you_mean(lang, settings.all_languages)
        raise UsageError(f'"{lang}" is not a language of the project{hint}')
    language = Language(lang or settings.source_language)
    story = read_story(screenplay, state_limit=settings.story.state_limit)
    if svg is not None:
        pictures = picture_story(story, language=language, scene=scene)
        write_to(svg, draw_svg(pictures, title=scene or settings.bank))
        say(session, f"{svg}: {counted(len(pictures), 'scene')}")
    if mermaid is not None or not (svg or as_json):
        write_to(mermaid or STDOUT, write_mermaid(story, language=language, scene=scene))
    if as_json:
        emit_json(graph_document(story, language=language, scene=scene))
