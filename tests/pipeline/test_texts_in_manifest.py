"""What is shown and not spoken: nothing is rendered for it, and the manifest lists it."""

from __future__ import annotations

from pathlib import Path

from small_project import SCRIPT, SETTINGS, VOICE, Bench

from voicepipe.bank.manifest import BankManifest
from voicepipe.bank.manifest_io import manifest_json, parse_manifest
from voicepipe.bank.versions import load_latest

SHOWN = """\
    - {line: hall_0005, voiced: false, text: {en: "{coins} coins later", de: Später}}
"""
DECLARED = """\
---
variables:
  coins: {type: int, min: 0}
  name: {type: text, spoken: {en: friend, de: Freund}}
"""


def _bench(folder: Path, *, settings: str = SETTINGS) -> Bench:
    bench = Bench(folder)
    for name in ("scripts_in", "voices"):
        (folder / name).mkdir()
    (folder / "voicepipe.yaml").write_text(settings, "utf-8")
    script = SCRIPT.replace("  door:\n", "  door:\n" + SHOWN)
    script = script.replace("It was.", '"It was, {name}."')
    (folder / "scripts_in/hall.yaml").write_text(script + DECLARED, "utf-8")
    for name in ("ann", "bob"):
        (folder / f"voices/{name}.yaml").write_text(VOICE.format(name=name), "utf-8")
    return bench


def _latest(bench: Bench) -> BankManifest:
    manifest = load_latest(bench.root / "out", "small")
    assert manifest is not None
    return manifest


def test_a_version_lists_what_is_only_shown(tmp_path: Path) -> None:
    bench = _bench(tmp_path)
    report = bench.render()
    assert (report.rendered, report.failed) == (6, ())
    manifest = _latest(bench)
    assert "hall_0005" not in {entry.line for entry in manifest.entries}
    assert [(one.language, one.line, one.text, one.placeholders) for one in manifest.texts] == [
        ("de", "hall_0005", "Später", ()),
        ("en", "hall_0005", "{coins} coins later", ("coins",)),
    ]
    (named,) = (e for e in manifest.entries if (e.line, e.language) == ("hall_0020", "en"))
    assert (named.text, named.placeholders) == ("It was, {name}.", ("name",))
    assert parse_manifest(manifest_json(manifest), "it") == manifest


def test_another_caption_publishes_anew_without_rendering(tmp_path: Path) -> None:
    bench = _bench(tmp_path)
    bench.render()
    script = tmp_path / "scripts_in/hall.yaml"
    script.write_text(script.read_text("utf-8").replace("coins later", "coins sooner"), "utf-8")
    report = bench.render()
    assert (report.rendered, report.published is not None) == (0, True)
    assert _latest(bench).version == "v0002"
    assert _latest(bench).texts[1].text == "{coins} coins sooner"


def test_a_language_that_is_only_shown_is_checked_and_not_rendered(tmp_path: Path) -> None:
    settings = SETTINGS.replace("[en, de]", "[en]\ntext_languages: [de]")
    bench = _bench(tmp_path, settings=settings)
    script = tmp_path / "scripts_in/hall.yaml"
    script.write_text(script.read_text("utf-8").replace(", de: Guten Abend.", ""), "utf-8")
    assert "VP244" in {found.code for found in bench.project().diagnostics}
    assert bench.render().rendered == 3
    manifest = _latest(bench)
    assert (manifest.languages, manifest.text_languages) == (("en",), ("de",))
    assert [one.line for one in manifest.texts if one.language == "de"] == [
        "hall_0005", "hall_0020", "hall_0030"
    ]  # fmt: skip
