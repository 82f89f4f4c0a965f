"""A render from a project's folder, the way a person asks for one.

Where nothing changed since the last render, it answers without reading a line.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from voicepipe.child_processes import n_cores
from voicepipe.engines.registry import ENGINES
from voicepipe.errors import UsageError
from voicepipe.pipeline.loading_ahead import worker_starter
from voicepipe.pipeline.opening import open_valid
from voicepipe.pipeline.render.rendering import nothing_done, render_project
from voicepipe.pipeline.render.up_to_date import find_up_to_date_for_render, take_snapshot
from voicepipe.workers.events import ProjectRead, RetakeNoted

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from voicepipe.pipeline.opening import Listener
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport
    from voicepipe.workers.spawning import ProcessStarter


def render_folder(
    root: Path,
    options: RenderOptions,
    *,
    on_event: Listener,
    stop: threading.Event | None = None,
    starter: ProcessStarter | None = None,
) -> RenderReport:
    """Make every missing clip of a project and publish the bank; read nothing if nothing changed.

    Args:
        root: The folder `voicepipe.yaml` is in.
        options: What was asked for.
        on_event: Called in this process for everything that happens, `ProjectRead` first.
        stop: Once set, nothing new begins and what is in hand is finished.
        starter: Of workers, where one is kept for several renders; the caller closes it.

    Raises:
        UsageError: Options that do not go together, or a name the project does not have.
        InputError: The project has errors, or would publish what may not be published today.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: Disk, engine or store; what was finished is kept.
    """
    # No stamp speaks of engines that a caller brought along.
    is_built_in = options.engines is None
    snapshot = take_snapshot(root, release=options.release) if is_built_in else None
    if snapshot is not None and _asks_for_all(options):
        up_to_date = find_up_to_date_for_render(snapshot, store=options.store, push=options.push)
        if up_to_date is not None:
            bank, n_warnings = snapshot.settings.bank, up_to_date.n_warnings
            on_event(ProjectRead(bank=bank, n_warnings=n_warnings))
            return nothing_done(up_to_date.published)
    engines = ENGINES if options.engines is None else options.engines
    with contextlib.ExitStack() as closed:
        if starter is None and snapshot is not None and not options.cluster and n_cores() > 1:
            # Something has changed, so hardly ever is there nothing for it to do.
            starter = worker_starter(root, options.device or snapshot.settings.render.device)
            if starter is not None:
                closed.callback(starter.close)
        project, selection = open_valid(
            root, options.selection, release=options.release, engines=engines, on_event=on_event
        )
        options = replace(options, selection=selection)
        _check_retake(project, options, on_event)
        return render_project(
            project, options, on_event=on_event, stop=stop, snapshot=snapshot, starter=starter
        )


def _asks_for_all(options: RenderOptions) -> bool:
    is_plain = options.selection.is_everything and options.seed is None
    return is_plain and not (options.retake or options.cluster)


def _check_retake(project: Project, options: RenderOptions, on_event: Listener) -> None:
    if options.seed is not None and not options.retake:
        raise UsageError("--seed needs --retake", remedy="say which lines get the new take")
    if not options.retake:
        return
    if options.selection.is_everything:
        raise UsageError(
            "--retake of every line is not done", remedy="name lines with --line, --scene, …"
        )
    for cast in project.cast:
        if options.selection.has(cast.line, cast.language):
            recording = project.recordings.get((cast.line.id, cast.language))
            on_event(
                RetakeNoted(
                    line_id=cast.line.id,
                    language=cast.language,
                    lets_pin_go=bool(project.decisions.of(cast.line.id, cast.language).pin),
                    hidden_by="" if recording is None else recording.shown,
                )
            )
