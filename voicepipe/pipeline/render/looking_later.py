"""Looking at the latest version's files while clips of the next one are made.

Whoever renders a few lines of many would wait for both otherwise, one after the other.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from voicepipe.bank.plan import Action
from voicepipe.bank.take_store import TakeStore
from voicepipe.pipeline.render.planning import lost_clips, tell_damage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.pipeline.render.planning import Planned


@contextlib.contextmanager
def finding_out(planned: Planned) -> Iterator[None]:
    """Find out what publishing asks of the latest version, if that is still to be done.

    Args:
        planned: With `looks_later`, or there is nothing to do.
    """
    if planned.latest is None or not planned.looks_later:
        yield
        return
    with ThreadPoolExecutor(max_workers=1) as thread:
        looking = thread.submit(planned.latest.find_out)
        yield
        looking.result()  # what is no fault of a file is ours, and is raised here


def count_lost(planned: Planned) -> int:
    """Count lines whose clips a plan keeps and that turn out to be damaged.

    Warns of the version's damage.

    Args:
        planned: Has to be made anew where there are any; without `looks_later`, none are.
    """
    if not planned.looks_later:
        return 0
    lost = lost_clips(planned.latest, TakeStore(planned.project.out), sets_aside=True)
    kept = planned.plan.of(Action.KEEP) if lost else ()
    n_lost = sum(step.wanted is not None and step.wanted.clip_key in lost for step in kept)
    tell_damage(planned.latest)
    return n_lost
