"""Writing trained models into a voice's file, touching nothing else in it.

The file belongs to the user: comments, order and line ends stay. Where the `model:` table is laid
out in a way that cannot be edited safely, the file is left as it is and the user is told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicepipe.consent.revoke import replace_text, scalar_values
from voicepipe.documents.source import decode_source, read_source
from voicepipe.documents.yaml_tree import YamlMapping, parse_yaml
from voicepipe.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.documents.source import SourceFile

_ENGINE: Final = "gpt-sovits"
_FLOW: Final = re.compile(r"^(model\s*:\s*)\{[^{}]*\}")


def set_models(root: Path, path: str, table: Mapping[str, str]) -> bool:
    """Set `engine: gpt-sovits` and the models in a voice's file.

    Args:
        root: The project root.
        path: The voice's file, relative to the root.
        table: Role → model; roles that are not in it stay as they are.

    Returns:
        Whether the file changed.

    Raises:
        InputError: The file cannot be read, or is not a voice's.
        EnvironmentFault: The file cannot be written, or is laid out in a way that cannot be edited
            safely; it is as it was.
    """
    source, problems = read_source(root, path)
    if source is None:
        raise InputError(f"{path} cannot be read", diagnostics=problems)
    edited = with_models(source, table)
    if edited == source.text:
        return False
    replace_text(root / path, edited, has_bom=source.has_bom)
    return True


def with_models(source: SourceFile, table: Mapping[str, str]) -> str:
    """Give a file's text with the models in it.

    Raises:
        As `set_models`.
    """
    documents, problems = parse_yaml(source)
    if problems or len(documents) != 1 or not isinstance(documents[0], YamlMapping):
        raise InputError(f"{source.path} is not a voice's file", diagnostics=problems)
    top = documents[0]
    lines = source.text.splitlines(keepends=True)
    there = top.get("model")
    old = (
        {role: getattr(value, "value", "") for role, (_, value) in there.entries.items()}
        if isinstance(there, YamlMapping)
        else {}
    )
    wanted = old | dict(table)
    entry = top.entries.get("model")
    if entry is not None:
        _write_table(lines, entry[0].line - 1, old, wanted)
    engine = top.entries.get("engine")
    at = 0 if engine is None else engine[0].line - 1
    if engine is not None:
        lines[at] = _valued(lines[at], _ENGINE)
    if entry is None:
        ending = _line_end(lines[at]) or "\n"
        lines[at] = lines[at] if _line_end(lines[at]) else lines[at] + ending
        lines.insert(at + 1, f"model: {_flow(wanted)}{ending}")
    edited = "".join(lines)
    _verify(source, edited, wanted)
    return edited


def _write_table(
    lines: list[str], at: int, old: Mapping[str, str], wanted: Mapping[str, str]
) -> None:
    """Change a table written on one line, or one with a line a role."""
    if _FLOW.match(lines[at]):
        lines[at] = _FLOW.sub(lambda found: found[1] + _flow(wanted), lines[at], count=1)
        return
    indent = ""
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if line.strip() and not line[:1].isspace() and not line.startswith("#"):
            break
        role = line.strip().partition(":")[0]
        if role in old:
            indent = indent or line[: len(line) - len(line.lstrip())]
            lines[number] = _valued(line, wanted[role])
    added = [role for role in wanted if role not in old]
    ending = _line_end(lines[at])
    lines[at + 1 : at + 1] = [f"{indent}{role}: {wanted[role]}{ending}" for role in added]


def _valued(line: str, value: str) -> str:
    """Put a value in place of the one on a line; a comment behind it stays."""
    found = re.match(r"(\s*[\w-]+\s*:\s*)([^#\r\n]*?)(\s*(?:#.*)?)([\r\n]*)$", line)
    return line if found is None else f"{found[1]}{value}{found[3]}{found[4]}"


def _flow(table: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{role}: {name}" for role, name in table.items()) + "}"


def _line_end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _verify(source: SourceFile, edited: str, wanted: Mapping[str, str]) -> None:
    """Read the result as anybody would: the new values, and every other one as it was."""
    again, _ = decode_source(source.path, edited.encode("utf-8"))
    before, after = scalar_values(source), {} if again is None else scalar_values(again)
    before[("engine",)] = _ENGINE
    before |= {("model", role): name for role, name in wanted.items()}
    if before != after:
        written = _flow(wanted)
        raise EnvironmentFault(
            f"{source.path}: the models are laid out in a way that cannot be edited safely",
            remedy=f"write `model: {written}` into it by hand; the file is as it was",
        )
