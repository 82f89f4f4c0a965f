from __future__ import annotations

import importlib.util

import pytest

from voicepipe.text.ja.frontend import pronounce, unknown_words
from voicepipe.text.ja.normalize import normalize
from voicepipe.text.records import Part, ReadingStyle


def sound(text: str) -> str:
    said = pronounce([Part(text=text)])
    return " ".join(p for phonemes in said.unit_phonemes for p in phonemes)


def test_pitch_rises_and_falls_are_marked() -> None:
    assert sound("こんにちは") == "k o [ N n i ch i w a"
    assert sound("橋") == "h a [ sh i"
    assert sound("箸") == "h a ] sh i"


def test_marks_stand_apart_and_spaces_are_silent() -> None:
    said = pronounce([Part(text="はい、 そう。")])
    assert said.units == ("はい", "、", "そう", "。")
    assert said.unit_phonemes[1] == (",",)
    assert said.unit_phonemes[3] == (".",)


def test_unvoiced_vowels_are_plain_vowels() -> None:
    assert "U" not in sound("です").split()


def test_a_percent_sign_is_said() -> None:
    assert sound("５％").endswith("p a a s e ] N t o")


def test_a_very_long_stretch_is_read_whole() -> None:
    said = pronounce([Part(text="あ" * 450)])
    assert [len(unit) for unit in said.units] == [200, 200, 50]


def test_a_given_sound_is_kept() -> None:
    said = pronounce([Part(text="Mario", phonemes=("M", "AA1")), Part(text="だ")])
    assert said.unit_phonemes[0] == ("M", "AA1")


@pytest.mark.parametrize("text", ["ー", "ッ", "んー…", "♪", " ", ""])
def test_odd_texts_do_not_raise(text: str) -> None:
    assert pronounce([Part(text=text)]).normalized_text == text


def test_the_reference_style_only_tidies_marks() -> None:
    assert normalize("え!?1,000円") == "え!1,000円"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("¥1,000で", "1000円で", id="yen"),
        pytest.param("$5", "5ドル", id="dollars"),
        pytest.param("7:45に", "7時45分に", id="time"),
        pytest.param("7:00:09", "7時9秒", id="seconds"),
        pytest.param("2049/3/15", "2049年3月15日", id="date"),
        pytest.param("3/5まで", "3月5日まで", id="short-date"),
        pytest.param("3.5", "3テンゴ", id="decimal"),
        pytest.param("20%", "20パーセント", id="percent"),
        pytest.param("5km", "5キロメートル", id="unit"),
        pytest.param("−5℃", "マイナス5度", id="below-zero"),
        pytest.param("3〜5人", "3から5人", id="range"),
        pytest.param(
            "090-1234-5678",
            "ゼロキュウゼロ、イチニサンヨン、ゴロクナナハチ",
            id="telephone",
        ),
        pytest.param("第Ⅲ章", "第3章", id="roman"),
        pytest.param("待って――嫌", "待って、嫌", id="dash"),
        pytest.param("え・・・", "え…", id="dots"),
        pytest.param("１２", "12", id="full-width"),
    ],
)
def test_the_spoken_style_puts_amounts_into_words(written: str, said: str) -> None:
    assert normalize(written, ReadingStyle.SPOKEN) == said


def test_words_the_dictionary_lacks_are_reported() -> None:
    assert unknown_words("䶮に行く。") == ("䶮",)
    assert unknown_words("東京駅で会いましょう。") == ()


@pytest.mark.parametrize("text", ["ズヮイポクメヌ星に行く。", "コミュりょく", "髙橋と𠮷野家へ"])
def test_what_can_be_read_in_one_way_is_not_called_guessed(text: str) -> None:
    assert unknown_words(text) == ()


def test_what_else_is_installed_changes_no_reading() -> None:
    """A library that is here for other reasons would switch on another reader of 何."""
    assert importlib.util.find_spec("onnxruntime"), "comes with the development tools"
    assert sound("何でも") == "n a ] n i d e m o"


def test_a_stretch_that_comes_again_is_read_and_listed_again() -> None:
    parts = [Part(text="それは你终だ、それは你终だ。は、はい。それは、はい。")]
    said = pronounce(parts, style=ReadingStyle.SPOKEN)
    assert said.dropped == ("你终",) * 2
    assert said.unit_phonemes[0] == said.unit_phonemes[2]
    stutter, topic = said.unit_phonemes[4], said.unit_phonemes[8]
    assert (stutter[0], topic[-1]) == ("h", "a")
    assert pronounce(parts, style=ReadingStyle.SPOKEN) == said
    assert pronounce(parts).dropped == ()
