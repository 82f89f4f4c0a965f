"""Content credentials (C2PA): who made a file and how, signed, and broken by any change.

WAV, FLAC and MP3 can hold them; Ogg cannot yet. Signing needs no network unless a time-stamp server
is named. The private key is read where it is used, and never stored or handed on.

Source: C2PA technical specification 2.1; the package `c2pa-python`.
"""

from __future__ import annotations

import io
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_bytes
from voicepipe.installation import install_remedy
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicepipe.audio.metadata import ClipMetadata
    from voicepipe.hashing import Json
    from voicepipe.labels.plan import Signer

MIME_TYPES: Final = {".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg"}
"""By suffix: the forms that can hold credentials."""
CLIP_LABEL: Final = "org.voicepipe.clip"
_SOURCES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE_TYPES: Final = {
    "synthetic": "trainedAlgorithmicMedia",
    "scratch": "algorithmicMedia",
    "recorded": "digitalCapture",
}
_LARGEST_KEY: Final = 1 << 16
_SIGNATURE_BYTES: Final = 64
_SIGNING_S: Final = 60
_CHANGED: Final = ("dataHash.mismatch", "hashedURI.mismatch", "claimSignature.mismatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a file's credentials say, and whether they hold."""

    is_valid: bool
    """Signature and content fit together."""
    is_trusted: bool
    """The signer is one of those that were named as trusted."""
    signer: str
    """As the certificate names it."""
    clip: Mapping[str, str]
    """Line, voice, language, consent …; empty when another program made them."""
    faults: tuple[str, ...]
    """Codes of what does not hold; an unknown signer is none."""


def sign(
    content: bytes, suffix: str, metadata: ClipMetadata, signer: Signer, *, is_marked: bool
) -> bytes:
    """Sign a finished file; the last thing that is done to it.

    Args:
        content: The file.
        suffix: One of `MIME_TYPES`.
        metadata: What it says of its making.
        signer: Whose signature.
        is_marked: It holds a watermark.

    Raises:
        EnvironmentFault: Package, key or signing program are missing or fail.
    """
    c2pa = _package()
    out = io.BytesIO()
    try:
        own = c2pa.Signer.from_callback(
            _signing(signer),
            c2pa.C2paSigningAlg.ES256,
            signer.certificates,
            signer.timestamp or None,
        )
        builder = c2pa.Builder(orjson.dumps(_claim(metadata, is_marked=is_marked)).decode())
        builder.sign(own, MIME_TYPES[suffix], io.BytesIO(content), out)
    except c2pa.C2paError as error:
        raise EnvironmentFault(
            f"the file cannot be signed: {error}",
            remedy="certificate and key must belong together (ES256, P-256), the chain complete; "
            "`voicepipe labels keygen FOLDER` makes one for a trial",
        ) from error
    return out.getvalue()


def _claim(metadata: ClipMetadata, *, is_marked: bool) -> dict[str, Json]:
    source = f"{_SOURCES}{_SOURCE_TYPES[metadata.source]}"
    actions: list[Json] = [{"action": "c2pa.created", "digitalSourceType": source}]
    if is_marked:
        actions.append({"action": "c2pa.watermarked.unbound"})
    facts: dict[str, Json] = {
        "line": metadata.line,
        "language": metadata.language,
        "speaker": metadata.speaker,
        "voice": metadata.voice,
        "source": metadata.source,
        "engine": metadata.engine,
        "consent": metadata.consent,
        "text_sha256": sha256_of_bytes(metadata.text.encode()),
    }
    return {
        "claim_generator_info": [{"name": "voicepipe"}],
        "title": f"{metadata.line} ({metadata.language})",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": CLIP_LABEL, "data": facts},
        ],
    }


def read_credentials(content: bytes, suffix: str, *, anchors: str = "") -> Credentials | None:
    """Read and check a file's credentials.

    Args:
        content: The file.
        suffix: Of its name, lower case.
        anchors: PEM: certificates that are trusted; empty: nobody is.

    Returns:
        None when the form holds none, or the file has none.

    Raises:
        EnvironmentFault: The package is not installed.
    """
    if suffix not in MIME_TYPES:
        return None
    c2pa = _package()
    try:
        context = _context(c2pa, anchors)
        reader = c2pa.Reader.try_create(MIME_TYPES[suffix], io.BytesIO(content), context=context)
        if reader is None:
            return None
        report = orjson.loads(reader.json())
    except c2pa.C2paError as error:
        return Credentials(
            is_valid=False, is_trusted=False, signer="", clip={}, faults=(str(error)[:200],)
        )
    return _read(report)


def _read(report: Mapping[str, Any]) -> Credentials:
    active = report.get("manifests", {}).get(report.get("active_manifest", ""), {})
    found = [one for one in active.get("assertions", ()) if one.get("label") == CLIP_LABEL]
    clip = found[0].get("data", {}) if found else {}
    codes = [str(one.get("code", "")) for one in report.get("validation_status", ())]
    faults = tuple(code for code in codes if not code.startswith("signingCredential.untrusted"))
    state = report.get("validation_state")
    signature = active.get("signature_info", {})
    return Credentials(
        is_valid=state in ("Valid", "Trusted") and not faults,
        is_trusted=state == "Trusted",
        signer=str(signature.get("common_name") or signature.get("issuer") or ""),
        clip={str(name): str(value) for name, value in clip.items()},
        faults=faults,
    )


def is_tampered(credentials: Credentials) -> bool:
    """Tell whether the file was changed after it was signed."""
    return any(fault.endswith(_CHANGED) for fault in credentials.faults)


def _context(c2pa: Any, anchors: str) -> Any:  # noqa: ANN401 - the package has no types
    verify: dict[str, Json] = {"verify_trust": bool(anchors), "ocsp_fetch": False}
    settings: dict[str, Json] = {"version": 1, "verify": {**verify, "remote_manifest_fetch": False}}
    if anchors:
        settings["trust"] = {"trust_anchors": anchors}
    return c2pa.Context(settings=c2pa.Settings.from_dict(settings))


def _signing(signer: Signer) -> Callable[[bytes], bytes]:
    if signer.command:
        return lambda data: _signed_by_program(signer.command, data)
    key = _private_key(signer.key_variable)
    return lambda data: _signed_by_key(key, data)


def _signed_by_program(command: tuple[str, ...], data: bytes) -> bytes:
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=_SIGNING_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EnvironmentFault(
            f"the signing program {command[0]} failed: {error}",
            remedy="see `labels: credentials: command` in voicepipe.yaml",
        ) from error
    if len(done.stdout) != _SIGNATURE_BYTES:
        raise EnvironmentFault(
            f"the signing program {command[0]} wrote {len(done.stdout)} bytes, not "
            f"{_SIGNATURE_BYTES}",
            remedy="an ES256 signature is r and s, 32 bytes each",
        )
    return done.stdout


def _private_key(variable: str) -> Any:  # noqa: ANN401 - of an optional package
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_pem_private_key,
    )

    path = os.environ.get(variable or "", "")
    if not path:
        raise EnvironmentFault(
            "labels are to be signed, and no private key is named",
            remedy=f"set {variable or 'the variable of `labels: credentials: key`'} to the path "
            "of the PEM file",
        )
    try:
        return load_pem_private_key(read_regular(Path(path), limit=_LARGEST_KEY), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise EnvironmentFault(
            f"the private key that {variable} names cannot be read",
            remedy="it is a PEM file without a password; its content is never shown",
        ) from error


def _signed_by_key(key: Any, data: bytes) -> bytes:  # noqa: ANN401
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415
        decode_dss_signature,
    )
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    r, s = decode_dss_signature(key.sign(data, ECDSA(SHA256())))
    return bytes(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def _package() -> Any:  # noqa: ANN401 - the package has no types
    try:
        import c2pa  # noqa: PLC0415 - only where files are signed or checked
    except ImportError as error:
        raise EnvironmentFault(
            f"the package for content credentials does not load: {error}",
            remedy=f"{install_remedy('labels')}, or leave `labels: credentials` out",
        ) from error
    return c2pa
