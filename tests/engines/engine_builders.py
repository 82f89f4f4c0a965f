"""Cast lines and small sound measurements for the engine and worker tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.line import Line, LineText, Segment
from voicepipe.screenplay.syntax import Language, LineId, SpeakerId
from voicepipe.voices.voice import CastLine, Delivery, Voice, VoiceId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.audio.clip import AudioClip

SPAN = SourceSpan(path="scripts_in/bridge.yaml", line=4, column=11)
VOICE_SPAN = SourceSpan(path="voices/noah.yaml", line=2, column=1)


def cast_line(
    text: str,
    language: str = "en",
    *,
    voice: str = "noah",
    emotion: str = "neutral",
    speed: float = 1.0,
    segments: tuple[Segment, ...] = (),
    timbre: Mapping[str, float | int | str] | None = None,
    line_id: str = "bridge_0010",
) -> CastLine:
    tag = Language(language)
    line_text = LineText(plain=text, segments=segments or (Segment(text=text),), span=SPAN)
    line = Line(
        id=LineId(line_id),
        base_id=LineId(line_id),
        scene="bridge",
        node="open",
        position=0,
        speaker=SpeakerId("noah"),
        texts={tag: line_text},
        span=SPAN,
    )
    return CastLine(
        line=line,
        language=tag,
        text=line_text,
        voice=Voice(
            id=VoiceId(voice), engine="scratch", consent=None, span=VOICE_SPAN, timbre=timbre or {}
        ),
        delivery=Delivery(emotion=emotion, resolved_emotion=emotion, speed=speed),
        reference=None,
    )


def median_f0(clip: AudioClip) -> float:
    """Hz, by autocorrelation over voiced frames."""
    found = []
    for start in range(0, clip.n_samples - 1024, 512):
        frame = clip.samples[start : start + 1024].astype(np.float64)
        frame = frame - frame.mean()
        if np.mean(frame**2) < 1e-5:
            continue
        lags = np.correlate(frame, frame, "full")[1023:]
        low, high = clip.sample_rate // 400, clip.sample_rate // 60
        best = low + int(lags[low:high].argmax())
        if lags[best] > 0.5 * lags[0]:
            found.append(clip.sample_rate / best)
    return float(np.median(found))
