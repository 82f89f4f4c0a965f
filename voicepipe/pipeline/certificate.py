"""The certificate of a withdrawal: what was removed, by hash, what was kept, what is still out.

JSON for programs and Markdown for people, beside the voice's consent log, where no collection of
unused files looks. A certificate holds its own hash, that of the certificate before it, and that of
the last line of the consent log, whose next line names it: none of them can be edited, taken out or
put in without a trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.consent.log import Change, ConsentLog, read_log
from voicepipe.documents.replacing import write_file
from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.hashing import sha256_of_file, sha256_of_json
from voicepipe.pipeline.certificate_text import certificate_markdown
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.hashing import Json

SCHEMA: Final = 1
FIRST: Final = "0" * 64
"""Stands for the certificate before the first."""
_KIND: Final = "certificate of removal"
_LARGEST: Final = 1 << 28
_OF_THE_MOMENT: Final = ("issued", "by", "note", "previous", "hash", "consent_log")
"""Parts in which two certificates of the same removal differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate, as it was read or written."""

    path: Path
    """The JSON file."""
    facts: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """Of everything in it."""
        return str(self.facts["hash"])

    @property
    def text_path(self) -> Path:
        """The Markdown beside it."""
        return self.path.with_suffix(".md")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateCheck:
    """Whether a certificate holds, and how far the removal has come."""

    certificate: Certificate
    faults: tuple[str, ...]
    """What does not hold; empty: everything does."""
    back: tuple[str, ...]
    """Files that were removed and lie there again, with the same bytes."""
    still_out: tuple[str, ...]
    """Files of the takedown list that still lie where they lay."""
    n_takedown: int

    @property
    def holds(self) -> bool:
        """Whether nothing was edited, and nothing that was removed is back."""
        return not self.faults and not self.back


def certificate_stem(voice: str) -> str:
    """Begin the names of a voice's certificates."""
    return f"{voice}.removal-"


def certificates_of(folder: Path, voice: str) -> tuple[Certificate, ...]:
    """Read a voice's certificates in a folder, in the order they were issued.

    Raises:
        InputError: One is no certificate.
        EnvironmentFault: One cannot be read.
    """
    stem = certificate_stem(voice)
    found = [read_certificate(path) for path in sorted(folder.glob(f"{stem}*.json"))]
    by_previous = {str(one.facts["previous"]): one for one in found}
    ordered: list[Certificate] = []
    at = FIRST
    while at in by_previous:
        ordered.append(by_previous.pop(at))
        at = ordered[-1].hash
    return (*ordered, *by_previous.values())


def read_certificate(path: Path) -> Certificate:
    """Read one certificate; whether it holds is `check_certificate`'s to say.

    Raises:
        InputError: It is no certificate.
        EnvironmentFault: It cannot be read.
    """
    try:
        content = read_regular(path, limit=_LARGEST)
    except OSError as error:
        raise EnvironmentFault(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="restore it from version control",
        ) from error
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError:
        facts = None
    if not _is_certificate(facts):
        raise InputError(
            f"{path} is no certificate of a removal", remedy="restore it from version control"
        )
    return Certificate(path=path, facts=facts)


def _is_certificate(facts: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(facts, dict) or facts.get("kind") != _KIND:
        return False
    texts = ("voice", "date", "issued", "previous", "hash")
    lists = ("removed", "kept", "takedown", "unreachable", "remains", "consents")
    return (
        facts.get("schema") == SCHEMA
        and all(isinstance(facts.get(name), str) for name in texts)
        and all(isinstance(facts.get(name), list) for name in lists)
        and all(isinstance(row, dict) for name in lists[:4] for row in facts[name])
        and isinstance(facts.get("consent_log"), dict)
    )


def issue_certificate(
    folder: Path, voice: str, facts: Mapping[str, Json]
) -> tuple[Certificate, bool]:
    """Write a certificate as JSON and Markdown, unless the last one says the same.

    Args:
        folder: Where.
        voice: Whose.
        facts: What it says, but for its kind and its hashes.

    Returns:
        The certificate in force, and whether it is new.

    Raises:
        InputError: Something else has the name of a certificate.
        EnvironmentFault: It cannot be written.
    """
    before = certificates_of(folder, voice)
    if before and not facts["removed"] and _says(before[-1].facts) == _says(facts):
        return before[-1], False
    whole: dict[str, Json] = {
        "schema": SCHEMA,
        "kind": _KIND,
        **facts,
        "previous": before[-1].hash if before else FIRST,
    }
    whole["hash"] = sha256_of_json(whole)
    path = _free_name(folder, f"{certificate_stem(voice)}{facts['date']}")
    made = Certificate(path=path, facts=whole)
    remedy = "what was removed is noted; run this again once the folder can be written"
    write_file(made.text_path, certificate_markdown(whole).encode(), remedy=remedy)
    write_file(path, orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n", remedy=remedy)
    return made, True


def _says(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give what stays the same from run to run: where the removal stands, not what it took."""
    left_out = (*_OF_THE_MOMENT, "removed", "schema", "kind")
    return {name: value for name, value in facts.items() if name not in left_out}


def _free_name(folder: Path, stem: str) -> Path:
    names = [f"{stem}.json", *(f"{stem}-{number}.json" for number in range(2, 10_000))]
    return next(folder / name for name in names if not (folder / name).exists())


def check_certificate(root: Path, certificate: Certificate, log: ConsentLog) -> CertificateCheck:
    """Hold a certificate to its hash, its forerunner and the consent log, and look around.

    Args:
        root: The project root.
        certificate: As it was read.
        log: Of the voice; an empty one where it has none.

    Raises:
        InputError: A certificate beside it is none.
        EnvironmentFault: A file cannot be read.
    """
    facts = certificate.facts
    faults = [*_own_faults(certificate), *_log_faults(certificate, log)]

    def lies_there(row: Mapping[str, Any], place: str) -> bool:
        path = root / str(row.get(place, ""))
        return path.is_file() and sha256_of_file(path) == row.get("sha256")

    removed = [row for row in facts["removed"] if not row.get("store")]
    return CertificateCheck(
        certificate=certificate,
        faults=tuple(faults),
        back=tuple(str(row["where"]) for row in removed if lies_there(row, "where")),
        still_out=tuple(
            str(row["path"]) for row in facts["takedown"] if (root / str(row["path"])).exists()
        ),
        n_takedown=len(facts["takedown"]),
    )


def _own_faults(certificate: Certificate) -> list[str]:
    facts = certificate.facts
    faults = []
    if facts["hash"] != sha256_of_json({k: v for k, v in facts.items() if k != "hash"}):
        faults.append("it was edited: its hash is not that of what it says")
    try:
        text = read_regular(certificate.text_path, limit=_LARGEST)
    except OSError:
        faults.append(f"{certificate.text_path.name} is gone: it says the same for people")
    else:
        if text != certificate_markdown(facts).encode():
            faults.append(f"{certificate.text_path.name} does not say the same: it was edited")
    if facts["previous"] != FIRST:
        beside = certificates_of(certificate.path.parent, str(facts["voice"]))
        if facts["previous"] not in {one.hash for one in beside}:
            faults.append("the certificate before it is gone, or was edited")
    return faults


def _log_faults(certificate: Certificate, log: ConsentLog) -> list[str]:
    head = certificate.facts["consent_log"].get("head")
    faults = []
    if log.broken_line:
        faults.append(f"line {log.broken_line} of the consent log: {log.fault}")
    if head not in {None, *(entry.hash for entry in log.entries)}:
        faults.append("the consent log does not hold the line it was issued after")
    named = [entry for entry in log.entries if entry.change is Change.CERTIFIED]
    if head is not None and not any(certificate.hash in entry.note for entry in named):
        faults.append("the consent log does not name it")
    return faults


def find_certificate(folder: Path, asked: str) -> Certificate:
    """Find the certificate that a person means: a file, or the last one of a voice.

    Raises:
        UsageError: There is none.
        InputError: It is none.
        EnvironmentFault: It cannot be read.
    """
    if asked.endswith(".json"):
        return read_certificate(Path(asked))
    found = certificates_of(folder, asked)
    if not found:
        raise UsageError(
            f'there is no certificate of a removal of "{asked}" in {folder.name}/',
            remedy="`voicepipe voices revoke` writes one; name its file if it lies elsewhere",
        )
    return found[-1]


def log_beside(path: Path) -> ConsentLog:
    """Read a consent log, to show it or to compare it with a certificate.

    Raises:
        EnvironmentFault: It cannot be read.
    """
    try:
        return read_log(path)
    except OSError as error:
        raise EnvironmentFault(
            f"{path.name} cannot be read: {error.strerror or error}",
            remedy="restore it from version control",
        ) from error
