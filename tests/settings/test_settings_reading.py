"""`voicepipe.yaml`: defaults, ranges, paths, and no trust in what is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voicepipe import __version__
from voicepipe.settings import Settings, load_settings, settings_schema
from voicepipe.settings_values import language_tag_problem

if TYPE_CHECKING:
    from pathlib import Path

LEAST = "bank: harbor\nlanguages: [zh, en]\n"


def write(root: Path, text: str) -> Path:
    (root / "voicepipe.yaml").write_bytes(text.encode("utf-8"))
    return root


def codes(root: Path, text: str) -> list[str]:
    settings, problems = load_settings(write(root, text))
    assert settings is None
    return [problem.code for problem in problems]


def test_two_keys_are_enough(tmp_path: Path) -> None:
    settings, problems = load_settings(write(tmp_path, LEAST))
    assert not problems
    assert settings == Settings(bank="harbor", languages=("zh", "en"), source_language="zh")
    assert settings.audio.sample_rate == 48_000
    assert settings.render.jobs == 0
    assert settings.story.state_limit == 200_000
    assert settings.lexicon == "lexicon.yaml"


def test_everything_can_be_said(tmp_path: Path) -> None:
    text = (
        "bank: my-bank_2\nlanguages: [en, pt-br]\nsource_language: pt-br\nscripts: a/b\n"
        "voices: v\nout: o\noverrides: r\nlexicon: l.yaml\n"
        "audio: {sample_rate: 44100, bit_depth: 32, loudness_lufs: -16, ceiling_dbtp: -2.5,\n"
        "  max_boost_db: 6, trim: false, keep_ms: 10, fade_in_ms: 1, fade_out_ms: 2,\n"
        "  head_ms: 3, tail_ms: 4}\n"
        "render: {jobs: 4, device: 'cuda:1', attempts: 3, precision: int8, slots: 7}\n"
        "story: {state_limit: 1000}\n"
    )
    settings, problems = load_settings(write(tmp_path, text))
    assert not problems
    assert settings is not None
    assert settings.source_language == "pt-br"
    assert settings.scripts == "a/b"
    assert settings.audio.model_dump() == {
        "sample_rate": 44_100, "bit_depth": 32, "loudness_lufs": -16.0, "ceiling_dbtp": -2.5,
        "max_boost_db": 6.0, "trim": False, "keep_ms": 10.0, "fade_in_ms": 1.0,
        "fade_out_ms": 2.0, "head_ms": 3.0, "tail_ms": 4.0,
    }  # fmt: skip
    assert settings.render.model_dump() == {
        "jobs": 4,
        "device": "cuda:1",
        "precision": "int8",
        "slots": 7,
        "attempts": 3,
        "recycle_lines": 5_000,
        "recycle_growth_mb": 2_048,
    }


def test_empty_sections_mean_their_defaults(tmp_path: Path) -> None:
    settings, problems = load_settings(write(tmp_path, LEAST + "audio:\nrender: ~\nscripts:\n"))
    assert not problems
    assert settings is not None
    assert settings.scripts == "scripts_in"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_is_answered(tmp_path: Path, text: str) -> None:
    assert codes(tmp_path, text) == ["VP502"]


def test_no_file_is_no_project(tmp_path: Path) -> None:
    settings, problems = load_settings(tmp_path)
    assert settings is None
    assert [p.code for p in problems] == ["VP506"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("langs: [en]\n", "VP501"),
        ("audio: {rate: 1}\n", "VP501"),
        ("audio: {sample_rate: 7999}\n", "VP503"),
        ("audio: {sample_rate: 192001}\n", "VP503"),
        ("audio: {bit_depth: 20}\n", "VP503"),
        ("audio: {loudness_lufs: 0}\n", "VP503"),
        ("audio: {loudness_lufs: nan}\n", "VP503"),
        ("audio: {ceiling_dbtp: 0.1}\n", "VP503"),
        ("audio: {keep_ms: -1}\n", "VP503"),
        ("render: {jobs: -1}\n", "VP503"),
        ("render: {attempts: 0}\n", "VP503"),
        ("render: {device: 'cuda:x'}\n", "VP503"),
        ("render: {device: 'cuda:0,cuda:0'}\n", "VP503"),
        ("render: {device: 'cpu,'}\n", "VP503"),
        ("render: {recycle_lines: -1}\n", "VP503"),
        ("render: {device: gpu}\n", "VP503"),
        ("story: {state_limit: 1}\n", "VP503"),
        ("scripts: ../other\n", "VP504"),
        ("out: /tmp/out\n", "VP504"),
        ("lexicon: 'a/../../l.yaml'\n", "VP504"),
        ("voices: .\n", "VP503"),
        ("source_language: ja\n", "VP505"),
        ("out: scripts_in/out\n", "VP507"),
        ("voices: out/voices\n", "VP507"),
        ("bank: again\n", "VP108"),
        ("--- \nbank: two\n", "VP503"),
        ("audio: [\n", "VP106"),
        ("audio: &a {trim: no}\n", "VP107"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, more: str, code: str) -> None:
    assert codes(tmp_path, LEAST + more) == [code]


@pytest.mark.parametrize(
    "bank", ["Harbor", "1st", "a b", "../x", "a/b", "", "x" * 65, "_a", "é", "con"]
)
def test_a_bank_is_named_for_a_folder(tmp_path: Path, bank: str) -> None:
    found = codes(tmp_path, f"bank: '{bank}'\nlanguages: [en]\n")
    assert found in (["VP503"], ["VP502"])


@pytest.mark.parametrize(
    "languages", ["[]", "[en, en]", "[EN]", "[english]", "[en-]", "en", "[e]", "[en, aux]"]
)
def test_languages_are_tags_each_once(tmp_path: Path, languages: str) -> None:
    assert codes(tmp_path, f"bank: a\nlanguages: {languages}\n")[0] in ("VP503", "VP505")


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (root / "scripts_in").symlink_to(tmp_path / "elsewhere")
    assert codes(root, LEAST) == ["VP504"]


def test_the_reference_implementations_names_of_languages_are_translated() -> None:
    for tag in ("zh", "yue", "ko"):
        assert f'write "{tag}"' in language_tag_problem(f"all_{tag}")


def test_language_tags() -> None:
    assert language_tag_problem("zh") == ""
    assert language_tag_problem("yue") == ""
    assert language_tag_problem("zh-hant-tw") == ""
    assert '"pt-br"' in language_tag_problem("pt-BR")
    assert language_tag_problem("中文")
    assert "Windows" in language_tag_problem("con")
    assert language_tag_problem("con-co") == ""


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(lambda t: t.encode("utf-8", "replace")),
        st.text(alphabet="banklgues: [en]{}-\n&*'\"0.,/", max_size=60).map(
            lambda t: (LEAST + t).encode()
        ),
    )
)
def test_no_file_makes_the_reader_raise(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "voicepipe.yaml").write_bytes(content)
    settings, problems = load_settings(tmp_path)
    assert settings is not None or problems


def test_the_schema_says_what_the_reader_does() -> None:
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    accepts = jsonschema.Draft202012Validator(schema).is_valid
    assert accepts({"bank": "a", "languages": ["en"], "audio": {"bit_depth": 24}})
    assert not accepts({"bank": "a", "languages": []})
    assert not accepts({"bank": "a", "languages": ["en"], "audio": {"bit_depth": 20}})
    assert not accepts({"bank": "a", "languages": ["en"], "unknown": 1})
    assert "Hz" in json.dumps(schema)


def test_a_project_is_refused_by_releases_it_does_not_ask_for(tmp_path: Path) -> None:
    for wanted in (f"=={__version__}", ">=0.0.1,<1000", "!=999"):
        settings, problems = load_settings(write(tmp_path, f'{LEAST}voicepipe: "{wanted}"\n'))
        assert settings is not None
        assert not problems
    for wanted in (">999", f"<{__version__}", f"!={__version__}"):
        assert codes(tmp_path, f'{LEAST}voicepipe: "{wanted}"\nto_come: true\n') == ["VP510"]
    assert codes(tmp_path, f"{LEAST}voicepipe: newest\n") == ["VP503"]


def test_timing_may_differ_by_language(tmp_path: Path) -> None:
    text = "timing: {fit: source, tolerance: 8%, languages: {en: {tolerance: 0.2, fastest: 1.3}}}\n"
    settings, problems = load_settings(write(tmp_path, LEAST + text))
    assert not problems
    assert settings is not None
    en, zh = settings.timing.of("en"), settings.timing.of("zh")
    assert (en.fit, en.tolerance, en.slowest, en.fastest) == ("source", 0.2, 0.85, 1.3)
    assert (zh.tolerance, zh.fastest) == (0.08, 1.2)
    assert Settings(bank="a", languages=("en",)).timing.of("en").fit == "slot"


@pytest.mark.parametrize(
    ("timing", "code"),
    [
        ("{tolerance: 10 seconds}", "VP503"),
        ("{tolerance: 60%}", "VP503"),
        ("{fastest: 3}", "VP503"),
        ("{fastest: 0.9}", "VP508"),
        ("{languages: {en: {slowest: 1.1}}}", "VP508"),
        ("{languages: {zh: {fit: source}}}", "VP508"),
        ("{languages: {ja: {fit: source}}}", "VP505"),
    ],
)
def test_timing_that_cannot_be_kept_is_refused(tmp_path: Path, timing: str, code: str) -> None:
    assert codes(tmp_path, f"{LEAST}timing: {timing}\n") == [code]


def test_a_language_that_is_only_shown_sets_no_slot(tmp_path: Path) -> None:
    text = "bank: a\nlanguages: [en]\ntext_languages: [zh]\nsource_language: zh\n"
    assert codes(tmp_path, text + "timing: {fit: source}\n") == ["VP508"]
