"""How long a render will take, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import answer, say

if TYPE_CHECKING:
    from cli.output import Session
    from voicepipe.benchmarking.estimate import Estimate
    from voicepipe.hashing import Json


def estimate_document(estimate: Estimate | None) -> dict[str, Json] | None:
    """Give an estimate as JSON; None where there is nothing to foretell it from."""
    if estimate is None or estimate.missing:
        return None
    return {
        "speech_s": round(estimate.speech_s, 1),
        "wall_s": round(estimate.wall_s, 1),
        "device_hours": round(estimate.device_hours, 4),
        "devices": list(estimate.places),
        "stood_in_for": list(estimate.strangers),
        "bench_made": estimate.oldest or None,
    }


def tell_estimate(session: Session, estimate: Estimate) -> None:
    """Say it to a person, or what it takes to know it."""
    if estimate.missing:
        for device in estimate.missing:
            option = "" if device == "cpu" else f" --device {device}"
            say(session, f"no bench yet: voicepipe bench{option} tells how long this takes")
        return
    kinds = ", ".join(
        f"{estimate.places.count(device)} × {device}" for device in dict.fromkeys(estimate.places)
    )
    answer(
        f"about {in_words(estimate.wall_s)} on {kinds}; {estimate.device_hours:.2f} device hours"
    )
    if estimate.strangers:
        names = ", ".join(estimate.strangers)
        say(
            session,
            f"from a bench of v2 models; `voicepipe bench --voice` tells it exactly for {names}",
        )


def in_words(seconds: float) -> str:
    """Round a duration to what one wants to know of it."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
