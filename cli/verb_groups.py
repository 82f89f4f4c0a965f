"""Verbs below a verb: `voicepipe bank ls`, `voicepipe qc calibrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Verb = Callable[..., Any]
    Verbs = Mapping[str, Verb]


def add_group(
    app: typer.Typer,
    name: str,
    help_text: str,
    verbs: Verbs,
    *,
    alone: Verb | None = None,
) -> typer.Typer:
    """Add a group of verbs.

    Args:
        app: What it is added to.
        name: Of the group.
        help_text: One sentence; empty: that of `alone`.
        verbs: By name, in the order in which help lists them.
        alone: What the name does without a verb behind it; None: it shows help.

    Returns:
        The group, for verbs that other modules add.
    """
    group = typer.Typer(
        help=help_text or (alone.__doc__ if alone is not None else None),
        no_args_is_help=alone is None,
        invoke_without_command=alone is not None,
        rich_markup_mode=None,
    )
    if alone is not None:
        group.callback()(alone)
    for verb, function in verbs.items():
        group.command(verb)(function)
    app.add_typer(group, name=name)
    return group
