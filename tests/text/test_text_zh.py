from __future__ import annotations

import pypinyin
import pytest

from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.roman import small_roman_value
from voicepipe.text.symbols import SymbolVersion
from voicepipe.text.zh.frontend import onsets_and_rimes, pronounce, unknown_words
from voicepipe.text.zh.normalize import normalize, simplify
from voicepipe.text.zh.numbers import say_cardinal, say_digits, say_number
from voicepipe.text.zh.pinyin import parse_pinyin, syllable_symbols
from voicepipe.text.zh.words import cut_words


def tones(text: str, version: SymbolVersion = SymbolVersion.V2) -> str:
    """The tone digits of a text, marks left out."""
    said = pronounce([Part(text=text)], version=version)
    return "".join(p[-1][-1] for p in said.unit_phonemes if len(p) == 2)


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("0", "零"),
        ("000", "零"),
        ("7", "七"),
        ("10", "十"),
        ("12", "十二"),
        ("20", "二十"),
        ("105", "一百零五"),
        ("110", "一百一十"),
        ("1012", "一千零一十二"),
        ("10000", "一万"),
        ("20305", "二万零三百零五"),
        ("120000000", "一亿二千万"),
        ("", ""),
    ],
)
def test_whole_numbers_are_read_with_their_units(digits: str, said: str) -> None:
    assert say_cardinal(digits) == said


def test_digits_are_read_one_by_one_and_one_is_yao_on_the_telephone() -> None:
    assert say_digits("2019") == "二零一九"
    assert say_digits("110", telephone=True) == "幺幺零"


@pytest.mark.parametrize(
    ("value", "said"), [("3.5", "三点五"), ("3.50", "三点五零"), (".5", "零点五"), ("3.", "三")]
)
def test_decimals_are_read_digit_by_digit(value: str, said: str) -> None:
    assert say_number(value) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("2049年3月15日", "二零四九年三月十五日", id="date"),
        pytest.param("98年", "九八年", id="short-year"),
        pytest.param("2049-03-15", "二零四九年三月十五日", id="date-with-dashes"),
        pytest.param("7:30", "七点半", id="half-past"),
        pytest.param("7:05:09", "七点零五分零九秒", id="time-with-seconds"),
        pytest.param("23:00", "二十三点", id="full-hour"),
        pytest.param("8:30-12:05", "八点半至十二点零五分", id="time-range"),
        pytest.param("-3°C", "零下三度", id="below-zero"),
        pytest.param("36.5摄氏度", "三十六点五摄氏度", id="celsius"),
        pytest.param("5cm~8cm", "五厘米至八厘米", id="range-with-units"),
        pytest.param("3kg", "三千克", id="unit"),
        pytest.param("10m²", "十平方米", id="square-unit"),
        pytest.param("3+4=7", "三加四等于七", id="sum"),
        pytest.param("1+2+3", "一加二加三", id="long-sum"),
        pytest.param("2³", "二的三次方", id="power"),
        pytest.param("1/2", "二分之一", id="fraction"),
        pytest.param("-1/2", "负二分之一", id="negative-fraction"),
        pytest.param("25%", "百分之二十五", id="percentage"),
        pytest.param("13812345678", "幺三八幺二三四五六七八", id="mobile"),
        pytest.param("01012345678", "零幺零幺二三四五六七八", id="landline"),
        pytest.param("4001234567", "四零零幺二三四五六七", id="hotline"),
        pytest.param("3~5天", "三到五天", id="range"),
        pytest.param("零-5", "零负五", id="negative"),
        pytest.param("1.2.3版", "一点二点三版", id="version"),
        pytest.param("2个", "两个", id="two-before-a-counter"),
        pytest.param("10多人", "十多人", id="more-than-ten"),
        pytest.param("10+个", "十多个", id="plus"),
        pytest.param("密码4728", "密码四七二八", id="code"),
        pytest.param("第1层", "第一层", id="ordinal"),
        pytest.param("第2", "第二", id="plain"),
        pytest.param("①α", "一阿尔法", id="signs"),
        pytest.param("5元/天", "五元每天", id="slash"),
        pytest.param("２０个", "二十个", id="full-width"),
        pytest.param("啊！！！？", "啊!", id="repeated-marks"),
        pytest.param("《原神》（是）", "原神是", id="brackets"),
        pytest.param("好的：好；好、好·好", "好的,好,好,好,好", id="marks"),
        pytest.param("嗯~好", "恩…好", id="hum"),
        pytest.param("abc", "", id="latin-is-left-out"),
    ],
)
def test_written_forms_are_put_into_words(written: str, said: str) -> None:
    assert normalize(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("¥1,200.50", "一千二百点五零元", id="yuan"),
        pytest.param("$2", "两美元", id="dollars"),
        pytest.param("€3亿", "三亿欧元", id="scaled"),
        pytest.param("1,204人", "一千二百零四人", id="thousands"),
        pytest.param("010-12345678", "零幺零,幺二三四五六七八", id="landline"),
        pytest.param("400-123-4567", "四零零,幺二三,四五六七", id="hotline"),
        pytest.param("3-5天", "三到五天", id="range"),
        pytest.param("第III章", "第三章", id="roman"),
        pytest.param("Ⅳ级", "四级", id="roman-sign"),
        pytest.param("IIII级", "级", id="not-roman"),
        pytest.param("No.5", "第五", id="number-sign"),
        pytest.param("不——我不信", "不,我不信", id="dash-is-a-pause"),
    ],
)
def test_the_spoken_style_mends_what_the_reference_reads_badly(written: str, said: str) -> None:
    assert normalize(written, ReadingStyle.SPOKEN) == said


@pytest.mark.parametrize(("numeral", "value"), [("I", 1), ("IV", 4), ("XXXIX", 39), ("IC", None)])
def test_roman_numerals_have_one_spelling(numeral: str, value: int | None) -> None:
    assert small_roman_value(numeral) == value


def test_traditional_characters_become_simplified_ones() -> None:
    assert simplify("聲音與麼乾杯") == "声音与么干杯"
    assert simplify("乾坤榜样") == "乾坤榜样"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("不怕", "24", id="bu-before-fourth"),
        pytest.param("不去", "24", id="bu-joined-to-the-next-word"),
        pytest.param("看不懂", "453", id="bu-in-the-middle"),
        pytest.param("一段", "24", id="yi-before-fourth"),
        pytest.param("一天", "41", id="yi-before-others"),
        pytest.param("看一看", "454", id="yi-between-doubles"),
        pytest.param("第一名", "412", id="yi-as-ordinal"),
        pytest.param("二一零", "412", id="yi-in-a-number"),
        pytest.param("朋友", "25", id="neutral-word"),
        pytest.param("奶奶", "35", id="doubled-noun"),
        pytest.param("我们", "35", id="plural"),
        pytest.param("好吧", "35", id="particle"),
        pytest.param("三个", "15", id="counter"),
        pytest.param("女子", "23", id="never-neutral"),
        pytest.param("你好", "23", id="two-thirds"),
        pytest.param("蒙古包", "231", id="not-all-thirds"),
        pytest.param("展览馆", "223", id="two-and-one"),
        pytest.param("纸老虎", "323", id="one-and-two"),
        pytest.param("所有人", "232", id="pair-inside"),
        pytest.param("岂有此理", "2323", id="idiom"),
    ],
)
def test_tones_change_in_context(text: str, expected: str) -> None:
    assert tones(text) == expected


def test_er_takes_the_tone_before_it_only_with_the_second_table() -> None:
    assert tones("点儿") == "33"
    assert tones("点儿", SymbolVersion.V1) == "32"
    assert tones("女儿") == "32"


def test_every_character_has_its_own_group_of_symbols() -> None:
    said = pronounce([Part(text="安全,嗯!")])
    assert said.units == ("安", "全", ",", "恩", "!")
    assert said.unit_phonemes == (("AA", "an1"), ("q", "van2"), (",",), ("EE", "en1"), ("!",))


def test_a_given_sound_replaces_the_dictionary_s() -> None:
    given = Part(text="重楼", phonemes=("ch", "ong2", "l", "ou2"))
    said = pronounce([given, Part(text="走了")])
    assert said.unit_phonemes[:2] == (("ch", "ong2"), ("l", "ou2"))
    assert said.normalized_text == "重楼走了"


@pytest.mark.parametrize(
    ("onset", "final", "symbols"),
    [
        ("zh", "ong1", ("zh", "ong1")),
        ("", "uei4", ("w", "ei4")),
        ("g", "uei4", ("g", "ui4")),
        ("", "i2", ("y", "i2")),
        ("", "v3", ("y", "v3")),
        ("", "er2", ("EE", "er2")),
        (",", ",", (",",)),
        ("龘", "龘", ("UNK",)),
        ("h", "ng5", ("UNK",)),
    ],
)
def test_syllables_become_two_symbols(onset: str, final: str, symbols: tuple[str, ...]) -> None:
    assert syllable_symbols(onset, final) == symbols


@pytest.mark.parametrize("written", ["lǜ sè", "lü4 se4", "lv4 se4", "lu:4 se4"])
def test_pinyin_is_read_as_people_write_it(written: str) -> None:
    assert parse_pinyin(written) == (("l", "v4"), ("s", "e4"))


@pytest.mark.parametrize("written", ["", "xyz4", "hello"])
def test_what_is_not_pinyin_is_refused(written: str) -> None:
    assert parse_pinyin(written) is None


def test_words_are_cut_without_loss() -> None:
    text = "他来到了网易杭研大厦"
    assert "".join(word.text for word in cut_words(text)) == text


def test_names_no_dictionary_lists_are_reported() -> None:
    assert unknown_words("艾达来了两个人。艾达!") == ("艾达",)
    assert unknown_words("我们走吧,2049年见。") == ()
    assert unknown_words("全船很稳。") == (), "no character of it has a second reading"
    assert unknown_words("它重5.5吨，建于2040年，离这里9米。") == (), "a number and what it counts"


def test_onsets_and_rimes_are_those_the_library_gives_one_by_one() -> None:
    words = [*"一个人好女嗯儿呣哼地得了鱼月云英五为", "重楼", "女儿", "绿色", "吕布", "嗯哼", "."]
    for word in words:
        found = tuple(
            tuple(pypinyin.lazy_pinyin(word, style=style, neutral_tone_with_five=True))
            for style in (pypinyin.Style.INITIALS, pypinyin.Style.FINALS_TONE3)
        )
        assert onsets_and_rimes(word) == found, word


def test_a_character_without_a_reading_has_neither_onset_nor_rime() -> None:
    assert onsets_and_rimes("好㐂") == (("h", "㐂"), ("ao3", "㐂"))
