"""Which clips of a published version may not leave the project today: consent is asked anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.audio.tags import read_metadata_of
from voicepipe.bank.faults import explained
from voicepipe.consent.codes import NO_RECORD

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.versions import Version
    from voicepipe.consent.gate import Finding
    from voicepipe.pipeline.permissions import Permissions


def refused_clips(
    version: Version, manifest: BankManifest, permissions: Permissions
) -> dict[tuple[str, str], str]:
    """Ask for every clip, by what the manifest says and by what its WAV says of itself.

    Returns:
        (line, language) → why it may not be exported.
    """
    found: dict[tuple[str, str], str] = {}
    for entry in manifest.entries:
        refusal = permissions.refusal_of(entry.voice, entry.consent, entry.language)
        if refusal is None and entry.source == "recorded":
            refusal = permissions.refusal_of_recording(entry.take_key)
        if refusal is None:
            refusal = refusal_of_file(version.path / entry.file, entry.language, permissions)
        if refusal is not None:
            code, message, _ = refusal
            found[entry.line, entry.language] = f'voice "{entry.voice}": {message} [{code.code}]'
    return found


def refusal_of_file(path: Path, language: str, permissions: Permissions) -> Finding | None:
    """Say why a clip may not be heard today, by what its WAV says of itself.

    Raises:
        EnvironmentFault: It cannot be read.
    """
    with explained(path):
        said = read_metadata_of(path)
    if said is None:
        return NO_RECORD, "its file does not say whose voice it is", "render the line again"
    return permissions.refusal_of(said.voice, said.consent, language)
