"""How many planted faults the analysers find, how many clean clips they blame, and what they cost.

Needs a folder of sentences (`fault_planting`); half of the sentences are for tuning limits, the
other half, which nothing is tuned on, for `--held-out`. With `--faults clean` nothing but judges is
in memory; set `OPENBLAS_NUM_THREADS=1`, as renders do, to measure what one core does.
"""

from __future__ import annotations

import resource
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.fault_planting import CLEAN, FAULTS, Planter, read_sentences
from voicepipe.qc.registry import ANALYSER_PATHS, analysers_named
from voicepipe.qc.thresholds import counting_faults, default_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.fault_planting import Case
    from voicepipe.qc.analyser import Analyser

LANGUAGES = ("en", "zh", "ja")


def run(
    corpus: Sequence[Path],
    names: Sequence[str],
    n_planted: int,
    n_clean: int,
    *,
    held_out: bool,
    seed: int,
    faults: Sequence[str] = (),
) -> None:
    """Plant, judge, and print a table.

    Args:
        corpus: Folders of sentences.
        names: Of the analysers that judge together; all when empty.
        n_planted: Of each fault in each language.
        n_clean: Untouched clips of each language.
        held_out: Use the half that nothing was tuned on.
        seed: Which clips are drawn, and what is done to them.
        faults: Of those that are planted, and `clean`; all when empty.
    """
    planter = Planter(sentences=read_sentences(corpus), seed=seed)
    analysers = analysers_named(names or ANALYSER_PATHS, root=Path())
    for one in analysers:
        if one.unavailable():
            raise SystemExit(f"{one.name}: {one.unavailable()}")
    cost: dict[str, float] = defaultdict(float)
    seconds: dict[str, float] = defaultdict(float)
    print(f"{'fault':20} lang    n  flagged  right reason", flush=True)
    for fault in faults or (CLEAN, *FAULTS):
        for language in LANGUAGES:
            n_wanted = n_clean if fault == CLEAN else n_planted
            cases = planter.cases(fault, language, n_wanted, held_out=held_out)
            flagged = right = n = 0
            for case in cases:
                reasons = _reasons(case, analysers, cost, seconds)
                n += 1
                flagged += bool(reasons)
                is_right = bool(reasons & FAULTS.get(fault, frozenset()))
                right += is_right
                if bool(reasons) if fault == CLEAN else not is_right:
                    print(f"    {case.name}: {', '.join(sorted(reasons)) or 'nothing found'}")
            shown = "" if fault == CLEAN else f"{right:13}"
            print(f"{fault:20} {language:4} {n:4} {flagged:8} {shown}", flush=True)
    for name, spent in cost.items():
        print(f"{name}: {spent / seconds[name]:.4f} core-seconds a second of clean sound")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most: {peak_mb:.0f} MB")


def _reasons(
    case: Case, analysers: Sequence[Analyser], cost: dict[str, float], seconds: dict[str, float]
) -> set[str]:
    limits = default_limits(case.language)
    reasons: set[str] = set()
    for analyser in analysers:
        begun = time.process_time()
        found = analyser.analyse(case.clip, case.line)
        if case.fault == CLEAN:
            cost[analyser.name] += time.process_time() - begun
            seconds[analyser.name] += case.clip.duration_s
        reasons |= {fault.reason for fault in counting_faults(found, limits)}
    return reasons
