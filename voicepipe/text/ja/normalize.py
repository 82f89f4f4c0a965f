"""Japanese text: marks tidied; in the spoken style, amounts and signs put into words first."""

from __future__ import annotations

import re

from voicepipe.text.account import PAUSES, Verbalized, leave_out
from voicepipe.text.ja.amounts import AMOUNTS
from voicepipe.text.ja.latin import FORMS, say_forms
from voicepipe.text.ja.signs import say_figures, say_signs, say_waves, tidy_kana
from voicepipe.text.ja.words import respell
from voicepipe.text.records import ReadingStyle
from voicepipe.text.steps import Step, rewrite

_REPEATED_MARKS = re.compile(r"([!?…,.\-])[!?…,.\-]+")
_HALF_WIDTH = {code + 0xFEE0: code for code in range(ord("0"), ord("9") + 1)}
_DASH = re.compile(r"[—―–]+|(?<![ァ-ヴぁ-ん])ー{2,}|‥+")
_DOTS = re.compile(r"・{2,}|\.{3,}|…+")
_SPACED_HYPHEN = re.compile(r"\s+[-−]+\s+")
BORDERS = frozenset("\"'“”„‟‘’‚‛«»‹›「」『』｢｣()[]{}<>（）［］｛｝〈〉《》【】〔〕〖〗〘〙〚〛")
"""Quotation marks and brackets: no sound, but a border between phrases."""
_READ = (
    r"A-Za-z0-9\u3005-\u3007\u303b\u3041-\u3096\u309d\u309e\u30a1-\u30fe\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\U00020000-\U000323af"
)
_UNSPOKEN = re.compile(f"[^{_READ}{re.escape(''.join(sorted(PAUSES | BORDERS)))} \u3000\n，．]+")
_SIGNS = re.compile(f"[^{_READ}、。！？]|〇|ーー|・・")
_FIGURES_AND_SIGNS = (
    Step(rule="voicing mark", rewrite=tidy_kana),
    Step(rule="sign that holds a number", rewrite=say_figures),
    *AMOUNTS,
    Step(rule="pause for a hyphen", rewrite=lambda text: _SPACED_HYPHEN.sub("、", text)),
    Step(rule="wave dash", rewrite=say_waves),
    Step(rule="sign by name", rewrite=say_signs),
    Step(rule="pause for a dash", rewrite=lambda text: _DASH.sub("、", text)),
    Step(rule="dots", rewrite=lambda text: _DOTS.sub("…", text)),
)
STEPS = (
    Step(rule="full-width figures", rewrite=lambda text: text.translate(_HALF_WIDTH)),
    *FORMS,
    *_FIGURES_AND_SIGNS,
    Step(rule="list of words OpenJTalk misreads", rewrite=respell),
    Step(rule="left out what nothing says", rewrite=lambda text: leave_out(text, _UNSPOKEN).text),
    Step(rule="repeated marks", rewrite=lambda text: _REPEATED_MARKS.sub(r"\1", text)),
)
"""What `verbalize` does in the spoken style, rule by rule."""


def normalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> str:
    """Tidy Japanese text; OpenJTalk reads the numbers. See `verbalize`."""
    return verbalize(text, style).text


def verbalize(text: str, style: ReadingStyle = ReadingStyle.REFERENCE) -> Verbalized:
    """Tidy Japanese text, and say what in it cannot be read.

    Args:
        text: Anything.
        style: `SPOKEN` puts sums of money, times, dates, telephone numbers, decimals, units, signs
            and Roman numerals into words OpenJTalk reads well, and makes dashes and dots pauses.

    Returns:
        The text, no two of `! ? … , . -` in a row; in the spoken style, without what no rule says.
    """
    if style is ReadingStyle.REFERENCE:
        return Verbalized(text=_REPEATED_MARKS.sub(r"\1", text))
    said = leave_out(_say_as_spoken(text), _UNSPOKEN)
    return Verbalized(text=_REPEATED_MARKS.sub(r"\1", said.text), dropped=said.dropped)


def _say_as_spoken(text: str) -> str:
    text = say_forms(text.translate(_HALF_WIDTH))
    if _SIGNS.search(text):
        text = rewrite(text, _FIGURES_AND_SIGNS)
    return respell(text)
