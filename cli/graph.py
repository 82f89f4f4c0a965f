"""`voicepipe graph`: the story as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.output import say, session_of, write
from cli.scripts import read_scripts
from voicepipe.errors import EnvironmentFault, UsageError


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
) -> None:
    """Draw scenes, nodes and choices. Without options: Mermaid text on stdout."""
    from voicepipe.diagnostics import did_you_mean
    from voicepipe.screenplay.drawing.mermaid import write_mermaid
    from voicepipe.screenplay.drawing.picture import picture_story
    from voicepipe.screenplay.drawing.svg import draw_svg
    from voicepipe.screenplay.story.story import read_story
    from voicepipe.screenplay.syntax import Language

    session = session_of(ctx)
    settings, screenplay, _ = read_scripts(session, whole=False)
    names = [each.id for each in screenplay.scenes]
    if scene and scene not in names:
        raise UsageError(f'there is no scene "{scene}"{did_you_mean(scene, names)}')
    language = Language(settings.source_language)
    story = read_story(screenplay, state_limit=settings.story.state_limit)
    if svg is not None:
        pictures = picture_story(story, source_language=language, scene=scene)
        _write(svg, draw_svg(pictures, title=scene or settings.bank))
        say(session, f"{svg}: {len(pictures)} scenes")
    if mermaid is not None or svg is None:
        _write(mermaid or Path("-"), write_mermaid(story, source_language=language, scene=scene))


def _write(path: Path, text: str) -> None:
    if str(path) == "-":
        write(text)
        return
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be written: {error.strerror}") from error
