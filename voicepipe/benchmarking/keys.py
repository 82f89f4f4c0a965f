"""What tells one set of models from another in kept benches (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.hashing import sha256_of_json

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPEAKING = ("gpt", "sovits", "sovits_base", "vocoder")
"""Roles whose models work for every line; the others look at clips and texts once."""


def formula_key(kind: str) -> str:
    """Name the formula models of a family."""
    return f"formula-{kind}"


def models_key(models: Mapping[str, str]) -> str:
    """Name a voice's models.

    Args:
        models: Role → sha256.
    """
    return sha256_of_json({role: models[role] for role in _SPEAKING if role in models})[:16]


USUAL_KEY: Final = formula_key("v2")
"""The bench that stands in for models that were not benched themselves."""
