from __future__ import annotations

from pathlib import Path

from voicepipe.documents.source import SourceFile
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import EMPTY_LEXICON, Lexicon, load_lexicon, parse_lexicon

LEXICON = """\
zh:
  重楼: chóng lóu
  重楼山: chóng lóu shān
en:
  Mario: {arpabet: M AA1 R IY0 OW0}
  US: yoo-ES
ja:
  真理緒: マリオ
speakers:
  noah:
    en: {Mario: MAIR-ee-oh}
"""


def lexicon(text: str = LEXICON) -> Lexicon:
    found, diagnostics = parse_lexicon(SourceFile(path="lexicon.yaml", text=text))
    assert diagnostics == ()
    return found


def words(text: str, language: Language, speaker: str = "") -> list[tuple[str, str]]:
    return [
        (text[match.start : match.end], match.entry.spelling.value)
        for match in lexicon().find(text, language, speaker)
    ]


def test_the_longest_word_wins() -> None:
    assert words("重楼在重楼山。", Language.ZH) == [
        ("重楼", "chóng lóu"),
        ("重楼山", "chóng lóu shān"),
    ]


def test_latin_words_match_whole_and_in_any_case() -> None:
    assert words("MARIO, Marios, mario's", Language.EN) == [
        ("MARIO", "M AA1 R IY0 OW0"),
        ("mario", "M AA1 R IY0 OW0"),
    ]


def test_words_in_capitals_match_as_written() -> None:
    assert words("the US and us", Language.EN) == [("US", "yoo-ES")]


def test_a_speaker_s_own_entry_wins() -> None:
    assert words("Mario", Language.EN, "noah") == [("Mario", "MAIR-ee-oh")]
    assert words("Mario", Language.EN, "ada") == [("Mario", "M AA1 R IY0 OW0")]


def test_entries_of_another_language_do_not_apply() -> None:
    assert words("重楼", Language.JA) == []


def test_an_entry_knows_its_place() -> None:
    entry = next(e for e in lexicon().entries if e.speaker == "noah")
    assert str(entry.span) == "lexicon.yaml:11:10"


def test_every_mistake_is_reported_at_its_place_and_the_rest_is_read() -> None:
    text = (
        "tlh: {a: b}\nen:\n  good: GOOD\n  bad: krt\n  worse: {sampa: x}\n  odd: [a]\n"
        "  two: {ipa: a, kana: ア}\nzh: word\nja:\nko: {}\n"
    )
    found, diagnostics = parse_lexicon(SourceFile(path="lexicon.yaml", text=text))
    assert [entry.word for entry in found.entries] == ["good"]
    assert [(d.code, d.span.line, d.span.column) for d in diagnostics] == [
        ("VP162", 1, 1),
        ("VP164", 4, 8),
        ("VP163", 5, 11),
        ("VP161", 6, 8),
        ("VP161", 7, 8),
        ("VP161", 8, 5),
    ]
    assert all(d.message for d in diagnostics)


def test_a_file_is_optional(tmp_path: Path) -> None:
    assert load_lexicon(tmp_path) == (EMPTY_LEXICON, ())


def test_a_file_is_read_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "lexicon.yaml").write_text(LEXICON, encoding="utf-8")
    found, diagnostics = load_lexicon(tmp_path)
    assert (len(found.entries), diagnostics) == (6, ())


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "lexicon.yaml").write_bytes(b"\xff\xfe\x00")
    found, diagnostics = load_lexicon(tmp_path)
    assert found == EMPTY_LEXICON
    assert [d.code for d in diagnostics] == ["VP104"]


def test_the_example_in_the_documentation_reads_without_a_fault() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/reference/lexicon.md").read_text(
        encoding="utf-8"
    )
    example = page.split("```yaml\n")[1].split("```")[0]
    assert len(lexicon(example).entries) == 9
