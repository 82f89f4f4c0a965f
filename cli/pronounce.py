"""`voicepipe pronounce`: how a line will be read, word by word, without rendering it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from cli.output import Session, emit_json, session_of, warn
from cli.pronounce_view import reading_document, show_reading, without_given
from voicepipe.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.screenplay.line import Segment
    from voicepipe.text.languages import Language
    from voicepipe.text.lexicon import Lexicon


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("pronounce")(pronounce)


def pronounce(
    ctx: typer.Context,
    text: Annotated[
        str,
        typer.Argument(help="The line, as in the script, with inline tags.", show_default=False),
    ] = "",
    language: Annotated[
        str,
        typer.Option(
            "--lang",
            help="The voice's language: zh, en, ja, ko or yue; all of a --line's otherwise.",
        ),
    ] = "",
    lines: Annotated[
        list[str] | None, typer.Option("--line", help="A line id of the scripts; may be repeated.")
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", help="A file with a line of text on each line; may be repeated."),
    ] = None,
    speaker: Annotated[str, typer.Option("--speaker", help="Whose own lexicon entries win.")] = "",
    sounds: Annotated[
        list[str] | None,
        typer.Option("--say", help="Try WORD=SOUND as a lexicon entry; may be repeated."),
    ] = None,
    explains: Annotated[
        bool, typer.Option("--explain", help="Say which rule decided each word.")
    ] = False,
    reference: Annotated[
        bool,
        typer.Option(
            "--reference", help="Read as the reference implementation does, oddities included."
        ),
    ] = False,
    symbols: Annotated[
        str, typer.Option("--symbols", help="The checkpoint's symbol table: v1 or v2.")
    ] = "v2",
    as_json: AsJson = False,
) -> None:
    """Show how lines will be read: words, sounds, and what no dictionary knows."""
    from voicepipe.screenplay.line import spoken_stretches
    from voicepipe.text.frontend import unknown_words, utterance
    from voicepipe.text.languages import language_of
    from voicepipe.text.records import ReadingStyle

    session = session_of(ctx)
    wanted = [
        *_typed(session, text, files or (), language, speaker),
        *_scripted(session, lines or (), language),
    ]
    if not wanted:
        raise UsageError("there is nothing to read", remedy="give a text, --line ID or --file PATH")
    documents = []
    for one in wanted:
        chosen = language_of(one.language)
        said = utterance(
            spoken_stretches(one.segments),
            chosen,
            symbols=_symbol_version(symbols),
            lexicon=_lexicon(session, sounds or (), chosen),
            speaker=one.speaker,
            style=ReadingStyle.REFERENCE if reference else ReadingStyle.SPOKEN,
        )
        unknown = unknown_words(without_given(said.text, said), chosen)
        if as_json:
            documents.append(reading_document(said, unknown, explains=explains))
        else:
            show_reading(session, said, unknown, explains=explains)
    if as_json:
        several = bool(lines or files)
        emit_json({"lines": list(documents)} if several else documents[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A text that is to be read."""

    segments: tuple[Segment, ...]
    language: str
    speaker: str


def _typed(
    session: Session, text: str, files: Sequence[Path], language: str, speaker: str
) -> Iterator[_Reading]:
    """Read the inline tags of texts that were typed or stand in files.

    Raises:
        UsageError: No language was given.
        InputError: An inline tag cannot be followed, or a file cannot be read.
    """
    from voicepipe.diagnostics import SourceSpan, has_errors
    from voicepipe.pipeline.project import input_error
    from voicepipe.screenplay.inline_tags import parse_inline_tags

    texts = [(text, SourceSpan(path="(text)"))] if text else []
    for path in files:
        try:
            content = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: {error}", remedy="name a text file in UTF-8") from error
        texts += [
            (line, SourceSpan(path=path.as_posix(), line=number, column=1))
            for number, line in enumerate(content.splitlines(), start=1)
            if line.strip()
        ]
    if texts and not language:
        raise UsageError("no language was given", remedy="add --lang zh, en, ja, ko or yue")
    for written, span in texts:
        segments, problems = parse_inline_tags(written, span)
        if has_errors(problems):
            raise input_error(session.root, problems)
        for problem in problems:
            warn(f"{problem.code}: {problem.message}")
        yield _Reading(segments=segments, language=language, speaker=speaker)


def _scripted(session: Session, ids: Sequence[str], language: str) -> Iterator[_Reading]:
    """Find lines of the scripts by their ids.

    Raises:
        UsageError: There is no such line, or it has no text in the language.
    """
    if not ids:
        return
    from cli.scripts import read_scripts
    from voicepipe.diagnostics import did_you_mean
    from voicepipe.screenplay.lines.resolve import resolve_lines
    from voicepipe.screenplay.syntax import Language as Tag

    settings, screenplay, _ = read_scripts(session, whole=False)
    tags = [Tag(tag) for tag in settings.languages]
    found, _ = resolve_lines(
        screenplay, languages=tags, source_language=Tag(settings.source_language)
    )
    for wanted in ids:
        matching = [line for line in found if line.is_voiced and wanted in {line.id, line.base_id}]
        if not matching:
            hint = did_you_mean(wanted, [line.id for line in found])
            raise UsageError(
                f'no line is called "{wanted}"{hint}', remedy="voicepipe ids lists them"
            )
        texts = [
            _Reading(segments=text.segments, language=tag, speaker=line.speaker)
            for line in matching
            for tag, text in line.texts.items()
            if language in {"", tag}
        ]
        if not texts:
            raise UsageError(f'line "{wanted}" has no text in "{language}"', remedy="write one")
        yield from texts


def _symbol_version(name: str) -> str:
    if name not in {"v1", "v2"}:
        raise UsageError(f'no symbol table is called "{name}"', remedy="use v1 or v2")
    return name


def _lexicon(session: Session, sounds: Sequence[str], language: Language) -> Lexicon:
    """Read the project's lexicon, the words to try before it.

    Raises:
        InputError: The lexicon has errors, or a sound cannot be read.
    """
    from voicepipe.diagnostics import has_errors
    from voicepipe.settings import load_settings
    from voicepipe.text.lexicon import LEXICON_FILE, Lexicon, LexiconEntry, load_lexicon
    from voicepipe.text.spelling import parse_spelling

    settings, _ = load_settings(session.root)
    path = settings.lexicon if settings else LEXICON_FILE
    found, diagnostics = load_lexicon(session.root, path)
    if has_errors(diagnostics):
        for diagnostic in diagnostics:
            warn(f"{diagnostic.span}: {diagnostic.code}: {diagnostic.message}")
        raise InputError(
            f"{path} has errors", remedy="mend the entries above", diagnostics=diagnostics
        )
    tried = []
    for given in sounds:
        word, _, sound = given.partition("=")
        if not word.strip() or not sound.strip():
            raise UsageError(f'"{given}" is not WORD=SOUND', remedy="write Mario=MAH-ree-oh")
        spelling = parse_spelling(sound, language)
        tried.append(LexiconEntry(word=word.strip(), language=language, spelling=spelling))
    words = {entry.word for entry in tried}
    kept = (entry for entry in found.entries if entry.word not in words)
    return Lexicon(entries=(*tried, *kept))
