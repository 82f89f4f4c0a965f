"""Where a version's files come from: a bill of materials in CycloneDX 1.6.

Every clip with its hash, the models it was made by, what those were trained on, and the recordings
it was cloned from, with the consent they are used under. A clip depends on its models and its
recordings, a model on its data. Where a model came from is what the project's `models.lock` says; a
licence that is not known is left out rather than guessed.

Source: CycloneDX 1.6 JSON schema (ECMA-424).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from voicepipe import __version__
from voicepipe.installation import DISTRIBUTION
from voicepipe.model_store.registry import EMBEDDED, REPOSITORY
from voicepipe.pipeline.accounts.provenance_data import (
    dataset_component,
    dataset_ref,
    recordings_components,
    recordings_ref,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.hashing import Json
    from voicepipe.model_store.lock import LockedModel
    from voicepipe.voices.voice import Voice, VoiceId

FORMAT: Final = "CycloneDX"
LICENCES: Final = {EMBEDDED: "MIT", REPOSITORY: "MIT"}
"""Licence (SPDX) of what is published in a repository, where it is known."""
_COPIES: Final = {"speaker": "Apache-2.0", "roberta": "Apache-2.0"}
"""Licence of models of others that the authors' repository holds copies of, by their name here."""
_NAMESPACE: Final = uuid.UUID("5d3a5c1e-6d7e-5f0a-9a38-3f0b6b0f9d21")
"""Of serial numbers: the same version of a bank has the same one, whoever writes it."""


def bill_of_materials(
    manifest: BankManifest,
    locked: Mapping[str, LockedModel],
    voices: Mapping[VoiceId, Voice] | None = None,
) -> dict[str, Json]:
    """Write the bill of one version; the same version and records give the same bill.

    Args:
        manifest: Of the version.
        locked: The project's models, by name: where they came from.
        voices: The project's voices by id: what their consent says now; None: not known.
    """
    sources = {file.sha256: one for one in locked.values() for file in one.files.values()}
    models: dict[str, dict[str, Json]] = {}
    data: dict[str, dict[str, Json]] = {}
    depends: list[Json] = []
    for name, digest in sorted(
        {pair for entry in manifest.entries for pair in entry.models.items()}
    ):
        source = sources.get(digest)
        ref, data_ref = f"model:{name}@{digest}", dataset_ref(source, digest)
        models[ref] = _model(name, digest, source)
        data[data_ref] = dataset_component(name if source is None else source.name, source, digest)
        depends.append({"ref": ref, "dependsOn": [data_ref]})
    recordings = recordings_components(manifest.entries, voices or {})
    clips: list[Json] = [_clip(entry) for entry in manifest.entries]
    depends += [
        {
            "ref": f"clip:{entry.sha256}:{entry.file}",
            "dependsOn": [
                *sorted(f"model:{name}@{one}" for name, one in entry.models.items()),
                recordings_ref(entry.voice, entry.consent),
            ],
        }
        for entry in manifest.entries
    ]
    serial = uuid.uuid5(_NAMESPACE, f"{manifest.bank}/{manifest.content_sha256}")
    return {
        "bomFormat": FORMAT,
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": manifest.created,
            "tools": {
                "components": [
                    {"type": "application", "name": DISTRIBUTION, "version": __version__}
                ]
            },
            "component": {
                "type": "data",
                "bom-ref": f"bank:{manifest.bank}@{manifest.version}",
                "name": manifest.bank,
                "version": manifest.version,
                "hashes": [{"alg": "SHA-256", "content": manifest.content_sha256}],
            },
        },
        "components": [*models.values(), *data.values(), *recordings, *clips],
        "dependencies": depends,
    }


def _model(name: str, digest: str, locked: LockedModel | None) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "type": "machine-learning-model",
        "bom-ref": f"model:{name}@{digest}",
        "name": name if locked is None else locked.name,
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    datasets: list[Json] = [{"ref": dataset_ref(locked, digest)}]
    facts["modelCard"] = {"modelParameters": {"datasets": datasets}}
    if locked is None:
        return facts
    source, trained = locked.source, locked.trained
    said = {"role": name, "family": locked.family, "trust": source.trust.value}
    if source.repository:
        said |= {"repository": source.repository, "revision": source.revision}
    if trained is not None:
        said |= {
            "trained-on-voice": trained.voice,
            "trained-under-consent": trained.consent,
            "dataset-sha256": trained.dataset_sha256,
            "base": trained.base,
        }
    facts["properties"] = [
        {"name": f"voicepipe:{key}", "value": value} for key, value in said.items()
    ]
    licence = LICENCES.get(source.repository)
    if source.repository == REPOSITORY:
        licence = _COPIES.get(locked.name, licence)
    if licence is not None:
        facts["licenses"] = [{"license": {"id": licence}}]
    return facts


def _clip(entry: ManifestEntry) -> dict[str, Json]:
    facts = {
        "language": entry.language,
        "line": entry.line,
        "voice": entry.voice,
        "source": entry.source,
        "engine": entry.engine,
        "consent": entry.consent,
        "watermark": entry.watermark,
        "take_key": entry.take_key,
    }
    properties: list[Json] = [
        {"name": f"voicepipe:{name}", "value": value} for name, value in facts.items() if value
    ]
    return {
        "type": "file",
        "bom-ref": f"clip:{entry.sha256}:{entry.file}",
        "name": entry.file,
        "mime-type": "audio/wav",
        "hashes": [{"alg": "SHA-256", "content": entry.sha256}],
        "properties": properties,
    }
