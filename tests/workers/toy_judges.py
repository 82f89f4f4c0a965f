"""Judges for tests: each decides by counting, and none of them listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from voicepipe.errors import QcRefused
from voicepipe.qc.judge import Accepted, AnotherAttempt, Finding, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.engines.protocol import Rendered
    from voicepipe.qc.judge import Verdict

ANALYSER, REVISION = "toy", "1"


def _finding(attempts: Sequence[Rendered]) -> Finding:
    content = orjson.dumps({"seeds": [attempt.request.seed for attempt in attempts]})
    return Finding(analyser=ANALYSER, revision=REVISION, content=content)


class Content:
    """Accepts the first sound and notes its seed."""

    def judge(self, attempts: Sequence[Rendered], *, n_left: int) -> Verdict:
        return Accepted(chosen=attempts[-1], findings=(_finding(attempts),))


class AcceptsTheThird:
    """Accepts the third attempt and no earlier one."""

    def judge(self, attempts: Sequence[Rendered], *, n_left: int) -> Verdict:
        if len(attempts) < 3:
            return AnotherAttempt(error=QcRefused(f"attempt {len(attempts)} is not the third"))
        return Accepted(chosen=attempts[-1], findings=(_finding(attempts),))


class BestOfAll:
    """Has all attempts made, then takes the one of the highest seed."""

    def judge(self, attempts: Sequence[Rendered], *, n_left: int) -> Verdict:
        if n_left:
            return AnotherAttempt(error=QcRefused("there may be a better one"))
        best = max(attempts, key=lambda attempt: attempt.request.seed)
        return Accepted(chosen=best, findings=(_finding(attempts),))


class RefusesAll:
    """Lets no line pass."""

    def judge(self, attempts: Sequence[Rendered], *, n_left: int) -> Verdict:
        line = attempts[-1].request.line_id
        return Refused(error=QcRefused(f"{line} sounds like a kettle", remedy="record it"))


class AcceptsWhatWasNotMade:
    """Accepts a sound that was never made."""

    def judge(self, attempts: Sequence[Rendered], *, n_left: int) -> Verdict:
        from dataclasses import replace

        return Accepted(chosen=replace(attempts[-1]))
