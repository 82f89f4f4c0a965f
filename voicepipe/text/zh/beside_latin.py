"""Chinese numbers that touch Latin letters: `G1234`, `A4`, `128GB`, `v2.0`."""

from __future__ import annotations

import re

from voicepipe.text.zh.numbers import say_cardinal, say_digits, say_number

_BEHIND = re.compile(r"[-–]?(\d+(?:\.\d+)*)(?![:：/,]\d)")
_IN_FRONT = re.compile(r"(?<![\d.,:/-])(\d+(?:\.\d+)?)$")
_FEWEST_CODE_DIGITS = 3
_ROUND = re.compile("[1-9]0+")


def say_beside_latin(text: str, before: str, after: str) -> str:
    """Read the number that follows or precedes letters.

    Args:
        text: A run of Chinese.
        before: What stands in front of it in another language.
        after: What stands behind it in another language.

    Returns:
        The text with those numbers in words: behind letters, three digits and more are a code
        unless they are round; in front of letters a number is a quantity.
    """
    touches = before[-1:].isalpha() or before.endswith(("-", "–"))
    match = _BEHIND.match(text) if touches else None
    if match:
        text = _say_code(match[1]) + text[match.end() :]
    if after[:1].isalpha():
        text = _IN_FRONT.sub(lambda match: _say_counted(match[1], after), text)
    return text


def _say_code(number: str) -> str:
    if "." in number:
        groups = number.split(".")
        if len(groups) == 2:
            return say_number(number)
        return "点".join(say_digits(group) for group in groups)
    if number.startswith("0") and len(number) > 1:
        return say_digits(number)
    if len(number) < _FEWEST_CODE_DIGITS or _ROUND.fullmatch(number):
        return say_cardinal(number)
    return say_digits(number, telephone=True)


def _say_counted(number: str, after: str) -> str:
    is_resolution = re.match(r"[pP](?![A-Za-z])", after) and len(number) >= _FEWEST_CODE_DIGITS
    return say_digits(number, telephone=True) if is_resolution else say_number(number)
