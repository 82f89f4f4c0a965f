"""What may be heard today: voices as their files and the notes of revocations say together.

One answer for every (voice, consent record, language), whoever asks: the voice a line is cast
with, a pinned take, a clip of an earlier version, or an entry that is about to be published. It
rests on the voices' files and tightens by what lies in the output folder, never loosens by it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.bank.versions import published_day
from voicepipe.clock import utc_today
from voicepipe.consent.codes import NO_RECORD, REVOKED
from voicepipe.consent.gate import (
    consent_problem,
    day_of_change,
    find_refusal,
    revoked_by_note,
)
from voicepipe.remote.revocations import Revocation, Revocations, local_revocations
from voicepipe.voices.catalog import load_catalog
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from voicepipe.consent.gate import Finding
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.settings import Settings
    from voicepipe.voices.catalog import Catalog
    from voicepipe.voices.voice import Voice


def consent_day(root: Path, settings: Settings) -> datetime.date:
    """Choose the day consent is asked for: today, but never before the newest version's day.

    A clock that was set back brings no consent back to life.

    Raises:
        EnvironmentFault: The output folder cannot be read.
    """
    today = utc_today()
    return max(today, published_day(root / settings.out, settings.bank) or today)


def load_voices(
    root: Path, settings: Settings, revocations: Revocations | None = None
) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """Read the voices folder as `load_catalog` does, and let every noted revocation stand.

    Args:
        root: The project root.
        settings: Name the folders.
        revocations: Revocations; None: those noted in the output folder.

    Raises:
        EnvironmentFault: A note of a revocation is damaged or cannot be read.
    """
    catalog, found = load_catalog(root, settings)
    return in_force(
        catalog, local_revocations(root / settings.out) if revocations is None else revocations
    ), found


def in_force(catalog: Catalog, revocations: Revocations) -> Catalog:
    """Let noted revocations and suspensions stand in the consent records, whatever files say."""
    if not (revocations.as_tuple() or revocations.suspended):
        return catalog
    voices = {name: _as_noted(voice, revocations) for name, voice in catalog.voices.items()}
    return replace(catalog, voices=voices)


def revoked_in_files(catalog: Catalog) -> Revocations:
    """Give the revocations that the voices' own files state."""
    return Revocations(
        Revocation(voice=voice.id, consents=(voice.consent.id,))
        for voice in catalog.voices.values()
        if voice.consent is not None and voice.consent.revoked is not None
    )


def _as_noted(voice: Voice, revocations: Revocations) -> Voice:
    record = voice.consent
    if record is None:
        return voice
    is_revoked = revocations.forbid(voice.id, record.id)
    is_suspended = record.id in revocations.suspended
    if not (is_revoked or is_suspended):
        return voice
    noted = replace(
        record,
        is_noted=record.is_noted or is_revoked,
        is_suspension_noted=record.is_suspension_noted or is_suspended,
    )
    return replace(voice, consent=noted)


class Permissions:
    """The answers of one day, each worked out once."""

    def __init__(
        self,
        catalog: Catalog,
        revocations: Revocations,
        *,
        bank: str,
        day: datetime.date,
        territories: tuple[str, ...] = (),
    ) -> None:
        """Look at nothing yet.

        Args:
            catalog: As the files say.
            revocations: Every revocation that is known.
            bank: The bank being made.
            day: See `consent_day`.
            territories: Countries the bank goes to.
        """
        self.catalog = in_force(catalog, revocations)
        self.revocations = revocations
        self.bank = bank
        self.day = day
        self.territories = territories
        self._answers: dict[tuple[str, str, str, bool], Finding | None] = {}

    def with_revocations(self, revocations: Revocations) -> Permissions:
        """Ask under further revocations as well."""
        return Permissions(
            self.catalog,
            self.revocations | revocations,
            bank=self.bank,
            day=self.day,
            territories=self.territories,
        )

    def voice_problem(
        self, voice: str, language: str, *, is_new: bool = False
    ) -> Diagnostic | None:
        """Say why a voice of the project may not be heard today, or warn that it soon may not.

        Args:
            voice: Its id.
            language: Of what is heard.
            is_new: Something is to be made of its recordings; False: what was made before counts,
                and new takes are asked for with `refusal_of`.
        """
        found = self.catalog.voices[VoiceId(voice)]
        return consent_problem(
            found.consent,
            voice=voice,
            bank=self.bank,
            language=language,
            today=self.day,
            voice_span=found.span,
            territories=self.territories,
            is_new=is_new,
        )

    def refusal_of(
        self, voice: str, consent: str, language: str, *, is_new: bool = False
    ) -> Finding | None:
        """Say why a sound may not be published today.

        Args:
            voice: The one it was made with, whoever is cast now.
            consent: Id of the record it was made under; empty when nobody knows.
            language: Of the line.
            is_new: It is to be made, or was made just now: a suspended voice refuses that.
        """
        key = (voice, consent, language, is_new)
        if key not in self._answers:
            self._answers[key] = self._find(voice, consent, language, is_new=is_new)
        return self._answers[key]

    def refusal_of_recording(self, sha256: str) -> Finding | None:
        """Say why a human recording may not be published, whoever is cast now."""
        if not self.revocations.forbid_recording(sha256):
            return None
        message = "this recording was published as a voice that is revoked"
        return REVOKED, message, "remove it from the overrides folder, or record the line anew"

    def changed_since(self, day: datetime.date) -> bool:
        """Tell whether a consent has begun or ended since a day, or a warning of it has come due.

        Also true when that day is yet to come: nothing is known of it.
        """
        records = [voice.consent for voice in self.catalog.voices.values()]
        changes = [day_of_change(record, day) for record in records if record is not None]
        return self.day < day or any(change and change <= self.day for change in changes)

    def _find(self, voice: str, consent: str, language: str, *, is_new: bool) -> Finding | None:
        if self.revocations.forbid(voice, consent):
            return revoked_by_note(consent or f"of {voice}")
        there = self.catalog.voices.get(VoiceId(voice))
        record = None if there is None else there.consent
        if there is None:
            message = f'no consent is recorded: the project has no file of a voice "{voice}"'
            return NO_RECORD, message, "put the voice's file back"
        if consent and record is not None and record.id != consent:
            message = f'consent "{consent}" is recorded no more: the voice\'s is "{record.id}" now'
            return NO_RECORD, message, "render the line again under the record in force"
        return find_refusal(
            record,
            bank=self.bank,
            language=language,
            today=self.day,
            territories=self.territories,
            is_new=is_new,
        )


def load_permissions(
    root: Path, settings: Settings, revocations: Revocations | None = None
) -> Permissions:
    """Read the voices' files and the notes of revocations as they are at this moment.

    Args:
        root: The project root.
        settings: Name the folders and the bank.
        revocations: Further revocations, besides those noted in the output folder.

    Raises:
        EnvironmentFault: A note is damaged, or a folder cannot be read.
    """
    known = local_revocations(root / settings.out) | (revocations or Revocations())
    return Permissions(
        load_catalog(root, settings)[0],
        known,
        bank=settings.bank,
        day=consent_day(root, settings),
        territories=settings.territories,
    )
