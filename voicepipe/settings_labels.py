"""`labels:` in `voicepipe.yaml`: what published files say of being made by a machine."""

from __future__ import annotations

from pydantic import Field

from voicepipe.documents.section import Section


class CredentialSettings(Section):
    """Whose signature content credentials (C2PA) carry."""

    certificate: str = Field(min_length=1, max_length=400)
    """PEM file from the project root: the signer's certificate, then those above it."""
    key: str = Field(default="", max_length=400)
    """Environment variable that names the PEM file of the private key, which lies outside the
    project."""
    command: tuple[str, ...] = Field(default=(), max_length=40)
    """Program that signs in place of a key here: takes the bytes on stdin, writes the signature
    (ES256: 64 bytes, r and s) to stdout."""
    timestamp: str = Field(default="", max_length=400)
    """Address of a time-stamp server; empty: no time stamp, and no network."""


class LabelSettings(Section):
    """Labels of synthetic clips; recordings only get content credentials, as captured."""

    producer: str = Field(min_length=1, max_length=120)
    """Who publishes the speech, as the labels say it."""
    aigc: bool = True
    """Write the `AIGC` field (GB 45438-2025)."""
    watermark: bool = True
    """Put an inaudible mark into the sound, and read it back."""
    credentials: CredentialSettings | None = None
    """Sign every file; left out: no signature."""
