"""Listening to reference clips ahead of a render, so that rendering needs no encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from voicepipe.bank.lock import bank_lock
from voicepipe.diagnostics import has_errors
from voicepipe.pipeline.project import input_error
from voicepipe.voices.reference_checks import check_pace
from voicepipe.workers.places import first_device

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicepipe.pipeline.project import Project
    from voicepipe.synthesis.request import SynthesisRequest


@runtime_checkable
class _Listener(Protocol):
    def prepare(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[str, str, bool]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One reference clip that a voice's lines need."""

    voice: str
    path: str
    """From the project root."""
    sha256: str
    is_new: bool
    """False: it had been listened to before."""


def prepare_prompts(project: Project, *, voice: str = "", device: str = "") -> Iterator[Prepared]:
    """Make the prompts that a project's lines ask for.

    Args:
        project: Read; refuses one with errors.
        voice: Only this voice; empty: all.
        device: Where to listen; empty: as the settings say.

    Yields:
        Each clip once a voice and checkpoint pair, as it is done. Engines that listen to no clip
        have none.

    Raises:
        InputError: The project has errors, consent among them, or a transcript does not fit the
            time that its clip takes.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: A clip or a model is needed and not here.
        SynthesisError: A clip cannot be a reference.
    """
    project.require_valid()
    _require_agreed(project, voice)
    _require_fitting_transcripts(project, voice)
    with bank_lock(project.out, "voicepipe voices prepare"):
        for name, engine in project.engines.items():
            cast = [line for line in project.cast if line.voice.engine == name]
            cast = [line for line in cast if voice in ("", line.voice.id)]
            if not cast:
                continue
            renderer = engine.open(first_device(device or project.settings.render.device))
            try:
                if not isinstance(renderer, _Listener):
                    continue
                places: dict[str, str] = {}
                requests = [engine.request(line, 0) for line in cast]
                for request in requests:
                    places.update(request.files)
                for owner, sha256, is_new in renderer.prepare(requests):
                    path = places[sha256]
                    yield Prepared(voice=owner, path=path, sha256=sha256, is_new=is_new)
            finally:
                renderer.close()


def _require_agreed(project: Project, voice: str) -> None:
    """Refuse a suspended voice: nothing new is made of its recordings."""
    asked = {(one.voice.id, one.language) for one in project.cast if voice in ("", one.voice.id)}
    found = [
        project.permissions.voice_problem(name, language, is_new=True)
        for name, language in sorted(asked)
    ]
    refused = [one for one in found if one is not None and has_errors([one])]
    if refused:
        raise input_error(project.root, list(dict.fromkeys(refused)))


def _require_fitting_transcripts(project: Project, voice: str) -> None:
    """Refuse transcripts from which a model would learn a pace nobody speaks at."""
    cast = (line for line in project.cast if voice in ("", line.voice.id))
    clips = {line.reference.span: line.reference for line in cast if line.reference}
    found = [problem for clip in clips.values() for problem in check_pace(project.root, clip)]
    if found:
        raise input_error(project.root, found)
