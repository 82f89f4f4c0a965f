"""Judging a folder of recordings against the script, before they are anybody's clips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.errors import QcRefused, UsageError
from voicepipe.pipeline.judged import Judged, JudgedLine
from voicepipe.pipeline.listeners import asked_setup
from voicepipe.pipeline.opening import open_valid
from voicepipe.pipeline.recordings import find_recordings
from voicepipe.pipeline.render.line_facts import Expectations
from voicepipe.qc.examining import Examiner
from voicepipe.qc.verdicts import AnalyserVerdict, ClipVerdict, Verdict, judge_findings
from voicepipe.workers.events import ClipDone, RenderStarted

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.pipeline.judged import JudgeOptions
    from voicepipe.pipeline.opening import Listener
    from voicepipe.pipeline.recordings import Recording
    from voicepipe.qc.examining import Expectation
    from voicepipe.voices.voice import CastLine

READING: Final = "recording"
"""In place of an analyser: a recording that no render would take."""


def judge_recordings(
    root: Path, folder: Path, options: JudgeOptions, *, on_event: Listener
) -> tuple[Judged, tuple[Diagnostic, ...]]:
    """Judge a folder of human recordings against the script; nothing is stored or published.

    Args:
        root: The folder `voicepipe.yaml` is in.
        folder: Holds `<language>/<line>.wav`, as the project's folder of recordings does.
        options: What was asked for; nothing is shared.
        on_event: Called in this process for everything that happens, `ProjectRead` first.

    Returns:
        How they stand, and warnings about sound files that are no line's.

    Raises:
        UsageError: There is no such folder, or a name the project does not have.
        InputError: The project has errors.
        EnvironmentFault: A model or a recording cannot be read.
    """
    project, selection = open_valid(
        root, options.selection, engines=options.engines, on_event=on_event
    )
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", remedy="name one with <language>/<line>.wav")
    folder = folder.resolve()
    settings = project.settings.model_copy(update={"overrides": folder.name})
    recordings, unfit = find_recordings(folder.parent, settings, project.lines)
    cast = [
        one
        for one in project.cast
        if (one.line.id, one.language) in recordings and selection.has(one.line, one.language)
    ]
    examiner = Examiner(asked_setup(project.root, project.settings.qc, options.qc))
    expectations = Expectations(project.root, project.settings, project.catalog)
    on_event(RenderStarted(lines=len(cast), workers=1))
    lines = []
    for one in cast:
        recording = recordings[one.line.id, one.language]
        found = _heard_recording(examiner, expectations.of_recording(one), recording)
        lines.append(_judged_recording(one, recording, folder, found))
        on_event(_told(lines[-1]))
    judged = Judged(lines=tuple(sorted(lines, key=lambda one: one.rank)), listened=len(lines))
    return judged, tuple(unfit)


def _heard_recording(
    examiner: Examiner, expected: Expectation, recording: Recording
) -> ClipVerdict:
    from voicepipe.workers.recording import read_recording  # noqa: PLC0415 - NumPy

    try:
        clip = read_recording(str(recording.path), recording.sha256, recording.shown)
    except QcRefused as refused:  # what a render would not take
        why = AnalyserVerdict(
            analyser=READING, verdict=Verdict.FAILED, why=f"{refused.message}; {refused.remedy}"
        )
        return ClipVerdict(verdict=Verdict.FAILED, analysers=(why,))
    examined = examiner.examine(lambda: clip, expected).all
    why_not = examiner.why_not(expected.line, expected.standard)
    return judge_findings(expected.standard, examined, why_not)


def _judged_recording(
    cast: CastLine, recording: Recording, folder: Path, verdict: ClipVerdict
) -> JudgedLine:
    return JudgedLine(
        line=cast.line.id,
        language=cast.language,
        speaker=cast.line.speaker,
        voice=cast.voice.id,
        scene=cast.line.scene,
        text=cast.text.plain,
        script=str(cast.text.span),
        file=recording.path.relative_to(folder).as_posix(),
        verdict=verdict,
    )


def _told(line: JudgedLine) -> ClipDone:
    return ClipDone(
        line_id=line.line,
        language=line.language,
        audio_s=0.0,
        was_rendered=False,
        verdict=line.verdict,
        script=line.script,
    )
