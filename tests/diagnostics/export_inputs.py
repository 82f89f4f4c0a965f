"""Exports with one fault each, of a bank that was published without rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_in_bank import VOICE, publish_stand_ins

from voicepipe.pipeline.export_reading import check_export
from voicepipe.pipeline.exporting import ExportRequest, prepare_export, write_prepared
from voicepipe.settings_export import ExportSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic

SETTINGS = "bank: case\nlanguages: [en, zh]\naudio: {sample_rate: 16000, bit_depth: 16}\n"
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_0010, who: ann, text: {en: Good evening., zh: 晚上好。}}
    - {line: hall_0020, who: ann, text: {en: You again., zh: 又是你。}}
    - goto: END
"""
WITHOUT = frozenset({("hall_0020", "zh")})
TARGETS: dict[str, ExportSettings] = {
    "VP780": ExportSettings(target="generic"),
    "VP781": ExportSettings(target="yarn"),
    "VP782": ExportSettings(target="generic"),
    "VP783": ExportSettings(target="generic"),
    "VP784": ExportSettings(target="generic", fallback={"zh": "en"}),
}


def _make(
    root: Path, *, without: frozenset[tuple[str, str]] = frozenset(), script: str = SCRIPT
) -> None:
    (root / "scripts_in").mkdir()
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in/hall.yaml").write_text(script, "utf-8")
    (root / "voices/ann.yaml").write_text(VOICE.format(id="ann"), "utf-8")
    publish_stand_ins(root, without=without)


def _exported(code: str, spoil: Callable[[Path], None] | None = None) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        script = SCRIPT.replace("hall_0020", "old_hall_0010") if code == "VP781" else SCRIPT
        without = WITHOUT if code in {"VP783", "VP784"} else frozenset()
        _make(root, without=without, script=script)
        ready = prepare_export(root, ExportRequest(target=TARGETS[code]))
        write_prepared(ready)
        if spoil is not None:
            spoil(ready.folder)

    return make


def _edit(folder: Path) -> None:
    (folder / "en/hall/hall_0010.wav").write_bytes(b"edited")


def check_of(code: str) -> Callable[[Path], Sequence[Diagnostic]]:
    """Read the export of a code back."""
    return lambda root: check_export(prepare_export(root, ExportRequest(target=TARGETS[code])))


EXPORT_MAKERS: dict[str, Callable[[Path], None]] = {
    "VP780": _exported("VP780", lambda folder: (folder / "zh/hall/hall_0020.wav").unlink()),
    "VP781": _exported("VP781"),
    "VP782": _exported("VP782", _edit),
    "VP783": _exported("VP783"),
    "VP784": _exported("VP784"),
}
EXPORT_CHECKS = {code: check_of(code) for code in EXPORT_MAKERS}
