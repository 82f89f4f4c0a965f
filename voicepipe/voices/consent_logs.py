"""Holding a voice's consent record to the log beside its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from voicepipe.consent.codes import LOG_BEHIND, LOG_BROKEN
from voicepipe.consent.log import SUFFIX, read_log, record_facts
from voicepipe.diagnostics import SourceSpan

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.documents.findings import Findings
    from voicepipe.voices.voice import Voice


def log_path(voice_path: str) -> str:
    """Name the log of a voice, given its file; both from the project root."""
    path = PurePosixPath(voice_path)
    return path.with_name(f"{path.stem}{SUFFIX}").as_posix()


def with_log(root: Path, voice_path: str, voice: Voice, findings: Findings) -> Voice:
    """Compare a voice's record with its log, if it has one.

    A suspension that the log tells of stands, even when the voice's file has lost it.

    Args:
        root: The project root.
        voice_path: The voice's file, from the root.
        voice: As its file says.
        findings: Told when the log is broken, or the record is not as it says.

    Returns:
        The voice, suspended when the log says so.
    """
    shown = log_path(voice_path)
    try:
        log = read_log(root / shown)
    except OSError as error:
        span = SourceSpan(path=shown)
        message = f"it cannot be read: {error.strerror or error}"
        findings.add(LOG_BROKEN, span, message, "restore it from version control")
        return voice
    if log.broken_line:
        span = SourceSpan(path=shown, line=log.broken_line)
        findings.add(LOG_BROKEN, span, log.fault, "restore the file from version control")
    last = log.last
    if last is None or voice.consent is None:
        return voice
    if dict(last.record) != record_facts(voice.consent):
        message = f'consent "{voice.consent.id}" was changed after {last.at[:10]}, by no one named'
        remedy = f'voicepipe voices log {voice.id} --add "what changed" --by NAME'
        findings.add(LOG_BEHIND, voice.consent.span, message, remedy)
    if last.is_suspended and last.record.get("id") == voice.consent.id:
        return replace(voice, consent=replace(voice.consent, is_suspension_noted=True))
    return voice
