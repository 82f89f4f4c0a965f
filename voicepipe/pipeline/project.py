"""Reading a whole project: settings, scripts, voices, cast lines, and what is wrong with them."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.bank.decisions_file import read_decisions
from voicepipe.diagnostics import Severity, SourceSpan, did_you_mean, has_errors
from voicepipe.documents.findings import finding
from voicepipe.engines.registry import ENGINES, engine_named
from voicepipe.errors import InputError
from voicepipe.memory import collection_paused
from voicepipe.pipeline.codes import RELEASE_ERRORS, SCRATCH_IN_RELEASE, UNKNOWN_ENGINE
from voicepipe.pipeline.export_checks import export_findings
from voicepipe.pipeline.permissions import Permissions, consent_day
from voicepipe.pipeline.pins import pin_findings, pin_labels
from voicepipe.pipeline.qc_settings import unknown_voices
from voicepipe.pipeline.reading_ahead import ReadingAhead
from voicepipe.pipeline.recordings import find_recordings, unusable_recordings
from voicepipe.pipeline.spoken_texts import outdated_findings, spoken_texts
from voicepipe.remote.revocations import local_revocations
from voicepipe.reports import in_source_order
from voicepipe.screenplay.lines.reading import StoryLines
from voicepipe.settings import load_settings
from voicepipe.synthesis.request import Source
from voicepipe.voices.casting import cast_lines
from voicepipe.voices.catalog import load_catalog
from voicepipe.voices.prosody_file import load_prosody

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.engines.protocol import Engine
    from voicepipe.pipeline.recordings import Recording
    from voicepipe.remote.revocations import Revocations
    from voicepipe.screenplay.line import Line
    from voicepipe.screenplay.syntax import Screenplay
    from voicepipe.settings import Settings
    from voicepipe.voices.catalog import Catalog
    from voicepipe.voices.voice import CastLine, Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything the user's files say, read once."""

    root: Path
    settings: Settings
    story: StoryLines
    lines: tuple[Line, ...]
    catalog: Catalog
    cast: tuple[CastLine, ...]
    """Every line in every language that has a text and a voice."""
    engines: Mapping[str, Engine]
    """The planning half of every engine a cast voice names."""
    recordings: Mapping[tuple[str, str], Recording]
    """(line, language) → the human recording that wins."""
    spoken: Mapping[tuple[str, str], str]
    """(line, language) → mark of the text its recording speaks, as noted or as published last."""
    outdated_recordings: frozenset[tuple[str, str]]
    """(line, language) of recordings that speak an earlier text."""
    decisions: Decisions
    """Retakes, pins and notes of recordings; a render reads them again once it holds the lock."""
    permissions: Permissions
    """What may be heard on the day the project was read, as its files and notes said then."""
    diagnostics: tuple[Diagnostic, ...]

    @property
    def screenplay(self) -> Screenplay:
        """The screenplay as written; read when it is asked for."""
        return self.story.screenplay

    @property
    def paths(self) -> tuple[str, ...]:
        """Every script and translation file, from the project root."""
        return self.story.paths

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.root / self.settings.out

    @property
    def n_warnings(self) -> int:
        """How many of the diagnostics are warnings."""
        return sum(d.severity is Severity.WARNING for d in self.diagnostics)

    def under(self, revocations: Revocations) -> Project:
        """Give the project as it is under further revocations as well."""
        return replace(self, permissions=self.permissions.with_revocations(revocations))

    def require_valid(self) -> None:
        """Go on only when nothing is wrong.

        Raises:
            InputError: With every diagnostic.
        """
        if has_errors(self.diagnostics):
            raise input_error(self.root, self.diagnostics)


def input_error(root: Path, diagnostics: Sequence[Diagnostic]) -> InputError:
    """Turn diagnostics into the error that stops the work; the command line shows them."""
    n_errors = sum(d.severity is Severity.ERROR for d in diagnostics)
    return InputError(
        f"{n_errors} error{'s' if n_errors != 1 else ''} in the project's files",
        remedy="mend them; `voicepipe explain CODE` says more about each",
        diagnostics=diagnostics,
        root=root,
    )


def usable_settings(root: Path) -> Settings:
    """Read a project's settings for a command that needs no scripts.

    Raises:
        InputError: They cannot be used.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    return settings


def load_project(
    root: Path,
    *,
    release: bool = False,
    engines: Mapping[str, str] = ENGINES,
    today: datetime.date | None = None,
    reads_recordings: bool = False,
) -> Project:
    """Read and check a project.

    Args:
        root: The folder `voicepipe.yaml` is in.
        release: Hold it to what a release needs: complete, fresh, and no placeholder voices.
        engines: Name → `module:class`.
        today: The day consent is asked for; None: now.
        reads_recordings: Decode every recording; False: a render does so when it uses one.

    Returns:
        The project with all its diagnostics, errors included: see `Project.require_valid`.

    Raises:
        InputError: The settings cannot be used, so that nothing else can be read.
    """
    with collection_paused(), ExitStack() as opened:
        settings, problems = load_settings(root)
        if settings is None:
            raise input_error(root, problems)
        found = [*problems, *export_findings(root, settings)]
        catalog, voice_findings = load_catalog(root, settings)
        made = _EnginesMade(engines, root)
        ahead = opened.enter_context(closing(ReadingAhead(settings.languages, catalog, made.of)))
        story = StoryLines(root, settings, ahead.take)
        lines = story.lines
        found += story.diagnostics
        found += _lexicon_findings(root, settings)
        found += [*voice_findings, *unknown_voices(root, settings, [*catalog.voices])]
        prosody, prosody_findings = load_prosody(root, settings)
        cast, cast_findings = cast_lines(lines, catalog, settings.languages, story.unnamed, prosody)
        found += [*prosody_findings, *cast_findings]
        known, engine_findings = _engines_of(cast, made, engines)
        found += engine_findings
        found += _engine_findings(cast, known)
        recordings, unfit = find_recordings(root, settings, lines)
        found += unfit
        permissions = Permissions(
            catalog,
            local_revocations(root / settings.out),
            bank=settings.bank,
            day=today or consent_day(root, settings),
            territories=settings.territories,
        )
        found += voice_findings_of(cast, permissions)
        found += _recording_findings(recordings, permissions)
        if reads_recordings:
            found += unusable_recordings(recordings)
        taken = [line for line in cast if (line.line.id, line.language) not in recordings]
        decisions, decision_findings = read_decisions(root, root / settings.out)
        found += decision_findings
        spoken = spoken_texts(root, settings, recordings, decisions, cast)
        outdated = outdated_findings(cast, recordings, spoken)
        found += outdated.values()
        labels = pin_labels(root / settings.out, decisions)
        found += pin_findings(taken, decisions, labels, permissions, release=release)
        if release:
            found = _as_release(found)
            pinned = {key for key, one in decisions.lines.items() if one.pin in labels}
            unpinned = [line for line in taken if (line.line.id, line.language) not in pinned]
            found += _scratch_findings(unpinned, known)
        return Project(
            root=root,
            settings=settings,
            story=story,
            lines=lines,
            catalog=permissions.catalog,
            cast=cast,
            engines=known,
            recordings=recordings,
            spoken=spoken,
            outdated_recordings=frozenset(outdated),
            decisions=decisions,
            permissions=permissions,
            # An engine that reads the lexicon may have found the same.
            diagnostics=tuple(in_source_order(dict.fromkeys(found))),
        )


def _lexicon_findings(root: Path, settings: Settings) -> Sequence[Diagnostic]:
    if not (root / settings.lexicon).exists():
        return ()
    # The readers of five languages: only for projects that have a lexicon.
    from voicepipe.text.lexicon import load_lexicon  # noqa: PLC0415

    return load_lexicon(root, settings.lexicon)[1]


def _voices_of(cast: Sequence[CastLine]) -> list[Voice]:
    return list({line.voice.id: line.voice for line in cast}.values())


class _EnginesMade:
    """The planning half of each engine, made when it is first asked for."""

    def __init__(self, engines: Mapping[str, str], root: Path) -> None:
        self._engines, self._root = engines, root
        self._made: dict[str, Engine] = {}

    def of(self, voice: Voice) -> Engine | None:
        """Give a voice's engine; None: there is none of that name."""
        name = voice.engine
        if name in self._engines and name not in self._made:
            self._made[name] = engine_named(name, self._engines, root=self._root)
        return self._made.get(name)


def _engines_of(
    cast: Sequence[CastLine], made: _EnginesMade, engines: Mapping[str, str]
) -> tuple[dict[str, Engine], list[Diagnostic]]:
    known: dict[str, Engine] = {}
    found: list[Diagnostic] = []
    for voice in _voices_of(cast):
        engine = made.of(voice)
        if engine is not None:
            known[voice.engine] = engine
            continue
        message = f'voice "{voice.id}" asks for engine "{voice.engine}", which does not exist'
        remedy = f"the engines are {', '.join(sorted(engines))}"
        hint = did_you_mean(voice.engine, engines)
        found.append(finding(UNKNOWN_ENGINE, voice.span, message + hint, remedy))
    return known, found


def _engine_findings(cast: Sequence[CastLine], known: Mapping[str, Engine]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for name, engine in known.items():
        found += engine.check([line for line in cast if line.voice.engine == name])
    return found


def voice_findings_of(cast: Sequence[CastLine], permissions: Permissions) -> list[Diagnostic]:
    """Ask once for every voice in every language it is cast in."""
    found: dict[tuple[str, str], Diagnostic] = {}
    for voice, language in dict.fromkeys((line.voice.id, line.language) for line in cast):
        problem = permissions.voice_problem(voice, language)
        if problem is not None:
            found.setdefault((problem.code, problem.message), problem)
    return list(found.values())


def _recording_findings(
    recordings: Mapping[tuple[str, str], Recording], permissions: Permissions
) -> list[Diagnostic]:
    """Name the recordings of revoked voices, whoever their lines are cast with now."""
    asked = [(one, permissions.refusal_of_recording(one.sha256)) for one in recordings.values()]
    return [
        finding(refused[0], SourceSpan(path=recording.shown), refused[1], refused[2])
        for recording, refused in asked
        if refused is not None
    ]


def _scratch_findings(
    cast: Sequence[CastLine],
    known: Mapping[str, Engine],
) -> list[Diagnostic]:
    """Name each placeholder voice once, with how many lines it would speak."""
    spoken: dict[str, int] = {}
    for line in cast:
        engine = known.get(line.voice.engine)
        if engine is not None and engine.source is Source.SCRATCH:
            spoken[line.voice.id] = spoken.get(line.voice.id, 0) + 1
    return [
        finding(
            SCRATCH_IN_RELEASE,
            voice.span,
            f'voice "{voice.id}" is a scratch placeholder and would speak {spoken[voice.id]} lines',
            "give the voice a model, record its lines, or render without --release",
        )
        for voice in _voices_of(cast)
        if voice.id in spoken
    ]


def _as_release(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    return [replace(d, severity=Severity.ERROR) if d.code in RELEASE_ERRORS else d for d in found]
