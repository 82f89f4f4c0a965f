"""Does the disk still hold what was published? Reads only, changes nothing."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from voicepipe.bank.faults import explained
from voicepipe.bank.manifest_io import CSV_NAME, MANIFEST_NAME
from voicepipe.bank.publish import files_in
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.versions import load_version
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.versions import Version


class Fault(Enum):
    """What is wrong with a file."""

    MISSING = "missing"
    SURPLUS = "surplus"
    """In the version's folder, but not in its manifest."""
    ALTERED = "altered"
    MANIFEST = "manifest"
    """The manifest itself cannot be trusted: nothing else of the version was looked at."""
    OBJECT_MISSING = "object missing"
    """The version's file is intact, the store's object is gone: a new version cannot link it."""
    OBJECT_ALTERED = "object altered"
    REVOKED = "voice revoked"
    """A sound file that may no longer be used: its voice's consent has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One file that is not as published."""

    fault: Fault
    bank: str
    """Empty for an object of the store."""
    version: str
    path: Path
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The outcome of looking."""

    findings: tuple[Finding, ...]
    """By version, then path."""
    n_files: int
    """Files of versions that were looked at."""
    n_hashed: int
    """Files whose bytes were read."""

    @property
    def is_intact(self) -> bool:
        """Tell whether everything is as it was published."""
        return not self.findings


def _nobody_is(voice: str, consent: str) -> bool:  # noqa: ARG001 - as others are asked
    return False


def verify_versions(
    out: Path,
    chosen: Sequence[Version],
    *,
    deep: bool = True,
    is_revoked: Callable[[str, str], bool] = _nobody_is,
) -> Verified:
    """Compare versions with their manifests and with the store.

    Args:
        out: The output folder.
        chosen: Versions to look at.
        deep: Read every file and every object of the store; otherwise only names and sizes.
        is_revoked: Tells whether a voice's consent, given by its id, has ended.

    Raises:
        EnvironmentFault: A folder cannot be read.
    """
    objects = ObjectStore(out).ids()
    findings: list[Finding] = []
    files: list[_File] = []
    n_files = 0
    for version in chosen:
        try:
            manifest = load_version(version)
        except EnvironmentFault as fault:
            path = version.path / MANIFEST_NAME
            findings.append(_finding(Fault.MANIFEST, version, path, fault.message))
            continue
        n_files += len(manifest.entries)
        ended = {e.file for e in manifest.entries if is_revoked(e.voice, e.consent)}
        findings += _names(version, manifest, objects, ended)
        findings += _sizes(version, manifest, files)
    n_hashed = 0
    if deep:
        files += _objects(out, ObjectStore(out).all_ids())
        digests = _digests({file.node: file.path for file in files})
        findings += [_altered(file) for file in files if digests[file.node] != file.sha256]
        n_hashed = len(digests)
    order = sorted(findings, key=lambda f: (f.bank, f.version, str(f.path), f.fault.value))
    return Verified(findings=tuple(order), n_files=n_files, n_hashed=n_hashed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    sha256: str
    """What it must hold."""
    node: tuple[int, int]
    """Device and file number: links of one object are one file, read once."""
    version: Version | None
    """None for an object of the store."""


def _finding(fault: Fault, version: Version, path: Path, message: str) -> Finding:
    return Finding(
        fault=fault,
        bank=version.bank,
        version=version.name,
        path=path,
        message=f"{version.bank} {version.name}: {message}",
    )


def _altered(file: _File) -> Finding:
    if file.version is None:
        return Finding(
            fault=Fault.OBJECT_ALTERED,
            bank="",
            version="",
            path=file.path,
            message=f"{file.path}: the bytes do not match the name",
        )
    name = file.path.relative_to(file.version.path).as_posix()
    return _finding(
        Fault.ALTERED, file.version, file.path, f"{name}: the bytes are not those of the manifest"
    )


def _objects(out: Path, objects: Iterable[tuple[str, str]]) -> list[_File]:
    store = ObjectStore(out)
    found = []
    for object_id, suffix in objects:
        path = store.path(object_id, suffix)
        with explained(path):
            status = path.stat()
        node = (status.st_dev, status.st_ino)
        found.append(_File(path=path, sha256=object_id, node=node, version=None))
    return found


def _digests(paths: Mapping[tuple[int, int], Path]) -> dict[tuple[int, int], str]:
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        return dict(zip(paths, threads.map(_digest_or_nothing, paths.values()), strict=True))


def _digest_or_nothing(path: Path) -> str:
    try:
        return sha256_of_file(path)
    except OSError:
        return ""  # matches no hash: reported as altered


def _names(
    version: Version, manifest: BankManifest, objects: set[str], ended: set[str]
) -> list[Finding]:
    wanted = {entry.file for entry in manifest.entries}
    there = files_in(version.path)
    findings = [
        _finding(Fault.MISSING, version, version.path / name, f"{name} is missing")
        for name in wanted | {CSV_NAME, MANIFEST_NAME}
        if name not in there
    ]
    findings += [
        _finding(Fault.SURPLUS, version, version.path / name, f"{name} is not in the manifest")
        for name in there - wanted - {CSV_NAME, MANIFEST_NAME}
    ]
    findings += [
        _finding(
            Fault.OBJECT_MISSING,
            version,
            version.path / entry.file,
            f"{entry.file}: its object {entry.sha256[:12]} is not in the store",
        )
        for entry in manifest.entries
        if entry.sha256 not in objects and entry.file not in ended
    ]
    findings += [
        _finding(
            Fault.REVOKED,
            version,
            version.path / name,
            f"{name} may not be used any more: its voice was withdrawn",
        )
        for name in ended & there
    ]
    return findings


def _sizes(version: Version, manifest: BankManifest, files: list[_File]) -> list[Finding]:
    findings = []
    root = str(version.path)
    for entry in manifest.entries:
        try:
            status = os.stat(f"{root}/{entry.file}")  # noqa: PTH116 - 100,000 times
        except FileNotFoundError:
            continue  # reported by name
        except OSError as error:
            path = version.path / entry.file
            findings.append(_finding(Fault.ALTERED, version, path, f"{path}: {error.strerror}"))
            continue
        if status.st_size != entry.size_bytes:
            message = f"{entry.file}: {status.st_size} bytes instead of {entry.size_bytes}"
            findings.append(_finding(Fault.ALTERED, version, version.path / entry.file, message))
        else:
            node = (status.st_dev, status.st_ino)
            path = version.path / entry.file
            files.append(_File(path=path, sha256=entry.sha256, node=node, version=version))
    return findings
