"""ARKit's blend shapes as Live Link Face records them: a CSV of 60 frames a second (torch-free).

Source: files of Epic's Live Link Face app, which MetaHuman and Blender add-ons read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.lipsync.curves import mouth_curves

if TYPE_CHECKING:
    from voicepipe.lipsync.timing import ClipTiming

RATE: Final = 60
HEAD: Final = (
    "HeadYaw",
    "HeadPitch",
    "HeadRoll",
    "LeftEyeYaw",
    "LeftEyePitch",
    "LeftEyeRoll",
    "RightEyeYaw",
    "RightEyePitch",
    "RightEyeRoll",
)
"""Columns after the blend shapes: how head and eyes turn, which a voice does not say."""


def live_link_csv(timing: ClipTiming) -> bytes:
    """Write a clip's mouth; time code 0 is the clip's first sample."""
    curves = mouth_curves(timing, "arkit", rate=RATE)
    count = len(curves.channels) + len(HEAD)
    still = ",".join(["0.000000"] * len(HEAD))
    rows = [",".join(("Timecode", "BlendshapeCount", *curves.channels, *HEAD))]
    for frame, weights in enumerate(curves.weights.tolist()):
        values = ",".join(f"{weight:.6f}" for weight in weights)
        rows.append(f"{_timecode(frame)},{count},{values},{still}")
    return ("\n".join(rows) + "\n").encode()


def _timecode(frame: int) -> str:
    """Hours, minutes, seconds, frames, and thousandths of a frame."""
    seconds, within = divmod(frame, RATE)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}:{within:02d}.000"
