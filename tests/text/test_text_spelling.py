from __future__ import annotations

import pytest

from voicepipe.text.ipa import ipa_to_arpabet
from voicepipe.text.languages import Language
from voicepipe.text.respelling import respelling_to_arpabet
from voicepipe.text.spelling import Notation, SpellingError, parse_spelling

EN, ZH, JA, KO, YUE = Language.EN, Language.ZH, Language.JA, Language.KO, Language.YUE


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("MAH-ree-oh", "M AA1 R IY0 OW0"),
        ("shi-VAWN", "SH IY0 V AO1 N"),
        ("ZIR-koh-nee-um", "Z ER1 K OW0 N IY0 AH0 M"),
        ("KWIN-tin", "K W IH1 N T IH0 N"),
        ("nwin", "N W IH1 N"),
        ("lake", "L EY1 K"),
        ("site", "S AY1 T"),
        ("yes", "Y EH1 S"),
        ("my", "M AY1"),
        ("vuh-LYOOR", "V AH0 L Y UH1 R"),
        ("hiss", "HH IH1 S"),
        ("cell", "S EH1 L"),
        ("match", "M AE1 CH"),
        ("fox", "F AA1 K S"),
        ("no", "N OW1"),
        ("sing-er", "S IH1 NG ER0"),
        ("mmm", "M"),
        ("shh", "SH"),
        ("day-ta base", "D EY1 T AA0 B EY0 S"),
    ],
)
def test_respellings_are_read_by_english_ears(written: str, said: str) -> None:
    assert respelling_to_arpabet(written) == tuple(said.split(" "))


@pytest.mark.parametrize(("written", "blamed"), [("krt-oh", "krt"), ("a1", "a1"), ("-", "-")])
def test_syllables_nobody_can_say_are_named(written: str, blamed: str) -> None:
    assert respelling_to_arpabet(written) == blamed


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ˈmɑːrioʊ", "M AA1 R IY0 OW0"),
        ("/ʃɪˈvɔːn/", "SH IH0 V AO1 N"),
        ("ˌæktɪˈveɪʃən", "AE2 K T IH0 V EY1 SH AH0 N"),
        ("t͡ʃiːz", "CH IY1 Z"),
        ("bɜːrd", "B ER1 D"),
        ("nuʁ", "N UW1 R"),
        ("ə", "AH1"),
        ("kən", "K AH1 N"),
    ],
)
def test_ipa_maps_to_the_nearest_english_sounds(written: str, said: str) -> None:
    assert ipa_to_arpabet(written) == tuple(said.split(" "))


def test_ipa_without_an_english_neighbour_names_the_sign() -> None:
    assert ipa_to_arpabet("ǃkuŋ") == "ǃ"


@pytest.mark.parametrize(
    ("written", "language", "notation", "spoken_in"),
    [
        ("MAH-ree-oh", ZH, Notation.RESPELLING, EN),
        ("MAH-ree-oh", YUE, Notation.RESPELLING, EN),
        ("マリオ", ZH, Notation.KANA, JA),
        ("마리오", EN, Notation.HANGUL, KO),
        ("虫楼", ZH, Notation.SPELLING, ZH),
        ("/ˈmɑːrioʊ/", EN, Notation.IPA, EN),
        ("ipa: ˈmɑːrioʊ", JA, Notation.IPA, EN),
        ("M AA1 R IY0 OW0", EN, Notation.ARPABET, EN),
        ("arpabet: m aa r iy ow", EN, Notation.ARPABET, EN),
        ("chóng lóu", ZH, Notation.PINYIN, ZH),
        ("pinyin: chong2 lou2", EN, Notation.PINYIN, ZH),
        ("cung4 lau4", YUE, Notation.JYUTPING, YUE),
        ("spelling: Mahrio", EN, Notation.SPELLING, EN),
    ],
)
def test_the_notation_is_recognized(
    written: str, language: Language, notation: Notation, spoken_in: Language
) -> None:
    found = parse_spelling(written, language)
    assert (found.notation, found.language) == (notation, spoken_in)
    assert bool(found.phonemes) != bool(found.text)


@pytest.mark.parametrize(
    ("written", "language", "notation", "message"),
    [
        pytest.param("", EN, None, "1 to 200", id="empty"),
        pytest.param("a" * 201, EN, None, "201", id="too-long"),
        pytest.param("krt", EN, None, '"krt"', id="respelling"),
        pytest.param("AA1 QQ", EN, Notation.ARPABET, '"QQ"', id="arpabet"),
        pytest.param("ǃ", EN, Notation.IPA, '"ǃ"', id="ipa"),
        pytest.param("chong lou", ZH, Notation.PINYIN, "pinyin", id="pinyin"),
        pytest.param("lau9", YUE, None, '"lau9"', id="jyutping"),
        pytest.param("qqq1", YUE, None, "jyutping", id="jyutping-sounds"),
        pytest.param("mario", JA, Notation.KANA, "kana", id="kana"),
        pytest.param("mario", KO, Notation.HANGUL, "hangul", id="hangul"),
        pytest.param("---", EN, Notation.IPA, '"-"', id="dashes"),
    ],
)
def test_what_cannot_be_said_is_refused_with_a_remedy(
    written: str, language: Language, notation: Notation | None, message: str
) -> None:
    with pytest.raises(SpellingError, match=message) as caught:
        parse_spelling(written, language, notation)
    assert caught.value.remedy
