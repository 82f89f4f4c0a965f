"""The diagnostics of the pronunciation lexicon: VP161-VP164."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

BAD_SHAPE: Final = CodeInfo(
    code="VP161",
    title="the lexicon is not laid out as expected",
    severity=Severity.ERROR,
    explanation=(
        "The lexicon lists, for each language, words and how they are said; under `speakers` the "
        "same again for single speakers, whose entries win.\n\n"
        "    en:\n"
        "      Mario: MAH-ree-oh\n"
        "      Siobhan: {ipa: ʃɪˈvɔːn}\n"
        "    speakers:\n"
        "      noah:\n"
        "        en: {Mario: MAIR-ee-oh}"
    ),
)
UNKNOWN_LANGUAGE: Final = CodeInfo(
    code="VP162",
    title="the lexicon names a language nothing here reads",
    severity=Severity.ERROR,
    explanation="Words can be listed under zh, en, ja, ko and yue: the languages with a front end.",
)
UNKNOWN_NOTATION: Final = CodeInfo(
    code="VP163",
    title="the lexicon uses an unknown way of writing sounds",
    severity=Severity.ERROR,
    explanation=(
        "Sounds can be written as `respelling`, `arpabet`, `ipa`, `pinyin`, `jyutping`, `kana`, "
        "`hangul` or `spelling` (other words that sound right).\n\n"
        "    wrong: Mario: {sampa: mA:rIo}\n"
        "    right: Mario: {ipa: ˈmɑːrioʊ}"
    ),
)
UNREADABLE_SOUND: Final = CodeInfo(
    code="VP164",
    title="a pronunciation cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "A part of it is not a sound of its notation, or a sound the models were never taught, so "
        "the word would be said wrongly and nobody would know.\n\n"
        "    wrong: 重楼: chong lou   (pinyin without tones)\n"
        "    right: 重楼: chóng lóu"
    ),
)

CODES: Final = (BAD_SHAPE, UNKNOWN_LANGUAGE, UNKNOWN_NOTATION, UNREADABLE_SOUND)
"""Every code of this room."""
