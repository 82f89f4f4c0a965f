"""What people do to a bank: pin a line's take, let it go, remove a version.

The caller holds the lock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from voicepipe.bank.candidates import load_candidates
from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.faults import explained
from voicepipe.bank.files import (
    make_folder,
    part_path,
    remove_file,
    remove_tree,
    sync_folder,
    with_retries,
    write_atomic,
)
from voicepipe.bank.plan import RECORDED
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import (
    LATEST_NAME,
    REMOVED_SUFFIX,
    content_of,
    latest,
    load_version,
    versions,
)
from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.asked_names import matching
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """A line whose pin was set or let go."""

    line: str
    language: str
    take_key: str
    """The take it is, or was, pinned to."""


def pin_lines(
    out: Path,
    root: Path,
    version: Version,
    lines: Sequence[str],
    languages: Sequence[str] = (),
) -> tuple[Pinned, ...]:
    """Pin lines to the takes they have in a version.

    Args:
        out: The output folder, locked by the caller.
        root: The project root, where decisions are kept.
        version: Where the takes are heard.
        lines: Line ids.
        languages: Only these; empty: every language the version has.

    Returns:
        What is pinned now, sorted.

    Raises:
        UsageError: The version has no such line, or it is a recording; nothing is pinned.
        EnvironmentFault: A take's sound is no longer in the store, or a file is damaged.
    """
    manifest = load_version(version)
    chosen = _chosen(manifest, lines, languages)
    take_store = TakeStore(out)
    decisions = load_decisions(root, out)
    for entry in chosen:
        if entry.source == RECORDED:
            raise UsageError(
                f"{entry.line} ({entry.language}) is a recording: it never changes by itself",
                remedy="leave it out",
            )
        if take_store.find_take(entry.take_key) is None:
            raise EnvironmentFault(
                f"{entry.line} ({entry.language}): its take {entry.take_key[:12]} is not in"
                f" {out}, so it cannot be kept",
                remedy="render the line again, then pin it",
            )
        decisions = decisions.with_pin(entry.line, entry.language, entry.take_key, entry.take)
    save_decisions(root, decisions)
    return tuple(
        Pinned(line=e.line, language=e.language, take_key=e.take_key)
        for e in sorted(chosen, key=lambda e: (e.line, e.language))
    )


def choose_take(
    out: Path,
    root: Path,
    lines: Sequence[str],
    take: int,
    languages: Sequence[str] = (),
) -> tuple[Pinned, ...]:
    """Choose one of the takes that were made for comparison, and pin lines to it.

    Args:
        out: The output folder, locked by the caller.
        root: The project root, where decisions are kept.
        lines: Line ids, or patterns such as `bridge_*`.
        take: Its number.
        languages: Only these; empty: every language that has a take of this number.

    Returns:
        What is pinned now, sorted.

    Raises:
        UsageError: There is no such take to choose; nothing is pinned.
        EnvironmentFault: A file is damaged, or cannot be written.
    """
    takes = TakeStore(out)
    there = [one for one in load_candidates(out) if takes.find_take(one.take_key) is not None]
    ids = matching(lines, {one.line for one in there})
    chosen = [
        one
        for one in there
        if one.line in ids and one.take == take and (not languages or one.language in languages)
    ]
    for line in sorted(ids - {one.line for one in chosen}):
        numbers = sorted({str(one.take) for one in there if one.line == line}, key=int)
        has = f"; it has {', '.join(numbers)}" if numbers else ""
        raise UsageError(
            f"there is no take {take} of {line} to choose{has}",
            remedy=f"voicepipe render --line {line} --takes 4 makes some",
        )
    decisions = load_decisions(root, out)
    for one in chosen:
        decided = replace(
            decisions.of(one.line, one.language),
            take=one.take,
            seed=None,
            pin=one.take_key,
            pinned_take=one.take,
        )
        decisions = decisions.with_decision(one.line, one.language, decided)
    save_decisions(root, decisions)
    return tuple(
        Pinned(line=one.line, language=one.language, take_key=one.take_key) for one in chosen
    )


def _chosen(
    manifest: BankManifest, lines: Sequence[str], languages: Sequence[str]
) -> list[ManifestEntry]:
    known = {entry.line for entry in manifest.entries}
    for line in lines:
        if line not in known:
            raise UsageError(
                f'{manifest.bank} {manifest.version} has no line "{line}"'
                f"{did_you_mean(line, known)}",
                remedy=f"`voicepipe bank show {manifest.version}` lists its lines",
            )
    wanted = set(lines)
    chosen = [
        entry
        for entry in manifest.entries
        if entry.line in wanted and (not languages or entry.language in languages)
    ]
    if not chosen:
        raise UsageError(
            f"{manifest.bank} {manifest.version} has none of these lines in {', '.join(languages)}",
            remedy=f"languages it has: {', '.join(manifest.languages)}",
        )
    return chosen


def unpin_lines(
    out: Path, root: Path, lines: Sequence[str], languages: Sequence[str] = ()
) -> tuple[Pinned, ...]:
    """Let pinned lines go; their takes stay in the store.

    Returns:
        What was let go, sorted.

    Raises:
        UsageError: A line is not pinned; nothing is let go.
        InputError: `decisions.csv` is not what we write.
        EnvironmentFault: `decisions.csv` cannot be written.
    """
    decisions = load_decisions(root, out)
    pinned = [
        Pinned(line=line, language=language, take_key=decision.pin)
        for (line, language), decision in sorted(decisions.lines.items())
        if decision.pin and line in lines and (not languages or language in languages)
    ]
    for line in lines:
        if line not in {found.line for found in pinned}:
            names = {name for (name, _), decision in decisions.lines.items() if decision.pin}
            raise UsageError(
                f'"{line}" is not pinned{did_you_mean(line, names)}',
                remedy="`voicepipe plan` shows which lines are",
            )
    for found in pinned:
        decisions = decisions.with_pin(found.line, found.language, "")
    save_decisions(root, decisions)
    return tuple(pinned)


def remove_version(out: Path, version: Version, *, even_latest: bool = False) -> Version | None:
    """Remove a version's folder; takes, clips and objects stay until they are collected.

    Its number never comes back. The folder vanishes at once, whole, and `latest` names a version
    that stays before it does.

    Returns:
        The version that is the latest now; None when none is left.

    Raises:
        UsageError: It is the latest one, and that was not asked for.
        EnvironmentFault: The folder cannot be moved or removed, or is a link.
    """
    refuse_links(out, version.path)
    newest = latest(out, version.bank)
    if newest is not None and newest.name == version.name and not even_latest:
        raise UsageError(
            f"{version.bank} {version.name} is the latest version: games and exports use it",
            remedy="say --latest to remove it all the same",
        )
    try:
        content = content_of(version)
    except EnvironmentFault:
        content = ""  # a damaged version is the more reason to remove it
    mark = version.path.parent / f"{version.name}{REMOVED_SUFFIX}"
    facts = {"bank": version.bank, "content_sha256": content, "version": version.name}
    write_atomic(out, mark, orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE))
    part = part_path(out, "removed")
    left = _point_elsewhere(out, version)
    with explained(version.path):
        make_folder(part.parent, within=out)
        with_retries(lambda: version.path.rename(part))
        sync_folder(version.path.parent)
        remove_tree(part, within=out)
    return left


def _point_elsewhere(out: Path, doomed: Version) -> Version | None:
    """Let `latest` name a version that stays, before the other one goes."""
    left = [other for other in versions(out, doomed.bank) if other.name != doomed.name]
    pointer = doomed.path.parent / LATEST_NAME
    with explained(pointer):
        if not left:
            remove_file(pointer, within=out)
            return None
        pointed = pointer.read_text("utf-8").strip() if pointer.is_file() else ""
    names = {version.name: version for version in left}
    if pointed not in names:
        write_atomic(out, pointer, f"{left[-1].name}\n".encode())
        return left[-1]
    return names[pointed]
