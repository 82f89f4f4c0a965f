"""Chinese text is cut into the words and tags that the library itself finds, faster."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from dialogue_lines import dialogue_lines

from voicepipe.text.zh.normalize import normalize
from voicepipe.text.zh.words import cut_words, read_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

RARE = "㐂乸亍亖亼仝佦俆儩凩勥匋卝叒噠囍垚堃壵奀孖尛屮巭弐彣忈悳戩扌攴旮昮朤杴槑歨毳氼"
N_LINES = 400


def _library(text: str) -> list[tuple[str, str]]:
    cut_words(text)  # loads its dictionary without the shared temporary folder
    import jieba.posseg

    return [(pair.word, pair.flag) for pair in jieba.posseg.cut(text)]


def _texts() -> Iterator[str]:
    draw = Random(5)
    lines = list(dialogue_lines("zh", N_LINES))
    for line in lines:
        yield line
        yield normalize(line)
    characters = "".join(lines)
    for _ in range(N_LINES):
        yield "".join(
            draw.choice(RARE if draw.random() < 0.1 else characters)
            for _ in range(draw.randrange(1, 12))
        )


def test_words_and_tags_are_those_that_the_library_finds() -> None:
    texts = list(_texts())
    assert len(texts) == 3 * N_LINES
    for text in texts:
        assert [(word.text, word.tag) for word in cut_words(text)] == _library(text)


@pytest.mark.parametrize(
    "text", ["三A级", "他叫Wei。", "a.b.c", "好..好", "...", " ", "-5%", "龘龘龘", "\U00020000好"]
)
def test_letters_figures_marks_and_unlisted_characters_are_cut_as_the_library_does(
    text: str,
) -> None:
    assert [(word.text, word.tag) for word in cut_words(text)] == _library(text)


def test_the_dictionary_is_read_as_the_library_reads_it() -> None:
    cut_words("好")
    import jieba.posseg

    with jieba.dt.get_dict_file() as file:
        counts, total, tags = read_dictionary(file.read().decode("utf-8"))
    assert (counts, total) == jieba.dt.gen_pfdict(jieba.dt.get_dict_file())
    tagger = jieba.posseg.POSTokenizer(jieba.dt)
    assert tags == tagger.word_tag_tab
    assert len(tags) > 300_000
