"""Signs in Japanese text → what a reader says for them, or the marks they stand for."""

from __future__ import annotations

import re
import unicodedata

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        [
            "アルファ",
            "ベータ",
            "ガンマ",
            "デルタ",
            "イプシロン",
            "ゼータ",
            "イータ",
            "シータ",
            "イオタ",
            "カッパ",
            "ラムダ",
            "ミュー",
            "ニュー",
            "クサイ",
            "オミクロン",
            "パイ",
            "ロー",
            "シグマ",
            "タウ",
            "ユプシロン",
            "ファイ",
            "カイ",
            "プサイ",
            "オメガ",
        ],
        strict=True,
    )
)
_NAMES = {
    **_GREEK,
    **{letter.upper(): name for letter, name in _GREEK.items()},
    "ς": "シグマ",
    "%": "パーセント",
    "％": "パーセント",
    "‰": "パーミル",
    "°": "度",
    "℃": "度",
    "ℓ": "リットル",
    "℉": "度",
    "+": "プラス",
    "＋": "プラス",
    "±": "プラスマイナス",
    "−": "マイナス",
    "÷": "割る",
    "√": "ルート",
    "∞": "無限大",
    "≠": "ノットイコール",
    "≒": "ニアリーイコール",
    "≈": "ニアリーイコール",
    "≤": "以下",
    "≦": "以下",
    "≥": "以上",
    "≧": "以上",
    "&": "アンド",
    "＆": "アンド",
    "@": "アットマーク",
    "＠": "アットマーク",
    "♯": "シャープ",
    "♭": "フラット",
    "〒": "郵便番号",
    "℡": "電話",
    "〆": "締め",
    "〃": "同じく",
    "〼": "ます",
    "ゟ": "より",
    "ヿ": "コト",
    "◎": "二重丸",
    "△": "三角",
    "¥": "円",
    "￥": "円",
    "$": "ドル",
    "＄": "ドル",
    "€": "ユーロ",
    "£": "ポンド",
    "￡": "ポンド",
    "₩": "ウォン",
    "¢": "セント",
    "₽": "ルーブル",
    "₹": "ルピー",
    "₿": "ビットコイン",
    "฿": "バーツ",
    "₫": "ドン",
    "‼": "！！",
    "⁇": "？？",
    "⁈": "？！",
    "⁉": "！？",
}
_NAMED = re.compile(f"[{re.escape(''.join(_NAMES))}]")
_VOICED = re.compile(
    "([かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホウう])[゛\u3099]"
)
_HALF_VOICED = re.compile("([はひふへほハヒフヘホ])[゜\u309a]")
_STRAY_VOICING = re.compile("[゛゜\u3099\u309a]")
_SMALL_KANA = re.compile("[\u31f0-\u31ff]")
_FRACTION = re.compile(r"(\d*)([¼-¾⅐-⅞↉])")
_POWERS = str.maketrans({"²": "の2乗", "³": "の3乗"})
_ENCLOSED = re.compile("[①-⓿㈠-㋿]+")
_COMPANY = {"㈱": "株式会社", "㈲": "有限会社", "(株)": "株式会社", "(有)": "有限会社"}
_ZERO_IN_KANJI = re.compile(
    "(?<![〇○])[一二三四五六七八九](?:[〇一二三四五六七八九]*〇)[一二三四五六七八九〇]*"
)
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_CIRCLES = re.compile("(?:[○〇◯]+|●{2,})(?=[^\\s0-9]|$)")
_CROSS_BESIDE_CIRCLE = re.compile("(?<=[○◯])[×✕]|[×✕](?=[○◯])")
_TIMES = re.compile(r"(?<=[\w)）])\s*[×✕]\s*(?=[\w(（])")
_KATAKANA_HYPHEN = re.compile("(?<=[ァ-ヺー])[=＝゠](?=[ァ-ヺ])")
_EQUALS = re.compile(r"\s*[=＝]\s*(?=[\w√−-])")
_HASH = re.compile(r"[#＃](?=\d)")
_LESS, _MORE = re.compile(r"(?<=\d)\s*[<＜]\s*(?=\d)"), re.compile(r"(?<=\d)\s*[>＞]\s*(?=\d)")
_ARROW = re.compile("[←-⇿]+")
_WAVE = "~〜～∼"
_WAVE_TO = re.compile(
    f"(?<=[0-9年月日時分秒円人個回歳階番度％%一-龠ァ-ヺー])[{_WAVE}]+(?=[0-9一-龠ァ-ヺ])"
)
_WAVE_FROM = re.compile(f"(?<=[0-9年月日時分秒円人個回歳階番度])[{_WAVE}]+")
_WAVE_LONG = re.compile(f"(?<=[ぁ-んァ-ヺー一-龠])[{_WAVE}]+")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")


def tidy_kana(text: str) -> str:
    """Put a kana and its voicing mark together; a voicing mark on a vowel is only roughness."""
    text = _VOICED.sub(lambda match: unicodedata.normalize("NFC", match[1] + "\u3099"), text)
    text = _HALF_VOICED.sub(lambda match: unicodedata.normalize("NFC", match[1] + "\u309a"), text)
    text = _SMALL_KANA.sub(lambda match: _large(match[0]), text)
    return _STRAY_VOICING.sub("", text)


def say_figures(text: str) -> str:
    """Write signs that hold a number as figures: ½, ①, ㊤, 三〇一, figures of other scripts."""
    text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    text = _ZERO_IN_KANJI.sub(lambda match: match[0].translate(_KANJI_DIGITS), text)
    text = _FRACTION.sub(_say_fraction, text).translate(_POWERS)
    for short, said in _COMPANY.items():
        text = text.replace(short, said)
    return _ENCLOSED.sub(lambda m: "、".join(unicodedata.normalize("NFKC", c) for c in m[0]), text)


def say_signs(text: str) -> str:
    """Name what is left of signs, after amounts were put into words."""
    text = _CROSS_BESIDE_CIRCLE.sub("バツ", text)
    text = _CIRCLES.sub(lambda match: "まる" * len(match[0]), text)
    text = _KATAKANA_HYPHEN.sub("・", text)
    text = _TIMES.sub("かける", text).replace("×", "バツ").replace("✕", "バツ")
    text = _LESS.sub("小なり", _MORE.sub("大なり", text))
    text = _EQUALS.sub("イコール", _HASH.sub("ナンバー", text))
    text = re.sub("[#＃](?=\\w)", "シャープ", text)
    text = _NAMED.sub(lambda match: _NAMES[match[0]], text)
    return _ARROW.sub("、", text)


def say_waves(text: str) -> str:
    """Read a wave dash: *from … to* between amounts and places, a long vowel after kana."""
    text = _WAVE_TO.sub("から", text)
    text = _WAVE_FROM.sub("から", text)
    return _WAVE_LONG.sub("ー", text)


def _say_fraction(match: re.Match[str]) -> str:
    whole = f"{match[1]}と" if match[1] else ""
    above, below = unicodedata.normalize("NFKC", match[2]).split("\u2044")
    return f"{whole}{below}分の{above}"


def _large(small: str) -> str:
    return unicodedata.lookup(unicodedata.name(small).replace("SMALL ", ""))
