"""`voicepipe labels`: what shipped files say of being made by a machine, and keys to try it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from cli.output import answer, answer_table, emit_json, session_of
from cli.projects import settings_of
from cli.verb_groups import add_group
from voicepipe.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.pipeline.label_search import SearchedFile


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    about = "Labels: look through shipped files for them; make keys for a trial."
    add_group(app, "labels", about, {"check": check, "keygen": keygen})


def check(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Sound files, folders or zip archives.")],
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="PEM", help="Certificates whose signatures are trusted."),
    ] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Look for no watermark and compare no sound: names and hashes"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say which labels files carry, whether they hold, and which published clip each file is.

    Exits with 1 when a file was changed after it was signed, or is one of ours that is synthetic
    and carries no label.
    """
    from voicepipe.pipeline.label_search import PublishedClips, search_labels

    session = session_of(ctx)
    settings = settings_of(session)
    anchors = ""
    if trust is not None:
        try:
            anchors = trust.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{trust} cannot be read", remedy="name a PEM file") from error
    clips = PublishedClips(session.root / settings.out)
    found = list(search_labels(paths, clips, anchors=anchors, listens=not fast))
    bad = [one for one in found if _is_bad(one)]
    if as_json:
        rows: list[Json] = [_facts(one) for one in found]
        emit_json({"files": rows, "bad": len(bad), "ours": sum(bool(one.ours) for one in found)})
    else:
        columns = ("file", "says", "AIGC", "watermark", "credentials", "ours", "known by")
        answer_table(columns, [_row(one) for one in found])
        answer(f"{len(found)} files, {sum(bool(one.ours) for one in found)} of ours")
        for one in bad:
            answer(f"{one.name}: {_severity(one)}")
    if bad:
        raise typer.Exit(ExitCode.INPUT)


def keygen(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the files go, outside the project.")],
    organisation: Annotated[
        str, typer.Option("--name", help="Who signs, as certificates say it.")
    ] = "voicepipe trial",
    as_json: AsJson = False,
) -> None:
    """Make a certificate authority of your own and a signer, to try content credentials with."""
    from voicepipe.labels.keygen import make_test_keys

    root = session_of(ctx).root.resolve()
    if folder.resolve().is_relative_to(root):
        raise UsageError(
            f"{folder} lies in the project, where a private key does not belong",
            remedy="name a folder outside it",
        )
    files = make_test_keys(folder, organisation)
    if as_json:
        emit_json(
            {
                "anchor": str(files.anchor),
                "certificate": str(files.certificate),
                "key": str(files.key),
            }
        )
        return
    answer(f"{files.certificate}: copy it into the project, and name it in `labels: credentials`")
    answer(f"{files.key}: private; name its path in the environment variable that settings name")
    answer(f"{files.anchor}: for whoever checks files: voicepipe labels check … --trust")


def _is_bad(one: SearchedFile) -> bool:
    return bool(_severity(one))


def _severity(one: SearchedFile) -> str:
    if one.labels is None:
        return one.fault
    if one.labels.is_tampered:
        return "it was changed after it was signed"
    is_synthetic = one.ours is not None and one.ours.entry.source != "recorded"
    if is_synthetic and not one.labels.is_labelled:
        return "it is synthetic, and carries no label any more"
    return ""


def _row(one: SearchedFile) -> list[str]:
    labels = one.labels
    if labels is None:
        return [one.name, one.fault, "", "", "", "", ""]
    said = "" if labels.metadata is None else labels.metadata.source
    declared = "" if labels.declaration is None else labels.declaration.get("ContentProducer", "")
    ours = ""
    if one.ours is not None:
        entry = one.ours.entry
        ours = f"{entry.line} ({entry.language}), {entry.voice}, {entry.consent}"
    return [one.name, said, declared, labels.watermark, _credentials(one), ours, one.how]


def _credentials(one: SearchedFile) -> str:
    found = None if one.labels is None else one.labels.credentials
    if found is None:
        return ""
    if one.labels is not None and one.labels.is_tampered:
        return "TAMPERED"
    if not found.is_valid:
        return "invalid"
    return f"{'trusted' if found.is_trusted else 'valid'}: {found.signer}"


def _facts(one: SearchedFile) -> dict[str, Json]:
    labels = one.labels
    if labels is None:
        return {"file": one.name, "fault": one.fault}
    signed = labels.credentials
    facts: dict[str, Json] = {
        "file": one.name,
        "sha256": labels.sha256,
        "fault": one.fault or _severity(one),
        "source": "" if labels.metadata is None else labels.metadata.source,
        "aigc": None if labels.declaration is None else dict(labels.declaration),
        "watermark": labels.watermark,
        "credentials": None,
        "tampered": labels.is_tampered,
        "ours": None,
        "how": one.how,
    }
    if signed is not None:
        facts["credentials"] = {
            "valid": signed.is_valid,
            "trusted": signed.is_trusted,
            "signer": signed.signer,
            "faults": list(signed.faults),
        }
    if one.ours is not None:
        entry = one.ours.entry
        facts["ours"] = {
            "bank": one.ours.bank,
            "version": one.ours.version,
            "line": entry.line,
            "language": entry.language,
            "voice": entry.voice,
            "consent": entry.consent,
        }
    return facts
