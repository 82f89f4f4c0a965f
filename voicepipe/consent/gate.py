"""May this voice say this line, in this bank, in this language, today?

Pure: no clock, no disk. Whoever renders asks here first; there is no way around and no override.
The catalog has already compared the evidence with its hash.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from voicepipe.consent.codes import (
    ENDS_SOON,
    EXPIRED,
    KIND_INCOMPLETE,
    LANGUAGE_NOT_COVERED,
    NO_EVIDENCE,
    NO_RECORD,
    NOT_YET,
    OUT_OF_SCOPE,
    REVOKED,
    SUSPENDED,
    SUSPENDED_STAYS,
    TERRITORY_NOT_COVERED,
    USE_NOT_COVERED,
)
from voicepipe.consent.kinds import ANY, missing_for_kind, needs_evidence
from voicepipe.consent.record import Use
from voicepipe.diagnostics import Diagnostic, Severity
from voicepipe.documents.findings import finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.consent.record import ConsentRecord
    from voicepipe.diagnostics import CodeInfo, SourceSpan

TRAINING = Use.TRAINING.value
"""In `uses`, or in the `scope` of a record without: a model may be made of the recordings. `*`
stands for banks, and a person who may be heard everywhere has not thereby allowed that."""
SOON_DAYS = 30

Finding = tuple["CodeInfo", str, str]
"""Code, what is wrong in one sentence, and what to do about it."""


def refusal(
    record: ConsentRecord | None,
    *,
    bank: str,
    language: str,
    today: datetime.date,
    territories: Sequence[str] = (),
    use: Use = Use.PRERENDER,
    is_new: bool = True,
) -> str | None:
    """Say why a voice may not be used, in one sentence; otherwise as `find_refusal`."""
    found = find_refusal(
        record,
        bank=bank,
        language=language,
        today=today,
        territories=territories,
        use=use,
        is_new=is_new,
    )
    return None if found is None else found[1]


def consent_problem(
    record: ConsentRecord | None,
    *,
    voice: str,
    bank: str,
    language: str,
    today: datetime.date,
    voice_span: SourceSpan,
    territories: Sequence[str] = (),
    use: Use = Use.PRERENDER,
    is_new: bool = True,
) -> Diagnostic | None:
    """Say the same as a diagnostic, or warn of a suspension, or of an end within thirty days.

    Args:
        record: Of the voice; None when it has none.
        voice: Its id, for the message.
        bank: The bank being made.
        language: Of the line.
        today: Only ever the day of rendering.
        voice_span: Where the voice is written, for a voice without a record.
        territories: Countries the bank goes to.
        use: What for.
        is_new: Whether a new take is to be made.
    """
    found = find_refusal(
        record,
        bank=bank,
        language=language,
        today=today,
        territories=territories,
        use=use,
        is_new=is_new,
    )
    if found is None and record is not None:
        found = _staying(record) or _ending(record, today)
    if found is None:
        return None
    code, message, remedy = found
    span = voice_span if record is None else record.span
    return finding(code, span, f'voice "{voice}": {message}', remedy)


def day_of_change(record: ConsentRecord, today: datetime.date) -> datetime.date | None:
    """Name the first day after today on which the answer may be another, or another warning due.

    Args:
        record: Of a voice, as it is written today.
        today: The day it was asked about.

    Returns:
        None when time alone changes nothing any more.
    """
    days = [record.valid_from.toordinal()]
    if record.valid_until is not None:
        last = record.valid_until.toordinal()
        days += [last - SOON_DAYS, last + 1]
    to_come = [day for day in days if today.toordinal() < day <= datetime.date.max.toordinal()]
    return datetime.date.fromordinal(min(to_come)) if to_come else None


def training_problem(
    record: ConsentRecord | None,
    *,
    voice: str,
    bank: str,
    languages: Sequence[str],
    today: datetime.date,
    voice_span: SourceSpan,
    territories: Sequence[str] = (),
) -> Diagnostic | None:
    """Say why no model may be trained from a voice's recordings, or warn when consent ends soon.

    Args:
        record: Of the voice; None when it has none.
        voice: Its id, for the message.
        bank: The bank the model would render.
        languages: Of the recordings.
        today: Only ever the day of training.
        voice_span: Where the voice is written, for a voice without a record.
        territories: Countries the bank goes to.

    Returns:
        None when the record covers all of it, and names training.
    """
    found = [
        consent_problem(
            record,
            voice=voice,
            bank=bank,
            language=language,
            today=today,
            voice_span=voice_span,
            territories=territories,
            use=Use.TRAINING if record is not None and record.uses else Use.PRERENDER,
        )
        for language in languages
    ]
    refused = [problem for problem in found if problem is not None]
    errors = [problem for problem in refused if problem.severity is Severity.ERROR]
    if errors or record is None:
        return errors[0] if errors else None
    if not record.uses and (TRAINING not in record.scope or bank == TRAINING):
        message = f'consent "{record.id}" does not cover training a model'
        if bank == TRAINING:
            message += f': with a bank called "{TRAINING}", its scope does not tell the two apart'
        remedy = f'add "{TRAINING}" to `scope` once the person has agreed to it'
        if bank == TRAINING:
            remedy = "give the bank another name in voicepipe.yaml"
        return finding(OUT_OF_SCOPE, record.span, f'voice "{voice}": {message}', remedy)
    return refused[0] if refused else None


def find_refusal(
    record: ConsentRecord | None,
    *,
    bank: str,
    language: str,
    today: datetime.date,
    territories: Sequence[str] = (),
    use: Use = Use.PRERENDER,
    is_new: bool = True,
) -> Finding | None:
    """Find why a voice may not be used, with its code and remedy.

    Args:
        record: Of the voice; None when it has none.
        bank: The bank being made.
        language: Of the line, as the project spells it.
        today: Only ever the day of rendering.
        territories: Countries the bank goes to; empty: the project does not say.
        use: What the voice is used for.
        is_new: Whether a new take is to be made, which a suspended voice refuses; False for what
            was made before.

    Returns:
        None when everything about it is allowed.
    """
    if record is None:
        return NO_RECORD, "no consent is recorded", "add a `consent:` record to the voice's file"
    return (
        _revoked_finding(record, today)
        or _outside_its_days(record, today)
        or _use_not_covered(record, use)
        or _not_covered(record, bank, language)
        or _territory_not_covered(record, territories)
        or _unproven(record)
        or (_suspended(record) if is_new else None)
    )


def _revoked_finding(record: ConsentRecord, today: datetime.date) -> Finding | None:
    if record.revoked is None:
        return revoked_by_note(record.id) if record.is_noted else None
    # A day in the future would be a notice period nobody agreed to: revocation acts at once.
    when = f"on {record.revoked}" if record.revoked <= today else f"as of {record.revoked}"
    return (
        REVOKED,
        f'consent "{record.id}" was revoked {when}',
        "cast the speaker with another voice in voices/cast.yaml",
    )


def revoked_by_note(consent: str) -> Finding:
    """Say that a note of the revocation stands, although no file says so (any more)."""
    return (
        REVOKED,
        f'consent "{consent}" was revoked: a note of it stands, whatever the voice\'s file says',
        "cast another voice; a new agreement is a new record, with an id of its own",
    )


def _outside_its_days(record: ConsentRecord, today: datetime.date) -> Finding | None:
    if today < record.valid_from:
        message = f'consent "{record.id}" begins on {record.valid_from}, today is {today}'
        return NOT_YET, message, "wait until then, or correct `from`"
    if record.valid_until is not None and today > record.valid_until:
        message = f'consent "{record.id}" ended with {record.valid_until}, today is {today}'
        return EXPIRED, message, "ask for an extension, or cast another voice"
    return None


def _not_covered(record: ConsentRecord, bank: str, language: str) -> Finding | None:
    if not _covers(record.scope, bank):
        covered = ", ".join(record.scope) or "nothing"
        message = f'consent "{record.id}" does not cover the bank "{bank}"; it covers {covered}'
        return OUT_OF_SCOPE, message, f'add "{bank}" to `scope` once the person has agreed to it'
    if not _covers(record.languages, language):
        covered = ", ".join(record.languages) or "none"
        message = f'consent "{record.id}" does not cover the language "{language}"; '
        remedy = f'add "{language}" to `languages` once the person has agreed to it'
        return LANGUAGE_NOT_COVERED, f"{message}it covers {covered}", remedy
    return None


def _covers(allowed: tuple[str, ...], wanted: str) -> bool:
    return ANY in allowed or wanted in allowed


def _use_not_covered(record: ConsentRecord, use: Use) -> Finding | None:
    if record.allows(use):
        return None
    covered = ", ".join(one.value for one in record.uses) or Use.PRERENDER.value
    message = f'consent "{record.id}" does not cover the use "{use.value}"; it covers {covered}'
    return USE_NOT_COVERED, message, f'add "{use.value}" to `uses` once the person has agreed to it'


def _territory_not_covered(record: ConsentRecord, territories: Sequence[str]) -> Finding | None:
    if ANY in record.territories:
        return None
    covered = ", ".join(record.territories) or "none"
    if not territories:
        message = f'consent "{record.id}" covers only {covered}, and the bank may go anywhere'
        remedy = "say where the bank goes: `territories: [DE, FR]` in voicepipe.yaml"
        return TERRITORY_NOT_COVERED, message, remedy
    beyond = [one for one in territories if one not in record.territories]
    if not beyond:
        return None
    message = f'consent "{record.id}" does not cover {", ".join(beyond)}; it covers {covered}'
    remedy = "add them to the record's `territories` once the person has agreed to it"
    return TERRITORY_NOT_COVERED, message, remedy


def _suspended(record: ConsentRecord) -> Finding | None:
    if not record.is_suspended:
        return None
    message = f'consent "{record.id}" {_since(record)}: nothing new is made in this voice'
    return SUSPENDED, message, "cast another voice, or wait until the person agrees again"


def _staying(record: ConsentRecord) -> Finding | None:
    if not record.is_suspended:
        return None
    message = f'consent "{record.id}" {_since(record)}: only earlier takes are heard'
    return SUSPENDED_STAYS, message, "lines that need a new take are refused"


def _since(record: ConsentRecord) -> str:
    if record.suspended is None:
        return "is suspended: a note of it stands, whatever the voice's file says"
    return f"is suspended since {record.suspended}"


def _unproven(record: ConsentRecord) -> Finding | None:
    if needs_evidence(record.kind) and not (record.evidence and record.evidence_sha256):
        article = "an actor" if record.kind.value == "actor" else f"kind {record.kind.value}"
        message = f'consent "{record.id}" of {article} names no evidence'
        return NO_EVIDENCE, message, "name the signed paper and its sha256"
    what, remedy = missing_for_kind(record)
    return (KIND_INCOMPLETE, f'consent "{record.id}" {what}', remedy) if what else None


def _ending(record: ConsentRecord, today: datetime.date) -> Finding | None:
    if record.valid_until is None:
        return None
    left = record.valid_until - today
    if left > datetime.timedelta(days=SOON_DAYS):
        return None
    message = f'consent "{record.id}" ends with {record.valid_until}: {left.days} days are left'
    return ENDS_SOON, message, "ask for an extension now"
