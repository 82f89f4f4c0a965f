"""The planning half: complete requests, keys that change with the sound, nothing heavy loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from engine_builders import VOICE_SPAN, cast_line
from model_locks import write_model_lock

from voicepipe.engines.gpt_sovits.engine import GptSovitsEngine
from voicepipe.engines.registry import engine_named
from voicepipe.errors import SynthesisError
from voicepipe.screenplay.line import Segment
from voicepipe.screenplay.syntax import Language
from voicepipe.synthesis.inputs import line_to_say
from voicepipe.synthesis.request import Source
from voicepipe.voices.voice import AuxiliaryClip, ReferenceClip

if TYPE_CHECKING:
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.voices.voice import CastLine

ROOT = Path(__file__).parents[2]
FAMILIES = {"mine-gpt": "semantic", "mine-sovits": "v2", "hubert": "hubert", "roberta": "bert"}
CALM = ReferenceClip(
    path="voices/calm.wav",
    sha256="a" * 64,
    transcript="We have no time left.",
    language=Language("en"),
    span=VOICE_SPAN,
)
SAD = replace(CALM, path="voices/sad.wav", sha256="b" * 64, emotion="sad")
MORE = AuxiliaryClip(path="voices/more.wav", sha256="c" * 64, span=VOICE_SPAN)


def write_lock(root: Path, **families: str) -> None:
    write_model_lock(root, {name: (family, None) for name, family in families.items()})


def spoken(line: CastLine, **voice: Any) -> CastLine:
    """A cast line of a cloned voice."""
    facts: dict[str, Any] = {
        "engine": "gpt-sovits",
        "model": {"gpt": "mine-gpt", "sovits": "mine-sovits"},
        "clips": (CALM, SAD),
        **voice,
    }
    clips = facts["clips"]
    return replace(line, voice=replace(line.voice, **facts), reference=clips[0] if clips else None)


@pytest.fixture
def engine(tmp_path: Path) -> GptSovitsEngine:
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en, zh]\n", "utf-8")
    write_lock(tmp_path, **FAMILIES)
    return GptSovitsEngine.for_project(tmp_path)


def test_other_families_hear_long_clips_whole(engine: GptSovitsEngine, tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    soundfile.write(tmp_path / CALM.path, np.zeros(9 * 24_000), 24_000)
    facts = engine.request(spoken(cast_line("We are late.")), 1).inputs["engine"]
    assert facts == {"precision": "float32", "revision": 2}


def codes(engine: GptSovitsEngine, *lines: CastLine) -> list[str]:
    return [diagnostic.code for diagnostic in engine.check(lines)]


def test_the_embedded_model_speaks_no_language_it_never_learned(tmp_path: Path) -> None:
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en, ko]\n", "utf-8")
    embedded = {"tiny-gpt": "semantic", "tiny-sovits": "tiny", "tiny-content": "phonetic"}
    write_lock(tmp_path, **embedded)
    engine = GptSovitsEngine.for_project(tmp_path)
    model = {"gpt": "tiny-gpt", "sovits": "tiny-sovits"}
    said = {"en": "We are late.", "ja": "行きましょう。", "zh": "我们走。", "ko": "우리는 늦었다."}
    lines = [spoken(cast_line(text, language), model=model) for language, text in said.items()]
    lines.append(spoken(cast_line("안녕.", "ko", line_id="a_2"), model=model))
    (refused,) = [d for d in engine.check(lines) if d.code == "VP601"]
    assert 'its model tiny-gpt never learned "ko" (2 lines)' in refused.message
    assert "it speaks en, ja, zh" in refused.message


def test_the_registry_makes_it_for_a_project(tmp_path: Path) -> None:
    made = engine_named("gpt-sovits", root=tmp_path)
    assert made.name == "gpt-sovits"
    assert made.source is Source.SYNTHETIC


def test_a_request_describes_the_take_completely(engine: GptSovitsEngine) -> None:
    request = engine.request(spoken(cast_line("We are late.")), 5)
    assert set(request.inputs) == {"text", "delivery", "voice", "model", "sampling", "engine"}
    facts: Any = request.inputs
    (part,) = facts["text"]["parts"]
    assert part["phoneme_ids"]
    assert part["characters"] == []
    assert facts["model"] == {"gpt": f"{0:064x}", "sovits": f"{1:064x}", "hubert": f"{2:064x}"}
    assert facts["voice"]["clips"][0]["transcript"] == CALM.transcript
    assert request.files[CALM.sha256] == CALM.path
    assert request.files[f"{0:064x}"] == "models/mine-gpt/model.safetensors"
    json.dumps(facts)  # plain data


def test_chinese_needs_bert_in_the_key(engine: GptSovitsEngine) -> None:
    request = engine.request(spoken(cast_line("我们走。", "zh")), 5)
    facts: Any = request.inputs
    assert "bert" in facts["model"]
    (run,) = facts["text"]["parts"][0]["characters"]
    assert run["units"][:2] == ["我", "们"]
    assert sum(run["counts"]) == len(facts["text"]["parts"][0]["phoneme_ids"]) - run["start"]


@pytest.mark.parametrize(
    ("line", "group"),
    [
        (spoken(cast_line("We were late.")), "text"),
        (spoken(cast_line("We are late.", speed=1.1)), "delivery"),
        (spoken(cast_line("We are late."), clips=(SAD,)), "voice"),
        (spoken(cast_line("We are late."), clips=(replace(CALM, auxiliary=(MORE,)),)), "voice"),
        (spoken(cast_line("We are late."), sampling={"top_k": 5}), "sampling"),
        (
            spoken(cast_line("We are late."), model={"gpt": "mine-gpt", "sovits": "other"}),
            "model",
        ),
    ],
)
def test_what_changes_the_sound_changes_its_group_alone(
    tmp_path: Path, line: CastLine, group: str
) -> None:
    (tmp_path / "voicepipe.yaml").write_text("bank: small\nlanguages: [en]\n", "utf-8")
    write_lock(tmp_path, **FAMILIES, other="v2")
    engine = GptSovitsEngine(tmp_path)
    before = engine.request(spoken(cast_line("We are late.")), 5).identity()
    after = engine.request(line, 5).identity()
    old, new = before.fingerprints, after.fingerprints
    changed = {name for name in old if old[name] != new[name]}
    assert changed == {group}
    assert before.key != after.key


def test_auxiliary_clips_are_named_in_their_order(engine: GptSovitsEngine) -> None:
    other = replace(MORE, path="voices/other.wav", sha256="d" * 64)
    keys = set()
    for auxiliary in ((), (MORE,), (MORE, other), (other, MORE)):
        clip = replace(CALM, auxiliary=auxiliary)
        request = engine.request(spoken(cast_line("We are late."), clips=(clip, SAD)), 5)
        (heard,) = line_to_say(request).clips
        assert heard.auxiliary == tuple(each.sha256 for each in auxiliary)
        assert all(request.files[each.sha256] == each.path for each in auxiliary)
        keys.add(request.key())
    assert len(keys) == 4


def test_where_files_lie_changes_nothing(engine: GptSovitsEngine) -> None:
    here = engine.request(spoken(cast_line("We are late.")), 5)
    moved = engine.request(
        spoken(cast_line("We are late."), clips=(replace(CALM, path="voices/new.wav"), SAD)), 5
    )
    assert here.key() == moved.key()
    assert here.files != moved.files


def test_facts_of_a_voice_are_one_object_for_all_its_lines(engine: GptSovitsEngine) -> None:
    one = engine.request(spoken(cast_line("We are late.")), 5).inputs
    other = engine.request(spoken(cast_line("Go!")), 6).inputs
    for group in ("voice", "model", "sampling", "engine"):
        assert one[group] is other[group]


def test_a_marked_emotion_takes_its_own_clip(engine: GptSovitsEngine) -> None:
    segments = (Segment(text="We are late. "), Segment(text="He is gone.", emotion="sad"))
    line = spoken(cast_line("We are late. He is gone.", segments=segments))
    facts: Any = engine.request(line, 5).inputs
    assert [part["clip"] for part in facts["delivery"]["parts"]] == [0, 1]
    assert [clip["sha256"][0] for clip in facts["voice"]["clips"]] == ["a", "b"]


def test_cost_follows_length_speed_and_pauses(engine: GptSovitsEngine) -> None:
    def cost(line: CastLine) -> float:
        return engine.cost(engine.request(spoken(line), 5))

    short, long = cost(cast_line("Go now.")), cost(cast_line("Go now. " * 5))
    assert 0 < short < long
    assert cost(cast_line("Go now.", speed=2.0)) == pytest.approx(short / 2)
    paused = cast_line(
        "x", segments=(Segment(text="Go now.", pause_after_ms=700), Segment(text="Go now."))
    )
    assert cost(paused) == pytest.approx(2 * short + 0.7)


def test_a_sound_cast_has_nothing_wrong_but_models_away(engine: GptSovitsEngine) -> None:
    assert codes(engine, spoken(cast_line("We are late."))) == ["VP616"]
    assert codes(engine) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (spoken(cast_line("Nous sommes en retard.", "fr")), "VP601"),
        (spoken(cast_line("…!")), "VP602"),
        (spoken(cast_line("Hi."), clips=()), "VP611"),
        (spoken(cast_line("Hi."), clips=(replace(CALM, transcript="…"),)), "VP612"),
        (spoken(cast_line("Hi."), clips=(replace(CALM, language=Language("fr")),)), "VP612"),
        (spoken(cast_line("Hi."), model={}), "VP613"),
        (spoken(cast_line("Hi."), model={"gpt": "x", "sovits": "mine-sovits"}), "VP614"),
        (spoken(cast_line("Hi."), sampling={"top_q": 1}), "VP617"),
        (spoken(cast_line("Hi.", segments=(Segment(text="Hi", say="qwrtp"),))), "VP618"),
        (spoken(cast_line("Hi.", speed=8.0)), "VP619"),
        (spoken(cast_line("Meet Zhyvkrall.")), "VP620"),
    ],
)
def test_what_stands_in_the_way_is_said(engine: GptSovitsEngine, line: CastLine, code: str) -> None:
    assert code in codes(engine, line, line)
    assert codes(engine, line, line).count(code) <= 2


def test_chinese_without_bert_is_said_once(tmp_path: Path) -> None:
    write_lock(tmp_path, **{name: f for name, f in FAMILIES.items() if f != "bert"})
    engine = GptSovitsEngine(tmp_path)
    lines = [spoken(cast_line(text, "zh")) for text in ("我们走。", "快一点。")]
    assert codes(engine, *lines).count("VP621") == 1


def test_a_broken_lexicon_is_said(tmp_path: Path) -> None:
    write_lock(tmp_path, **FAMILIES)
    (tmp_path / "lexicon.yaml").write_text("en:\n  Noah: {sampa: x}\n", "utf-8")
    assert "VP163" in codes(GptSovitsEngine(tmp_path), spoken(cast_line("Noah!")))


def test_the_lexicon_settles_a_word(tmp_path: Path) -> None:
    write_lock(tmp_path, **FAMILIES)
    (tmp_path / "lexicon.yaml").write_text("en:\n  Zhyvkrall: ZIV-krawl\n", "utf-8")
    assert "VP620" not in codes(GptSovitsEngine(tmp_path), spoken(cast_line("Meet Zhyvkrall.")))


def test_a_line_with_errors_has_no_request(engine: GptSovitsEngine) -> None:
    with pytest.raises(SynthesisError, match="cannot be spoken"):
        engine.request(spoken(cast_line("…!")), 5)


def test_planning_loads_no_torch(tmp_path: Path) -> None:
    write_lock(tmp_path, **FAMILIES)
    code = (
        "import sys; sys.path[:0] = ['tests/engines', 'tests']\n"
        "from pathlib import Path\n"
        "from engine_builders import cast_line\n"
        "from test_gpt_sovits_planning import spoken, GptSovitsEngine\n"
        f"engine = GptSovitsEngine(Path({str(tmp_path)!r}))\n"
        "lines = [spoken(cast_line('We are late.')), spoken(cast_line('我们走。', 'zh'))]\n"
        "engine.check(lines); [engine.cost(engine.request(line, 1)) for line in lines]\n"
        "heavy = {'torch', 'torchaudio', 'transformers', 'pandas', 'safetensors'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_lines_that_differ_in_stress_alone_have_takes_of_their_own(engine: GptSovitsEngine) -> None:
    def request(*stressed: bool) -> SynthesisRequest:
        words = ("We ", "are", " late.")
        segments = tuple(
            Segment(text=word, is_stressed=is_stressed)
            for word, is_stressed in zip(words, stressed, strict=True)
        )
        return engine.request(spoken(cast_line("We are late.", segments=segments)), 5)

    plain, first, second = (
        request(False, False, False),
        request(True, False, False),
        request(False, True, False),
    )
    assert plain.inputs["text"] == first.inputs["text"] == second.inputs["text"]
    assert len({one.key() for one in (plain, first, second)}) == 3
    assert plain.key() == engine.request(spoken(cast_line("We are late.")), 5).key()
