"""What `voicepipe pronounce` shows: each word with its sounds, and what decided them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import Session, answer, answer_table, say, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.hashing import Json
    from voicepipe.text.records import SpokenSegment, Utterance


def without_given(text: str, said: Utterance) -> str:
    """Leave out the words whose sound is given: nobody needs to look them up."""
    for entry in said.applied:
        text = text.replace(entry.word, " ")
    return text


def reading_document(said: Utterance, unknown: Sequence[str], *, explains: bool) -> dict[str, Json]:
    """Give a reading as JSON.

    Args:
        said: The line, read.
        unknown: Words that had to be guessed.
        explains: Add what decided each word, and what became of each character.
    """
    found = _plain_document(said, unknown)
    if explains:
        from voicepipe.text.account import account_of

        found["rules"] = [
            {"text": unit, "rule": rule} for _, unit, _, rule in _explained_rows(said)
        ]
        found["account"] = [
            {"text": part.text, "fate": part.fate.value} for part in account_of(said)
        ]
    return found


def _plain_document(said: Utterance, unknown: Sequence[str]) -> dict[str, Json]:
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


def _explained_rows(said: Utterance) -> list[tuple[str, str, str, str]]:
    from voicepipe.text.readers import rules_of_units

    given = {entry.word.casefold() for entry in said.applied}
    rows = []
    for segment in said.segments:
        rules = rules_of_units(segment)
        for (unit, phonemes), rule in zip(_units(segment), rules, strict=True):
            known = "given: lexicon or [say:…]" if unit.casefold() in given else rule
            rows.append((segment.language.value, unit, " ".join(phonemes), known))
    return rows


def show_reading(
    session: Session, said: Utterance, unknown: Sequence[str], *, explains: bool
) -> None:
    """Show a reading to a person: the words as said, then each with its sounds."""
    if said.dropped:
        warn(f"not read, so left out: {' '.join(said.dropped)}")
    if not said.phonemes:
        warn("nothing in this text can be said")
        return
    answer(said.normalized_text)
    rows = _explained_rows(said) if explains else []
    if explains:
        answer_table(("language", "text", "sound", "because"), rows)
    else:
        answer_table(("language", "text", "sound"), _plain_rows(said))
    for entry in said.applied:
        say(session, f"from the lexicon: {entry.word} = {entry.value} ({entry.notation})")
    if unknown:
        say(session, f"in no dictionary, so guessed: {', '.join(unknown)}")


def _plain_rows(said: Utterance) -> list[tuple[str, str, str]]:
    return [
        (segment.language.value, unit, " ".join(phonemes))
        for segment in said.segments
        for unit, phonemes in _units(segment)
    ]
