"""Pinned takes: whose voice they are, whatever voice their lines are cast with by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.take_store import TakeStore
from voicepipe.documents.findings import finding
from voicepipe.pipeline.codes import SCRATCH_IN_RELEASE
from voicepipe.synthesis.request import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.manifest import BankManifest
    from voicepipe.consent.gate import Finding
    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.pipeline.permissions import Permissions
    from voicepipe.voices.voice import CastLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a take says of its own making."""

    voice: str
    source: str
    engine: str
    consent: str

    @property
    def is_placeholder(self) -> bool:
        """Whether the scratch engine made it."""
        return Source.SCRATCH.value in (self.source, self.engine)


def pin_labels(
    out: Path, decisions: Decisions, previous: BankManifest | None = None
) -> dict[str, Label]:
    """Read what the pinned takes say of themselves.

    Args:
        out: The output folder.
        decisions: Hold the pins.
        previous: The latest version, which describes takes whose records are gone.

    Returns:
        Take key → label; a take that is neither recorded nor published has none.

    Raises:
        EnvironmentFault: A record cannot be read.
    """
    pins = decisions.pins()
    if not pins:
        return {}
    takes = TakeStore(out).takes
    known = {entry.take_key: entry for entry in previous.entries} if previous else {}
    described = {pin: takes.get(pin) or known.get(pin) for pin in pins}
    return {
        pin: Label(
            voice=one.voice, source=_made(one.source), engine=one.engine, consent=one.consent
        )
        for pin, one in described.items()
        if one is not None
    }


def _made(source: str) -> str:
    # A take is never a recording, whatever its record has been made to say.
    return source if source == Source.SCRATCH.value else Source.SYNTHETIC.value


def line_finding(
    line: str, language: str, span: SourceSpan, found: Finding, *, what: str, remedy: str
) -> Diagnostic:
    """Say at a line's place in the script why what it would ship may not be published."""
    code, message, _ = found
    return finding(code, span, f"{line} ({language}): {what}: {message}", remedy)


def pinned_finding(
    cast: CastLine, label: Label, permissions: Permissions, *, release: bool
) -> Diagnostic | None:
    """Say why a line may not ship the take it is pinned to, or nothing when it may."""
    line, language = cast.line.id, cast.language
    found = permissions.refusal_of(label.voice, label.consent, language)
    if found is None and release and label.is_placeholder:
        found = (SCRATCH_IN_RELEASE, "it was made by the scratch engine, a placeholder", "")
    if found is None:
        return None
    return line_finding(
        line,
        language,
        cast.text.span,
        found,
        what=f'it is pinned to a take of the voice "{label.voice}"',
        remedy=f"let the pin go: voicepipe bank unpin {line}",
    )


def pin_findings(
    cast: Iterable[CastLine],
    decisions: Decisions,
    labels: Mapping[str, Label],
    permissions: Permissions,
    *,
    release: bool,
) -> list[Diagnostic]:
    """Ask for pinned takes that are not of the voice the line is cast with, or are revoked.

    Whether a pinned take of the cast voice is what would be rendered now is not known here, and
    so not whether it lies under that voice's record in force: planning asks again.

    Args:
        cast: Lines that are not recorded.
        decisions: Hold the pins.
        labels: Of the pinned takes.
        permissions: Of the day.
        release: Placeholders are refused.
    """
    found: list[Diagnostic] = []
    for line in cast if labels else ():
        label = labels.get(decisions.of(line.line.id, line.language).pin)
        if label is None:
            continue
        is_own = label.voice == line.voice.id
        is_revoked = permissions.revocations.forbid(label.voice, label.consent)
        is_placeholder = release and label.is_placeholder
        if is_own and not (is_revoked or is_placeholder):
            continue
        problem = pinned_finding(line, label, permissions, release=release)
        if problem is not None:
            found.append(problem)
    return found
