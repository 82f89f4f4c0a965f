"""What a training writes down about itself, so that it can be looked at while it runs and after.

A folder a run: `run.json` (what was asked, whose word it is under, what became of it) and a folder
a stage, whose `events.jsonl` the loops write. Torch-free, so that a status is there at once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.bank.files import write_atomic
from voicepipe.errors import CorruptObject
from voicepipe.training.stage_names import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.hashing import Json

RUN_NAME: Final = "run.json"
EVENTS_NAME: Final = "events.jsonl"
PREVIEWS_NAME: Final = "previews"
RUN_SCHEMA: Final = 1


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
    consent: Mapping[str, Json]
    dataset_sha256: str
    dataset: Mapping[str, Json]
    """Figures, as `--check` gives them."""
    remarks: tuple[str, ...]
    """What was poor about the data, a line each."""
    bases: Mapping[str, Json]
    """Role → name and hash."""
    settings: Mapping[str, Json]
    steps: Mapping[str, int]
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
class LossRow:
    """The losses of one step or validation."""

    kind: str
    """`step` or `validation`."""
    step: int
    losses: Mapping[str, float]
    seconds: float
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
        document = {"schema": RUN_SCHEMA, **asdict(record)}
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        write_atomic(self._out, self.path / RUN_NAME, content + b"\n")

    def read(self) -> RunRecord | None:
        """Read the record; None when there is none.

        Raises:
            CorruptObject: It is not one of ours.
        """
        path = self.path / RUN_NAME
        try:
            document = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, orjson.JSONDecodeError) as error:
            raise CorruptObject(f"{path}: cannot be read ({error})", remedy=_AGAIN) from error
        return _record(document, path)

    def losses(self, stage: str) -> tuple[LossRow, ...]:
        """Read a stage's losses so far; a line cut short by a kill ends the reading."""
        try:
            lines = (self.stage(stage) / EVENTS_NAME).read_bytes().splitlines()
        except OSError:
            return ()
        rows = [_row(line) for line in lines]
        whole = rows.index(None) if None in rows else len(rows)
        return tuple(row for row in rows[:whole] if row is not None)


_AGAIN: Final = "remove the run's folder and train again"


def _row(line: bytes) -> LossRow | None:
    try:
        facts = orjson.loads(line)
        losses = {str(name): float(value) for name, value in facts["losses"].items()}
        return LossRow(
            kind=str(facts["kind"]),
            step=int(facts["step"]),
            losses=losses,
            seconds=float(facts["seconds"]),
            previews=tuple(map(str, facts["previews"])),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _record(document: Any, path: Path) -> RunRecord:  # noqa: ANN401 - whatever JSON may hold
    if not isinstance(document, dict) or document.pop("schema", None) != RUN_SCHEMA:
        raise CorruptObject(f"{path}: is not a run of schema {RUN_SCHEMA}", remedy=_AGAIN)
    try:
        previews = tuple(Preview(**preview) for preview in document.pop("previews"))
        remarks = tuple(document.pop("remarks"))
        return RunRecord(**document, previews=previews, remarks=remarks)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CorruptObject(f"{path}: is not a run of ours ({error})", remedy=_AGAIN) from error
