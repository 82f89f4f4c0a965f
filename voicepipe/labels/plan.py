"""Which labels a project's clips get, and their part in the clip key.

Torch-free and free of signatures: planning reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_bytes
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.hashing import Json
    from voicepipe.settings_labels import LabelSettings

LABEL_REVISION: Final = 1
"""Raised whenever the same settings would label otherwise."""
WATERMARK: Final = "perth-implicit-1"
"""Name of the watermark, with the release line of its network."""
SYNTHETIC: Final = "synthetic"
RECORDED: Final = "recorded"
_LARGEST_CERTIFICATE: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whose signature credentials carry. The private key itself is never held here."""

    certificates: str
    """PEM: the signer's, then those above it."""
    key_variable: str = ""
    """Environment variable that names the private key's file."""
    command: tuple[str, ...] = ()
    """Program that signs in place of a key."""
    timestamp: str = ""

    @property
    def fingerprint(self) -> str:
        """sha256 of the certificates."""
        return sha256_of_bytes(self.certificates.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPlan:
    """The labels of a project's clips."""

    bank: str
    producer: str
    aigc: bool
    watermark: bool
    signer: Signer | None = None

    def marks(self, source: str) -> bool:
        """Tell whether clips of a source get the watermark: speech of an engine that ships."""
        return self.watermark and source == SYNTHETIC

    def declares(self, source: str) -> bool:
        """Tell whether clips of a source get the `AIGC` field: everything no person spoke."""
        return self.aigc and source != RECORDED


def label_plan(root: Path, bank: str, settings: LabelSettings | None) -> LabelPlan | None:
    """Take the labels from the settings.

    Args:
        root: The project root.
        bank: The bank's name.
        settings: None: the project labels nothing beyond what every WAV says of itself.

    Raises:
        EnvironmentFault: The certificate cannot be read.
    """
    if settings is None:
        return None
    signer = None
    chosen = settings.credentials
    if chosen is not None:
        path = root / chosen.certificate
        try:
            content = read_regular(path, limit=_LARGEST_CERTIFICATE)
        except OSError as error:
            raise EnvironmentFault(
                f"the certificate {chosen.certificate} cannot be read: {error.strerror or error}",
                remedy="put it there, or run `voicepipe labels keygen FOLDER` for a trial",
            ) from error
        signer = Signer(
            certificates=content.decode("utf-8", "replace"),
            key_variable=chosen.key,
            command=chosen.command,
            timestamp=chosen.timestamp,
        )
    return LabelPlan(
        bank=bank,
        producer=settings.producer,
        aigc=settings.aigc,
        watermark=settings.watermark,
        signer=signer,
    )


def label_fingerprint(plan: LabelPlan | None, source: str) -> Json:
    """Give everything about labels that changes a clip's file, for its key.

    A signature differs each time it is made and is no part of it: the certificate stands for it.

    Returns:
        None when clips of this source get no labels, so that their keys stay as they were.
    """
    if plan is None:
        return None
    facts: dict[str, Json] = {}
    if plan.declares(source):
        facts["aigc"] = [plan.producer, plan.bank]
    if plan.marks(source):
        facts["watermark"] = WATERMARK
    if plan.signer is not None:
        facts["signer"] = plan.signer.fingerprint
    return {"revision": LABEL_REVISION, **facts} if facts else None
