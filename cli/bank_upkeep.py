"""`voicepipe bank pin|takes|choose|unpin|confirm|gc|rm|repair`: what is kept, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.bank_place import VERSION_HELP, AskedVersion, BankName, answer_rest, n_shown, place_of
from cli.options import AsJson, Languages
from cli.output import answer, emit_json, say, session_of
from cli.projects import settings_of
from voicepipe.errors import ExitCode

if TYPE_CHECKING:
    from voicepipe.bank.collect import Collection
    from voicepipe.bank.repair import Repaired
    from voicepipe.hashing import Json

LineIds = Annotated[list[str], typer.Argument(metavar="LINE...", help="Line ids.")]


def pin(
    ctx: typer.Context,
    lines: LineIds,
    languages: Languages = None,
    version: Annotated[
        str, typer.Option("--version", help=f"Whose takes: {VERSION_HELP}")
    ] = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Keep lines at the takes they have now, whatever changes."""
    from voicepipe.bank.lock import bank_lock
    from voicepipe.bank.pins import pin_lines

    place = place_of(ctx, bank)
    found = place.version(version)
    with bank_lock(place.out, "voicepipe bank pin"):
        pinned = pin_lines(place.out, place.root, found, lines, languages or ())
    rows = [(item.line, item.language, item.take_key) for item in pinned]
    _tell_pins("pinned", rows, as_json=as_json)


def takes(
    ctx: typer.Context,
    lines: Annotated[
        list[str] | None, typer.Argument(metavar="[LINE...]", help="Line ids or patterns; or all.")
    ] = None,
    languages: Languages = None,
    as_json: AsJson = False,
) -> None:
    """List the takes that `render --takes` made to choose from."""
    from cli.sound import clip_row, tell_clip
    from voicepipe.pipeline.listening import takes_to_choose

    session = session_of(ctx)
    root = session.root
    found = takes_to_choose(root, settings_of(session), lines or (), languages or ())
    if as_json:
        emit_json({"takes": [clip_row(clip, root) for clip in found]})
        return
    for clip in found:
        tell_clip(clip)
    if not found:
        answer("no takes to choose from: `voicepipe render --line LINE --takes 4` makes some")


def choose(
    ctx: typer.Context,
    lines: Annotated[
        list[str], typer.Argument(metavar="LINE...", help="Line ids, or ids like bridge_*.")
    ],
    take: Annotated[int, typer.Option("--take", min=1, help="The number of the take.")],
    languages: Languages = None,
    as_json: AsJson = False,
) -> None:
    """Choose a take that `render --takes` made: lines are pinned to it; the next render has it."""
    from voicepipe.bank.lock import bank_lock
    from voicepipe.bank.pins import choose_take

    place = place_of(ctx)
    with bank_lock(place.out, "voicepipe bank choose"):
        chosen = choose_take(place.out, place.root, lines, take, languages or ())
    rows = [(item.line, item.language, item.take_key) for item in chosen]
    _tell_pins("pinned", rows, as_json=as_json)


def unpin(
    ctx: typer.Context,
    lines: LineIds,
    languages: Languages = None,
    as_json: AsJson = False,
) -> None:
    """Let pinned lines follow their script again."""
    from voicepipe.bank.lock import bank_lock
    from voicepipe.bank.pins import unpin_lines

    place = place_of(ctx)
    with bank_lock(place.out, "voicepipe bank unpin"):
        let_go = unpin_lines(place.out, place.root, lines, languages or ())
    rows = [(item.line, item.language, item.take_key) for item in let_go]
    _tell_pins("unpinned", rows, as_json=as_json)


def confirm(
    ctx: typer.Context,
    lines: LineIds,
    languages: Languages = None,
    as_json: AsJson = False,
) -> None:
    """Say that recordings still fit their lines' changed texts."""
    from cli.projects import load_valid_project
    from voicepipe.pipeline.render.deciding import confirm_recordings

    project = load_valid_project(session_of(ctx))
    confirmed = confirm_recordings(project, lines, languages or ())
    if as_json:
        emit_json({"confirmed": [{"line": row[0], "language": row[1]} for row in confirmed]})
        return
    for line, language in confirmed:
        answer(f"confirmed {language:<6} {line:<32} speaks its present text")


def _tell_pins(what: str, rows: list[tuple[str, str, str]], *, as_json: bool) -> None:
    if as_json:
        emit_json(
            {what: [{"line": row[0], "language": row[1], "take_key": row[2]} for row in rows]}
        )
        return
    for line, language, key in rows:
        answer(f"{what} {language:<6} {line:<32} take {key[:12]}")


def gc(
    ctx: typer.Context,
    days: Annotated[
        float, typer.Option("--days", min=0.0, help="Keep what is younger than this.")
    ] = 30.0,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove it; otherwise it is only listed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List, or remove, stored takes and clips that no version and no pin needs."""
    from voicepipe.bank.collect import find_unused, remove_unused
    from voicepipe.bank.lock import bank_lock

    place = place_of(ctx)
    if not delete:
        found = find_unused(place.out, place.root, days=days)
    else:
        with bank_lock(place.out, "voicepipe bank gc"):
            found = find_unused(place.out, place.root, days=days)
            remove_unused(place.out, found)
    if as_json:
        unused: list[Json] = [
            {
                "kind": item.kind,
                "key": item.key,
                "path": place.shown(item.path),
                "size_bytes": item.size_bytes,
                "what": item.what,
            }
            for item in found.unused
        ]
        emit_json(
            {
                "deleted": delete,
                "days": days,
                "size_bytes": found.size_bytes,
                "kept_pins": found.kept_pins,
                "unused": unused,
            }
        )
        return
    _tell_unused(ctx, found, delete=delete)


def _tell_unused(ctx: typer.Context, found: Collection, *, delete: bool) -> None:
    from voicepipe.bank.faults import in_units

    for item in found.unused[: n_shown(ctx)]:
        answer(f"{item.kind:<10} {item.key[:16]:<16} {in_units(item.size_bytes):>10}  {item.what}")
    answer_rest(ctx, len(found.unused))
    total = f"{len(found.unused)} files, {in_units(found.size_bytes)}"
    answer(f"removed {total}" if delete else f"unused: {total}; --delete removes them")


def repair(
    ctx: typer.Context,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help=f"{VERSION_HELP} `all`: every version.")
    ] = "latest",
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Write damaged or lost files of a version again, from the store; and the other way round."""
    from voicepipe.bank.lock import bank_lock
    from voicepipe.bank.repair import repair_version
    from voicepipe.bank.versions import versions
    from voicepipe.remote.revocations import local_revocations

    place = place_of(ctx, bank)
    forbid = local_revocations(place.out).forbid
    with bank_lock(place.out, "voicepipe bank repair"):
        asked = versions(place.out, place.bank) if version == "all" else [place.version(version)]
        outcomes = [repair_version(place.out, one, is_revoked=forbid) for one in asked]
    if as_json:
        emit_json({"bank": place.bank, "versions": [_repair_facts(one) for one in outcomes]})
    else:
        for one in outcomes:
            _tell_repair(ctx, place.bank, one)
    if any(one.left for one in outcomes):
        say(session_of(ctx), "  help: `voicepipe render` makes what is gone, in a new version")
        raise typer.Exit(ExitCode.ENVIRONMENT)


def _repair_facts(one: Repaired) -> Json:
    return {
        "version": one.version.name,
        "n_files": one.n_files,
        "files": [*one.files],
        "objects": [*one.objects],
        "left": [{"file": file, "reason": reason} for file, reason in one.left],
    }


def _tell_repair(ctx: typer.Context, bank: str, one: Repaired) -> None:
    rows = [f"restored {file}" for file in one.files]
    rows += [f"restored object {key[:16]}" for key in one.objects]
    rows += [f"left as it is: {file}: {reason}" for file, reason in one.left]
    for row in rows[: n_shown(ctx)]:
        answer(row)
    answer_rest(ctx, len(rows))
    answer(
        f"bank {bank} {one.version.name}: {one.n_files} files read, {len(one.files)} restored,"
        f" {len(one.objects)} stored again, {len(one.left)} could not be"
    )


def rm(
    ctx: typer.Context,
    version: AskedVersion,
    even_latest: Annotated[
        bool, typer.Option("--latest", help="Remove it even when it is the latest version.")
    ] = False,
    bank: BankName = "",
    as_json: AsJson = False,
) -> None:
    """Remove a published version; its takes and clips stay until `bank gc --delete`."""
    from voicepipe.bank.lock import bank_lock
    from voicepipe.bank.pins import remove_version

    place = place_of(ctx, bank)
    with bank_lock(place.out, "voicepipe bank rm"):
        found = place.version(version)
        newest = remove_version(place.out, found, even_latest=even_latest)
    if as_json:
        emit_json(
            {"bank": place.bank, "removed": found.name, "latest": newest.name if newest else None}
        )
        return
    answer(f"removed {place.bank} {found.name}; latest is {newest.name if newest else 'none'}")
