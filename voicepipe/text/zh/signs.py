"""Signs and separators of Chinese text: what is said, what is a pause, when a hyphen is minus."""

from __future__ import annotations

import re
import unicodedata

from voicepipe.text.zh.numbers import say_cardinal, say_number

HAN = "\u3007\u3400-\u9fff\U00020000-\U000323af"
_VULGAR = re.compile(r"(\d*)([¼-¾⅐-⅞↉])")
_COMPARED = (
    (re.compile(r"\s*(?:>=|≥|≧)\s*(?=[\d-])"), "大于等于"),
    (re.compile(r"\s*(?:<=|≤|≦)\s*(?=[\d-])"), "小于等于"),
    (re.compile(r"(?<=[\d%℃])\s*>\s*(?=[\d-])"), "大于"),
    (re.compile(r"(?<=[\d%℃])\s*<\s*(?=[\d-])"), "小于"),
    (re.compile(r"\s*≠\s*"), "不等于"),
    (re.compile(r"\s*[≈≒]\s*"), "约等于"),
    (re.compile(r"\s*±\s*(?=\d)"), "正负"),
    (re.compile(r"√(?=\d)"), "根号"),
    (re.compile(r"∞"), "无穷大"),
    (re.compile(rf"(?<=[{HAN}A-Za-z\d])\s*[&＆]\s*(?=[{HAN}A-Za-z\d])"), "和"),
    (re.compile(rf"[@＠](?=[{HAN}A-Za-z])"), "艾特"),
    (re.compile(r"[#＃](?=\d)(\d+)"), r"\1号"),
)
_SUM = re.compile(
    r"(?<![\d.])-?\d+(?:\.\d+)?(?:\s*[-+×÷*/]\s*-?\d+(?:\.\d+)?)+(?=\s*(?:=|等于))"
    r"|(?<![\d.])\d+(?:\.\d+)?(?:\s*[+×÷*]\s*\d+(?:\.\d+)?)+"
)
_EQUALS = re.compile(r"\s*=\s*(-?)(?=[\d?？])")
_SUM_WORDS = {"+": "加", "-": "减", "×": "乘", "*": "乘", "÷": "除以", "/": "除以"}
_MINUS = re.compile(r"(?:^|(?<=[\s（(：:，,。！!？?；;“”\"「『]))-(?=\d)")
_STAT = re.compile(r"(?<=[力值血度分量率攻防蓝命金])-(?=\d)")
_PLUS = re.compile(rf"(?:^|(?<=[{HAN}\s（(，,：:]))\+(?=\d)")
_HYPHEN = re.compile(r"\s*[-‐-―－]+\s*")
_STROKE = re.compile(r"\s*[/／|｜\\]+\s*")
_SPACES = re.compile(rf"(?<=[{HAN}])[ \t]+(?=[{HAN}])")
_ANY_SIGN = re.compile("[-+×÷*/=<>≥≧≤≦≠≈≒±√∞&＆@＠#＃\u2212¼-¾⅐-⅞↉]")
_ANY_SEPARATOR = re.compile(r"[-‐-―－/／|｜\\ \t$€£¥￥₩]")
_MONEY_SIGNS = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元", "₩": "韩元"}
_LONE_MONEY = re.compile("[$€£¥￥₩]")


def say_signs(text: str) -> str:
    """Put fractions, sums and comparisons into words, and minus signs that are ones.

    Run before numbers are put into words: signs need the digits beside them.
    """
    if not _ANY_SIGN.search(text):
        return text
    text = text.replace("\u2212", "-")
    text = _VULGAR.sub(_say_vulgar, text)
    text = _SUM.sub(_say_sum, text)
    text = _EQUALS.sub(lambda match: "等于" + ("负" if match[1] else ""), text)
    for pattern, word in _COMPARED:
        text = pattern.sub(word, text)
    text = _PLUS.sub("加", text)
    return _STAT.sub("负", _MINUS.sub("负", text))


def pause_at_separators(text: str) -> str:
    """Turn what still separates words into pauses. Run after every number is in words."""
    if not _ANY_SEPARATOR.search(text):
        return text
    text = _LONE_MONEY.sub(lambda match: _MONEY_SIGNS[match[0]], text)
    text = _SPACES.sub("，", text)
    return _STROKE.sub("，", _HYPHEN.sub("，", text))


def _say_vulgar(match: re.Match[str]) -> str:
    whole, sign = match.groups()
    top, _, bottom = unicodedata.normalize("NFKC", sign).partition("\u2044")
    said = f"{say_cardinal(bottom)}分之{say_cardinal(top)}"
    return f"{say_cardinal(whole)}又{said}" if whole else said


def _say_sum(match: re.Match[str]) -> str:
    said = ""
    is_operand = True  # a hyphen here is a sign, not an operation
    for token in re.findall(r"\d+(?:\.\d+)?|[-+×÷*/]", match[0]):
        if token[0].isdigit():
            said += say_number(token)
            is_operand = False
        elif is_operand:
            said += "负"
        else:
            said += _SUM_WORDS[token]
            is_operand = True
    return said
