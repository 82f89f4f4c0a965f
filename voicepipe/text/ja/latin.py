"""Latin letters that belong to a Japanese line: units, numbers, codes, laughter.

Words and acronyms (Hello, USB) are the English front end's; `voicepipe.text.scripts` gives the
rest to Japanese.
"""

from __future__ import annotations

import re

from voicepipe.text.languages import Language
from voicepipe.text.laughter import without_laughter
from voicepipe.text.roman import roman_value
from voicepipe.text.steps import Step, rewrite
from voicepipe.text.unit_names import prefixed_units

_LETTERS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            "エー",
            "ビー",
            "シー",
            "ディー",
            "イー",
            "エフ",
            "ジー",
            "エイチ",
            "アイ",
            "ジェー",
            "ケー",
            "エル",
            "エム",
            "エヌ",
            "オー",
            "ピー",
            "キュー",
            "アール",
            "エス",
            "ティー",
            "ユー",
            "ブイ",
            "ダブリュー",
            "エックス",
            "ワイ",
            "ゼット",
        ],
        strict=True,
    )
)
_PREFIXES = {
    "": "",
    "k": "キロ",
    "c": "センチ",
    "m": "ミリ",
    "d": "デシ",
    "h": "ヘクト",
    "μ": "マイクロ",
    "µ": "マイクロ",
    "n": "ナノ",
    "M": "メガ",
    "G": "ギガ",
    "T": "テラ",
}
_BASES = {
    "m": "メートル",
    "g": "グラム",
    "l": "リットル",
    "L": "リットル",
    "ℓ": "リットル",
    "W": "ワット",
    "V": "ボルト",
    "Hz": "ヘルツ",
    "Pa": "パスカル",
    "cal": "カロリー",
    "J": "ジュール",
    "m2": "平方{}メートル",
    "m²": "平方{}メートル",
    "m3": "立方{}メートル",
    "m³": "立方{}メートル",
}
_UNITS = prefixed_units(_PREFIXES, _BASES) | {
    **dict.fromkeys(("KB", "kB"), "キロバイト"),
    "MB": "メガバイト",
    "GB": "ギガバイト",
    "TB": "テラバイト",
    "km/h": "キロメートル毎時",
    "m/s": "メートル毎秒",
    "cc": "シーシー",
    "kWh": "キロワット時",
    "mAh": "ミリアンペア時",
    "dB": "デシベル",
    "db": "デシベル",
    "Gbps": "ギガビーピーエス",
    "Mbps": "メガビーピーエス",
    "fps": "エフピーエス",
    "rpm": "回転毎分",
    "mph": "マイル毎時",
    "ft": "フィート",
    "lb": "ポンド",
    "oz": "オンス",
    "ha": "ヘクタール",
    "t": "トン",
    "h": "時間",
    "min": "分",
    "s": "秒",
    "ms": "ミリ秒",
    "°C": "度",
    "°F": "度",
}
_SIGNS = "|".join(re.escape(sign) for sign in sorted(_UNITS, key=len, reverse=True))
_UNIT = re.compile(rf"(?<=[0-9数何幾千万億百十])\s?({_SIGNS})(?![A-Za-z0-9])")
_NUMBERED = re.compile(r"(?<![A-Za-z])[Nn][Oo]\.?\s?(\d+)")
_RANKS = {"1": "ワン", "2": "ツー", "3": "スリー"}
_LEVEL = re.compile(r"(?<![A-Za-z])[Ll][Vv]\.?\s?(?=\d)")
_ROMAN = re.compile(
    r"(?<=第)([IVXLC]+)(?![A-Za-z])|(?<![A-Za-z])([IVX]+)(?=世)|"
    r"(?<=[ァ-ヶー一-龠々])(II|III|IV|VI|VII|VIII|IX|XI|XII|XIII)(?![A-Za-z0-9])"
)
_NOON = {"A": "午前", "P": "午後"}
_BEFORE_NOON = re.compile(r"(?<![A-Za-z])([APap])\.?[Mm]\.?\s?(?=\d{1,2}(?:[:時]|(?!\d)))")
_AFTER_NOON = re.compile(r"(?<!\d)(\d{1,2}(?::\d\d)?)(時?)\s?([APap])\.?[Mm](?:\.|(?![A-Za-z]))")
_FLOOR = re.compile(r"(?<![A-Za-z0-9.])(B?)(\d{1,2})F(?![A-Za-z0-9])")
# Said with English numbers by everyone.
_FIXED = {
    "1P": "ワンピー",
    "2P": "ツーピー",
    "3P": "スリーピー",
    "2D": "ツーディー",
    "3D": "スリーディー",
    "4D": "フォーディー",
    "3DS": "スリーディーエス",
    "2DS": "ツーディーエス",
    "3DCG": "スリーディーシージー",
    "3G": "スリージー",
    "4G": "フォージー",
    "5G": "ファイブジー",
    "MP3": "エムピースリー",
    "MP4": "エムピーフォー",
    "PS1": "ピーエスワン",
    "PS2": "ピーエスツー",
    "PS3": "ピーエススリー",
    "PS4": "ピーエスフォー",
    "PS5": "ピーエスファイブ",
    "F1": "エフワン",
    "H2O": "エイチツーオー",
    "CO2": "シーオーツー",
    "O2": "オーツー",
    "O157": "オーイチゴーナナ",
    "Y2K": "ワイツーケー",
    "G20": "ジートゥエンティ",
}
# Letters and digits in one, letters in capitals: A4, F-15, R2-D2, 2LDK. Longer words are words.
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Z0-9-]*[0-9])(?=[A-Z0-9-]*[A-Z])(?![A-Z0-9-]*[A-Z]{4})"
    r"([A-Z0-9]+(?:-[A-Z0-9]+)*)(\.\d+)?(?![A-Za-z0-9])"
)
_MAY_HOLD = re.compile("[A-Za-zℓｗＷ笑泣汗涙照怒爆]")


FORMS = (
    Step(rule="laughter", rewrite=lambda text: without_laughter(text, Language.JA)),
    Step(
        rule="a.m. or p.m.",
        rewrite=lambda text: _BEFORE_NOON.sub(lambda match: _NOON[match[1].upper()], text),
    ),
    Step(rule="a.m. or p.m.", rewrite=lambda text: _AFTER_NOON.sub(_say_noon, text)),
    Step(
        rule="numbered",
        rewrite=lambda text: _NUMBERED.sub(lambda m: "ナンバー" + _RANKS.get(m[1], m[1]), text),
    ),
    Step(rule="level", rewrite=lambda text: _LEVEL.sub("レベル", text)),
    Step(
        rule="Roman numeral",
        rewrite=lambda text: _ROMAN.sub(lambda m: str(roman_value(m[1] or m[2] or m[3])), text),
    ),
    Step(
        rule="quantity: unit",
        rewrite=lambda text: _UNIT.sub(lambda match: _UNITS[match[1]], text),
    ),
    Step(
        rule="floor",
        rewrite=lambda text: _FLOOR.sub(lambda m: f"{'地下' if m[1] else ''}{m[2]}階", text),
    ),
    Step(rule="code", rewrite=lambda text: _CODE.sub(_say_code, text)),
)
"""Put into Japanese what is written in Latin letters but belongs to the line: units after a number
(`5km`), `No.5`, Roman numerals, `AM 7:30`, floors, codes with digits (`A4`, `R2-D2`). Laughter
(`www`, （笑）) goes."""


def say_forms(text: str) -> str:
    """Apply `FORMS` to what of a line is read as Japanese."""
    return rewrite(text, FORMS) if _MAY_HOLD.search(text) else text


def _say_noon(match: re.Match[str]) -> str:
    time, hour, half = match.groups()
    return f"{_NOON[half.upper()]}{time}{hour or ('' if ':' in time else '時')}"


def _say_code(match: re.Match[str]) -> str:
    code, decimals = match[1], match[2] or ""
    if code in _FIXED and not decimals:
        return _FIXED[code]
    said = ""
    for run in re.findall(r"[A-Z]+|\d+|(?<=\d)-(?=\d)", code):
        if run == "-":
            said += "の"
        else:
            said += run if run.isdigit() else "".join(_LETTERS[letter] for letter in run)
    return said + decimals
