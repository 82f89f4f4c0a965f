"""What models and clips were made from: data and recordings, with whose word they are used under.

A licence is named where it is known: of the embedded voice's corpus by us, of a voice's recordings
by its consent record. Of what others trained their models on we know nothing, and say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.consent.record import ConsentKind
from voicepipe.model_store.registry import EMBEDDED
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.consent.record import ConsentRecord
    from voicepipe.hashing import Json
    from voicepipe.model_store.lock import LockedModel, Trained
    from voicepipe.voices.voice import Voice

SPDX: Final = frozenset(
    {
        "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-4.0",
        "CC-BY-NC-SA-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "GPL-3.0-or-later", "ISC",
        "MIT", "MPL-2.0", "Unlicense",
    }
)  # fmt: skip
"""Licences that `terms` of a synthetic voice may name by their SPDX id; others keep their name."""
CORPUS: Final = "data:voicepipe-corpus"
_CORPUS: Final[Mapping[str, Json]] = {
    "type": "data",
    "bom-ref": CORPUS,
    "name": "corpus of the embedded voice",
    "description": "Sentences written for voicepipe, spoken by Kokoro-82M, a synthetic voice. No "
    "person's recordings went in.",
    "licenses": [{"license": {"id": "Apache-2.0"}}],
    "data": [{"type": "dataset", "name": "corpus of the embedded voice"}],
}
_NOT_KNOWN: Final = "not known: those who published the model do not say"


def recordings_ref(voice: str, consent: str) -> str:
    """Name the recordings of a voice under one consent record."""
    return f"recordings:{voice}@{consent}"


def dataset_ref(locked: LockedModel | None, digest: str) -> str:
    """Name what a model was trained on."""
    if locked is None:
        return f"data:{digest}"
    if locked.trained is not None:
        return f"data:{locked.trained.dataset_sha256}"
    return CORPUS if locked.source.repository == EMBEDDED else f"data:{digest}"


def dataset_component(name: str, locked: LockedModel | None, digest: str) -> dict[str, Json]:
    """Describe what a model was trained on.

    Args:
        name: Of the model.
        locked: Where it came from; None: the project's lock does not know it.
        digest: sha256 of its weights.
    """
    ref = dataset_ref(locked, digest)
    if ref == CORPUS:
        return dict(_CORPUS)
    if locked is not None and locked.trained is not None:
        return _own_dataset(ref, locked.trained)
    return {
        "type": "data",
        "bom-ref": ref,
        "name": f"training data of {name}",
        "data": [{"type": "dataset", "name": f"training data of {name}"}],
        "properties": [{"name": "voicepipe:licence", "value": _NOT_KNOWN}],
    }


def _own_dataset(ref: str, trained: Trained) -> dict[str, Json]:
    name = f"recordings that a model of {trained.voice} was trained on"
    return {
        "type": "data",
        "bom-ref": ref,
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": trained.dataset_sha256}],
        "licenses": [{"license": {"name": f"consent record {trained.consent}"}}],
        "data": [{"type": "dataset", "name": name, "classification": "voice of a person"}],
    }


def recordings_components(
    entries: Iterable[ManifestEntry], voices: Mapping[VoiceId, Voice]
) -> list[dict[str, Json]]:
    """Describe the recordings that voices of a version were cloned from, each record once.

    Args:
        entries: Of the version.
        voices: As their files say now, by id.
    """
    asked = sorted({(entry.voice, entry.consent) for entry in entries})
    return [_recordings(voice, consent, voices.get(VoiceId(voice))) for voice, consent in asked]


def _recordings(name: str, consent: str, voice: Voice | None) -> dict[str, Json]:
    record = None if voice is None else voice.consent
    if record is not None and record.id != consent:
        record = None  # another record is in force: what this one said is not known here
    clips: set[tuple[str, str]] = set()
    if voice is not None:
        clips |= {(clip.path, clip.sha256) for clip in voice.clips}
        clips |= {(clip.path, clip.sha256) for clip in voice.auxiliary}
        clips |= {(clip.path, clip.sha256) for clip in voice.sounds}
    facts: dict[str, Json] = {
        "type": "data",
        "bom-ref": recordings_ref(name, consent),
        "name": f"recordings of the voice {name}",
        "licenses": [{"license": _licence(consent, record)}],
        "data": [{"type": "dataset", "name": f"reference clips of {name}"}],
        "properties": [
            {"name": f"voicepipe:{key}", "value": value}
            for key, value in _said(consent, record).items()
            if value
        ],
    }
    if clips:
        facts["components"] = [
            {
                "type": "file",
                "bom-ref": f"{recordings_ref(name, consent)}:{path}",
                "name": path,
                "hashes": [{"alg": "SHA-256", "content": sha256}],
            }
            for path, sha256 in sorted(clips)
            if sha256
        ]
    return facts


def _licence(consent: str, record: ConsentRecord | None) -> dict[str, Json]:
    is_synthetic = record is not None and record.kind is ConsentKind.SYNTHETIC
    if record is not None and is_synthetic and record.terms in SPDX:
        return {"id": record.terms}
    facts: dict[str, Json] = {"name": f"consent record {consent}" if consent else "none recorded"}
    if record is None:
        return facts
    licensing: dict[str, Json] = {"altIds": [record.id]}
    if not is_synthetic:
        licensing["licensor"] = {"individual": {"name": record.who}}
    if record.valid_until is not None:
        licensing["expiration"] = f"{record.valid_until}T23:59:59Z"
    return {**facts, "licensing": licensing}


def _said(consent: str, record: ConsentRecord | None) -> dict[str, str]:
    if record is None:
        return {"consent": consent, "consent-state": "not in force, or its file is gone"}
    state = "suspended" if record.is_suspended else "active"
    return {
        "consent": record.id,
        "consent-state": "revoked" if record.revoked or record.is_noted else state,
        "consent-kind": record.kind.value,
        "consent-who": record.who,
        "consent-scope": ", ".join(record.scope),
        "consent-uses": ", ".join(use.value for use in record.uses),
        "consent-territories": ", ".join(record.territories),
        "consent-languages": ", ".join(record.languages),
        "consent-terms": record.terms,
        "consent-from": str(record.valid_from),
        "consent-until": str(record.valid_until or ""),
        "consent-evidence-sha256": record.evidence_sha256,
    }
