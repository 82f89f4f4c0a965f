"""`voicepipe qc calibrate`: limits that the clips people approved would pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.options import AsJson, Lines
from cli.output import answer, answer_table, emit_json, say, session_of
from voicepipe.reports import counted

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.pipeline.render.calibrating import Calibration
    from voicepipe.qc.calibration import Proposal


def calibrate(ctx: typer.Context, lines: Lines = None, as_json: AsJson = False) -> None:
    """Propose limits from clips that people approved (`voicepipe decide approve`), or --line names.

    A limit that fails an approved clip is loosened until it passes, with a tenth of room; nothing
    is written: copy what convinces you into voicepipe.yaml.
    """
    from voicepipe.pipeline.render.calibrating import calibrate as propose

    found = propose(session_of(ctx).root, lines or ())
    if as_json:
        emit_json({"languages": [_row(one) for one in found]})
        return
    for one in found:
        say(
            session_of(ctx),
            f"{one.language}: {counted(one.n_approved, 'approved clip')},"
            f" {counted(len(one.proposals), 'limit')} to change",
        )
    changed = [one for one in found if one.proposals]
    if not changed:
        answer("every approved clip passes under the limits as they are")
        return
    answer_table(
        ("lang", "limit", "now", "proposed", "worst approved", "failed", "of"),
        [_cells(one.language, each) for one in changed for each in one.proposals],
    )
    answer("qc:\n  languages:")
    for one in changed:
        limits = ", ".join(f"{each.reason.value}: {each.proposed:g}" for each in one.proposals)
        answer(f"    {one.language}: {{limits: {{{limits}}}}}")


def _cells(language: str, one: Proposal) -> tuple[str, ...]:
    values = (one.present, one.proposed, one.worst)
    counts = (one.n_failed, one.n_clips)
    return (language, one.reason.value, *(f"{v:g}" for v in values), *map(str, counts))


def _row(one: Calibration) -> dict[str, Json]:
    return {
        "language": one.language,
        "approved": one.n_approved,
        "limits": [
            {
                "reason": each.reason.value,
                "present": each.present,
                "proposed": each.proposed,
                "worst": each.worst,
                "failed": each.n_failed,
                "clips": each.n_clips,
            }
            for each in one.proposals
        ],
    }
