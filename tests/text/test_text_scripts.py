from __future__ import annotations

import pytest

from voicepipe.errors import UsageError
from voicepipe.text.languages import Language, language_of
from voicepipe.text.records import ReadingStyle
from voicepipe.text.scripts import split_languages

ZH, EN, JA, KO, YUE = Language.ZH, Language.EN, Language.JA, Language.KO, Language.YUE


@pytest.mark.parametrize(
    ("text", "prior", "runs"),
    [
        pytest.param("你好。", ZH, "你好。/zh", id="one-language"),
        pytest.param("我有3个apple，你呢？", ZH, "我有3个/zh apple，/en 你呢？/zh", id="letters"),
        pytest.param("拿着T60走", ZH, "拿着/zh T60/en 走/zh", id="digits-touch-letters"),
        pytest.param("5G网络", ZH, "5G/en 网络/zh", id="digits-before-letters"),
        pytest.param("唔該晒OK啦", YUE, "唔該晒/yue OK/en 啦/yue", id="han-is-the-prior-s"),
        pytest.param("我喜欢東京タワー", ZH, "我喜欢東京/zh タワー/ja", id="few-kana"),
        pytest.param(
            "他说「お前はもう死んでいる」",
            ZH,
            "他说/zh 「お前はもう死んでいる」/ja",
            id="mostly-kana",
        ),
        pytest.param("東京駅", JA, "東京駅/ja", id="han-in-japanese"),
        pytest.param("Hi東京", EN, "Hi/en 東京/zh", id="han-without-kana"),
        pytest.param("Hi東京へ", EN, "Hi/en 東京へ/ja", id="han-beside-kana"),
        pytest.param("안녕Mario", KO, "안녕/ko Mario/en", id="hangul"),
        pytest.param("123!", JA, "123!/ja", id="no-letters-at-all"),
        pytest.param("Café", ZH, "Café/en", id="accents"),
        pytest.param("ＡＢ你", ZH, "ＡＢ/en 你/zh", id="full-width-letters"),
        pytest.param("가3A", EN, "가/ko 3A/en", id="digits-between-two"),
    ],
)
def test_a_line_is_cut_by_script_and_prior(text: str, prior: Language, runs: str) -> None:
    found = split_languages(text, prior)
    assert " ".join(f"{run.text}/{run.language.value}" for run in found) == runs


@pytest.mark.parametrize(
    ("text", "prior", "runs"),
    [
        pytest.param("拿着T60走", ZH, "拿着/zh T/en 60走/zh", id="digits-after-letters"),
        pytest.param("5G网络", ZH, "5/zh G/en 网络/zh", id="digits-before-letters"),
        pytest.param("5km", ZH, "5km/zh", id="unit"),
        pytest.param("10km/h", YUE, "10km/h/yue", id="unit-per-unit"),
        pytest.param("3.5km先", JA, "3.5km先/ja", id="unit-in-japanese"),
        pytest.param("3D", ZH, "3/zh D/en", id="not-a-unit"),
        pytest.param("OK，$5", ZH, "OK，/en $5/zh", id="money"),
        pytest.param("第III章", ZH, "第III章/zh", id="roman"),
        pytest.param("VIP", ZH, "VIP/en", id="not-roman"),
        pytest.param("No.5", ZH, "No.5/zh", id="numbered"),
        pytest.param("Volcano.5", ZH, "Volcano./en 5/zh", id="not-numbered"),
        pytest.param("T60", EN, "T60/en", id="english"),
        pytest.param("I have 5 apples", ZH, "I have 5 apples/en", id="english-sentence"),
        pytest.param("他说I have 5 apples", ZH, "他说/zh I have 5 apples/en", id="english-inside"),
        pytest.param("www.a1.com", ZH, "www.a1.com/en", id="address"),
    ],
)
def test_spoken_numbers_beside_latin_letters_are_the_line_s_own(
    text: str, prior: Language, runs: str
) -> None:
    found = split_languages(text, prior, ReadingStyle.SPOKEN)
    assert " ".join(f"{run.text}/{run.language.value}" for run in found) == runs


def test_digits_and_spaces_between_two_languages_go_with_the_prior() -> None:
    found = [(run.text, run.language) for run in split_languages("iPhone 15发布", ZH)]
    assert found == [("iPhone ", EN), ("15发布", ZH)]
    found = [(run.text, run.language) for run in split_languages("안녕 3 Mario", ZH)]
    assert found == [("안녕 3 ", KO), ("Mario", EN)]


def test_no_text_has_no_runs() -> None:
    assert split_languages("", ZH) == ()


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh", ZH), ("ZH-Hant", ZH), ("zh-HK", YUE), ("cmn", ZH), ("en_GB", EN), ("yue", YUE)],
)
def test_tags_find_their_front_end(tag: str, language: Language) -> None:
    assert language_of(tag) is language


def test_an_unread_language_is_refused_with_the_list() -> None:
    with pytest.raises(UsageError, match="tlh") as caught:
        language_of("tlh")
    assert "zh, en, ja, ko, yue" in caught.value.remedy
