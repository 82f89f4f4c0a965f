"""What a training writes down about itself, so that it can be looked at while it runs and after.

A folder a run: `run.json` (what was asked, whose word it is under, what became of it) and a folder
a stage, whose `events.jsonl` the loops write. Torch-free, so that a status is there at once.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.files import write_atomic
from voicepipe.bank.record_fields import Count, read_fields
from voicepipe.bank.schemas import Schema
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import CorruptObject
from voicepipe.regular_files import read_regular
from voicepipe.training.stage_names import STAGES

if TYPE_CHECKING:
    from pathlib import Path

RUN_NAME: Final = "run.json"
EVENTS_NAME: Final = "events.jsonl"
PREVIEWS_NAME: Final = "previews"
RUN: Final = Schema(what="the record of a training")
LARGEST_RUN: Final = 1 << 24
LARGEST_EVENTS: Final = 1 << 30
"""Bytes: a training of millions of steps."""

Loss = Annotated[float, msgspec.Meta(ge=-1e30, le=1e30)]
Spent = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A line that the trained voice has said."""

    text: str
    language: str
    file: str
    """In the run's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One training, as it is written down."""

    voice: str
    key: str
    """Of data, base models and settings; the name of the run's folder begins with it."""
    begun: str
    """UTC, ISO 8601."""
    consent: Mapping[str, Any]
    dataset_sha256: str
    dataset: Mapping[str, Any]
    """Figures, as `--check` gives them."""
    remarks: tuple[str, ...]
    """What was poor about the data, a line each."""
    bases: Mapping[str, Any]
    """Role → name and hash."""
    settings: Mapping[str, Any]
    steps: Mapping[str, Count]
    """Stage → steps it was to take."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Role → name in the library; empty until it has ended."""
    previews: tuple[Preview, ...] = ()

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages it trains, in their order."""
        return tuple(stage for stage in STAGES if stage in self.steps)

    @property
    def is_finished(self) -> bool:
        """Whether its models are in the library."""
        return bool(self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Covered:
    language: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What a report looks up among the figures of the data."""

    coverage: Mapping[str, Any] = field(default_factory=dict)
    sounds: tuple[_Covered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRow:
    """The losses of one step or validation."""

    kind: str
    """`step` or `validation`."""
    step: Count
    losses: Mapping[str, Loss]
    seconds: Spent
    previews: tuple[str, ...]
    """Sound files that a validation wrote, in the stage's folder."""


class RunFolder:
    """Where one training writes down what it does.

    Args:
        out: The output folder.
        folder: The run's own, under `out`.
    """

    def __init__(self, out: Path, folder: Path) -> None:
        self._out = out
        self.path = folder

    def stage(self, name: str) -> Path:
        """Where a stage's loop keeps its states and events."""
        return self.path / name

    def write(self, record: RunRecord) -> None:
        """Write the record, whole or not at all.

        Raises:
            EnvironmentFault: It cannot be written.
        """
        document = {"schema": RUN.number, **asdict(record)}
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        write_atomic(self._out, self.path / RUN_NAME, content + b"\n")

    def read(self) -> RunRecord | None:
        """Read the record; None when there is none.

        Raises:
            CorruptObject: It is not one of ours; says where it departs.
            MadeByNewer: A newer release wrote it.
            EnvironmentFault: It cannot be read.
        """
        path = self.path / RUN_NAME
        with explained(path):
            try:
                content = read_regular(path, limit=LARGEST_RUN)
            except FileNotFoundError:
                return None
        if len(content) > LARGEST_RUN:
            raise _damaged(path, f"it is larger than {LARGEST_RUN} bytes")
        try:
            document = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise _damaged(path, f"it is not JSON ({error})") from error
        return _record(document, path)

    def losses(self, stage: str) -> tuple[LossRow, ...]:
        """Read a stage's losses so far; a last line cut short by a kill is left out.

        Raises:
            CorruptObject: Another line is not one of ours; says which.
            EnvironmentFault: They cannot be read.
        """
        path = self.stage(stage) / EVENTS_NAME
        with explained(path):
            try:
                lines = read_regular(path, limit=LARGEST_EVENTS).splitlines()
            except (FileNotFoundError, NotADirectoryError):
                return ()
        rows = []
        for number, line in enumerate(lines, 1):
            row, fault = _row(line)
            if row is not None:
                rows.append(row)
            elif number < len(lines):
                raise _damaged(path, f"line {number}: {fault}")
        return tuple(rows)

    def sound(self, path: Path) -> Path:
        """Give a sound file of the run, to be read.

        Raises:
            EnvironmentFault: A link stands on the way to it: it may lead anywhere.
        """
        refuse_links(self.path, path)
        return path


def without_nulls(facts: object) -> object:
    """Leave losses out that were no number when they were written: JSON has none for them."""
    losses = facts.get("losses") if isinstance(facts, dict) else None
    if not isinstance(facts, dict) or not isinstance(losses, dict):
        return facts
    return {**facts, "losses": {k: loss for k, loss in losses.items() if loss is not None}}


def _row(line: bytes) -> tuple[LossRow | None, str]:
    try:
        facts = without_nulls(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        return None, f"it is not JSON ({error})"
    row, fault = read_fields(facts, LossRow)
    if row is not None and not all(map(_is_inside, row.previews)):
        return None, "a preview does not lie in the folder of its stage"
    return row, fault


def _record(document: object, path: Path) -> RunRecord:
    fields, fault = RUN.bring_up(document, str(path))
    record = None
    if not fault:
        record, fault = read_fields(fields, RunRecord)
    if record is None:
        raise _damaged(path, fault)
    _, fault = read_fields(record.dataset, _Figures)
    if fault:
        raise _damaged(path, f"dataset.{fault}")
    for preview in record.previews:
        if not _is_inside(preview.file):
            shown = preview.file[:80]
            raise _damaged(path, f'the preview "{shown}" does not lie in the folder of the run')
    return record


def _is_inside(name: str) -> bool:
    """Tell whether a name stays below its folder, on every system."""
    parts = PurePosixPath(name).parts
    is_plain = not any(sign in name for sign in ("\\", ":", "\0"))
    return is_plain and bool(parts) and parts[0] != "/" and ".." not in parts


def _damaged(path: Path, fault: str) -> CorruptObject:
    return CorruptObject(f"{path}: {fault}", remedy="remove the run's folder and train again")
