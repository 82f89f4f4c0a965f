from __future__ import annotations

import pytest

from voicepipe.text.frontend import utterance
from voicepipe.text.records import Part, ReadingStyle
from voicepipe.text.yue.frontend import (
    normalize,
    parse_jyutping,
    pronounce,
    syllable_symbols,
    unknown_words,
)
from voicepipe.text.yue.readings import deciding_rules


@pytest.mark.parametrize(
    ("syllable", "symbols"),
    [
        ("nei5", ("Yn", "Yei5")),
        ("m4", ("Ym", "Ym4")),
        ("ng5", ("Yng", "Yg5")),
        ("aai1", ("Yaa", "Yi1")),
        ("ngo5", ("Yng", "Yo5")),
        ("gwong2", ("Ygw", "Yong2")),
    ],
)
def test_a_syllable_is_two_symbols(syllable: str, symbols: tuple[str, str]) -> None:
    assert syllable_symbols(syllable[:-1], syllable[-1]) == symbols


def test_traditional_text_is_read_as_simplified() -> None:
    assert normalize("我哋係一齊，3點鐘走！") == "我哋系一齐,三点钟走!"
    assert normalize("$2", ReadingStyle.SPOKEN) == "两美元"


def test_a_character_may_have_two_syllables() -> None:
    said = pronounce([Part(text="卅年")])
    assert [len(phonemes) for phonemes in said.unit_phonemes] == [4, 2]


def test_a_given_sound_replaces_the_dictionary_s() -> None:
    said = pronounce([Part(text="重", phonemes=("Yz", "Yung6")), Part(text="好")])
    assert said.unit_phonemes[0] == ("Yz", "Yung6")


def test_jyutping_is_read_as_people_write_it() -> None:
    assert parse_jyutping("nei5 hou2") == (("Yn", "Yei5"), ("Yh", "You2"))
    assert parse_jyutping("nei hou2") is None
    assert parse_jyutping("") is None


def test_characters_without_a_reading_are_reported() -> None:
    assert unknown_words("你好。") == ()
    assert unknown_words("艹") == ("艹",)
    assert pronounce([Part(text="艹")]).unit_phonemes == (("UNK",),)


def said(text: str) -> str:
    read = utterance(text, "yue", style=ReadingStyle.SPOKEN, pads_short=False)
    return read.normalized_text.replace(" ", "")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("300金币", "三百金币"),
        ("300個金幣", "三百个金币"),
        ("198公里", "一百九十八公里"),
        ("5km", "五公里"),
        ("3kg", "三公斤"),
        ("2個人", "两个人"),
        ("2點半", "两点半"),
        ("7:05", "七点零五分"),
        ("2:30", "两点半"),
        ("3:2", "三比二"),
        ("12：30", "十二点半"),
        ("90後", "九零后"),
        ("98年", "九八年"),
        ("10年前", "十年前"),
        ("2049/3/15", "二零四九年三月十五日"),
        ("−5℃", "零下五度"),
        ("3-5個", "三到五个"),
        ("3~5個", "三到五个"),
        ("3-202房", "三,二零二房"),
        ("62%", "百分之六十二"),
        ("62％", "百分之六十二"),
        ("第III章", "第三章"),
        ("No.5", "第五"),
        ("第2個", "第二个"),
        ("2月2號", "二月二号"),
        ("2樓", "二楼"),
        ("500蚊", "五百蚊"),
        ("2蚊", "两蚊"),
        ("2隻貓", "两只猫"),
        ("100幾個", "一百几个"),
        ("20幾歲", "二十几岁"),
        ("91234567", "九一二三四五六七"),
        ("打999", "打九九九"),
        ("電話2311 2233", "电话二三一一,二二三三"),
        ("三〇一", "三零一"),
        ("½", "二分之一"),
        ("2,000人", "两千人"),
        ("¥5，200克", "五元,二百克"),
        ("24小時", "二十四小时"),
        ("密碼4728", "密码四七二八"),
        ("A4紙", "A四纸"),
        ("G1234次", "G一二三四次"),
        ("ＵＳＢ接口", "USB接口"),
        ("你好 再見", "你好,再见"),
        ("唔係——我唔信", "唔系,我唔信"),
        ("他/她", "他,她"),
        ("10km/h", "十公里每小时"),
        ("3.5米", "三点五米"),
        ("1/2", "二分之一"),
        ("3+4=7", "三加四等于七"),
        ("廿五蚊", "廿五蚊"),
        ("2000蚊", "两千蚊"),
        ("365日", "三百六十五日"),
        ("密碼係8940啦", "密码系八九四零啦"),
    ],
)
def test_a_written_form_is_said_as_people_say_it(written: str, spoken: str) -> None:
    assert said(written) == spoken


READINGS = (
    "佢慢慢地行/dei6 两只手/zek3 呢只猫/zek3 我得走/dak1 重来/cung4 "
    "重有/zung6 好重/cung5 重要/zung6 教我/gaau3 长大/zoeng2 "
    "全长/coeng4 校长/zoeng2 银行/hong4 行路/haang4 还钱/waan4 "
    "为咗/wai6 因为/wai6 认为/wai4 为你/wai6 种树/zung3 "
    "呢种/zung2 打中/zung3 中间/zung1 空气/hung1 瞓觉/gaau3 "
    "觉得/gok3 调查/diu6 空调/tiu4 上当/dong3 过分/fan6 "
    "答应/jing3 相信/soeng1 真相/soeng3 数钱/sou2 数目/sou3 "
    "朝早/ziu1 朝代/ciu4 弹琴/taan4 子弹/daan2 传说/cyun4 "
    "处理/cyu2 到处/cyu3 三更/gaang1 更加/gang3 爱好/hou3 "
    "好少/siu2 少年/siu3 听日/ting1 听到/teng1 投降/hong4 "
    "降落/gong3 音乐/ngok6 乐意/lok6 灾难/naan6 难过/naan4 "
    "唔使/sai2 使用/si2 大使/si3 上面/soeng6 上去/soeng5 "
    "下面/haa6 一下/haa5 坐低/co5 坐船/co5 座位/zo6 "
    "好近/kan5 附近/gan6 断咗/tyun5 先生/saang1 发生/sang1 "
    "会唔会/wui5 开会/wui2 会议/wui6 我会去/wui5 会计/wui6 "
    "力量/loeng6 只有/zi2 几点/gei2 几乎/gei1 茶几/gei1 "
    "着衫/zoek3 着急/zoek6 个名/meng2 名誉/ming4 救命/meng6 "
    "命令/ming6 好轻/heng1 年轻/hing1 好惊/geng1 惊讶/ging1 "
    "好平/peng4 平时/ping4 大声/seng1 声音/sing1 请客/ceng2 "
    "请问/cing2 瞓醒/seng2 净系/zing6 干净/zeng6 成日/seng4 "
    "成功/sing4 好正/zeng3 正常/zing3 咁样/gam2 咁大/gam3 "
    "你呢/ne1 呢个/ni1 几多钱/cin2 金钱/cin4 讲大话/waa6 "
    "电话/waa2 佢话/waa6 讲话/waa6 搵到/dou2 去到/dou3 "
    "见到/dou2 试下/haa5 等下/haa5 松树/cung4 轻松/sung1 "
    "头发/faat3 系鞋带/hai6 饼干/gon1 能干/gon3 皇后/hau6 "
    "分开/fan1 一分钱/fan1 部分/fan6 隻貓/zek3 幾多/gei2 "
    "乾淨/zeng6 鬆開/sung1 鹹/haam4 因為/wai6 認為/wai4 "
    "髒/zong1 我重未走/zung6 "
)


@pytest.mark.parametrize("case", READINGS.split())
def test_a_character_is_read_as_its_sentence_asks(case: str) -> None:
    sentence, reading = case.split("/")
    said = pronounce([Part(text=sentence)], style=ReadingStyle.SPOKEN)
    assert syllable_symbols(reading[:-1], reading[-1]) in said.unit_phonemes


def test_traditional_writing_tells_apart_what_simplified_writing_joins() -> None:
    both = [
        pronounce([Part(text=text)], style=ReadingStyle.SPOKEN).unit_phonemes[0]
        for text in ("鬆", "松")
    ]
    assert both == [("Ys", "Yung1"), ("Yc", "Yung4")]


@pytest.mark.parametrize(
    ("text", "dropped"),
    [("㗎", ()), ("䶮", ()), ("𠮷野家", ()), ("😀你好", ("😀",)), ("我睇Привет", ("Привет",))],
)
def test_what_cantonese_cannot_say_is_listed(text: str, dropped: tuple[str, ...]) -> None:
    read = utterance(text, "yue", style=ReadingStyle.SPOKEN)
    assert read.dropped == dropped
    assert "UNK" not in read.phonemes


def test_the_rule_that_decided_can_be_named() -> None:
    found = [rule.reading if rule else None for rule in deciding_rules("呢只貓")]
    assert found == [None, "zek3", None]
