"""Where a training stands, on disk: whole or absent, and nothing in it can run.

A state is a folder `step-00000050` with `state.safetensors` (weights and the optimizer's memory)
and `state.json` (the step, the best so far, what is being trained). It is built aside and renamed
into place. Chance has no state: it is drawn by counting.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from voicepipe.documents.inside import refuse_links
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

_SCHEMA = 1
_FOLDER = re.compile(r"step-(\d{8})")
_TENSORS, _FACTS = "state.safetensors", "state.json"
_LARGEST_FACTS = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """What a training needs to go on."""

    step: int
    """Steps taken."""
    best_step: int
    """After how many steps validation was best; 0 before the first."""
    best_loss: float
    """Infinite before the first validation."""
    identity: Mapping[str, Any]
    """What is trained on what with which settings, as plain JSON; another is another training."""
    tensors: Mapping[str, Tensor]


def save_state(folder: Path, state: TrainingState, *, keep: int = 2) -> Path:
    """Write a state, then remove older ones.

    Args:
        folder: Of the training's states; made if absent.
        state: What to write.
        keep: How many to leave, the new one included.

    Raises:
        EnvironmentFault: It cannot be written; older states stay.
    """
    place = folder / f"step-{state.step:08d}"
    aside = folder / f".{place.name}.{os.getpid()}"
    facts = {
        "schema": _SCHEMA,
        "step": state.step,
        "best_step": state.best_step,
        "best_loss": state.best_loss if state.best_step else None,
        "identity": state.identity,
    }
    refuse_links(folder.parent, place)
    try:
        aside.mkdir(parents=True)
        save_file({k: t.contiguous() for k, t in state.tensors.items()}, aside / _TENSORS)
        (aside / _FACTS).write_bytes(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))
        for path in (aside / _TENSORS, aside / _FACTS):
            _flush(path)
        if place.exists():
            shutil.rmtree(place)
        aside.rename(place)
        for old in _states(folder)[:-keep]:
            shutil.rmtree(old)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(aside, ignore_errors=True)
        msg = f"{place}: cannot be saved: {error}"
        raise EnvironmentFault(msg, remedy="free some space and run the command again") from error
    return place


def load_state(folder: Path, identity: Mapping[str, Any]) -> TrainingState | None:
    """Read the newest state; None when there is none.

    What a killed process left half written is swept away.

    Raises:
        UsageError: The state belongs to another training.
        EnvironmentFault: It cannot be read.
    """
    refuse_links(folder.parent, folder)
    for rest in folder.glob(".step-*"):
        shutil.rmtree(rest, ignore_errors=True)
    states = _states(folder)
    if not states:
        return None
    newest = states[-1]
    try:
        facts = orjson.loads(read_regular(newest / _FACTS, limit=_LARGEST_FACTS))
        tensors = load_file(newest / _TENSORS)
        found = TrainingState(
            step=int(facts["step"]),
            best_step=int(facts["best_step"]),
            best_loss=float("inf") if facts["best_loss"] is None else float(facts["best_loss"]),
            identity=dict(facts["identity"]),
            tensors=tensors,
        )
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        msg = f"{newest}: this state of a training cannot be read: {error}"
        raise EnvironmentFault(msg, remedy="remove it to go on from the one before") from error
    changed = _changed(found.identity, orjson.loads(orjson.dumps(dict(identity))))
    if changed:
        msg = f"{newest}: belongs to a training with another {', '.join(changed)}"
        raise UsageError(msg, remedy="train into another folder, or restore what was changed")
    return found


def _states(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _FOLDER.fullmatch(path.name))


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
