"""Ways around an ended consent, as a person might take them, on a small rendered project.

In all of them ann's consent ends; whatever then is done, no version published afterwards may hold
a sound of hers.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest
from small_project import VOICE, Bench

from voicepipe.audio.tags import read_metadata_of
from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.manifest import BankManifest, ManifestEntry
from voicepipe.bank.manifest_io import MANIFEST_NAME, content_hash, manifest_json
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_version, versions
from voicepipe.errors import InputError
from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport
from voicepipe.pipeline.revocation import revoke_voice

TODAY = datetime.date(2026, 3, 1)
ANN = "voices/ann.yaml"
HERS = "hall_0010"
HIS = "hall_0020"


def end(bench: Bench, how: str) -> None:
    """End ann's consent by what her file says."""
    changes = {
        "expired": ("from: 2020-01-01", "from: 2020-01-01\n  until: 2021-01-01"),
        "not begun": ("from: 2020-01-01", "from: 2999-01-01"),
        "withdrawn": ("from: 2020-01-01", "from: 2020-01-01\n  revoked: 2026-01-01"),
        "another bank": ('scope: ["*"]', "scope: [elsewhere]"),
        "another language": ('languages: ["*"]', "languages: [ja]"),
        "another use": ("from: 2020-01-01", "from: 2020-01-01\n  uses: [training, realtime]"),
        "another territory": ("from: 2020-01-01", "from: 2020-01-01\n  territories: [DE]"),
        "another record": ("id: ann-consent", "id: ann-later"),
        "an actor without a paper": ("kind: synthetic", "kind: actor"),
        "no record": ("consent:", "note: |"),
    }
    if how == "file gone":
        (bench.root / ANN).unlink()
    else:
        bench.edit(ANN, *changes[how])


ENDS = (
    "expired",
    "not begun",
    "withdrawn",
    "another bank",
    "another language",
    "another use",
    "another territory",
    "another record",
    "no record",
    "file gone",
)


def recast(bench: Bench) -> None:
    """Let bob speak ann's lines from now on."""
    (bench.root / "voices/cast.yaml").write_text("ann: bob\n", "utf-8")


def pin(bench: Bench, line: str = HERS, language: str = "en") -> str:
    """Pin a line to the take it has; gives the take's key."""
    entry = entry_of(bench, line, language)
    out = bench.root / "out"
    save_decisions(
        out.parent, load_decisions(out.parent, out).with_pin(line, language, entry.take_key)
    )
    return entry.take_key


def entry_of(bench: Bench, line: str = HERS, language: str = "en") -> ManifestEntry:
    entry = bench.entries()[line, language]
    assert isinstance(entry, ManifestEntry)
    return entry


def edit_manifest(bench: Bench, change: Callable[[ManifestEntry], ManifestEntry]) -> None:
    """Edit the newest manifest as somebody would who knows how it is checked."""
    version = versions(bench.root / "out", "small")[-1]
    manifest = load_version(version)
    entries = tuple(change(entry) for entry in manifest.entries)
    edited = replace(manifest, entries=entries, content_sha256=content_hash(entries))
    path = version.path / MANIFEST_NAME
    path.chmod(0o644)
    path.write_bytes(manifest_json(edited))


def as_bobs(entry: ManifestEntry) -> ManifestEntry:
    return replace(entry, voice="bob", consent="bob-consent")


def edit_take(bench: Bench, key: str, **facts: str) -> None:
    path = TakeStore(bench.root / "out").takes.path(key)
    said = orjson.loads(path.read_bytes())
    path.chmod(0o644)
    path.write_bytes(orjson.dumps({**said, **facts}))


def override(bench: Bench, line: str = HERS) -> Path:
    """Put a human recording in place of a line."""
    entry = entry_of(bench)
    path = bench.root / f"overrides/en/{line}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(bench.root / f"out/banks/small/v0001/{entry.file}", path)
    path.chmod(0o644)
    return path


@dataclass
class Guard:
    """Remembers what ann's sounds are, and finds them in versions published later."""

    bench: Bench

    def __post_init__(self) -> None:
        out = self.bench.root / "out"
        known = [load_version(version) for version in versions(out, "small")]
        hers = [entry for one in known for entry in one.entries if entry.voice == "ann"]
        self._takes = {entry.take_key for entry in hers}
        self._sounds = {entry.sha256 for entry in hers}
        self._n_before = len(known)
        assert self._takes, "there is something to guard"

    def later(self) -> list[BankManifest]:
        out = self.bench.root / "out"
        return [load_version(version) for version in versions(out, "small")[self._n_before :]]

    def require_silence(self) -> None:
        """Fail when a version published since holds a sound of ann's, whatever it is called."""
        for manifest in self.later():
            folder = self.bench.root / "out/banks/small" / manifest.version
            for entry in manifest.entries:
                said = read_metadata_of(folder / entry.file)
                assert said is not None
                assert "ann" not in (entry.voice, said.voice)
                assert (said.voice, said.consent) == (entry.voice, entry.consent)
                assert entry.take_key not in self._takes
                assert entry.sha256 not in self._sounds

    def refused(
        self, *codes: str, options: RenderOptions | None = None, **filters: list[str]
    ) -> list[str]:
        """Render, and fail unless it is refused with these codes; gives where they point."""
        with pytest.raises(InputError) as caught:
            self.bench.render(options, **filters)
        self.require_silence()
        errors = [d for d in caught.value.diagnostics if d.severity.value == "error"]
        assert {d.code for d in errors} <= set(codes), [d.message for d in errors]
        assert errors
        assert not self.later()
        return [str(d.span) for d in errors]

    def left_out(self, report: RenderReport) -> None:
        """Fail unless a render published everything but ann's lines, and says so."""
        self.require_silence()
        assert report.published is not None
        assert {event.line_id for event in report.failed} == {HERS, "hall_0030"}
        assert {row["line"] for row in report.published.manifest.failed} == {HERS, "hall_0030"}
        assert {entry.line for entry in report.published.manifest.entries} == {HIS}
        assert all("[VP4" in event.reason for event in report.failed)


def renamed(bench: Bench) -> None:
    """Give ann's file another name, and cast her under it."""
    (bench.root / ANN).rename(bench.root / "voices/eve.yaml")
    (bench.root / "voices/cast.yaml").write_text("ann: eve\n", "utf-8")


def fresh_voice(bench: Bench, consent: str) -> None:
    """Write ann's file anew under another record."""
    text = VOICE.replace("{name}-consent", consent)
    (bench.root / ANN).write_text(text, "utf-8")


def revoke(bench: Bench) -> None:
    """Revoke ann, as the command does."""
    revoke_voice(bench.root, bench.project().settings, "ann", date=TODAY)


def withdraw_and_restore(bench: Bench) -> None:
    """Revoke, then bring the voice's file back as version control has it."""
    before = (bench.root / ANN).read_bytes()
    revoke(bench)
    (bench.root / ANN).write_bytes(before)
