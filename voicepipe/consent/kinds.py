"""What each kind of consent record must hold besides what all of them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.consent.record import ConsentKind

if TYPE_CHECKING:
    from voicepipe.consent.record import ConsentRecord

ANY = "*"
"""In `scope`, `languages` and `territories`: whatever it is."""


def needs_evidence(kind: ConsentKind) -> bool:
    """Tell whether a signed paper has to be named: for everybody who is somebody."""
    return kind is not ConsentKind.SYNTHETIC


def missing_for_kind(record: ConsentRecord) -> tuple[str, str]:
    """Say what a record lacks for its kind.

    Returns:
        What is missing, and what to do; both empty when nothing is.
    """
    if record.kind is ConsentKind.MINOR:
        if not record.guardian.strip():
            return "is a minor's and names no guardian", "add `guardian: who agreed for them`"
        if record.valid_until is None:
            return "is a minor's and has no end", "add `until: ` with the last day agreed to"
    if record.kind is ConsentKind.DECEASED and not record.estate.strip():
        who = "is of a person who has died and does not say who agreed"
        return who, "add `estate: who holds the rights and agreed`"
    if record.kind is ConsentKind.PUBLIC_FIGURE:
        if not record.purpose.strip():
            what = "is of a public figure and does not say what the likeness is for"
            return what, "add `purpose: ` with what was agreed to"
        if ANY in record.scope:
            return "is of a public figure and covers any bank", "name the banks in `scope`"
    return "", ""
