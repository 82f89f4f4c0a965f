"""Which files a person means who wants to hear lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.candidates import load_candidates
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.entry_filter import EntryFilter, filter_entries, resolve_filter
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_version, resolve, versions
from voicepipe.documents.asked_names import matching, refuse_unknown
from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.pipeline.permissions import load_permissions
from voicepipe.pipeline.refused_clips import refusal_of_file, refused_clips

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.bank.versions import Version
    from voicepipe.pipeline.permissions import Permissions
    from voicepipe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A clip to be played."""

    line: str
    language: str
    take: int
    path: Path
    duration_s: float
    loudness_lufs: float | None
    where: str
    """A version such as `v0003`; `chosen` or `to choose from` for a take that lies in the store."""
    text: str = ""
    """As published; empty where it was not."""


def clips_of_lines(
    root: Path,
    settings: Settings,
    lines: Sequence[str],
    *,
    languages: Sequence[str] = (),
    take: int = 0,
    version: str = "latest",
) -> tuple[Heard, ...]:
    """Find the clips of lines.

    Args:
        root: The project.
        settings: Of the project.
        lines: Ids, or patterns such as `bridge_*`.
        languages: Only these; empty: the source language, or of a line that is not in it the
            first language it is in.
        take: This number: one made for comparison, or the newest that was published as such; 0:
            the one in the version.
        version: Which, as `bank show` takes it.

    Raises:
        UsageError: There is no such line, language, take or version.
        InputError: A voice may not be heard today.
        EnvironmentFault: A manifest is damaged.
    """
    found = (
        _taken(root, settings, lines, languages, take)
        if take
        else _published(resolve(root / settings.out, settings.bank, version), lines, languages)
    )
    if not languages:
        found = _of_first_language(found, (settings.source_language, *settings.languages))
    _require_permitted(found, load_permissions(root, settings))
    return found


def _require_permitted(found: Sequence[Heard], permissions: Permissions) -> None:
    for one in found:
        refusal = refusal_of_file(one.path, one.language, permissions)
        if refusal is not None:
            code, message, remedy = refusal
            raise InputError(
                f"{one.line} ({one.language}) may not be heard: {message} [{code.code}]",
                remedy=remedy,
            )


def _published(
    version: Version, lines: Sequence[str], languages: Sequence[str]
) -> tuple[Heard, ...]:
    manifest = load_version(version)
    asked = EntryFilter(lines=frozenset(lines), languages=frozenset(languages))
    entries = filter_entries(manifest, resolve_filter(manifest, asked))
    if not entries:
        whose = f"{manifest.bank} {manifest.version}"
        raise UsageError(
            f"{whose} has no clip of {', '.join(lines)}"
            + (f" in {', '.join(languages)}" if languages else ""),
            remedy="`voicepipe bank show` says what it has, and what failed",
        )
    return tuple(_heard(entry, version) for entry in entries)


def _heard(entry: ManifestEntry, version: Version) -> Heard:
    return Heard(
        line=entry.line,
        language=entry.language,
        take=entry.take,
        path=version.path / entry.file,
        duration_s=entry.duration_s,
        loudness_lufs=entry.loudness_lufs,
        where=version.name,
        text=entry.text,
    )


def _taken(
    root: Path, settings: Settings, lines: Sequence[str], languages: Sequence[str], take: int
) -> tuple[Heard, ...]:
    published = _by_number(root / settings.out, settings.bank)
    compared = {(one.line, one.language, one.take): one for one in takes_to_choose(root, settings)}
    known = {**published, **compared}
    ids = matching(lines, {key[0] for key in known})
    found = {
        key: heard
        for key, heard in known.items()
        if key[0] in ids and key[2] == take and (not languages or key[1] in languages)
    }
    lacking = sorted(ids - {key[0] for key in found})
    if lacking:
        numbers = sorted({key[2] for key in known if key[0] == lacking[0]})
        there = f"; it has {', '.join(map(str, numbers))}" if numbers else ""
        raise UsageError(
            f"there is no take {take} of {lacking[0]}{there}",
            remedy=f"voicepipe render --line {lacking[0]} --takes 4 makes some to choose from",
        )
    return tuple(found[key] for key in sorted(found))


def _by_number(out: Path, bank: str) -> dict[tuple[str, str, int], Heard]:
    """Give every take that was ever published; the newest version's where several have it."""
    found: dict[tuple[str, str, int], Heard] = {}
    for version in versions(out, bank):
        try:
            manifest = load_version(version)
        except EnvironmentFault:
            continue  # `bank verify` tells of it; the others can be heard
        for entry in manifest.entries:
            found[entry.line, entry.language, entry.take] = _heard(entry, version)
    return found


def takes_to_choose(
    root: Path, settings: Settings, lines: Sequence[str] = (), languages: Sequence[str] = ()
) -> tuple[Heard, ...]:
    """List the takes that were made for comparison, and are in the store.

    Args:
        root: The project.
        settings: Of the project.
        lines: Ids or patterns; empty: all.
        languages: Only these; empty: all.

    Returns:
        By line, language and number; those of voices that may not be heard today are left out.

    Raises:
        UsageError: A line has none.
        InputError: `decisions.csv` is not what we write.
        EnvironmentFault: The store cannot be read.
    """
    out, permissions = root / settings.out, load_permissions(root, settings)
    there, store, pins = load_candidates(out), TakeStore(out), load_decisions(root, out).pins()
    known = {one.line for one in there}
    ids = matching(lines, known) if lines else known
    refuse_unknown("`render --takes`", "take of", ids, known)
    return tuple(
        Heard(
            line=one.line,
            language=one.language,
            take=one.take,
            path=store.objects.path(clip.object_id, clip.object_suffix),
            duration_s=clip.duration_s,
            loudness_lufs=clip.loudness_lufs,
            where="chosen" if one.take_key in pins else "to choose from",
        )
        for one in there
        if one.line in ids and (not languages or one.language in languages)
        for clip in (store.find_clip(one.clip_key),)
        if clip is not None
        and refusal_of_file(
            store.objects.path(clip.object_id, clip.object_suffix), one.language, permissions
        )
        is None
    )


def _of_first_language(found: Sequence[Heard], order: Sequence[str]) -> tuple[Heard, ...]:
    rank = {tag: number for number, tag in reversed(list(enumerate(order)))}
    first: dict[str, str] = {}
    for one in sorted(found, key=lambda one: rank.get(one.language, len(rank))):
        first.setdefault(one.line, one.language)
    return tuple(one for one in found if one.language == first[one.line])


class PublishedStory:
    """The clips of a version that may be heard today, found as a story comes by their lines.

    Args:
        root: The project.
        settings: Of the project.
        language: That is heard.
        values: Text variable → the value that is shown.

    Raises:
        UsageError: Nothing was published yet.
        EnvironmentFault: The manifest is damaged.
    """

    def __init__(
        self, root: Path, settings: Settings, *, language: str, values: Mapping[str, str]
    ) -> None:
        version = resolve(root / settings.out, settings.bank, "latest")
        self._folder = version.path
        self._values = values
        self._entries: dict[str, list[ManifestEntry]] = {}
        manifest = load_version(version)
        refused = refused_clips(version, manifest, load_permissions(root, settings))
        for entry in manifest.entries:
            if entry.language == language and (entry.line, language) not in refused:
                self._entries.setdefault(entry.base_line, []).append(entry)

    def files(self, line: str) -> tuple[Path, ...]:
        """Give the clips of a line: one, one a member of a group, or none yet."""
        return tuple(
            self._folder / entry.file
            for entry in self._entries.get(line, ())
            if all(self._values.get(name, value) == value for name, value in entry.variant.items())
        )
