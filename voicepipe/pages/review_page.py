"""Writing the folder of a review: one page, its data, and the sounds."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from voicepipe.audio.wav import AudioFileError, read_clip
from voicepipe.pages.folder import PagesFolder, page, script_call, script_value
from voicepipe.pages.pictures import N_BANDS, N_COLUMNS, PICTURE_REVISION, picture_of
from voicepipe.pages.review_cards import card_facts, sound_facts, worst_first

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.pages.review_cards import Card, Sound

CARDS_A_FILE: Final = 32
"""Lines whose pictures share one file of data: about 300 KB, read when one of them is looked at."""
CARDS_NAME: Final = "data/cards.js"
ASSETS: Final = (
    "base.css",
    "review.css",
    "review_model.js",
    "review_list.js",
    "review_sound.js",
    "review_detail.js",
    "review_main.js",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHead:
    """What the page says of the bank as a whole."""

    bank: str
    version: str
    """Empty: nothing was published yet."""
    created: str
    languages: tuple[str, ...]
    served: bool = False
    """Whether a server behind the page takes decisions; else they are saved as a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewData:
    """What the page's scripts read."""

    cards: tuple[dict[str, Any], ...]
    """In the order of the lines."""
    places: dict[str, str]
    """sha256 of a sound → the file of data that holds its picture."""


def write_review(
    target: Path,
    head: ReviewHead,
    cards: Sequence[Card],
    *,
    file_of: Callable[[Sound], tuple[str, Path]],
    on_cards: Callable[[int], None],
) -> ReviewData:
    """Write the folder of a review, or bring one up to date.

    Args:
        target: The folder.
        head: Of the bank.
        cards: In the order of the script.
        file_of: Gives a sound's file name in the page's folder `sounds`, and what is copied there.
        on_cards: Told how many lines are done.

    Returns:
        What the page's scripts read.

    Raises:
        UsageError: The folder holds something else.
        EnvironmentFault: A sound cannot be read, or a file not be written.
    """
    folder = PagesFolder(target, "review")
    names: dict[str, str] = {}
    where: dict[str, str] = {}
    for begin in range(0, len(cards), CARDS_A_FILE):
        group = cards[begin : begin + CARDS_A_FILE]
        sounds = {one.sha256: one for card in group for one in _sounds_of(card)}
        for sound in sounds.values():
            name, source = file_of(sound)
            names[sound.sha256] = f"sounds/{name}"
            folder.copy(f"sounds/{name}", source)
        if sounds:
            where |= dict.fromkeys(sounds, _write_pictures(folder, list(sounds.values())))
        on_cards(begin + len(group))
    places = worst_first(cards)
    facts = [_facts(card, place, names) for card, place in zip(cards, places, strict=True)]
    folder.write(CARDS_NAME, cards_script(facts))
    folder.write("data/where.js", script_call("voicepipeReview.takePlaces", where))
    folder.write_assets(ASSETS)
    shown = {**asdict(head), "bands": N_BANDS, "columns": N_COLUMNS}
    config = script_value({**shown, "languages": list(head.languages)})
    folder.write("index.html", page("review.html", {"head": head, "config": config}))
    folder.sweep(("data", "sounds"))
    return ReviewData(cards=tuple(facts), places=where)


def cards_script(facts: Sequence[dict[str, Any]]) -> bytes:
    """Write the file that hands the page its lines."""
    return script_call("voicepipeReview.takeCards", list(facts))


def _sounds_of(card: Card) -> list[Sound]:
    return ([] if card.sound is None else [card.sound]) + list(card.earlier)


def _facts(card: Card, place: int, names: dict[str, str]) -> dict[str, Any]:
    earlier = [sound_facts(one, names[one.sha256]) for one in card.earlier]
    file = "" if card.sound is None else names[card.sound.sha256]
    return card_facts(card, place=place, file=file, earlier=earlier)


def _write_pictures(folder: PagesFolder, group: Sequence[Sound]) -> str:
    """Write the pictures of some sounds into a file named by what they are; give its name."""
    hashes = "".join(sound.sha256 for sound in group)
    mark = hashlib.sha256(f"{PICTURE_REVISION}{hashes}".encode()).hexdigest()[:16]
    name = f"data/pictures-{mark}.js"
    if not folder.has(name):
        drawn = {sound.sha256: _drawn(sound) for sound in group}
        folder.write(name, script_call("voicepipeReview.takePictures", drawn))
    return name


def _drawn(sound: Sound) -> dict[str, str]:
    try:
        picture = picture_of(read_clip(sound.source))
    except AudioFileError:
        return {"peaks": "", "spectrogram": ""}  # the page says that it cannot be shown
    return {"peaks": picture.peaks, "spectrogram": picture.spectrogram}
