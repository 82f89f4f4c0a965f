"""The file a review is saved as: decisions from somebody's browser, read without trusting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from voicepipe.bank.faults import explained
from voicepipe.bank.layout import is_hash
from voicepipe.bank.reviews import LONGEST_WORDS
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import InputError
from voicepipe.pipeline.reviewing import Request, Verb
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

WHAT: Final = "voicepipe review"
SCHEMA: Final = 1
LARGEST_FILE: Final = 1 << 26
MOST_DECISIONS: Final = 1_000_000

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Words = Annotated[str, msgspec.Meta(max_length=LONGEST_WORDS)]


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    decision: _Name
    line: _Name
    language: _Name
    sound: Annotated[str, msgspec.Meta(max_length=64)] = ""
    words: _Words = ""
    status: Annotated[str, msgspec.Meta(max_length=40)] = ""


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    schema: int
    what: str
    decisions: Annotated[list[_Row], msgspec.Meta(max_length=MOST_DECISIONS)]
    bank: str = ""
    version: str = ""


def load_review_file(path: Path, *, bank: str) -> tuple[Request, ...]:
    """Read the decisions of a review.

    Args:
        path: As the page saved it.
        bank: The project's: a review of another bank is refused.

    Returns:
        Requests in the file's order. Whether their lines and sounds are there is not known here.

    Raises:
        InputError: It is no such file; says where it departs.
        EnvironmentFault: It cannot be read.
    """
    with explained(path):
        content = read_regular(path, limit=LARGEST_FILE)
    if len(content) > LARGEST_FILE:
        raise _refused(path, f"it is larger than {LARGEST_FILE} bytes")
    try:
        document = msgspec.json.decode(content, type=_Document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _refused(path, str(error)) from error
    if document.what != WHAT or document.schema != SCHEMA:
        raise _refused(path, f'it says "{document.what[:40]}", schema {document.schema}')
    if document.bank != bank:
        raise _refused(path, f'it reviews "{document.bank[:80]}", and this bank is "{bank}"')
    return requests_of(document.decisions, str(path))


def parse_decisions_of(content: bytes) -> tuple[Request, ...]:
    """Read decisions that a page sends: the list alone.

    Raises:
        InputError: They are none.
    """
    try:
        rows = msgspec.json.decode(content, type=dict[str, list[_Row]])["decisions"]
    except (msgspec.DecodeError, RecursionError, KeyError) as error:
        raise InputError(f"no decisions: {error}") from error
    return requests_of(rows, "decisions")


def requests_of(rows: list[_Row], where: str) -> tuple[Request, ...]:
    """Turn rows into requests.

    Raises:
        InputError: A row has a verb that does not exist, or a sound that is no hash.
    """
    verbs = {verb.value: verb for verb in Verb}
    found = []
    for number, row in enumerate(rows):
        place = f"{where}: decisions[{number}] ({row.line[:80]})"
        if row.decision not in verbs:
            hint = did_you_mean(row.decision, verbs)
            raise InputError(f'{place}: "{row.decision[:40]}" is no decision{hint}')
        if row.sound and not is_hash(row.sound):
            raise InputError(f'{place}: "{row.sound[:70]}" is not the sha256 of a sound')
        if _needs_sound(verbs[row.decision]) and not row.sound:
            raise InputError(f"{place}: it does not say which sound was heard")
        found.append(
            Request(
                verb=verbs[row.decision],
                line=row.line,
                language=row.language,
                words=" ".join(row.words.split()),
                status=row.status,
                sound=row.sound,
            )
        )
    return tuple(found)


def _needs_sound(verb: Verb) -> bool:
    return verb in (Verb.APPROVE, Verb.REJECT, Verb.PIN)


def _refused(path: Path, why: str) -> InputError:
    return InputError(
        f"{path}: not the file of a review: {why}",
        remedy="save it again from the page that `voicepipe review` made",
    )
