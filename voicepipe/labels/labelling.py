"""Putting a clip's labels on, in their order: mark, field, signature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voicepipe.audio.wav import decode_clip
from voicepipe.errors import SynthesisError
from voicepipe.labels.aigc import aigc_field, with_aigc
from voicepipe.labels.credentials import sign
from voicepipe.labels.plan import WATERMARK
from voicepipe.labels.watermark import can_hold, embed, is_marked

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.metadata import ClipMetadata
    from voicepipe.audio.postprocess import FinishedClip
    from voicepipe.labels.plan import LabelPlan

TOO_SHORT: Final = "too short"


def marked(clip: AudioClip, plan: LabelPlan | None, metadata: ClipMetadata) -> AudioClip:
    """Put the watermark into a take before it is finished, where it gets one and can hold it."""
    if plan is None or not plan.marks(metadata.source) or not can_hold(clip):
        return clip
    return embed(clip)


def labelled(
    finished: FinishedClip, plan: LabelPlan | None, metadata: ClipMetadata, *, was_marked: bool
) -> FinishedClip:
    """Label a finished clip: read its mark back, write the field, sign.

    Args:
        finished: Of a take that `marked` has gone over.
        plan: None: no labels.
        metadata: What the clip says of its making.
        was_marked: The take was long enough for a mark, and has one; pauses that were added since
            make no clip long enough.

    Raises:
        SynthesisError: The mark cannot be read back: it is never claimed then.
        EnvironmentFault: A package, key or program that the labels need is missing.
    """
    if plan is None:
        return finished
    mark = ""
    if plan.marks(metadata.source):
        mark = _mark_read(finished, metadata.line) if was_marked else TOO_SHORT
    content = finished.wav_bytes
    if plan.declares(metadata.source):
        content = with_aigc(content, aigc_field(plan, metadata))
    if plan.signer is not None:
        content = sign(content, ".wav", metadata, plan.signer, is_marked=mark == WATERMARK)
    return replace(finished, wav_bytes=content, watermark=mark)


def _mark_read(finished: FinishedClip, line: str) -> str:
    clip, _ = decode_clip(finished.wav_bytes, line)
    if not can_hold(clip):
        return TOO_SHORT
    if is_marked(clip):
        return WATERMARK
    raise SynthesisError(
        "the watermark cannot be read back from the finished clip",
        remedy="take another take of the line, or record it; a mark is never claimed unread",
    )
