"""Korean text: in the spoken style, written amounts and signs are put into words first."""

from __future__ import annotations

import re

from voicepipe.text.account import PAUSES, Verbalized, leave_out
from voicepipe.text.ko.amounts import say_amounts
from voicepipe.text.ko.hanja import say_hanja
from voicepipe.text.ko.jamo_names import say_letters_alone
from voicepipe.text.ko.latin import say_forms
from voicepipe.text.ko.signs import say_figures, say_signs
from voicepipe.text.languages import Language
from voicepipe.text.laughter import without_laughter
from voicepipe.text.records import ReadingStyle

_FULL_WIDTH = {code + 0xFEE0: code for code in range(ord("0"), ord("9") + 1)}
_DOTS = re.compile(r"\.{2,}|…+")
_DASH = re.compile(r"\s*[—―–]+\s*|\s+-+\s+")
_SPACES = re.compile(" {2,}")
_HELD = frozenset("\"'“”‘’「」『』()[]{}<>（）《》〈〉【】")
"""Quotation marks and brackets: a short stop, as the reference has it."""
_READ = "A-Za-z\uac00-\ud7a3"
_UNSPOKEN = re.compile(f"[^{_READ}{re.escape(''.join(sorted(PAUSES | _HELD)))} \n，]+")
_PLAIN = re.compile("[\uac00-\ud7a3 .,!?\n]*")


def normalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> str:
    """Write Korean text out in words. See `verbalize`."""
    return verbalize(text, style).text


def verbalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> Verbalized:
    """Write Korean text out in words, and say what in it cannot be read.

    Args:
        text: Anything.
        style: The reference changes nothing here. `SPOKEN` reads telephone numbers, dates, times,
            money, percentages, units, counted things and other numbers, signs, codes, lone letters
            and Chinese characters.

    Returns:
        The text; in the spoken style, without what no rule says.
    """
    if style is ReadingStyle.REFERENCE:
        return Verbalized(text=text)
    if not _PLAIN.fullmatch(text):
        text = without_laughter(text.translate(_FULL_WIDTH), Language.KO)
        text = say_hanja(say_letters_alone(text))
        text = say_amounts(say_forms(say_figures(text)))
        text = _SPACES.sub(" ", say_signs(text))
    said = leave_out(_DOTS.sub("…", _DASH.sub(", ", text)), _UNSPOKEN)
    return Verbalized(text=said.text, dropped=said.dropped)
