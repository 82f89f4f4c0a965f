"""The option that says who listens to clips."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicepipe.settings_qc import Extent


class Who(str, Enum):
    """Who listens."""

    FULL = "full"
    SIGNAL = "signal"
    OFF = "off"


Listening = Annotated[
    Who | None,
    typer.Option(
        "--qc",
        help="Who listens to clips: full, all that `qc.analysers` names; signal, the samples "
        "alone; off, nobody. By default VOICEPIPE_QC, or whoever is installed.",
    ),
]


def extent_of(who: Who | None) -> Extent | None:
    """Give the option's value as the pipeline takes it."""
    return None if who is None else who.value
