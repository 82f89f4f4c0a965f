"""The planning half of the scratch engine: light, quick, and complete in its keys."""

from __future__ import annotations

import importlib.metadata
from dataclasses import replace

import orjson
import pytest
from engine_builders import SPAN, VOICE_SPAN, cast_line
from loaded_modules import loaded_by

from voicepipe.engines.codes import CODES
from voicepipe.engines.registry import engine_named
from voicepipe.engines.scratch.engine import ScratchEngine
from voicepipe.engines.scratch.kana import kana_version
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.installation import install_remedy
from voicepipe.screenplay.line import Segment
from voicepipe.synthesis.request import Source


def test_planning_imports_neither_numpy_nor_torch_nor_espeak() -> None:
    code = "from voicepipe.engines.registry import engine_named; engine_named('scratch')"
    heavy = ("numpy", "torch", "espeakng_loader", "pyopenjtalk", "soundfile")
    assert not loaded_by(code, heavy)


def test_an_unknown_engine_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match='no engine "skratch"') as caught:
        engine_named("skratch")
    assert "scratch" in caught.value.remedy


def test_the_registry_takes_engines_of_ones_own() -> None:
    path = "voicepipe.engines.scratch.engine:ScratchEngine"
    engine = engine_named("other", {"other": path})
    assert (engine.name, engine.source) == ("scratch", Source.SCRATCH)


def test_a_request_is_plain_data_in_named_groups(scratch: ScratchEngine) -> None:
    request = scratch.request(cast_line("Hello."), 7)
    assert set(request.inputs) == {"text", "delivery", "voice", "engine"}
    assert orjson.loads(orjson.dumps(request.inputs)) == request.inputs
    assert request.seed == 7
    engine = request.inputs["engine"]
    assert isinstance(engine, dict)
    assert engine["espeak"] == importlib.metadata.version("espeakng-loader")
    assert "kana" not in engine


def test_japanese_keys_know_who_read_the_kanji(scratch: ScratchEngine) -> None:
    engine = scratch.request(cast_line("港", "ja"), 1).inputs["engine"]
    assert isinstance(engine, dict)
    assert engine["kana"] == importlib.metadata.version("pyopenjtalk-plus")


@pytest.mark.parametrize(
    ("change", "group"),
    [
        ({"segments": (Segment(text="Hullo."),)}, "text"),
        ({"segments": (Segment(text="Hello.", say="HUL-loh"),)}, "text"),
        ({"segments": (Segment(text="Hello.", pause_after_ms=10),)}, "text"),
        ({"segments": (Segment(text="Hello.", speed=0.9),)}, "delivery"),
        ({"segments": (Segment(text="Hello.", pitch_semitones=1),)}, "delivery"),
        ({"segments": (Segment(text="Hello.", emotion="sad"),)}, "delivery"),
        ({"segments": (Segment(text="Hello.", range=1.4),)}, "delivery"),
        ({"segments": (Segment(text="Hello.", is_stressed=True),)}, "delivery"),
        ({"emotion": "angry"}, "delivery"),
        ({"speed": 1.1}, "delivery"),
        ({"timbre": {"pitch": 70}}, "voice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whatever_changes_the_sound_changes_its_group_and_the_key(
    scratch: ScratchEngine, change: dict[str, object], group: str
) -> None:
    before = scratch.request(cast_line("Hello."), 1)
    after = ScratchEngine().request(cast_line("Hello.", **change), 1)  # type: ignore[arg-type]
    was, now = before.identity().fingerprints, after.identity().fingerprints
    assert {name for name in was if was[name] != now[name]} == {group}
    assert before.key() != after.key()


def test_a_respelled_word_may_be_written_otherwise_at_no_cost(scratch: ScratchEngine) -> None:
    segments = [(Segment(text=text, say="MAH-ree-oh"),) for text in ("Mario", "MARIO")]
    first, second = (scratch.request(cast_line("x", segments=s), 1).key() for s in segments)
    assert first == second


def test_the_line_id_is_no_part_of_the_key(scratch: ScratchEngine) -> None:
    first = scratch.request(cast_line("Hi.", line_id="a_1"), 1)
    assert first.key() == scratch.request(cast_line("Hi.", line_id="b_1"), 1).key()


def test_a_voice_that_changes_its_timbre_is_looked_at_again() -> None:
    engine = ScratchEngine()
    plain, high = cast_line("Hi."), cast_line("Hi.", timbre={"pitch": 80})
    assert engine.request(plain, 1).key() != engine.request(high, 1).key()


def test_a_missing_wheel_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(EnvironmentFault) as caught:
        ScratchEngine().request(cast_line("Hi."), 1)
    assert caught.value.remedy == install_remedy("scratch")
    with pytest.raises(EnvironmentFault, match="pyopenjtalk"):
        kana_version()


def test_cost_follows_length_speed_and_pauses(scratch: ScratchEngine) -> None:
    def cost(text: str, language: str = "en", **changes: object) -> float:
        line = cast_line(text, language, **changes)  # type: ignore[arg-type]
        return scratch.cost(scratch.request(line, 1))

    assert cost("A long sentence about the sea.") > 2 * cost("The sea.")
    assert cost("The sea.", speed=2.0) == pytest.approx(cost("The sea.") / 2)
    paused = (Segment(text="The sea.", pause_after_ms=500),)
    assert cost("The sea.", segments=paused) == pytest.approx(cost("The sea.") + 0.5)
    assert 1 < cost("明天早上七点", "zh") < 2


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("Hello there.", "en", ""),
        ("Hello there.", "en-au", ""),
        ("我用iPhone，123。", "zh", ""),
        ("50 °C, “quoted” — naïve café!", "fr", ""),
        ("naʼvi", "uz", ""),
        ("wa' cha'", "tlh", "VP601"),
        ("שלום", "he", "VP601"),
        ("…!?", "en", "VP602"),
        ("😀 ♪", "en", "VP602"),
        ("\u200b\u0001", "en", "VP602"),
        ("Meet 小林.", "en", "VP603"),
        ("漢字", "ko", "VP603"),
        ("Привет", "en", "VP603"),
    ],
)
def test_check_finds_what_espeak_cannot_say(
    scratch: ScratchEngine, text: str, language: str, code: str
) -> None:
    found = scratch.check([cast_line(text, language)])
    assert [finding.code for finding in found] == ([code] if code else [])
    assert all(finding.span == SPAN and finding.help for finding in found)


def test_check_hears_a_respelling_instead_of_the_text(scratch: ScratchEngine) -> None:
    segments = (Segment(text="Meet "), Segment(text="小林", say="koh-bah-YAH-shee"))
    assert scratch.check([cast_line("Meet 小林", segments=segments)]) == []


@pytest.mark.parametrize(
    ("timbre", "words"),
    [
        ({"pitch": 120}, "0 to 99"),
        ({"pitch": True}, "0 to 99"),
        ({"rate": "fast"}, "80 to 450"),
        ({"variant": "Anie"}, 'did you mean "Annie"'),
        ({"gender": "robot"}, "not known"),
        ({"pich": 3}, 'did you mean "pitch"'),
    ],
)
def test_a_timbre_espeak_does_not_have_is_refused_once(
    scratch: ScratchEngine, timbre: dict[str, float | int | str], words: str
) -> None:
    found = scratch.check([cast_line(text, timbre=timbre) for text in ("Hi.", "Ho.")])
    assert [(finding.code, finding.span) for finding in found] == [("VP604", VOICE_SPAN)]
    assert words in found[0].message


def test_good_timbres_pass(scratch: ScratchEngine) -> None:
    wishes: dict[str, float | int | str] = {"pitch": 60, "rate": 200, "variant": "f3"}
    wishes["gender"] = "female"
    assert scratch.check([cast_line("Hi.", timbre=wishes)]) == []
    request = scratch.request(cast_line("Hi.", timbre=wishes), 1)
    expected = {"pitch": 60, "rate": 200, "variant": "f3", "whisper": "whisperf"}
    assert request.inputs["voice"] == expected


def test_codes_are_the_ones_check_gives() -> None:
    ours = [info for info in CODES if info.code < "VP610"]
    assert [info.code for info in ours] == ["VP601", "VP602", "VP603", "VP604"]
    assert all("Wrong:" in info.explanation for info in ours)


def test_the_seed_is_part_of_the_key(scratch: ScratchEngine) -> None:
    request = scratch.request(cast_line("Hi."), 1)
    assert request.key() != replace(request, seed=2).key()
