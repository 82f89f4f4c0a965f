"""How long a planned render will take on this machine: its work, and the benches that are kept."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from voicepipe.bank.plan import Action
from voicepipe.benchmarking.bench_cache import cached_report
from voicepipe.benchmarking.estimate import Estimate, VoiceWork, estimate_work
from voicepipe.benchmarking.keys import USUAL_KEY, models_key
from voicepipe.child_processes import n_cores
from voicepipe.pipeline.render.saying import CLONING
from voicepipe.synthesis.by_identity import ByIdentity
from voicepipe.workers.places import places_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.bank.plan import PlanStep
    from voicepipe.benchmarking.report import BenchReport
    from voicepipe.pipeline.render.planning import Planned


def estimate_render(
    planned: Planned,
    steps: Sequence[PlanStep],
    *,
    jobs: int = 0,
    device: str = "",
) -> Estimate:
    """Foretell how long a render of some steps takes.

    Lines of other engines than the cloning one take next to nothing and are not counted.

    Args:
        planned: What a render would do.
        steps: Those of its steps that are selected.
        jobs: Processes on the processor; 0: as the settings say.
        device: One or several; empty: as the settings say.

    Raises:
        UsageError: Something listed is no device.
        EnvironmentFault: A kept bench is damaged or cannot be read.
    """
    render = planned.project.settings.render
    seen: dict[tuple[str, str], BenchReport | None] = {}

    def look(place: str, key: str) -> BenchReport | None:
        if (place, key) not in seen:
            seen[place, key] = cached_report(
                device=place,
                precision=render.precision,
                slots_asked=render.slots,
                models_key=key,
            )
        return seen[place, key]

    chosen = device or render.device
    work, n_lines = _work(planned, steps)
    places = places_for(chosen, jobs=jobs or render.jobs, most=n_lines)
    return estimate_work(work, places, n_cores(), look, stand_in=USUAL_KEY)


def _work(planned: Planned, steps: Sequence[PlanStep]) -> tuple[list[VoiceWork], int]:
    speech: dict[tuple[str, str], float] = defaultdict(float)
    known: ByIdentity[str] = ByIdentity()
    n_lines = 0
    for step in steps:
        if step.action is not Action.RENDER:
            continue
        clip_request = planned.clip_request_of(step)
        clip = clip_request.clip
        if clip.engine != CLONING:
            continue
        # Lines share the mapping, so that it is hashed once.
        key = known.get((clip.models,), partial(models_key, clip.models))
        speech[clip.voice, key] += clip_request.cost_s
        n_lines += 1
    work = [
        VoiceWork(voice=voice, models_key=key, speech_s=seconds)
        for (voice, key), seconds in speech.items()
    ]
    return work, n_lines
