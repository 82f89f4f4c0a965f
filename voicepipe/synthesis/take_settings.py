"""How a voice's takes are drawn: sampling numbers with their defaults and ranges (torch-free)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.hashing import Json

_WHOLE = frozenset({"top_k", "n_steps", "candidates"})
_RANGES: Mapping[str, tuple[float, float]] = {
    "top_k": (1, 1025),
    "top_p": (0.01, 1.0),
    "temperature": (0.01, 5.0),
    "repetition_penalty": (0.1, 10.0),
    "candidates": (1, 16),
    "noise_scale": (0.0, 2.0),
    "n_steps": (1, 128),
    "guidance": (0.0, 10.0),
    "fastest": (5.0, 10_000.0),
    "slowest": (0.1, 5.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSettings:
    """The `sampling:` table of a voice, defaults filled in."""

    top_k: int = 15
    top_p: float = 1.0
    temperature: float = 1.0
    repetition_penalty: float = 1.35
    candidates: int = 1
    """Answers drawn for a part, of which the one that says it best is kept."""
    noise_scale: float = 0.5
    """Chance in the latent of v1, v2 and the Pro families."""
    n_steps: int = 32
    """Steps of v3's and v4's flow."""
    guidance: float = 0.0
    """Of v3 and v4; over 0 doubles their work."""
    fastest: float = 40.0
    """Phonemes a second above which a take has left words out: nobody speaks half as fast."""
    slowest: float = 1.5
    """Phonemes a second below which a take, three seconds aside, rambles."""

    def as_facts(self) -> dict[str, Json]:
        """Give the table for a request's inputs."""
        facts = asdict(self)
        if self.candidates == 1:  # where nothing is chosen, a take keeps the key it always had
            del facts["candidates"]
        return facts


def take_settings(table: Mapping[str, float | int], *, can_choose: bool) -> TakeSettings:
    """Read a voice's `sampling:` table.

    Args:
        table: As the voice file says it, or its family; see `setting_faults`.
        can_choose: As there.

    Raises:
        ValueError: It has faults.
    """
    faults = setting_faults(table, can_choose=can_choose)
    if faults:
        raise ValueError(faults[0])
    whole = {name: int(value) for name, value in table.items() if name in _WHOLE}
    real = {name: float(value) for name, value in table.items() if name not in _WHOLE}
    return TakeSettings(**whole, **real)  # type: ignore[arg-type]


def setting_faults(table: Mapping[str, float | int], *, can_choose: bool) -> tuple[str, ...]:
    """Say what is wrong with a `sampling:` table, one sentence an entry.

    Args:
        table: As the voice file says it.
        can_choose: The voice has a model that tells which of several answers is the best.
    """
    known = [field.name for field in fields(TakeSettings)]
    found = []
    for name, value in table.items():
        if name not in known:
            found.append(f'sampling has no "{name}"{did_you_mean(name, known)}')
            continue
        low, high = _RANGES[name]
        if name in _WHOLE and value != int(value):
            found.append(f"sampling.{name} is {value:g}, and must be a whole number")
        elif not low <= value <= high:
            found.append(f"sampling.{name} is {value:g}, and must be from {low:g} to {high:g}")
        elif name == "candidates" and value > 1 and not can_choose:
            found.append(
                f"sampling.candidates is {value:g}, and the voice has no recogniser to choose by"
            )
    return tuple(found)
