"""`voicepipe bank`: look at published versions, keep them honest, clean up."""

from __future__ import annotations

from dataclasses import asdict, replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bank_place import (
    VERSION_HELP,
    AskedVersion,
    BankName,
    answer_rest,
    entry_filter,
    in_lufs,
    n_shown,
    place_of,
)
from cli.bank_upkeep import choose, confirm, gc, pin, repair, rm, takes, unpin
from cli.options import AsJson, Languages, Lines, Scenes, Speakers
from cli.output import answer, answer_table, emit_json, say, session_of
from cli.verb_groups import add_group
from voicepipe.errors import ExitCode
from voicepipe.reports import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cli.verb_groups import Verbs
    from voicepipe.bank.compare import LineChange
    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.hashing import Json


class VerdictName(str, Enum):
    """How a clip stands."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not judged"


def register(app: typer.Typer) -> None:
    """Add the group of verbs."""
    verbs: Verbs = {
        "ls": ls,
        "show": show,
        "diff": diff,
        "verify": verify,
        "pin": pin,
        "takes": takes,
        "choose": choose,
        "unpin": unpin,
        "confirm": confirm,
        "gc": gc,
        "rm": rm,
        "repair": repair,
    }
    add_group(app, "bank", "Published versions: list, compare, verify, pin, clean up.", verbs)


def ls(ctx: typer.Context, bank: BankName = "", as_json: AsJson = False) -> None:
    """List the versions of a bank, oldest first."""
    from voicepipe.bank.overview import list_versions
    from voicepipe.bank.versions import banks

    place = place_of(ctx, bank)
    rows = list_versions(place.out, place.bank)
    if as_json:
        document: list[Json] = [
            {
                "version": row.version.name,
                "is_latest": row.is_latest,
                "created": row.created,
                "clips": row.n_clips,
                "failed": row.n_failed,
                "missing": row.n_missing,
                "duration_s": round(row.duration_s, 3),
                "size_bytes": row.size_bytes,
                "content_sha256": row.content_sha256,
                "languages": list(row.languages),
                "path": place.shown(row.version.path),
                "fault": row.fault,
            }
            for row in rows
        ]
        emit_json({"bank": place.bank, "banks": list(banks(place.out)), "versions": document})
        return
    if not rows:
        answer(f"bank {place.bank}: nothing published yet")
        return
    from voicepipe.bank.faults import in_units

    answer_table(
        ("version", "created", "clips", "failed", "not yet", "minutes", "size", "content", ""),
        [
            (
                row.version.name,
                row.created,
                str(row.n_clips),
                str(row.n_failed),
                str(row.n_missing),
                f"{row.duration_s / 60:.1f}",
                in_units(row.size_bytes),
                row.content_sha256[:12],
                row.fault or ("latest" if row.is_latest else ""),
            )
            for row in rows
        ],
        title=f"bank {place.bank}",
    )


def show(
    ctx: typer.Context,
    version: AskedVersion = "latest",
    languages: Languages = None,
    scenes: Scenes = None,
    speakers: Speakers = None,
    lines: Lines = None,
    verdicts: Annotated[
        list[VerdictName] | None,
        typer.Option("--verdict", help="Only clips that stand so; may be repeated."),
    ] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Sums for each language, not every line.")
    ] = False,
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Show what a version holds: length, loudness, take, file and text of every line."""
    from voicepipe.bank.entry_filter import filter_entries, resolve_filter
    from voicepipe.bank.manifest import NOT_RENDERED
    from voicepipe.bank.versions import load_version

    place = place_of(ctx, bank)
    found = place.version(version)
    manifest = load_version(found)
    asked = entry_filter(languages, scenes, speakers, lines)
    asked = replace(asked, verdicts=frozenset(name.value for name in verdicts or ()))
    meant = resolve_filter(manifest, asked)
    entries = filter_entries(manifest, meant)
    failed = [row for row in manifest.failed if meant.has_failed(row)]
    if as_json:
        shown = () if summary else entries
        _show_json(replace(manifest, failed=tuple(failed)), shown, place.shown(found.path))
        return
    if summary:
        _show_sums(entries)
    else:
        _show_lines(entries, failed, place.shown(found.path))
    n_missing = sum(row["reason"] == NOT_RENDERED for row in failed)
    clips = counted(len(entries), "clip")
    where = (
        f"{place.bank} {found.name} of {manifest.created}: {clips},"
        f" {len(failed) - n_missing} failed, {n_missing} not rendered yet,"
        f" in {place.shown(found.path)}"
    )
    if summary:
        answer(where)
    else:
        say(session_of(ctx), where)


def _show_json(manifest: BankManifest, entries: Sequence[ManifestEntry], path: str) -> None:
    document = asdict(replace(manifest, entries=()))
    document["manifest_schema"] = document.pop("schema")
    document["entries"] = [{**asdict(entry), "path": f"{path}/{entry.file}"} for entry in entries]
    emit_json({**document, "path": path, "clips": len(manifest.entries)})


def _show_lines(
    entries: Sequence[ManifestEntry], failed: Sequence[Mapping[str, str]], path: str
) -> None:
    from voicepipe.bank.clip_facts import NOT_JUDGED
    from voicepipe.bank.manifest import NOT_RENDERED

    for entry in entries:
        marks = f" {entry.verdict}" if entry.verdict != NOT_JUDGED else ""
        marks += f" ({', '.join(entry.reasons)})" if entry.reasons else ""
        marks += " pinned" * entry.pinned + " stale" * entry.stale + " outdated" * entry.outdated
        answer(
            f"{entry.language:<6} {entry.line:<32} {entry.duration_s:7.2f} s"
            f" {in_lufs(entry.loudness_lufs):>10}  {entry.source:<9} take {entry.take}{marks}"
            f"  {path}/{entry.file}  {entry.speaker}: {entry.text}"
        )
    for row in failed:
        why = row["reason"] if row["reason"] == NOT_RENDERED else f"failed: {row['reason']}"
        answer(f"{row['language']:<6} {row['line']:<32} {why}")


def _show_sums(entries: Sequence[ManifestEntry]) -> None:
    from collections import Counter

    clips = Counter((entry.language, entry.source) for entry in entries)
    seconds: dict[tuple[str, str], float] = dict.fromkeys(clips, 0.0)
    for entry in entries:
        seconds[entry.language, entry.source] += entry.duration_s
    answer_table(
        ("language", "source", "clips", "minutes"),
        [
            (language, source, str(n), f"{seconds[language, source] / 60:.1f}")
            for (language, source), n in sorted(clips.items())
        ],
    )


def diff(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(metavar="BEFORE", help=VERSION_HELP)],
    after: Annotated[str, typer.Argument(metavar="AFTER", help=VERSION_HELP)] = "latest",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 10 when the versions differ.")
    ] = False,
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Say what differs between two versions."""
    from voicepipe.bank.compare import Change, compare_versions
    from voicepipe.bank.versions import load_version

    place = place_of(ctx, bank)
    old, new = (load_version(place.version(asked)) for asked in (before, after))
    found = compare_versions(old, new)
    changed = [item for item in found.changes if item.change is not Change.UNCHANGED]
    counts = {change.value: len(found.of(change)) for change in Change}
    quality = {how: sum(item.quality == how for item in changed) for how in ("better", "worse")}
    if as_json:
        emit_json(
            {
                "bank": place.bank,
                "before": found.before,
                "after": found.after,
                "counts": counts,
                "quality": quality,
                "changes": [_change_row(item) for item in changed],
            }
        )
    else:
        for item in changed[: n_shown(ctx)]:
            what = ", ".join([*_better_or_worse(item), *item.what])
            answer(f"{item.change.value:<7} {item.language:<6} {item.line:<32} {what}".rstrip())
        answer_rest(ctx, len(changed))
        answer(
            f"{found.before} → {found.after}: {counts['add']} added, {counts['modify']} modified,"
            f" {counts['delete']} deleted, {counts['unchanged']} unchanged"
        )
        if quality["better"] or quality["worse"]:
            answer(f"quality: {quality['better']} better, {quality['worse']} worse")
    if exit_code and changed:
        raise typer.Exit(ExitCode.CHANGES)


def _better_or_worse(item: LineChange) -> list[str]:
    if not item.quality or item.before is None or item.after is None:
        return []
    return [f"{item.quality} ({_verdict_words(item.before)} → {_verdict_words(item.after)})"]


def _verdict_words(entry: ManifestEntry) -> str:
    return f"{entry.verdict}: {', '.join(entry.reasons)}" if entry.reasons else entry.verdict


def _change_row(item: LineChange) -> dict[str, Json]:
    return {
        "change": item.change.value,
        "line": item.line,
        "language": item.language,
        "what": list(item.what),
        "quality": item.quality,
        "verdict_before": item.before.verdict if item.before else None,
        "verdict_after": item.after.verdict if item.after else None,
        "sha256_before": item.before.sha256 if item.before else None,
        "sha256_after": item.after.sha256 if item.after else None,
    }


def verify(
    ctx: typer.Context,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help=f"{VERSION_HELP} `all`: every version.")
    ] = "all",
    deep: Annotated[
        bool, typer.Option("--deep/--quick", help="Read every byte, or only names and sizes.")
    ] = True,
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Check that the disk still holds what was published."""
    from voicepipe.bank.verify import Fault, verify_versions
    from voicepipe.bank.versions import versions
    from voicepipe.remote.revocations import local_revocations

    place = place_of(ctx, bank)
    chosen = versions(place.out, place.bank) if version == "all" else (place.version(version),)
    forbid = local_revocations(place.out).forbid
    outcome = verify_versions(place.out, chosen, deep=deep, is_revoked=forbid)
    if as_json:
        findings: list[Json] = [
            {
                "fault": finding.fault.value,
                "bank": finding.bank,
                "version": finding.version,
                "path": place.shown(finding.path),
                "message": finding.message,
            }
            for finding in outcome.findings
        ]
        emit_json(
            {
                "bank": place.bank,
                "versions": [found.name for found in chosen],
                "deep": deep,
                "files": outcome.n_files,
                "hashed": outcome.n_hashed,
                "is_intact": outcome.is_intact,
                "findings": findings,
            }
        )
    else:
        for finding in outcome.findings:
            answer(f"{finding.fault.value}: {finding.message}")
        state = "intact" if outcome.is_intact else f"{len(outcome.findings)} faults"
        answer(
            f"bank {place.bank}: {len(chosen)} versions, {outcome.n_files} files,"
            f" {outcome.n_hashed} read: {state}"
        )
    if not outcome.is_intact:
        faults = {finding.fault for finding in outcome.findings}
        if Fault.REVOKED in faults:
            say(
                session_of(ctx),
                "  help: render without the revoked voice, and remove the versions that carry it "
                "with `voicepipe bank rm VERSION`",
            )
        if faults - {Fault.REVOKED}:
            say(
                session_of(ctx),
                "  help: `voicepipe bank repair all` writes damaged and lost files again; what "
                "it cannot mend,\n"
                "        remove with `voicepipe bank rm VERSION --latest`, and render",
            )
        raise typer.Exit(ExitCode.ENVIRONMENT)
