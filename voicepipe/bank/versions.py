"""Published versions: which there are, which one a word means, what they hold.

Reads only. Whoever publishes holds the lock; readers here never wait.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.bank.faults import explained
from voicepipe.bank.kept_entries import KeptEntries
from voicepipe.bank.layout import bank_folder, is_bank_name
from voicepipe.bank.manifest_io import MANIFEST_NAME, load_manifest
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import CorruptObject, UsageError
from voicepipe.regular_files import open_regular, read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest

LATEST_NAME = "latest"
REMOVED_SUFFIX = ".removed"
"""A removed version leaves this mark, so that its number never comes back with other content."""
_NAME = re.compile(r"v([0-9]{4,9})")
_MARK = re.compile(r"v([0-9]{4,9})\.removed")
_ASKED = re.compile(r"v?([0-9]{1,9})")
_CONTENT = re.compile(rb'^"content_sha256": "([0-9a-f]{64})"', re.MULTILINE)
_CREATED = re.compile(rb'^"created": "([0-9]{4}-[0-9]{2}-[0-9]{2})', re.MULTILINE)
_HEAD_BYTES = 1 << 16
_SHORTEST_PREFIX = 6
_EVERYTHING_IS_USED: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published version on disk."""

    bank: str
    name: str
    """`v0001`."""
    number: int
    path: Path


def banks(out: Path) -> tuple[str, ...]:
    """List the banks that were ever published, sorted.

    Raises:
        EnvironmentFault: The folder cannot be read.
    """
    folder = bank_folder(out, "x").parent
    with explained(folder):
        if not folder.is_dir():
            return ()
        return tuple(sorted(p.name for p in folder.iterdir() if p.is_dir()))


def versions(out: Path, bank: str) -> tuple[Version, ...]:
    """List a bank's versions, oldest first.

    Raises:
        UsageError: That cannot be the name of a bank.
        EnvironmentFault: The folder cannot be read.
    """
    folder = _folder_of(out, bank)
    with explained(folder):
        if not folder.is_dir():
            return ()
        named = [(path, _NAME.fullmatch(path.name)) for path in folder.iterdir() if path.is_dir()]
    found = [
        Version(bank=bank, name=path.name, number=int(match[1]), path=path)
        for path, match in named
        if match
    ]
    return tuple(sorted(found, key=lambda version: version.number))


def version_name(number: int) -> str:
    """Spell a version's number as its folder is called."""
    return f"v{number:04d}"


def next_number(out: Path, bank: str) -> int:
    """Choose the number after every version there is or ever was.

    Raises:
        EnvironmentFault: The folder cannot be read.
    """
    numbers = [version.number for version in versions(out, bank)]
    return max([0, *numbers, *_removed(out, bank)]) + 1


def _removed(out: Path, bank: str) -> list[int]:
    folder = _folder_of(out, bank)
    with explained(folder):
        marks = [_MARK.fullmatch(path.name) for path in folder.glob(f"*{REMOVED_SUFFIX}")]
    return [int(match[1]) for match in marks if match]


def latest(out: Path, bank: str) -> Version | None:
    """Find the version `latest` points at; the newest one where the pointer is lost.

    Raises:
        UsageError: That cannot be the name of a bank.
        EnvironmentFault: The folder cannot be read.
    """
    there = versions(out, bank)
    pointer = _folder_of(out, bank) / LATEST_NAME
    with explained(pointer):
        try:
            name = read_regular(pointer, limit=40).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            name = ""
    named = [version for version in there if version.name == name]
    return named[0] if named else (there[-1] if there else None)


def resolve(out: Path, bank: str, asked: str = LATEST_NAME) -> Version:
    """Find the version a person means.

    Args:
        out: The output folder.
        bank: Its bank.
        asked: `latest`, `v0003`, `v3`, `3`, or the beginning of a content hash (6 digits or more).

    Raises:
        UsageError: There is none, or more than one; says which there are.
        EnvironmentFault: The folder cannot be read.
    """
    there = versions(out, bank)
    if not there:
        others = ", ".join(banks(out)) or "none"
        raise UsageError(
            f'bank "{bank}" has no published version in {out}',
            remedy=f"run `voicepipe render`; published banks here: {others}",
        )
    if asked == LATEST_NAME:
        newest = latest(out, bank)
        assert newest is not None
        return newest
    number = _ASKED.fullmatch(asked)
    by_number = [v for v in there if number and v.number == int(number[1])]
    if by_number:
        return by_number[0]
    return _by_content(out, there, asked)


def _by_content(out: Path, there: tuple[Version, ...], asked: str) -> Version:
    digits = asked.lower()
    found = []
    if len(digits) >= _SHORTEST_PREFIX and re.fullmatch(r"[0-9a-f]{1,64}", digits):
        found = [version for version in there if content_of(version).startswith(digits)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f'"{asked}" is the beginning of {len(found)} versions:'
            f" {', '.join(version.name for version in found)}",
            remedy="give more digits, or the version's name",
        )
    number = _ASKED.fullmatch(asked)
    if number and int(number[1]) in _removed(out, there[0].bank):
        raise UsageError(
            f"{version_name(int(number[1]))} was removed from bank {there[0].bank}",
            remedy="`voicepipe bank ls` shows which versions there are",
        )
    names = [version.name for version in there]
    raise UsageError(
        f'bank "{there[0].bank}" has no version "{asked}"{did_you_mean(asked, names)}',
        remedy=f"versions there are: {_shortened(names)}",
    )


def _shortened(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 8 else f"{names[0]} … {names[-1]}"


def content_of(version: Version) -> str:
    """Read a version's content hash from the head of its manifest.

    Raises:
        CorruptObject: The manifest does not carry one.
        EnvironmentFault: The manifest is missing or cannot be read.
    """
    path = version.path / MANIFEST_NAME
    with explained(path), open_regular(path) as stream:
        match = _CONTENT.search(stream.read(_HEAD_BYTES))
    return match[1].decode() if match else load_version(version).content_sha256


def published_day(out: Path, bank: str) -> datetime.date | None:
    """Read the day on which the newest version was published, from the head of its manifest.

    Returns:
        None when nothing was published, or the manifest does not say.

    Raises:
        EnvironmentFault: The folder cannot be read.
    """
    there = versions(out, bank)
    if not there:
        return None
    path = there[-1].path / MANIFEST_NAME
    with explained(path):
        try:
            with path.open("rb") as stream:
                match = _CREATED.search(stream.read(_HEAD_BYTES))
            return datetime.date.fromisoformat(match[1].decode()) if match else None
        except (FileNotFoundError, ValueError):
            return None


def load_version(
    version: Version,
    unused: Mapping[str, object] = _EVERYTHING_IS_USED,
    kept: KeptEntries | None = None,
) -> BankManifest:
    """Read a version's manifest strictly.

    Args:
        version: Which.
        unused: As of `load_manifest`.
        kept: As of `load_manifest`.

    Raises:
        CorruptObject: It is not a valid manifest, or that of another version.
        EnvironmentFault: It is missing or cannot be read.
    """
    path = version.path / MANIFEST_NAME
    manifest = load_manifest(path, unused, kept)
    if (manifest.bank, manifest.version) != (version.bank, version.name):
        raise CorruptObject(
            f"{path}: it is the manifest of {manifest.bank} {manifest.version}",
            remedy="restore the version's folder from a backup, or remove it",
        )
    return manifest


def load_latest(out: Path, bank: str) -> BankManifest | None:
    """Read the manifest of the latest version.

    Returns:
        None when nothing was published yet.

    Raises:
        CorruptObject: It is not a valid manifest.
        EnvironmentFault: It cannot be read.
    """
    newest = latest(out, bank)
    return None if newest is None else load_version(newest, kept=KeptEntries())


def _folder_of(out: Path, bank: str) -> Path:
    if not is_bank_name(bank):
        raise UsageError(
            f'"{bank[:80]}" cannot be the name of a bank',
            remedy="use letters, digits, dots, dashes and underscores, 100 at most",
        )
    return bank_folder(out, bank)
