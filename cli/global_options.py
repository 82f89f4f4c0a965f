"""The options of the whole command, accepted after the verb as well."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from typer.core import TyperGroup

from cli.output import Session

if TYPE_CHECKING:
    import typer
    from typer.core import TyperCommand

_EVERYWHERE: Final = ("project", "quiet", "verbose")


def accept_everywhere(whole: TyperGroup) -> None:
    """Let every verb and group take the options of the whole command; the later one wins."""
    options = [option for option in whole.params if option.name in _EVERYWHERE]
    for command in whole.commands.values():
        _accept(command, options)


def _accept(command: TyperCommand | TyperGroup | Any, options: list[Any]) -> None:  # noqa: ANN401
    for option in options:
        also = copy.copy(option)
        also.expose_value = False
        also.default = None
        also.required = False
        also.callback = _take
        command.params.append(also)
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            _accept(inner, options)


def _take(ctx: typer.Context, option: Any, value: Any) -> None:  # noqa: ANN401 - Typer's own types
    if not value:
        return
    session = ctx.find_object(Session) or Session(root=Path.cwd())
    changed: dict[str, Any] = {option.name: True}
    if option.name == "project":
        changed = {"root": value.resolve(), "called_in": None}
    ctx.obj = replace(session, **changed)
