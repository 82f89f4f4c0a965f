"""A plan from a project's folder, the way a person asks for one.

Where nothing changed since the last render, it may answer without reading a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from voicepipe.bank.plan import Action
from voicepipe.engines.registry import ENGINES
from voicepipe.errors import EnvironmentFault
from voicepipe.pipeline.opening import open_valid
from voicepipe.pipeline.render.consent_checks import require_makeable, require_permitted
from voicepipe.pipeline.render.estimating import estimate_render
from voicepipe.pipeline.render.foretelling import foretold_of
from voicepipe.pipeline.render.planning import plan_project, up_to_date_version
from voicepipe.pipeline.render.review_checks import rejected_clips, require_accepted
from voicepipe.pipeline.render.sharing import noted_in_folder, sharing_of, store_address
from voicepipe.pipeline.render.up_to_date import find_up_to_date, take_snapshot
from voicepipe.pipeline.selection import EVERYTHING, Selection
from voicepipe.workers.events import ProjectRead

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.bank.plan import PlanStep
    from voicepipe.bank.reviews import Review
    from voicepipe.benchmarking.estimate import Estimate
    from voicepipe.pipeline.opening import Listener
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.foretelling import Foretold
    from voicepipe.pipeline.render.planning import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """What a person asks of one plan."""

    selection: Selection = EVERYTHING
    """Only these lines are listed; dropped ones always are."""
    release: bool = False
    """The project is held to what a release needs."""
    store: str = ""
    """Address of the shared store, or `off`; empty: as the environment and the settings say."""
    jobs: int = 0
    device: str = ""
    """As for a render; both only for the estimate."""
    engines: Mapping[str, str] | None = None
    """Name → `module:class`; None: the built-in ones."""
    lists_steps: bool = True
    """False: where nothing changed since the last render, no step is listed and no line read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """What a render would do."""

    steps: tuple[PlanStep, ...]
    """Of the selected lines, in the order of the script; dropped ones last."""
    n_clips: int
    """In the latest version, where no steps are listed; else the number of steps."""
    has_changes: bool
    """Whether a render would leave another bank than the latest version."""
    speech_s: float = 0.0
    """Of new speech, about, in these steps."""
    estimate: Estimate | None = None
    """How long a render would take; None: nothing was measured here, or it cannot be read."""
    estimate_fault: EnvironmentFault | None = None
    """Why there is no estimate where one was measured."""
    rejected_clips: Mapping[tuple[str, str], Review] = field(default_factory=dict)
    """(line, language) → what a person said against the sound the version would hold."""
    foretold: Mapping[tuple[str, str], Foretold] = field(default_factory=dict)
    """(line, language) → how well it will fit; of listed lines that have something to fit."""

    @property
    def changes(self) -> tuple[PlanStep, ...]:
        """The steps that are not simply kept."""
        return tuple(s for s in self.steps if s.action is not Action.KEEP or s.reasons)


def plan_folder(root: Path, options: PlanOptions, *, on_event: Listener) -> PlanReport:
    """Say what a render would do with every line, why, and how long. Changes nothing.

    Args:
        root: The folder `voicepipe.yaml` is in.
        options: What was asked for.
        on_event: Told `ProjectRead`, and what the shared store had to say.

    Raises:
        UsageError: A name the project does not have.
        InputError: The project has errors, or would publish what may not be published today.
        EnvironmentFault: The output folder or the store cannot be read.
    """
    is_plain = options.selection.is_everything and options.engines is None
    if is_plain and not options.lists_steps:
        report = _unchanged(root, options, on_event)
        if report is not None:
            return report
    engines = ENGINES if options.engines is None else options.engines
    project, selection = open_valid(
        root, options.selection, release=options.release, engines=engines, on_event=on_event
    )
    return _planned(project, replace(options, selection=selection), on_event)


def _unchanged(root: Path, options: PlanOptions, on_event: Listener) -> PlanReport | None:
    """Answer at once when nothing changed since the last render."""
    snapshot = take_snapshot(root, release=options.release)
    if snapshot is None:
        return None
    # An address that is none is refused, whatever there is to do.
    revocations = noted_in_folder(store_address(snapshot.settings, options.store))
    up_to_date = find_up_to_date(snapshot, revocations=revocations)
    if up_to_date is None:
        return None
    on_event(ProjectRead(bank=snapshot.settings.bank, n_warnings=up_to_date.n_warnings))
    n_clips = len(up_to_date.published.manifest.entries)
    return PlanReport(steps=(), n_clips=n_clips, has_changes=False)


def _planned(project: Project, options: PlanOptions, on_event: Listener) -> PlanReport:
    sharing = sharing_of(project, options.store, on_event=on_event)
    planned = plan_project(project, lookup=None if sharing is None else sharing.lookup)
    permissions = project.permissions
    if sharing is not None:
        permissions = permissions.with_revocations(sharing.revoked)
    selection = options.selection
    require_permitted(planned, permissions, selection=selection, release=options.release)
    rejected = rejected_clips(planned)
    if options.release:
        require_accepted(planned, rejected)
    require_makeable(planned, permissions, selection=selection)
    steps = tuple(step for step in planned.plan.steps if _is_listed(planned, step, selection))
    estimate, fault = _estimate(planned, steps, options)
    return PlanReport(
        steps=steps,
        n_clips=len(steps),
        has_changes=up_to_date_version(planned) is None,
        speech_s=planned.speech_s(steps),
        estimate=estimate,
        estimate_fault=fault,
        rejected_clips=rejected,
        foretold=foretold_of(planned, steps),
    )


def _is_listed(planned: Planned, step: PlanStep, selection: Selection) -> bool:
    if selection.is_everything or step.action is Action.DROP:
        return True
    return selection.has(planned.cast_of(step).line, step.language)


def _estimate(
    planned: Planned, steps: tuple[PlanStep, ...], options: PlanOptions
) -> tuple[Estimate | None, EnvironmentFault | None]:
    try:
        found = estimate_render(planned, steps, jobs=options.jobs, device=options.device)
    except EnvironmentFault as fault:
        return None, fault
    return found, None
