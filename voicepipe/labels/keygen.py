"""Keys and certificates for trying content credentials: an authority of one's own, and a signer."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.installation import install_remedy

if TYPE_CHECKING:
    from pathlib import Path

AUTHORITY_DAYS: Final = 3_650
SIGNER_DAYS: Final = 825


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFiles:
    """What was written."""

    anchor: Path
    """The authority's certificate: whoever has it can tell our files."""
    certificate: Path
    """The signer's, with the authority's behind it."""
    key: Path
    """Private; readable by its owner alone."""


def make_test_keys(folder: Path, organisation: str) -> KeyFiles:
    """Make an authority and a signer (ES256) that are nobody's but this project's.

    Args:
        folder: Made if it is missing; outside the project, since a private key goes there.
        organisation: The name that certificates carry.

    Raises:
        UsageError: The folder holds such files already.
        EnvironmentFault: The package is not installed, or the folder cannot be written.
    """
    files = KeyFiles(
        anchor=folder / "authority.pem",
        certificate=folder / "signer.pem",
        key=folder / "signer.key",
    )
    there = [path.name for path in (files.anchor, files.certificate, files.key) if path.exists()]
    if there:
        raise UsageError(f"{folder} holds {', '.join(there)} already", remedy="name another folder")
    anchor, certificate, key = _made(organisation)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.key.touch(mode=0o600, exist_ok=False)
        files.key.write_bytes(key)
        files.anchor.write_bytes(anchor)
        files.certificate.write_bytes(certificate + anchor)
    except OSError as error:
        raise EnvironmentFault(
            f"{folder} cannot be written: {error.strerror}", remedy="name another folder"
        ) from error
    return files


def _made(organisation: str) -> tuple[bytes, bytes, bytes]:
    """Give the authority's certificate, the signer's, and the signer's key, as PEM."""
    try:
        from cryptography import x509  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            Encoding,
            NoEncryption,
            PrivateFormat,
        )
        from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415
    except ImportError as error:
        raise EnvironmentFault(
            f"the package for keys does not load: {error}", remedy=install_remedy("labels")
        ) from error
    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _name(organisation, "authority for trials")
    anchor = _signed(
        _certificate(authority, authority, above.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(above.public_key()), critical=False
        ),
        above,
    )
    signer = _signed(
        _certificate(_name(organisation, organisation), authority, own.public_key(), SIGNER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False
        ),
        above,
    )
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return anchor.public_bytes(Encoding.PEM), signer.public_bytes(Encoding.PEM), key


def _name(organisation: str, common: str) -> Any:  # noqa: ANN401
    from cryptography import x509  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(subject: Any, issuer: Any, public: Any, days: int) -> Any:  # noqa: ANN401
    from cryptography import x509  # noqa: PLC0415

    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> Any:  # noqa: ANN401
    from cryptography import x509  # noqa: PLC0415

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: Any, key: Any) -> Any:  # noqa: ANN401
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    return builder.sign(key, SHA256())
