"""The built-in judge: accepts whatever is speech at all.

Lengths that no reading of a text can have are refused by the engines, which know how many phonemes
were to be said; such an answer comes here without sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.audio.silence import speech_fault
from voicepipe.errors import SynthesisError
from voicepipe.qc.judge import Accepted, AnotherAttempt, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.engines.protocol import Rendered
    from voicepipe.qc.judge import Verdict


class SpeechJudge:
    """Accepts what is not silent and holds numbers; asks again where an engine had bad luck."""

    def judge(
        self,
        attempts: Sequence[Rendered],
        *,
        n_left: int,  # noqa: ARG002 - the first that is speech is accepted
    ) -> Verdict:
        """Decide on the latest attempt alone."""
        latest = attempts[-1]
        if latest.clip is None:
            nothing = SynthesisError("the engine gave neither sound nor a reason")
            verdict = AnotherAttempt if latest.can_be_tried_again else Refused
            return verdict(error=latest.error or nothing)
        fault = speech_fault(latest.clip)
        if fault:
            return Refused(error=SynthesisError(f"what the engine gave is no speech: {fault}"))
        return Accepted(chosen=latest)
