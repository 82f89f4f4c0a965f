"""How much of a production there is, and how far it has come: a table by whatever one asks for."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from voicepipe.bank.manifest_io import csv_text
from voicepipe.bank.reviews import Status
from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy
from voicepipe.pipeline.slots import FITS
from voicepipe.screenplay.script_figures import count_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from voicepipe.pipeline.production import ProducedLine


class Grouping(Enum):
    """What a row of the table may be about."""

    CHARACTER = "character"
    SCENE = "scene"
    LANGUAGE = "language"
    STATUS = "status"
    VERDICT = "verdict"


FIGURES = (
    "lines", "words", "minutes", "rendered", "rendered_minutes", "lapsed", "retakes_due",
    "slots", "off_slot", "slot_minutes", "slot_difference_minutes",
)  # fmt: skip
"""Columns of numbers before those of the statuses; minutes are those of clips, and where there is
none those that the text would take. Slots are those of clips that have to fit a picture; lines
that are too long and lines that are too short add up in their difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The table; the last row counts everything."""

    groups: tuple[str, ...]
    columns: tuple[str, ...]
    """Groups, then figures, then the six statuses."""
    rows: tuple[tuple[str | int | float, ...], ...]
    total: tuple[str | int | float, ...]


def count_production(lines: Iterable[ProducedLine], groupings: Sequence[Grouping]) -> Statistics:
    """Count lines, words, minutes and statuses.

    Args:
        lines: Of the production; those without a text in their language are left out.
        groupings: What the rows are about, coarsest first; at least one.

    Raises:
        EnvironmentFault: pandas is not installed.
    """
    frame = _frame([one for one in lines if one.text is not None])
    groups = [grouping.value for grouping in groupings]
    statuses = [status.value for status in Status]
    numbers = [*FIGURES, *(_AS_COLUMN.format(name) for name in statuses)]
    summed = frame.groupby(groups, sort=True)[numbers].sum().reset_index()
    table = _tidy(summed)
    total = _tidy(frame[numbers].sum().to_frame().T)
    return Statistics(
        groups=tuple(groups),
        columns=(*groups, *FIGURES, *statuses),
        rows=tuple(tuple(row) for row in table.itertuples(index=False)),
        total=("all", *("" for _ in groups[1:]), *next(iter(total.itertuples(index=False)), ())),
    )


_AS_COLUMN = "is {}"
"""`status` is a group as well as a family of columns."""


def _frame(lines: Sequence[ProducedLine]) -> pd.DataFrame:
    pandas = require_pandas()
    rows = [
        {
            "character": str(one.line.speaker),
            "scene": one.line.scene,
            "language": one.language,
            "status": one.state.status.value,
            "verdict": one.verdict_name,
            "lines": 1,
            "words": count_words(one.shown_text),
            "minutes": one.seconds / 60,
            "rendered": int(one.entry is not None),
            "rendered_minutes": one.seconds / 60 if one.entry is not None else 0.0,
            "lapsed": int(one.state.has_lapsed),
            "retakes_due": int(one.state.retake_is_due(one.entry)),
            **_slot_figures(one),
            **{_AS_COLUMN.format(s.value): int(one.state.status is s) for s in Status},
        }
        for one in lines
    ]
    columns = ["character", "scene", "language", "status", "verdict", *FIGURES]
    columns += [_AS_COLUMN.format(status.value) for status in Status]
    return pandas.DataFrame(rows, columns=columns)


def _slot_figures(one: ProducedLine) -> dict[str, float]:
    has_slot = one.entry is not None and bool(one.slot_state)
    slot_s = one.entry.slot_s if has_slot and one.entry else None
    difference_s = one.entry.slot_difference_s if has_slot and one.entry else None
    return {
        "slots": int(has_slot),
        "off_slot": int(has_slot and one.slot_state != FITS),
        "slot_minutes": (slot_s or 0.0) / 60,
        "slot_difference_minutes": abs(difference_s or 0.0) / 60,
    }


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Count in whole numbers, and minutes to a hundredth."""
    minutes = [name for name in table.columns if str(name).endswith("minutes")]
    counts = [name for name in table.columns if name in FIGURES or str(name).startswith("is ")]
    whole = {name: "int64" for name in counts if name not in minutes}
    return table.astype(whole).round(dict.fromkeys(minutes, 2)).astype(object)


def statistics_csv(statistics: Statistics) -> str:
    """Write the table as CSV, the total last."""
    return str(_for_spreadsheets(statistics).to_csv(index=False, lineterminator="\n"))


def statistics_xlsx(statistics: Statistics) -> bytes:
    """Write the table as a workbook of one sheet, the total last.

    Raises:
        EnvironmentFault: openpyxl is not installed.
    """
    stream = io.BytesIO()
    try:
        _for_spreadsheets(statistics).to_excel(
            stream, index=False, sheet_name="statistics", freeze_panes=(1, 0), engine="openpyxl"
        )
    except ImportError as error:
        raise EnvironmentFault(
            "writing a workbook needs openpyxl, which is not installed",
            remedy=install_remedy("stats"),
        ) from error
    return stream.getvalue()


def _for_spreadsheets(statistics: Statistics) -> pd.DataFrame:
    rows = [
        [csv_text(cell) if isinstance(cell, str) else cell for cell in row]
        for row in (*statistics.rows, statistics.total)
    ]
    return require_pandas().DataFrame(rows, columns=list(statistics.columns))


def require_pandas() -> Any:  # noqa: ANN401 - a module
    """Load pandas.

    Raises:
        EnvironmentFault: It is not installed.
    """
    try:
        import pandas as found  # noqa: PLC0415 - a second of start that only tables need
    except ImportError as error:
        raise EnvironmentFault(
            "statistics need pandas, which is not installed", remedy=install_remedy("stats")
        ) from error
    return found
