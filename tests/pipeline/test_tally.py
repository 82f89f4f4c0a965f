"""What a render says that its retakes were worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.lock import bank_lock
from voicepipe.pipeline.tally import Misheard, Tally
from voicepipe.qc.verdicts import AnalyserVerdict, ClipVerdict, Verdict
from voicepipe.workers.events import ClipDone

if TYPE_CHECKING:
    from pathlib import Path


def _done(error: float | None, *, first: float | None = None, rendered: bool = True) -> ClipDone:
    scores = {} if error is None else {"word_error": error}
    one = AnalyserVerdict(analyser="intelligibility", verdict=Verdict.PASSED, scores=scores)
    return ClipDone(
        line_id="a_0010",
        language="en",
        audio_s=1.0,
        was_rendered=rendered,
        verdict=ClipVerdict(verdict=Verdict.PASSED, analysers=(one,)),
        retakes=2 if first is not None else 0,
        first_error=first,
    )


def test_first_takes_are_compared_with_those_that_were_kept(tmp_path: Path) -> None:
    with bank_lock(tmp_path, "test") as held:
        tally = Tally(lambda _: None, held)
        assert tally.misheard() is None
        for event in (
            _done(0.1, first=0.5),
            _done(0.0),
            _done(None),  # nobody heard what was said
            _done(0.9, rendered=False),  # finished again: no take was made
        ):
            tally.note(event)
        found = tally.misheard()
    assert found == Misheard(lines=2, retaken=1, first=0.25, kept=0.05)
    assert tally.retakes == 2
