"""Answers to the choices of a story that are given in advance, or by chance."""

from __future__ import annotations

from typing import Annotated

import typer

from voicepipe.errors import UsageError

Choices = Annotated[str, typer.Option("--choose", help="Answers in advance, such as 1,2,1.")]
AtRandom = Annotated[bool, typer.Option("--random", help="Answer by chance.")]
Seed = Annotated[int, typer.Option("--seed", help="What chance draws from.")]


def parse_answers(written: str, *, at_random: bool) -> list[int]:
    """Read the options to take, numbered from 1.

    Raises:
        UsageError: One is no number of an option; or chance is to answer as well.
    """
    if written and at_random:
        raise UsageError("--choose and --random exclude each other", remedy="choose one")
    words = [word.strip() for word in written.split(",") if word.strip()]
    wrong = [word for word in words if option_number(word) < 1]
    if wrong:
        raise UsageError(
            f'"{wrong[0]}" is not the number of an option', remedy="write --choose 1,2"
        )
    return [int(word) for word in words]


def option_number(word: str) -> int:
    """Read the number of an option; 0 when it cannot be one. Python refuses very long ones."""
    return int(word) if word.isdecimal() and len(word) < 10 else 0
