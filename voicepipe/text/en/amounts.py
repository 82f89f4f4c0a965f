"""English measures, fractions, ranges, sums, codes and signs, put into words."""

from __future__ import annotations

import re

from voicepipe.text.en.numbers import make_ordinal, say_cardinal, say_digits, say_ordinal
from voicepipe.text.rewriting import Rule, rewrite

_UNITS = {
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "m/s": ("meter per second", "meters per second"),
    "km": ("kilometer", "kilometers"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "g": ("gram", "grams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "yd": ("yard", "yards"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "kW": ("kilowatt", "kilowatts"),
    "MW": ("megawatt", "megawatts"),
    "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "dB": ("decibel", "decibels"),
    "ms": ("millisecond", "milliseconds"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "ft": ("foot", "feet"),
    "′": ("foot", "feet"),
    "″": ("inch", "inches"),
    "fps": ("frame per second", "frames per second"),
    "MB/s": ("megabyte per second", "megabytes per second"),
    "GB/s": ("gigabyte per second", "gigabytes per second"),
    "Mbps": ("megabit per second", "megabits per second"),
    "mAh": ("milliamp hour", "milliamp hours"),
    "px": ("pixel", "pixels"),
    "m²": ("square meter", "square meters"),
    "km²": ("square kilometer", "square kilometers"),
    "m³": ("cubic meter", "cubic meters"),
    "°C": ("degree celsius", "degrees celsius"),
    "℃": ("degree celsius", "degrees celsius"),
    "°F": ("degree fahrenheit", "degrees fahrenheit"),
    "℉": ("degree fahrenheit", "degrees fahrenheit"),
}
_UNIT = re.compile(
    r"(?<![\w.,/])(\d+(?:,\d{3})*(?:\.\d+)?)\s?"
    rf"({'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![\w/²³])"
)
_BESIDE_UNIT = re.compile(rf"\d\s?[{''.join(sorted({re.escape(unit[0]) for unit in _UNITS}))}]")
_FEET = re.compile(r"(?<![\w.])(\d{1,2})['′](\d{1,2})(?:\"|”|″|'')?(?![\d'])")
_FEET_ALONE = re.compile(r"(?<![\w.'])(\d{1,2})'(?![\w'])")
_OPEN_QUOTE = re.compile(r"(?:^|(?<=[\s(]))'[^']*$")
_GROUPED = re.compile(r"(?<![\d,.$£€])(\d{1,3}(?:,\d{3})+)(?![\d,]|\.\d)")
_GROUPED_ORDINAL = re.compile(r"(?<![\d,.])(\d{1,3}(?:,\d{3})+)(?:st|nd|rd|th)\b")
_LONG_DECIMAL = re.compile(r"(?<![\d,.$£€])(\d{1,3}(?:,\d{3})+|\d{4,})\.(\d+)(?![\d.])")
_VERSION = re.compile(r"(?<![\d.,])\d+(?:\.\d+){2,}(?![\d.]*\d)")
_POINT = re.compile(r"(?<![\w.])\.(?=\d)")
_POINTED = re.compile(r"\.\d")
_DIGIT = re.compile(r"\d")
_IN_SUM = re.compile("[=+×÷]")
_VULGAR = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅖": "2/5",
    "⅗": "3/5",
    "⅘": "4/5",
    "⅙": "1/6",
    "⅚": "5/6",
    "⅛": "1/8",
    "⅜": "3/8",
    "⅝": "5/8",
    "⅞": "7/8",
    "⅒": "1/10",
}
_VULGAR_SIGN = re.compile(rf"(\d+)?\s?([{''.join(_VULGAR)}])|(\d+)\s?⁄\s?(\d+)")
_MIXED = re.compile(r"(?<![\d/.])(\d+) (\d)/([2-9]|10)(?![\d/])")
_PAIR = re.compile(r"(?<![\d/.])(\d+)/(\d+)(?![\d/]|\.\d)")
_ALWAYS_PAIRS = {"9/11", "24/7", "50/50", "20/20", "7/11", "60/40", "4/4"}
_OUT_OF = {"10", "100", "5"}
_RATIO = re.compile(r"(?<![\d:])(\d+):(\d+)(?![\d:])")
_EVEN = frozenset({"50-50", "20-20", "24-7"})
_GROUPS = re.compile(r"(?<![\w.-])(\d+)(?:-(\d+)){2,}(?![\w-]|\.\d)")
_PLACED = re.compile(
    r"\b([Rr]ooms?|[Aa]partment|[Aa]pt|[Uu]nit|[Ff]lat|[Ss]uite|[Cc]ell|[Gg]ate|[Cc]ode|[Dd]oor)"
    r"\.?\s+(\d+)-(\d+)\b"
)
_RANGE = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)(?![\w-]|\.\d)")
_SPACED_RANGE = re.compile(r"(?<![\w.-])(\d+)\s+-\s+(\d+)(?=\s+[a-z]{2,})")
_NUMBER = r"(?:[-+]?\d+(?:\.\d+)?|\b[a-zA-Z]\b)"
_CLEAR_SUM = re.compile(rf"({_NUMBER})\s*([+×÷=≈≠≤≥<>])\s*(?={_NUMBER})")
_CROSS = re.compile(r"(?<=\d)\s*[*·]\s*(?=\d)")
_SIZE = re.compile(r"(?<=\d)\s?x\s?(?=\d)")
_POWER = re.compile(r"(?<=\d)\s?\^\s?(?=\d)")
_CALLED = re.compile(
    r"\b((?:[Dd]ial|[Cc]all)(?:ed|ing|led|ling|s)?\s+)(\d{3})\b(?![-.,:/]?\d)(?!\s+[a-z])"
)
_MINUS = re.compile(r"(?<=\d)\s*[-−]\s*(?=\d)")
_TRUE_MINUS = re.compile(r"(?<=\d)\s*−\s*(?=\d)|(?<=\d) - (?=\d+(?:\.\d+)?\s*(?:[?!.]|$))")
_TERMS = re.compile(r"\d[^.!?;,]*=|[+×÷]\s*\d")
_SUM_WORDS = {
    "+": " plus ",
    "×": " times ",
    "÷": " divided by ",
    "=": " Equals ",
    "≈": " is about ",
    "≠": " is not ",
    "≤": " is at most ",
    "≥": " is at least ",
    "<": " is less than ",
    ">": " is more than ",
}
_NEGATIVE = re.compile(r"(^|(?<=[\s(]))[-−](?=\.?\d)")
_CODE = re.compile(
    r"\b((?:[Cc]ode|[Pp]in|PIN|[Pp]assword|[Pp]asscode|[Cc]ombination|[Ss]erial)"
    r"(?:\s+number)?(?:\s+(?:is|was))?:?\s+)(\d{3,})\b(?![.,:/]\d|%)"
)
_ZERO_CODE = re.compile(r"(?<![\d.,:/$£€#])(0\d+)(?![\d:/]|\.\d|,\d{3})")
_COUNTED = re.compile(
    r"(?<![\w.,:/$£€'-])(?<![Ii]n )(?<![Ss]ince )(?<![Bb]y )(?<![Oo]f )([12]\d{3})"
    r"(?= (?:gold|men|women|people|[a-z]{3,}[^su\W]s)\b)"
)
_NOT_COUNTED = frozenset({"was", "has", "does", "this", "always", "perhaps", "besides", "its"})
_SIGNS = {
    "%": " percent",
    "‰": " per mille",
    "°": " degrees ",
    "±": " plus or minus ",
    "∞": " infinity ",
    "√": " the square root of ",
    "№": " number ",
    "×": " times ",
    "÷": " divided by ",
    "≈": " about ",
    "²": " squared",
    "³": " cubed",
}
_SIGN = re.compile(f"[{''.join(_SIGNS)}]")
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "omicron",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
        ],
        strict=True,
    )
)
_GREEK_LETTER = re.compile("(?<![^\\W\\d_])[α-ωΑ-Ωµ](?![^\\W\\d_])")


def say_measures(text: str) -> str:
    """Put units, heights and simple fractions into words; numbers stay as digits."""
    if not text.isascii():
        text = _VULGAR_SIGN.sub(_say_vulgar, text)
    text = rewrite(text, _FRACTIONS_AND_FEET)
    if not _BESIDE_UNIT.search(text):
        return text
    return _UNIT.sub(lambda match: _say_unit(match[1], _UNITS[match[2]]), text)


def say_relations(text: str) -> str:
    """Put pairs, ranges and sums into words: `9/11`, `3-5`, `3:2`, `5 - 3 = 2`.

    A hyphen is a minus only in a sum or before a number that stands alone.
    """
    text = rewrite(text, _PLACES)
    if _IN_SUM.search(text) and _TERMS.search(text):
        text = _MINUS.sub(" minus ", text)
    return rewrite(text, _RELATIONS)


def say_numerals(text: str) -> str:
    """Put codes, grouped and long decimal numbers into words; other digits stay."""
    if not _DIGIT.search(text):
        return text
    text = rewrite(text, _GROUPED_AND_POINTED if _POINTED.search(text) else _GROUPED_ALONE)
    return rewrite(text, _NUMERALS)


def say_signs(text: str) -> str:
    """Put signs that are left into words, and single Greek letters into their names."""
    if text.isascii():
        return text.replace("%", _SIGNS["%"])
    text = _GREEK_LETTER.sub(lambda match: _GREEK[match[0].lower().replace("µ", "μ")], text)
    return _SIGN.sub(lambda match: _SIGNS[match[0]], text)


def _say_feet(match: re.Match[str]) -> str:
    is_end_of_quote = _OPEN_QUOTE.search(match.string[: match.start()])
    return match[0] if is_end_of_quote else _say_unit(match[1], _UNITS["′"])


def _say_vulgar(match: re.Match[str]) -> str:
    whole, sign, above, below = match.groups()
    above, below = (above, below) if not sign else _VULGAR[sign].split("/")
    said = _fraction(above, below)
    if whole:
        return f"{whole} and {said if above != '1' else _article(below)}"
    return said


def _article(below: str) -> str:
    return {"2": "a half", "4": "a quarter"}.get(below, f"one {_denominator(below)}")


def _fraction(above: str, below: str) -> str:
    if below == "4":
        return "one quarter" if above == "1" else f"{say_cardinal(above)} quarters"
    if below == "2":
        return "one half" if above == "1" else f"{say_cardinal(above)} halves"
    return f"{say_cardinal(above)} {_denominator(below)}{'' if above == '1' else 's'}"


def _denominator(below: str) -> str:
    return make_ordinal(say_cardinal(below, joiner="and"))


def _say_unit(amount: str, names: tuple[str, str]) -> str:
    return f"{amount} {names[0 if amount == '1' else 1]}"


def _say_pair(match: re.Match[str]) -> str:
    above, below = match.groups()
    if match[0] in _ALWAYS_PAIRS:
        return f"{above} {below}"
    if below in _OUT_OF and int(above) <= int(below) and above != "1":
        return f"{above} out of {below}"
    if below == "4":
        return _fraction(above, below)
    # The fraction is left to the checkpoints' own rule where it is one.
    is_fraction = 0 < int(above) < int(below) or below in {"1", "2", "3"}
    return match[0] if is_fraction else f"{above} {below}"


def _say_range(match: re.Match[str]) -> str:
    if match[0] in _EVEN:
        return f"{match[1]} {match[2]}"
    return f"{match[1]} to {match[2]}"


def _say_long_decimal(match: re.Match[str]) -> str:
    return f"{_plain(match[1].replace(',', ''))} point {say_digits(match[2])}"


def _say_counted(match: re.Match[str]) -> str:
    following = match.string[match.end() :].split(maxsplit=1)[0].strip(".,!?")
    return match[0] if following in _NOT_COUNTED else _plain(match[1])


def _plain(digits: str) -> str:
    return say_cardinal(digits, joiner="and").replace(",", "")


_FRACTIONS_AND_FEET = (
    Rule(pattern=_MIXED, said=lambda m: f"{m[1]} and {_fraction(m[2], m[3])}", needs=("/",)),
    Rule(pattern=_FEET, said=r"\1 foot \2", needs=("'", "′")),
    Rule(pattern=_FEET_ALONE, said=_say_feet, needs=("'",)),
)
_PLACES = (
    Rule(
        pattern=_PLACED,
        said=lambda m: f"{m[1]} {m[2]}, {say_digits(m[3], zero='oh')}",
        needs=("-",),
    ),
)
_RELATIONS = (
    Rule(pattern=_TRUE_MINUS, said=" minus ", needs=("−", " - ")),
    Rule(pattern=re.compile("−"), said="-", needs=("−",)),
    Rule(pattern=_CROSS, said=" times ", needs=("*", "·")),
    Rule(pattern=_SIZE, said=" by ", needs=("x",)),
    Rule(pattern=_POWER, said=" to the power of ", needs=("^",)),
    Rule(
        pattern=_CLEAR_SUM,
        said=lambda match: match[1] + _SUM_WORDS[match[2]],
        needs=tuple(_SUM_WORDS),
    ),
    Rule(pattern=_PAIR, said=_say_pair, needs=("/",)),
    Rule(pattern=_RATIO, said=r"\1 to \2", needs=(":",)),
    Rule(pattern=_GROUPS, said=lambda match: match[0].replace("-", " "), needs=("-",)),
    Rule(pattern=_SPACED_RANGE, said=r"\1-\2", needs=("-",)),
    Rule(pattern=_RANGE, said=_say_range, needs=("-",)),
    Rule(pattern=_NEGATIVE, said=r"\1minus ", needs=("-", "−")),
)
_ORDINAL_RULE = Rule(
    pattern=_GROUPED_ORDINAL,
    said=lambda match: say_ordinal(match[1].replace(",", "")),
    needs=(",",),
)
_GROUPED_RULE = Rule(
    pattern=_GROUPED, said=lambda match: _plain(match[1].replace(",", "")), needs=(",",)
)
_GROUPED_ALONE = (_ORDINAL_RULE, _GROUPED_RULE)
_GROUPED_AND_POINTED = (
    _ORDINAL_RULE,
    Rule(pattern=_LONG_DECIMAL, said=_say_long_decimal, needs=(".",)),
    _GROUPED_RULE,
    Rule(pattern=_VERSION, said=lambda match: match[0].replace(".", " point "), needs=(".",)),
    Rule(pattern=_POINT, said="point ", needs=(".",)),
)
_NUMERALS = (
    Rule(
        pattern=_CODE,
        said=lambda match: match[1] + say_digits(match[2], zero="oh"),
        needs=("ode", "Pin", "pin", "PIN", "assword", "asscode", "ombination", "erial"),
    ),
    Rule(
        pattern=_CALLED,
        said=lambda match: match[1] + say_digits(match[2], zero="oh"),
        needs=("ial", "all"),
    ),
    Rule(pattern=_ZERO_CODE, said=lambda match: say_digits(match[1], zero="oh"), needs=("0",)),
    Rule(pattern=_COUNTED, said=_say_counted, needs=("1", "2")),
)
