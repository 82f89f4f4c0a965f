"""Another id for a line: scripts, translations, decisions and recordings go with it.

A line's noise is drawn from its id, so the seeds it has had are kept as decisions: its takes stay
the same takes, and nothing is rendered again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from voicepipe.bank.decisions_file import DECISIONS_NAME, load_decisions, save_decisions
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.pending_retakes import load_pending, save_pending
from voicepipe.diagnostics import did_you_mean, has_errors
from voicepipe.documents.portable import is_reserved_name
from voicepipe.documents.replacing import replace_file
from voicepipe.documents.source import read_source
from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.pipeline.project import input_error
from voicepipe.pipeline.recordings import SUFFIX
from voicepipe.screenplay.formats.loader import LOC_FOLDER, load_screenplay
from voicepipe.screenplay.formats.values import ScriptLanguages, foreign_id_problem
from voicepipe.screenplay.ids.files import bytes_of
from voicepipe.screenplay.ids.renaming import rename_in_script, rename_in_translations
from voicepipe.screenplay.lines.resolve import resolve_lines
from voicepipe.screenplay.story.story import screenplay_lines
from voicepipe.screenplay.syntax import Language
from voicepipe.settings import load_settings
from voicepipe.synthesis.request import seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.bank.decisions import Decisions
    from voicepipe.documents.source import SourceFile
    from voicepipe.screenplay.formats.loader import LoadedScreenplay
    from voicepipe.screenplay.line import Line
    from voicepipe.screenplay.syntax import DialogueLine
    from voicepipe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A text file that says the new id."""

    path: str
    """From the project root, with forward slashes."""
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """All that a rename changes, worked out before anything is touched."""

    root: Path
    settings: Settings
    old: str
    new: str
    clips: Mapping[str, str]
    """Every clip of the line, variants and members included: its id → its new id."""
    files: tuple[FileChange, ...]
    """Scripts and translations."""
    recordings: tuple[tuple[str, str], ...]
    """(path, new path) of human recordings."""
    seeds: Mapping[tuple[str, str], int]
    """(new clip, language) → the seed its takes have had so far."""
    n_decisions: int
    """Rows of decisions that speak of the line already."""


def plan_renaming(root: Path, old: str, new: str) -> Renaming:
    """Work out what a rename changes.

    Raises:
        InputError: Settings, scripts or decisions cannot be read.
        UsageError: There is no line `old`, or `new` is no id, taken, or the beginning of trouble.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    loaded = load_screenplay(root, settings)
    if has_errors(loaded.diagnostics):
        raise input_error(root, loaded.diagnostics)
    line = _line_named(loaded, old)
    _refuse_taken(loaded, old, new)
    lines = [one for one in _resolved(loaded, settings) if one.base_id == old]
    clips = {str(one.id): new + one.id[len(old) :] for one in lines} | {old: new}
    decisions = load_decisions(root, root / settings.out)
    clips |= {was: new + was[len(old) :] for was in _decided(decisions) if _is_of(was, old)}
    _refuse_decided(decisions, clips)
    return Renaming(
        root=root,
        settings=settings,
        old=old,
        new=new,
        clips=clips,
        files=tuple(_file_changes(root, settings, loaded, line, new)),
        recordings=tuple(_recordings(root, settings, clips)),
        seeds=_seeds(lines, decisions, clips),
        n_decisions=sum(was in clips for was in _rows_of(decisions)),
    )


def carry_out(renaming: Renaming) -> None:
    """Rename: all of it, or, where a file cannot be written, nothing.

    Raises:
        BankLocked: Another command writes to the output folder.
        EnvironmentFault: A file has changed meanwhile or cannot be written; all is as it was.
    """
    root, settings = renaming.root, renaming.settings
    out = root / settings.out
    undo: list[tuple[Path, bytes | Path]] = []
    with bank_lock(out, f"ids rename {renaming.old} {renaming.new}"):
        decisions = load_decisions(root, out)
        try:
            _refuse_changed(renaming)
            for was, becomes in renaming.recordings:
                (root / was).rename(root / becomes)
                undo.append((root / was, root / becomes))
            for change in renaming.files:
                replace_file(root / change.path, change.after)
                undo.append((root / change.path, change.before))
            save_decisions(root, _renamed(decisions, renaming))
        except OSError as error:
            _undo(undo)
            raise EnvironmentFault(
                f"nothing was renamed: {error}", remedy="mend that, and run the command again"
            ) from error
        except EnvironmentFault:
            _undo(undo)
            raise
        pending = load_pending(out)
        save_pending(
            out, {(renaming.clips.get(n, n), tag): take for (n, tag), take in pending.items()}
        )


def _undo(done: list[tuple[Path, bytes | Path]]) -> None:
    for path, earlier in reversed(done):
        if isinstance(earlier, Path):
            earlier.rename(path)
        else:
            replace_file(path, earlier)


def _refuse_changed(renaming: Renaming) -> None:
    for change in renaming.files:
        if (renaming.root / change.path).read_bytes() != change.before:
            raise EnvironmentFault(
                f"{change.path} has changed meanwhile; nothing was renamed",
                remedy="run the command again",
            )


def _line_named(loaded: LoadedScreenplay, old: str) -> DialogueLine:
    lines = [line for line in screenplay_lines(loaded.screenplay) if line.id == old]
    if len(lines) > 1:
        raise UsageError(
            f'two lines have the id "{old}"', remedy="give one of them another id by hand"
        )
    if not lines:
        known = [str(line.id) for line in screenplay_lines(loaded.screenplay) if line.id]
        raise UsageError(f'there is no line "{old}"{did_you_mean(old, known)}')
    return lines[0]


def _refuse_taken(loaded: LoadedScreenplay, old: str, new: str) -> None:
    problem = foreign_id_problem(new)
    if problem:
        raise UsageError(f'"{new}" {problem}')
    if is_reserved_name(new):
        raise UsageError(f'Windows allows no file "{new}"')
    if new == old:
        raise UsageError(f'the line is called "{new}" already')
    for line in screenplay_lines(loaded.screenplay):
        if line.id != old and line.id.lower() == new.lower():
            raise UsageError(
                f'there is a line "{line.id}" already, at {line.span}', remedy="take another id"
            )


def _resolved(loaded: LoadedScreenplay, settings: Settings) -> tuple[Line, ...]:
    return resolve_lines(
        loaded.screenplay,
        languages=[Language(tag) for tag in settings.languages],
        source_language=Language(settings.source_language),
        text_languages=[Language(tag) for tag in settings.text_languages],
    )[0]


def _file_changes(
    root: Path, settings: Settings, loaded: LoadedScreenplay, line: DialogueLine, new: str
) -> Iterator[FileChange]:
    languages = ScriptLanguages(
        source=Language(settings.source_language),
        known=tuple(Language(tag) for tag in settings.all_languages),
        markup=settings.text.markup,
    )
    script = _source(root, line.span.path)
    text = rename_in_script(script, line.span, line.id, new, languages)
    if text is None:
        raise InputError(
            f'{line.span}: the id "{line.id}" cannot be replaced without changing something else',
            remedy="write it plainly, as line: id, and run the command again",
        )
    yield _change(script, text)
    loc = PurePosixPath(settings.scripts) / LOC_FOLDER
    for path in loaded.paths:
        if PurePosixPath(path).parent == loc:
            source = _source(root, path)
            try:
                translated = rename_in_translations(source, line.id, new)
            except ValueError as taken:
                raise UsageError(str(taken), remedy="delete one of the two rows") from taken
            if translated is not None:
                yield _change(source, translated)


def _source(root: Path, path: str) -> SourceFile:
    source, problems = read_source(root, path)
    if source is None:
        raise input_error(root, problems)
    return source


def _change(source: SourceFile, text: str) -> FileChange:
    after = bytes_of(replace(source, text=text))
    return FileChange(path=source.path, before=bytes_of(source), after=after)


def _recordings(
    root: Path, settings: Settings, clips: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for language in settings.languages:
        folder = PurePosixPath(settings.overrides) / language
        for was, becomes in sorted(clips.items()):
            path, target = folder / f"{was}{SUFFIX}", folder / f"{becomes}{SUFFIX}"
            if not (root / path).is_file():
                continue
            if (root / target).exists() and not (root / target).samefile(root / path):
                raise UsageError(
                    f"{target} is there already", remedy="remove one of the two recordings"
                )
            yield str(path), str(target)


def _is_of(clip: str, line: str) -> bool:
    return clip == line or clip.startswith(f"{line}__")


def _rows_of(decisions: Decisions) -> Iterator[str]:
    yield from (key[0] for key in decisions.lines)
    yield from (key[0] for key in decisions.recordings)
    yield from (key[0] for key in decisions.reviews)
    yield from (row["line"] for row in decisions.others)


def _decided(decisions: Decisions) -> set[str]:
    return set(_rows_of(decisions))


def _refuse_decided(decisions: Decisions, clips: Mapping[str, str]) -> None:
    decided = _decided(decisions)
    for was, becomes in clips.items():
        if was in decided and becomes in decided:
            raise UsageError(
                f'{DECISIONS_NAME} speaks of "{was}" and of "{becomes}"',
                remedy="delete the rows of one of them",
            )


def _seeds(
    lines: list[Line], decisions: Decisions, clips: Mapping[str, str]
) -> dict[tuple[str, str], int]:
    """Find the seeds that would change with the id."""
    found = {}
    for line in lines:
        for language in line.texts if line.is_voiced else ():
            decision = decisions.of(line.id, language)
            key = (clips[line.id], str(language))
            if decision.seed is None and key not in decisions.lines:
                found[key] = seed_for(line.id, language, decision.take)
    return found


def _renamed(decisions: Decisions, renaming: Renaming) -> Decisions:
    clips = renaming.clips
    lines = {(clips.get(n, n), tag): one for (n, tag), one in decisions.lines.items()}
    moved = replace(
        decisions,
        lines=lines,
        recordings={
            (clips.get(n, n), tag, sound): one
            for (n, tag, sound), one in decisions.recordings.items()
        },
        reviews={
            (clips.get(n, n), tag, kind): one for (n, tag, kind), one in decisions.reviews.items()
        },
        others=tuple(
            {**row, "line": clips.get(row["line"], row["line"])} for row in decisions.others
        ),
    )
    for (clip, language), seed in renaming.seeds.items():
        if language in renaming.settings.languages:
            decision = replace(moved.of(clip, language), seed=seed)
            moved = moved.with_decision(clip, language, decision)
    return moved
