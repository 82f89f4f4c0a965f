"""Small tables and texts: prosody, timbre, wording, romanized respellings."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicepipe.engines.scratch.host import host_command
from voicepipe.engines.scratch.kana import kana_of
from voicepipe.engines.scratch.languages import SPOKEN, script_of, spoken_language
from voicepipe.engines.scratch.pinyin import numbered_pinyin, spaced_jyutping
from voicepipe.engines.scratch.prosody import EMOTIONS, NEUTRAL, prosody_of
from voicepipe.engines.scratch.renderer import pitch_steps
from voicepipe.engines.scratch.timbre import VARIANTS, timbre_of
from voicepipe.engines.scratch.wording import plain_words, respelled
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.installation import install_remedy


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("chóngqìng", "chong2 qing4"),
        ("chong2qing4", "chong2 qing4"),
        ("lǜ", "lv4"),
        ("nü3 er2", "nv3 er2"),
        ("lu:4", "lv4"),
        ("xī'ān", "xi1'an1"),
        ("fāngàn", "fan1 gan4"),
        ("Běijīng", "bei3 jing1"),
        ("shénme", "shen2 me"),
        ("zhuāng", "zhuang1"),
        ("hello", "hello"),
    ],
)
def test_pinyin_becomes_numbered_syllables(written: str, spoken: str) -> None:
    assert numbered_pinyin(written) == spoken


def test_jyutping_is_spaced() -> None:
    assert spaced_jyutping("Jyut6ping3") == "jyut6 ping3"


@pytest.mark.parametrize(
    ("say", "tag", "voice", "words"),
    [
        ("MAH-ree-oh", "en", "en-us", "mah-ree-oh"),
        ("NASA", "en", "en-us", "NASA"),
        ("chóngqìng", "zh", "cmn-latn-pinyin", "chong2 qing4"),
        ("重庆", "zh", "cmn", "重庆"),
        ("jyut6ping3", "yue", "yue-latn-jyutping", "jyut6 ping3"),
        ("まりお", "ja", "ja", "まりお"),
    ],
)
def test_respellings_go_to_the_voice_that_reads_them(
    say: str, tag: str, voice: str, words: str
) -> None:
    assert respelled(say, SPOKEN[tag]) == (voice, words)


@given(st.text())
def test_no_character_that_steers_the_synthesizer_survives(text: str) -> None:
    words = plain_words(text)
    steering = {chr(code) for code in (*range(0x20), 0x7F, *range(0xE000, 0xE100), 0xF8FF)}
    assert not steering & set(words)
    assert plain_words(words) == words


def test_joiners_stay_because_they_shape_words() -> None:
    assert plain_words("می\u200cبینیم") == "می\u200cبینیم"


def test_moods_tell_apart_and_unknown_ones_keep_their_own_variation() -> None:
    assert len(set(EMOTIONS.values())) == len(EMOTIONS)
    assert prosody_of("") == prosody_of(" Neutral ") == NEUTRAL
    assert prosody_of("furious") == EMOTIONS["angry"]
    assert prosody_of("smug") == prosody_of("SMUG") != prosody_of("bored")
    unknown = prosody_of("smug")
    assert unknown != NEUTRAL
    assert 0.9 < unknown.rate < 1.1
    assert abs(unknown.pitch_semitones) < 1
    assert all(mood.volume <= 1 for mood in EMOTIONS.values())


def test_a_cast_of_twenty_tells_apart() -> None:
    cast = [timbre_of(f"voice{number}", {}) for number in range(20)]
    assert len(set(cast)) == 20
    assert timbre_of("voice3", {}) == cast[3]
    assert {timbre.whisper for timbre in cast} == {"whisper", "whisperf"}


def test_the_tables_name_what_the_wheel_has() -> None:
    data = Path(host_command()[-1])
    assert {path.name for path in (data / "voices" / "!v").iterdir()} == VARIANTS | {"Mr serious"}
    tags = {
        words[1].lower()
        for path in (data / "lang").rglob("*")
        if path.is_file()
        for line in path.read_text("utf-8", "replace").splitlines()
        if len(words := line.split()) > 1 and words[0] == "language"
    }
    assert {language.voice for language in SPOKEN.values()} <= tags


def test_only_letters_have_a_script() -> None:
    assert [script_of(c) for c in "aß港ーйʼ1,"] == [
        *("LATIN", "LATIN", "CJK", "KATAKANA", "CYRILLIC", "MODIFIER", "", "")
    ]


def test_a_region_without_a_voice_falls_to_its_language() -> None:
    assert spoken_language("fr-ca") == SPOKEN["fr"]
    assert spoken_language("zh-hk") == SPOKEN["yue"]
    assert spoken_language("tlh") is None


def test_pitch_steps_are_none_for_no_shift_and_grow_with_it() -> None:
    assert pitch_steps(0) == 0
    assert pitch_steps(-24) < pitch_steps(-2) < 0 < pitch_steps(2) < pitch_steps(12)


def test_an_unreadable_text_or_a_missing_reader_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def g2p(self, text: str, **_: object) -> str:
            raise RuntimeError(text)

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", lambda _: Broken())
    with pytest.raises(SynthesisError, match="港"):
        kana_of("港")
    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(EnvironmentFault, match="pyopenjtalk-plus") as caught:
        kana_of("港")
    assert caught.value.remedy == install_remedy("scratch")


def test_kanji_become_kana_with_particles_as_spoken() -> None:
    assert kana_of("今日は世界。") == "キョーワセカイ。"
