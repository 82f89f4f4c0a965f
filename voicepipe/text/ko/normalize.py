"""Korean text: in the spoken style, written amounts and signs are put into words first."""

from __future__ import annotations

import re

from voicepipe.text.account import PAUSES, Verbalized, leave_out
from voicepipe.text.ko.amounts import AMOUNTS
from voicepipe.text.ko.hanja import say_hanja
from voicepipe.text.ko.jamo_names import say_letters_alone
from voicepipe.text.ko.latin import say_forms
from voicepipe.text.ko.signs import say_figures, say_signs
from voicepipe.text.languages import Language
from voicepipe.text.laughter import without_laughter
from voicepipe.text.records import ReadingStyle
from voicepipe.text.steps import Step, rewrite

_FULL_WIDTH = {code + 0xFEE0: code for code in range(ord("0"), ord("9") + 1)}
_DOTS = re.compile(r"\.{2,}|…+")
_DASH = re.compile(r"\s*[—―–]+\s*|\s+-+\s+")
_SPACES = re.compile(" {2,}")
_HELD = frozenset("\"'“”‘’「」『』()[]{}<>（）《》〈〉【】")
"""Quotation marks and brackets: a short stop, as the reference has it."""
_READ = "A-Za-z\uac00-\ud7a3"
_UNSPOKEN = re.compile(f"[^{_READ}{re.escape(''.join(sorted(PAUSES | _HELD)))} \n，]+")
_PLAIN = re.compile("[\uac00-\ud7a3 .,!?\n]*")
_FORMS = (
    Step(rule="full-width figures", rewrite=lambda text: text.translate(_FULL_WIDTH)),
    Step(rule="laughter", rewrite=lambda text: without_laughter(text, Language.KO)),
    Step(rule="lone letters", rewrite=say_letters_alone),
    Step(rule="Chinese characters", rewrite=say_hanja),
    Step(rule="sign that holds a number", rewrite=say_figures),
    Step(rule="Latin letters and codes", rewrite=say_forms),
    *AMOUNTS,
    Step(rule="sign by name", rewrite=say_signs),
    Step(rule="", rewrite=lambda text: _SPACES.sub(" ", text)),
)
STEPS = (
    *_FORMS,
    Step(rule="pause for a dash", rewrite=lambda text: _DASH.sub(", ", text)),
    Step(rule="dots", rewrite=lambda text: _DOTS.sub("…", text)),
    Step(rule="left out what nothing says", rewrite=lambda text: leave_out(text, _UNSPOKEN).text),
)
"""What `verbalize` does in the spoken style, rule by rule."""


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
        text = rewrite(text, _FORMS)
    said = leave_out(_DOTS.sub("…", _DASH.sub(", ", text)), _UNSPOKEN)
    return Verbalized(text=said.text, dropped=said.dropped)
