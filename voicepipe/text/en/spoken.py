"""English written forms that the checkpoints' own rules read badly, put into words first."""

from __future__ import annotations

import re
import unicodedata

from voicepipe.text.en.addresses import say_addresses
from voicepipe.text.en.amounts import say_measures, say_numerals, say_relations, say_signs
from voicepipe.text.en.calendar import say_calendar
from voicepipe.text.en.money import say_money
from voicepipe.text.en.numbers import say_cardinal, say_digits, say_ordinal
from voicepipe.text.rewriting import Rule, rewrite
from voicepipe.text.roman import small_roman_value

_TITLES = {
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Dr": "Doctor",
    "Prof": "Professor",
    "Capt": "Captain",
    "Cmdr": "Commander",
    "Col": "Colonel",
    "Gen": "General",
    "Lt": "Lieutenant",
    "Sgt": "Sergeant",
    "Pvt": "Private",
    "Adm": "Admiral",
    "Rev": "Reverend",
    "Hon": "Honorable",
    "St": "Saint",
}
_ABBREVIATIONS = {
    "vs.": "versus",
    "etc.": "et cetera",
    "approx.": "approximately",
    "dept.": "department",
    "Jr.": "Junior",
    "Sr.": "Senior",
    "Inc.": "Incorporated",
    "Ltd.": "Limited",
    "Corp.": "Corporation",
    "Mt.": "Mount",
    "Ft.": "Fort",
    "Gov.": "Governor",
    "Sen.": "Senator",
    "Pres.": "President",
    "est.": "established",
    "max.": "maximum",
    "vs": "versus",
}
# A title ends its stretch where a name with a given sound follows.
_TITLE = re.compile(rf"\b({'|'.join(_TITLES)})(?:\.?(?=\s+[A-Z])|\.(?=\s*$|\s+and\b))")
# "No. 5 minutes more." and "No. 5 Germans came." are answers; "No. 5", "the No. 5 bus" and "No. 5
# Baker Street" are numbers.
_ABBREVIATION = re.compile(
    r"\b(?:(?:vs\.?|etc\.|approx\.|dept\.|Jr\.|Sr\.|Inc\.|Ltd\.|Corp\.|est\.|max\.)(?=\s|$|[,;:!?\d])"
    r"|(?:Mt|Ft|Gov|Sen|Pres)\.(?=\s+[A-Z])"
    r"|no\.(?=\s*\d)|(?<!^)(?<![.!?]\s)No\.(?=\s?\d)"
    r"|No\.(?=\d|\s\d+(?:[.!?,]|\s*$| is\b| [A-Z][a-z]*[a-rt-z]\b)))"
)
_STREET = re.compile(r"(?<=[a-z]\s)(St|Ave|Rd|Blvd)\.(?=\s*(?:[,;!?]|$))")
_STREETS = {"St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard"}
_REGNAL = re.compile(r"\b(?P<name>[A-Z][a-z]+)\s+(?P<numeral>[IVX]{1,7})\b(?!'(?!s\b))")
_NUMBERED = frozenset(
    [
        "Act",
        "Alpha",
        "Appendix",
        "Book",
        "Chapter",
        "Class",
        "Episode",
        "Level",
        "Mark",
        "Part",
        "Phase",
        "Scene",
        "Section",
        "Stage",
        "Tier",
        "Type",
        "Unit",
        "Vol",
        "Volume",
        "War",
    ]
)
_ROMAN_SIGN = re.compile("[\u2160-\u217f]")
_ROMAN_ALONE = re.compile(r"(?<![\w.'-])(II|III|VII|VIII|XII|XIII|XIV|XVI{0,3})(?![\w'-])")
_PHONE = re.compile(
    r"(?<![\d-])(?:\+?1[ -])?(?:\(\d{3}\) ?|\d{3}-)?\d{3}-\d{4}(?![\d-])"
    r"|(?<![\d-])\d{3} \d{3} \d{4}(?!\d)"
)
_NUMBERED_SIGN = re.compile(r"#(?=\d)")
_WORDED_SIGNS = (
    (re.compile(r"(?<=\s)&(?=\s)"), " and ", "&"),
    (re.compile(r"\s*&\s*(?=\w)"), " and ", "&"),
    (re.compile(r"(?<=\w)@(?=\w)"), " at ", "@"),
    (re.compile(r"(?:(?<=\s)|^)@(?=\s?\w)"), " at ", "@"),
    (_NUMBERED_SIGN, " number ", "#"),
    (re.compile(r"\b([CF])#(?!\w)"), r"\1 sharp", "#"),
    (re.compile(r"#(?=[A-Za-z])"), "hashtag ", "#"),
    (re.compile(r"(?<=\d)\+(?=\d)"), " plus ", "+"),
    (re.compile(r"(?<=\w)\+(?!\w)|(?<!\w)\+(?=\d)"), " plus ", "+"),
    (re.compile(r"(?<![\w~])~(?=\d)"), "about ", "~"),
    (re.compile(r"(?<=[\w²³)])\s*(?<!=)=(?!=)\s*(?=[\w(√])"), " equals ", "="),
    (re.compile(r"\b[Ww]/o\b"), "without", "/"),
    (re.compile(r"\b[Ww]/(?=\s)"), "with", "/"),
    (re.compile(r"\b[Bb]/c\b"), "because", "/"),
)
"""Pattern, what is said, and a sign that stands in all it changes."""
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ẞ": "SS",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "th",
        "Ð": "Th",
        "þ": "th",
        "Þ": "Th",
        "ı": "i",
        "ŋ": "ng",
    }
)
_NUMBER_DASH = re.compile(r"(?<=\d)\s?[–—‒]\s?(?=\d)")
_SPACED_HYPHEN = re.compile(
    r"(?<=[A-Za-z'’\"”)])\s+-+\s*(?=[^\s\d-])|(?<=[^\s\d-])\s*-+\s+(?=[A-Za-z\"“(])"
    r"|(?<=[A-Za-z])\s+-\s+(?=\d)|(?<=\d)\s+-+\s+(?=[A-Za-z\"“(])"
)
_LEADING_HYPHEN = re.compile(r"^\s*-+\s*(?=[A-Za-z])")
_APART_MARK = re.compile(r"\s(?<=\w\s)\s*(?=[,!?](?!\w)|\.(?:\s|$))")
_GLUED_STOP = re.compile(r"(?<=[a-z]{2})([.!?])(?=[A-Z][a-z]|[a-z]{2,})")
_GLUED_MARK = re.compile(r"(?<=[A-Za-z\d'])([;:])(?=[A-Za-z'])|(?<=[A-Za-z'])([:;])(?=\d)")
_CODE_LETTERS = re.compile(r"(?<![A-Za-z'])[A-Z]{2,3}(?=-?\d)")
_BROKEN_OFF = re.compile(
    r"\b([b-df-hj-np-tv-z])\s*(?:…|\.{2,}|[—–]+|--+)\s*(?=\1['a-z]|\1\b)", re.IGNORECASE
)
_LETTER_A = re.compile(r"(?<![A-Za-z'])A-?(?=\d)")
_STROKE = re.compile(r"(?<=[A-Za-z'])/(?=\w)|(?<=\d)/(?=[A-Za-z])|(?<=\s)/(?=\s)")
_LETTER_BESIDE_DIGIT = re.compile(
    r"(?<=\d)(?=[A-Za-z])(?!(?:st|nd|rd|th)\b)|(?<=[A-Za-z])(?<!\bA)-?(?=\d)"
)
_LETTER_AT_DIGIT = re.compile(r"\d(?:[A-Za-z]|(?<=[A-Za-z]\d)|(?<=[A-Za-z]-\d))")
_CAPITAL_BEFORE_DIGIT = re.compile(r"[A-Z]-?\d")
_STOP_BEFORE_LETTER = re.compile("[.!?][A-Za-z]")
_BESIDE_PHONE = re.compile(r"\d{3}[- ]\d{3}")
_MEASURED = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:m|km|ft|L|tbsp|tsp|h|min|s)\b")


def say_as_spoken(text: str) -> str:
    """Put into words what the later rules would read wrongly.

    Addresses, titles (`Dr. Hale`), streets, abbreviations, times of day, dates, telephone numbers,
    money, measures, ranges, sums, codes, thousands with commas, Roman numerals after a name or a
    counted thing, signs; dashes, semicolons, colons and ellipses become pauses, and what separates
    words never joins them.
    """
    text = say_addresses(_in_plain_letters(text))
    text = say_calendar(rewrite(text, _ABBREVIATED))
    text = _PHONE.sub(_say_phone, text) if _BESIDE_PHONE.search(text) else text
    text = say_numerals(say_relations(say_measures(say_money(text))))
    text = say_signs(rewrite(text, _ROMAN_AND_SIGNS))
    if _CAPITAL_BEFORE_DIGIT.search(text):
        text = _LETTER_A.sub("A-", text)
        text = _CODE_LETTERS.sub(lambda match: " ".join(match[0]), text)
    return _say_pauses(_part_letters(text))


def prepare_punctuation(text: str) -> str:
    """Tell hyphens that are pauses from those in words and numbers, and part what marks glue."""
    if not text.isascii():
        text = _NUMBER_DASH.sub("-", text)
    return _APART_MARK.sub("", rewrite(text, _HYPHENS))


def _in_plain_letters(text: str) -> str:
    if text.isascii():
        return text
    text = text.translate(_LETTERS)
    return _ROMAN_SIGN.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def _part_letters(text: str) -> str:
    """Part letters from digits, but not a measure or an ordinal's ending."""
    if not _LETTER_AT_DIGIT.search(text):
        return text
    pieces, end = [], 0
    for match in _MEASURED.finditer(text):
        pieces += [_LETTER_BESIDE_DIGIT.sub(" ", text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*pieces, _LETTER_BESIDE_DIGIT.sub(" ", text[end:])])


def _say_abbreviation(match: re.Match[str]) -> str:
    word = match[0]
    # A space after "number", for what stands after it may be glued to its full stop.
    if word.lower() == "no.":
        return "number" if match.string[match.end() :][:1].isspace() else "number "
    return _ABBREVIATIONS[word]


def _say_phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match[0])
    return ", ".join(say_digits(group, zero="oh") for group in groups)


def _say_roman(match: re.Match[str]) -> str:
    name, numeral = match["name"], match["numeral"]
    value = small_roman_value(numeral)
    is_counted = name in _NUMBERED
    # A lone I is the pronoun far more often than the first of a dynasty.
    if value is None or (numeral in {"I", "V", "X"} and not is_counted):
        return match[0]
    if is_counted:
        return f"{name} {say_cardinal(str(value))}"
    return f"{name} the {say_ordinal(str(value))}"


def _say_pauses(text: str) -> str:
    if _STOP_BEFORE_LETTER.search(text):
        text = _GLUED_STOP.sub(r"\1 ", text)
    return rewrite(text, _PAUSES)


_ABBREVIATED = (
    Rule(
        pattern=_STREET,
        said=lambda match: _STREETS[match[1]],
        needs=tuple(f"{street}." for street in _STREETS),
    ),
    Rule(pattern=_TITLE, said=lambda match: _TITLES[match[1]], needs=tuple(_TITLES)),
    Rule(pattern=_ABBREVIATION, said=_say_abbreviation, needs=(*_ABBREVIATIONS, "no.", "No.")),
)
_ROMAN_AND_SIGNS = (
    Rule(pattern=_REGNAL, said=_say_roman, needs=("I", "V", "X")),
    Rule(
        pattern=_ROMAN_ALONE,
        said=lambda match: say_cardinal(str(small_roman_value(match[1]))),
        needs=("II", "XIV", "XV"),
    ),
    *(Rule(pattern=sign, said=said, needs=(needed,)) for sign, said, needed in _WORDED_SIGNS),
)
_HYPHENS = (
    Rule(pattern=_BROKEN_OFF, said=r"\1-", needs=("…", "..", "—", "–", "--")),
    Rule(pattern=_LEADING_HYPHEN, said="", needs=("-",)),
    Rule(pattern=_SPACED_HYPHEN, said=", ", needs=("-",)),
)
_PAUSES = (
    Rule(pattern=_GLUED_MARK, said=lambda match: f"{match[1] or match[2]} ", needs=(":", ";")),
    Rule(pattern=_STROKE, said=" ", needs=("/",)),
    Rule(pattern=re.compile(r"\s*[;:](?=\s|$)"), said=",", needs=(":", ";")),
    Rule(
        pattern=re.compile(r"\s*(?:…|\.\.\.+)\s*(?=[^\s.,!?…])"),
        said=", ",
        needs=("…", "..."),
    ),
    Rule(pattern=re.compile(r"…|\.\.\.+"), said=".", needs=("…", "...")),
)
