"""Japanese → OpenJTalk phonemes, with `[` where the pitch rises and `]` where it falls.

Borders of accent phrases are marked `#` by the reference, which no symbol table holds: they
become `UNK`, and so they do here.

Source: Kurihara et al., "Prosodic features control by symbols as input of sequence-to-sequence
acoustic modeling for neural TTS" (2021), in ESPnet's form, which the checkpoints were trained on.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
import warnings
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from voicepipe.text.ja.normalize import normalize
from voicepipe.text.records import Pronounced, ReadingStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.records import Part

_SPOKEN = re.compile(
    r"[A-Za-z\d\u3005\u3040-\u30ff\u4e00-\u9fff\uff11-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uff9d]+"
)
_MARKS = {
    "：": ",",
    "；": ",",
    "，": ",",
    "。": ".",
    "！": "!",
    "？": "?",
    "\n": ".",
    "·": ",",
    "、": ",",
}
_LABEL = re.compile(
    r"-(?P<phone>[^+]*)\+.*?/A:(?P<fall>-?\d+|xx)\+(?P<mora>\d+|xx)\+(?P<left>\d+|xx)"
)
_PHRASE_MORAE = re.compile(r"/F:(\d+)_")
_BORDER_AFTER = frozenset({*"aeiouN", "cl", "l", "c"})
_LONGEST_STRETCH = 200
"""Characters OpenJTalk is given at once; it keeps fixed buffers for one utterance."""
_LOCK = threading.Lock()


def pronounce(parts: Sequence[Part], *, style: ReadingStyle = ReadingStyle.REFERENCE) -> Pronounced:
    """Read Japanese.

    Args:
        parts: The text in order; a part with phonemes is one unit, whatever it holds.
        style: See `ReadingStyle`.

    Returns:
        One unit a stretch between marks, and one a mark. Marks no table holds become `UNK`.
    """
    texts: list[str] = []
    units: list[tuple[str, tuple[str, ...]]] = []
    for part in parts:
        if part.phonemes:
            texts.append(part.text)
            units.append((part.text, part.phonemes))
            continue
        said = normalize(part.text, style)
        texts.append(said)
        units.extend(_read(said.replace("％", "パーセント").lower()))
    return Pronounced(
        normalized_text="".join(texts),
        units=tuple(unit for unit, _ in units),
        unit_phonemes=tuple(phonemes for _, phonemes in units),
    )


def _read(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    end = 0
    for match in _SPOKEN.finditer(text):
        yield from _read_marks(text[end : match.start()])
        for start in range(match.start(), match.end(), _LONGEST_STRETCH):
            stretch = text[start : min(start + _LONGEST_STRETCH, match.end())]
            yield stretch, tuple(_read_stretch(stretch))
        end = match.end()
    yield from _read_marks(text[end:])


def _read_marks(marks: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for mark in marks:
        if mark != " ":
            yield mark, (_MARKS.get(mark, mark),)


@cache
def _openjtalk() -> Any:  # noqa: ANN401 - a module without the types we need
    # It announces an optional model it lacks; that model is not part of the reference either.
    said = io.StringIO()
    with (
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        import pyopenjtalk  # noqa: PLC0415 - loads a dictionary of 800,000 words

        pyopenjtalk.run_frontend("行")  # a word with two readings wakes every part of it
    return pyopenjtalk


def _labels(text: str) -> list[str]:
    with _LOCK:
        talk = _openjtalk()
        # Its model for 何 works only where a library nobody asked for happens to be installed:
        # the same script must read the same on every machine.
        features = talk.run_frontend(text, predict_nani=False)
        labels: list[str] = talk.make_label(features)
    return labels


def _read_stretch(text: str) -> Iterator[str]:
    labels = _labels(text)
    for label, following in pairwise(labels):
        match = _LABEL.search(label)
        if match is None or match["phone"] == "sil":
            continue
        if match["phone"] == "pau":
            yield "_"
            continue
        phone = match["phone"].lower() if match["phone"] in "AEIOU" else match["phone"]
        yield phone
        mark = _pitch_mark(phone, label, match, _LABEL.search(following))
        if mark:
            yield mark


def _pitch_mark(
    phone: str, label: str, match: re.Match[str], following: re.Match[str] | None
) -> str:
    mora, next_mora = _number(match["mora"]), _number(following["mora"] if following else "")
    if match["left"] == "1" and next_mora == 1 and phone in _BORDER_AFTER:
        return "#"
    morae = _PHRASE_MORAE.search(label)
    is_last = morae is not None and mora == int(morae[1])
    if match["fall"] == "0" and next_mora == mora + 1 and not is_last:
        return "]"
    return "[" if mora == 1 and next_mora == 2 else ""


def _number(written: str) -> int:
    return int(written) if written.isdigit() else -50


def unknown_words(text: str) -> tuple[str, ...]:
    """List words OpenJTalk's dictionary lacks, in order, once each.

    Kana among them are read as written with a guessed accent, other letters one by one.
    """
    found: dict[str, None] = {}
    for match in _SPOKEN.finditer(normalize(text)):
        with _LOCK:
            morphs = _openjtalk().run_mecab_detailed(match[0][:_LONGEST_STRETCH])[1]
        for morph in morphs:
            if morph["is_unknown"]:
                found.setdefault(morph["surface"])
    return tuple(found)
