"""`voicepipe pronounce`: how a line will be read, word by word, without rendering it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from cli.output import Session, answer, answer_table, emit_json, say, session_of, warn
from voicepipe.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.hashing import Json
    from voicepipe.text.languages import Language
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.records import SpokenSegment, Utterance


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("pronounce")(pronounce)


def pronounce(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="The line, as in the script.", show_default=False)],
    language: Annotated[
        str, typer.Option("--lang", help="The voice's language: zh, en, ja, ko or yue.")
    ],
    speaker: Annotated[str, typer.Option("--speaker", help="Whose own lexicon entries win.")] = "",
    sounds: Annotated[
        list[str] | None,
        typer.Option("--say", help="Try WORD=SOUND as a lexicon entry; may be repeated."),
    ] = None,
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
    """Show how a line will be read: words, sounds, and what no dictionary knows."""
    from voicepipe.text.frontend import unknown_words, utterance
    from voicepipe.text.languages import language_of
    from voicepipe.text.records import ReadingStyle

    session = session_of(ctx)
    chosen = language_of(language)
    said = utterance(
        text,
        chosen,
        symbols=_symbol_version(symbols),
        lexicon=_lexicon(session, sounds or (), chosen),
        speaker=speaker,
        style=ReadingStyle.REFERENCE if reference else ReadingStyle.SPOKEN,
    )
    unknown = unknown_words(_without_given(text, said), chosen)
    if as_json:
        emit_json(_document(said, unknown))
    else:
        _show(session, said, unknown)


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


def _without_given(text: str, said: Utterance) -> str:
    """Leave out the words whose sound is given: nobody needs to look them up."""
    for entry in said.applied:
        text = text.replace(entry.word, " ")
    return text


def _document(said: Utterance, unknown: Sequence[str]) -> dict[str, Json]:
    return {
        "text": said.text,
        "language": said.language.value,
        "symbols": said.symbols,
        "normalized_text": said.normalized_text,
        "segments": [
            {
                "language": segment.language.value,
                "normalized_text": segment.normalized_text,
                "units": [
                    {"text": unit, "phonemes": list(phonemes)} for unit, phonemes in _units(segment)
                ],
            }
            for segment in said.segments
        ],
        "phonemes": list(said.phonemes),
        "phoneme_ids": list(said.phoneme_ids),
        "word2ph": list(said.word2ph),
        "lexicon": [
            {"word": entry.word, "notation": entry.notation, "value": entry.value}
            for entry in said.applied
        ],
        "unknown_words": list(unknown),
        "left_out": list(said.dropped),
    }


def _units(segment: SpokenSegment) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    start = 0
    for unit, count in zip(segment.units, segment.word2ph, strict=True):
        found.append((unit, segment.phonemes[start : start + count]))
        start += count
    return found


def _show(session: Session, said: Utterance, unknown: Sequence[str]) -> None:
    if said.dropped:
        warn(f"not read, so left out: {' '.join(said.dropped)}")
    if not said.phonemes:
        warn("nothing in this text can be said")
        return
    answer(said.normalized_text)
    rows = [
        (segment.language.value, unit, " ".join(phonemes))
        for segment in said.segments
        for unit, phonemes in _units(segment)
    ]
    answer_table(("language", "text", "sound"), rows)
    for entry in said.applied:
        say(session, f"from the lexicon: {entry.word} = {entry.value} ({entry.notation})")
    if unknown:
        say(session, f"in no dictionary, so guessed: {', '.join(unknown)}")
