"""The commands in the documents: found, taken apart, and held against the command line."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import typer
from doc_pages import PAGES, blocks_of, name_of, prose_of

from cli.main import application

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_STEP = re.compile(r"^(?:- run: )?(.+)$", re.MULTILINE)
_INLINE = re.compile(r"`voicepipe ([^`\n]+)`")
_REDIRECTION = re.compile(r"\s>\s*\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One `voicepipe …` of a fenced block."""

    page: str
    words: tuple[str, ...]
    """Without `voicepipe`."""

    def __str__(self) -> str:
        return f"{self.page}: {shlex.join(self.words)}"


def commands_of(page: Path) -> list[Command]:
    """Give the commands of a page's blocks, in their order."""
    found = []
    for block in blocks_of(page):
        if block.kind not in {"sh", "yaml"}:
            continue
        for step in _STEP.findall(block.text):
            for part in _REDIRECTION.sub("", step).split(" && "):
                if part.startswith("voicepipe "):
                    words = tuple(shlex.split(part, comments=True)[1:])
                    found.append(Command(page=name_of(page), words=words))
    return found


def inline_commands() -> list[Command]:
    """Give the `voicepipe …` that running text names, often without their arguments."""
    return [
        Command(page=name_of(page), words=tuple(said.replace('"', "").split()))
        for page in PAGES
        for said in _INLINE.findall(prose_of(page))
        if not said.startswith("VERB")
    ]


def fault_of(words: Sequence[str]) -> str:
    """Parse a command without running it; what is wrong with it, or nothing."""
    try:
        command, rest = _resolved(words)
        with command.make_context("voicepipe", list(rest)):
            return ""
    except typer.exceptions.TyperException as error:
        return error.format_message()


def loose_fault_of(words: Sequence[str]) -> str:
    """Look only whether verb and options exist."""
    try:
        command, rest = _resolved(words)
    except typer.exceptions.TyperException as error:
        return error.format_message()
    known = {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}
    asked = {word.partition("=")[0] for word in rest if re.fullmatch(r"--?[a-z][a-z-]*", word)}
    return f"there is no {', '.join(sorted(asked - known))}" if asked - known else ""


@lru_cache(maxsize=1)
def _whole() -> Any:
    return typer.main.get_command(application())


def _resolved(words: Sequence[str]) -> tuple[Any, list[str]]:
    command = _whole()
    rest = list(words)
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        with command.make_context("voicepipe", list(rest)) as context:
            _, command, rest = command.resolve_command(context, rest)
    return command, rest
