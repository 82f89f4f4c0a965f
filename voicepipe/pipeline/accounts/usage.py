"""What a voice was used for: the report that its performer is owed.

Made from what was published, so it names what shipped and under which hash; and from the takes in
the store, so it names what was made besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.bank.plan import RECORDED
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_version, versions
from voicepipe.errors import UsageError
from voicepipe.screenplay.script_figures import count_words

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days a report is about, both included; None: from the first, or to the last."""

    first: datetime.date | None = None
    last: datetime.date | None = None

    def has(self, moment: str) -> bool:
        """Tell whether a moment (UTC, ISO 8601) lies in it."""
        day = moment[:10]
        after = self.first is None or day >= str(self.first)
        return after and (self.last is None or day <= str(self.last))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedFile:
    """One published file of the voice."""

    version: str
    published: str
    """UTC."""
    language: str
    line: str
    file: str
    sha256: str
    words: int
    seconds: float
    consent: str
    source: str
    watermark: str
    is_superseded: bool
    """The newest version of the period does not hold it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """What was made and published in a voice."""

    voice: str
    bank: str
    period: Period
    files: tuple[UsedFile, ...]
    takes_rendered: int
    seconds_rendered: float
    realtime_requests: int = 0
    """Speech made on demand; voicepipe renders ahead only."""
    consents: tuple[str, ...] = field(default=())

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that hold the voice."""
        return tuple(dict.fromkeys(file.version for file in self.files))

    @property
    def shipped(self) -> tuple[UsedFile, ...]:
        """The files of the newest version."""
        return tuple(file for file in self.files if not file.is_superseded)

    @property
    def superseded(self) -> tuple[UsedFile, ...]:
        """Files of earlier versions that the newest does not hold."""
        return tuple(file for file in self.files if file.is_superseded)


def report_usage(out: Path, bank: str, voice: str, period: Period) -> UsageReport:
    """Report what a voice was used for.

    Args:
        out: The output folder.
        bank: The bank's name.
        voice: Its id; its file may be gone.
        period: Days of publishing, and of rendering.

    Raises:
        UsageError: Nothing was ever made or published in the voice.
        EnvironmentFault: The bank is damaged, or cannot be read.
    """
    manifests = [load_version(version) for version in versions(out, bank)]
    manifests = [one for one in manifests if period.has(one.created)]
    newest = {entry.sha256 for entry in manifests[-1].entries} if manifests else set()
    files: dict[tuple[str, str], UsedFile] = {}
    for manifest in manifests:
        for entry in manifest.entries:
            if entry.voice == voice:
                # A file that stays the same from version to version is named once.
                files.setdefault((entry.file, entry.sha256), _file(manifest, entry, newest))
    takes = [
        take
        for take in (TakeStore(out).takes.records() if out.is_dir() else ())
        if take.voice == voice
    ]
    if not files and not takes:
        raise UsageError(
            f'nothing was made or published in a voice "{voice}"',
            remedy="`voicepipe voices ls` lists the voices; --from and --to narrow the days",
        )
    made = [take for take in takes if period.has(take.created)]
    return UsageReport(
        voice=voice,
        bank=bank,
        period=period,
        files=tuple(files.values()),
        takes_rendered=len(made),
        seconds_rendered=round(sum(take.duration_s for take in made), 2),
        consents=tuple(sorted({file.consent for file in files.values()} - {""})),
    )


def _file(manifest: BankManifest, entry: ManifestEntry, newest: set[str]) -> UsedFile:
    return UsedFile(
        version=manifest.version,
        published=manifest.created,
        language=entry.language,
        line=entry.line,
        file=entry.file,
        sha256=entry.sha256,
        words=count_words(entry.text),
        seconds=round(entry.duration_s, 3),
        consent=entry.consent,
        source=entry.source,
        watermark=entry.watermark,
        is_superseded=entry.sha256 not in newest,
    )


def is_spoken_by_a_machine(source: str) -> bool:
    """Tell whether no person spoke it."""
    return source != RECORDED
