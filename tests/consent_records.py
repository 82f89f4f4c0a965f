"""Consent records for tests."""

from __future__ import annotations

import datetime
from typing import Any

from voicepipe.consent.record import ConsentKind, ConsentRecord
from voicepipe.diagnostics import SourceSpan


def actor_consent(**changes: Any) -> ConsentRecord:
    """A performer's, for 2026, with a paper."""
    facts: dict[str, Any] = {
        "id": "noah-2026",
        "kind": ConsentKind.ACTOR,
        "who": "The performer",
        "scope": ("harbor",),
        "languages": ("*",),
        "valid_from": datetime.date(2026, 1, 1),
        "valid_until": datetime.date(2026, 12, 31),
        "evidence": "voices/noah/consent.pdf",
        "evidence_sha256": "0" * 64,
        "span": SourceSpan(path="voices/noah.yaml", line=2),
    }
    return ConsentRecord(**{**facts, **changes})


def synthetic_consent(**changes: Any) -> ConsentRecord:
    """For a voice that is nobody's, from 2026 on, everywhere."""
    facts: dict[str, Any] = {
        "id": "nobody",
        "kind": ConsentKind.SYNTHETIC,
        "who": "formant synthesis",
        "scope": ("*",),
        "languages": ("*",),
        "valid_from": datetime.date(2026, 1, 1),
        "valid_until": None,
        "evidence": "",
        "evidence_sha256": "",
        "span": SourceSpan(path="voices/x.yaml"),
    }
    return ConsentRecord(**{**facts, **changes})
