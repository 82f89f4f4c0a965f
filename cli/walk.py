"""`voicepipe walk`: play the story in the terminal."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli import streams
from cli.options import AsJson
from cli.output import answer, emit_json, say, session_of, warn, write
from cli.scripts import read_scripts
from cli.story_answers import AtRandom, Choices, Seed, option_number, parse_answers
from cli.walk_document import event_document
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cli.output import Session
    from voicepipe.screenplay.story.walk import Event
    from voicepipe.screenplay.story.walk_text import WalkText
    from voicepipe.screenplay.syntax import Option
    from voicepipe.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("walk")(walk)


def walk(
    ctx: typer.Context,
    scene: Annotated[str, typer.Option("--scene", help="Begin in this scene.")] = "",
    node: Annotated[
        str, typer.Option("--node", help="Begin at this node: of --scene, or as scene.node.")
    ] = "",
    lang: Annotated[str, typer.Option("--lang", help="Show this language.")] = "",
    choose: Choices = "",
    at_random: AtRandom = False,
    seed: Seed = 0,
    show_variables: Annotated[
        bool, typer.Option("--vars", help="Show variables when they change.")
    ] = False,
    sound: Annotated[
        bool, typer.Option("--sound", help="Play each line's clip of the latest version.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play a path: lines with their speakers, choices from the keyboard or given in advance.

    With --json nobody is asked: the walk ends at the first choice that was not given in advance.
    """
    from voicepipe.diagnostics import did_you_mean
    from voicepipe.screenplay.story.walk import walk_story
    from voicepipe.screenplay.story.walk_text import WalkText
    from voicepipe.screenplay.syntax import Language

    answers = parse_answers(choose, at_random=at_random)
    _require_one_output(sound=sound, as_json=as_json)
    session = session_of(ctx)
    settings, screenplay, _ = read_scripts(session, whole=False)
    if lang and lang not in settings.all_languages:
        hint = did_you_mean(lang, settings.all_languages)
        raise UsageError(f'"{lang}" is not a language of the project{hint}')
    source = Language(settings.source_language)
    text = WalkText(screenplay, language=Language(lang) if lang else source, source_language=source)
    tell = _tell_nobody if as_json else answer
    pick: Callable[[Sequence[Option]], int | None] = _from_keyboard(text)
    if at_random:
        pick = _at_random(text, seed, tell)
    elif choose or as_json:
        pick = _in_advance(text, answers, tell)
    events = walk_story(screenplay, pick, scene=scene, node=node)
    if as_json:
        emit_json({"events": [event_document(event, text) for event in events]})
        return
    hear = _player(session, settings, text, lang) if sound else None
    for event in events:
        _show(event, text, show_variables=show_variables)
        if hear is not None:
            hear(event)


def _require_one_output(*, sound: bool, as_json: bool) -> None:
    if sound and as_json:
        raise UsageError("--sound and --json exclude each other", remedy="choose one")


def _player(
    session: Session, settings: Settings, text: WalkText, lang: str
) -> Callable[[Event], None]:
    """Give what plays the clips of the lines that are heard."""
    from cli.sound import play
    from voicepipe.audio.playback import Loudspeaker
    from voicepipe.pipeline.listening import PublishedStory
    from voicepipe.screenplay.story.walk import Heard

    language = lang or settings.source_language
    published = PublishedStory(session.root, settings, language=language, values=text.values)
    loudspeaker = Loudspeaker()

    def hear(event: Event) -> None:
        if not isinstance(event, Heard):
            return
        files = published.files(event.line.id)
        for path in files:
            play(loudspeaker.play, path)
        if not files:
            say(session, f"({event.line.id or 'a line without an id'} has no clip in {language})")

    return hear


def _tell_nobody(_: str) -> None:
    """Take the place of `answer` where a document is the only answer."""


def _show(event: Event, text: WalkText, *, show_variables: bool) -> None:
    from voicepipe.screenplay.story.walk import Changed, Entered, Heard, WalkEnded

    if isinstance(event, Entered):
        answer(f"\n— {event.scene}.{event.node}{' (back)' if event.is_return else ''}")
    elif isinstance(event, Heard):
        said = text.say(event.line.texts)
        answer(f"{text.name_of(event.line.who)}: {said}" if event.line.is_voiced else f"[{said}]")
    elif isinstance(event, Changed):
        text.note(event.values)
        if show_variables:
            answer(f"[{_values(event.values)}]")
    elif isinstance(event, WalkEnded):
        answer(f"\n— {event.why}")


def _values(values: Mapping[str, int | bool]) -> str:
    return ", ".join(
        f"{name} = {str(value).lower() if isinstance(value, bool) else value}"
        for name, value in values.items()
    )


def _list_options(options: Sequence[Option], text: WalkText, tell: Callable[[str], None]) -> None:
    for number, option in enumerate(options, start=1):
        tell(f"  {number}. {text.say(option.texts)}")


def _at_random(
    text: WalkText, seed: int, tell: Callable[[str], None]
) -> Callable[[Sequence[Option]], int]:
    rng = random.Random(seed)  # noqa: S311 - which way a story goes is no secret

    def pick(options: Sequence[Option]) -> int:
        _list_options(options, text, tell)
        picked = rng.randrange(len(options))
        tell(f"> {picked + 1}")
        return picked

    return pick


def _in_advance(
    text: WalkText, answers: list[int], tell: Callable[[str], None]
) -> Callable[[Sequence[Option]], int | None]:
    remaining = iter(answers)

    def pick(options: Sequence[Option]) -> int | None:
        _list_options(options, text, tell)
        picked = next(remaining, None)
        if picked is None:
            return None
        tell(f"> {picked}")
        return picked - 1

    return pick


def _from_keyboard(text: WalkText) -> Callable[[Sequence[Option]], int | None]:
    def pick(options: Sequence[Option]) -> int | None:
        _list_options(options, text, answer)
        while True:
            write("> ")
            streams.finish()
            written = sys.stdin.readline()
            if not written or written.strip() in ("q", "quit"):
                return None
            picked = option_number(written.strip())
            if 1 <= picked <= len(options):
                return picked - 1
            warn(f"choose from 1 to {len(options)}, or q to leave")

    return pick
