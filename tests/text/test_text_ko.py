from __future__ import annotations

import pytest

from voicepipe.text.ko.frontend import pronounce, say_letters, unknown_words
from voicepipe.text.ko.jamo import coda_of, split_syllables, to_letters
from voicepipe.text.ko.normalize import normalize
from voicepipe.text.ko.numbers import say_digits, say_native, say_sino
from voicepipe.text.records import Part, ReadingStyle


def letters(text: str) -> str:
    return to_letters(split_syllables(text))


def test_syllables_fall_into_letters() -> None:
    assert to_letters(split_syllables("한왜")) == "ㅎㅏㄴㅇㅗㅐ"
    assert to_letters("ᅡ") == "ㅇㅏ"
    assert coda_of("할") == "ᆯ"
    assert coda_of("하") == ""
    assert coda_of("A") == ""


@pytest.mark.parametrize(
    ("spelled", "sounds"),
    [
        pytest.param("국물", "궁물", id="nasal-after-stop"),
        pytest.param("신라", "실라", id="liquid"),
        pytest.param("협력", "혐녁", id="stop-before-liquid"),
        pytest.param("종로", "종노", id="nasal-before-liquid"),
        pytest.param("좋다", "조타", id="aspirate-after-h"),
        pytest.param("축하", "추카", id="aspirate-before-h"),
        pytest.param("학교", "학꾜", id="tense"),
        pytest.param("꽃", "꼳", id="neutral-coda"),
        pytest.param("닭", "닥", id="double-coda"),
        pytest.param("넓다", "널따", id="double-coda-of-a-stem"),
        pytest.param("밟다", "밥따", id="the-exception"),
        pytest.param("앉아", "안자", id="linked-double-coda"),
        pytest.param("옷이", "오시", id="linked-coda"),
        pytest.param("싫어", "시러", id="silent-h"),
        pytest.param("굳이", "구지", id="palatal"),
        pytest.param("같이", "가치", id="aspirate-palatal"),
        pytest.param("굳히다", "구치다", id="palatal-with-h"),
        pytest.param("가져", "가저", id="jyeo"),
        pytest.param("희망", "히망", id="ui"),
        pytest.param("머리를 감고", "머리를 감꼬", id="stem-in-n"),
        pytest.param("할 것", "할 껃", id="future-ending"),
        pytest.param("할수록", "할쑤록", id="fixed-ending"),
        pytest.param("맑게", "말께", id="stem-in-lk"),
        pytest.param("꽃잎", "꼰닙", id="listed-word"),
        pytest.param("값이", "갑씨", id="linked-s"),
    ],
)
def test_spelling_sounds_by_the_standard_pronunciation(spelled: str, sounds: str) -> None:
    assert say_letters(spelled) == letters(sounds)


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("0", "영"),
        ("10", "십"),
        ("12000", "만이천"),
        ("1,204", "천이백사"),
        ("100010000", "일억일만"),
    ],
)
def test_sino_korean_numbers(digits: str, said: str) -> None:
    assert say_sino(digits) == said


@pytest.mark.parametrize(
    ("digits", "said"),
    [("3", "세"), ("20", "스무"), ("21", "스물한"), ("125", "백스물다섯"), ("0", "영")],
)
def test_native_numbers(digits: str, said: str) -> None:
    assert say_native(digits) == said


def test_digits_one_by_one() -> None:
    assert say_digits("409") == "사영구"
    assert say_sino("1" * 30) == "일" * 30


def test_counted_things_take_their_own_numbers() -> None:
    assert say_letters("3시 10분") == letters("세시 십뿐")
    assert say_letters("7") == letters("칠")


def test_latin_letters_are_named() -> None:
    assert say_letters("AB") == letters("에이비")


def test_a_line_that_ends_in_a_letter_gets_a_stop_and_spaces_are_symbols() -> None:
    said = pronounce([Part(text="안녕 ♥")])
    assert said.unit_phonemes == (("ㅇ", "ㅏ", "ㄴ", "ㄴ", "ㅣ", "ㅓ", "ㅇ", "空", "停"),)
    assert pronounce([Part(text="나")]).unit_phonemes == (("ㄴ", "ㅏ", "."),)


def test_a_given_sound_is_kept() -> None:
    said = pronounce([Part(text="Mario", phonemes=("M",)), Part(text="야")])
    assert said.unit_phonemes[0] == ("M",)
    assert said.unit_phonemes[1][-1] == "."


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("7:45에", "일곱 시 사십오 분에", id="time"),
        pytest.param("18:00", "십팔 시", id="24-hours"),
        pytest.param("2049-03-15", "이천사십구년 삼월 십오일", id="date"),
        pytest.param("6월 10월", "유월 시월", id="months"),
        pytest.param("₩12,000", "만이천 원", id="won"),
        pytest.param("20%", "이십 퍼센트", id="percent"),
        pytest.param("3.5km", "삼 점 오 킬로미터", id="decimal-unit"),
        pytest.param("-5도", "마이너스 오도", id="negative"),
        pytest.param("3명", "세명", id="people"),
        pytest.param("3개월", "삼개월", id="months-counted"),
        pytest.param("1번째", "첫번째", id="first"),
        pytest.param("120개", "백이십개", id="many"),
        pytest.param("010-1234-5678", "공일공, 일이삼사, 오육칠팔", id="telephone"),
        pytest.param("007", "공공칠", id="code"),
        pytest.param("잠깐—뭐...", "잠깐, 뭐…", id="dash-and-dots"),
    ],
)
def test_the_spoken_style_puts_amounts_into_words(written: str, said: str) -> None:
    assert normalize(written) == written
    assert normalize(written, ReadingStyle.SPOKEN) == said


def test_no_word_of_a_plain_line_is_unknown() -> None:
    assert unknown_words("지금 당장 여기서 나가야 해요.") == ()
