"""Words that OpenJTalk reads wrongly: written otherwise before, or mended in its answer."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_RESPELLED = {
    "コミュ障": "コミュしょう",
    "陽キャ": "ようキャ",
    "陰キャ": "いんキャ",
    "2人組": "ふたり組",
    "二人組": "ふたり組",
    "〆切": "締切",
}
_RESPELLED_WORD = re.compile("|".join(map(re.escape, _RESPELLED)))
_EIGHT_HUNDRED = re.compile("八百(?![万屋長])")
_TWO_TO = re.compile("(?<=[2二])対(?=[0-9一二三四五六七八九〇])")
_LAUGH = re.compile("(?<![ぁ-んァ-ヺ一-龠])は{3}(?![ぁ-ん])")
# In mixed spelling these are words for a wave, a leaf or a school (光波, 枝葉, 左派), which nobody
# spells so; in a script the last character is a particle.
_MIXED_SPELLINGS = re.compile(
    "^(?:[\u4e00-\u9fff]|かれ|かた|とし|こと|つぎ|いま|えだ|たか|たて|かい|かく|とく|そう|どう|こう|ちょう|きょう|"
    "きゅう|しょう|せい|けい|げき|がく|きり|しょ|とう|たい)は$"
)
_NAN_BEFORE = re.compile("^[でだてなと]")


def respell(text: str) -> str:
    """Write words that OpenJTalk's dictionary lacks or reads wrongly as they sound."""
    text = _RESPELLED_WORD.sub(lambda match: _RESPELLED[match[0]], text)
    text = _TWO_TO.sub("タイ", text)
    return _LAUGH.sub("ハハハ", _EIGHT_HUNDRED.sub("800", text))


def misread_topics(features: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Find words that swallowed the particle は: 左は read as a noun, *saha*."""
    return tuple(
        word["string"]
        for word in features
        if word["pos"] == "名詞"
        and word["pron"].endswith("ハ")
        and _MIXED_SPELLINGS.match(word["string"])
    )


def rules_of_words(features: list[dict[str, Any]], *, begins: bool) -> tuple[str, ...]:
    """Name the readings that `misread_topics` and `mend` change, for people.

    Args:
        features: OpenJTalk's words; mended in place.
        begins: See `mend`.
    """
    topics = [f"particle は after {word[:-1]}" for word in misread_topics(features)]
    before = [word["pron"] for word in features]
    mend(features, begins=begins)
    mended = [
        f"{word['string']} is {word['pron']} here"
        for word, pron in zip(features, before, strict=True)
        if word["pron"] != pron
    ]
    return (*topics, *mended)


def mend(features: list[dict[str, Any]], *, begins: bool) -> None:
    """Mend readings in place.

    Args:
        features: OpenJTalk's words.
        begins: Whether nothing stands before them that は or へ could mark: は？ is then a cry.
    """
    for word, following in pairwise(features):
        if word["string"] == "何" and word["pron"] == "ナニ":
            _say_nan(word, following)
    first = features[0] if features else None
    if begins and first and first["pos"] == "助詞" and first["string"] in {"は", "へ"}:
        first["pron"] = first["read"] = {"は": "ハ", "へ": "ヘ"}[first["string"]]


def _say_nan(word: dict[str, Any], following: dict[str, Any]) -> None:
    if _NAN_BEFORE.match(following["string"]):
        word["pron"] = word["read"] = "ナン"
