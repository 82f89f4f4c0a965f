"""Casting speakers in `cast.yaml`: lines are added at its end; nothing else in it is touched."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from voicepipe.documents.source import read_source
from voicepipe.documents.yaml_tree import YamlMapping, parse_yaml
from voicepipe.errors import EnvironmentFault, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.documents.source import SourceFile

_SPEAKER: Final = re.compile(r"[^\W\d][\w-]{0,63}")


def cast_with(root: Path, path: str, speakers: Sequence[str], voice: str) -> str:
    """Give the text of `cast.yaml` with speakers in it.

    Args:
        root: The project.
        path: Of the file, which may be absent.
        speakers: None of them is cast yet.
        voice: Who speaks for them.

    Raises:
        UsageError: A speaker is cast already, or cannot be one.
        InputError: The file cannot be read.
        EnvironmentFault: It is laid out in a way that cannot be added to.
    """
    rows = "".join(f"{speaker}: {voice}\n" for speaker in speakers)
    for speaker in speakers:
        if not _SPEAKER.fullmatch(speaker):
            raise UsageError(
                f'"{speaker}" cannot be a speaker', remedy="name it as the script does"
            )
    if not (root / path).exists():
        return rows
    source, problems = read_source(root, path)
    if source is None:
        raise InputError(f"{path} cannot be read", remedy="mend it first", diagnostics=problems)
    already = _speakers_in(source, path) & set(speakers)
    if already:
        cast = ", ".join(sorted(already))
        raise UsageError(f"{path} casts {cast} already", remedy="change it there")
    text = source.text if source.text.endswith("\n") or not source.text else f"{source.text}\n"
    added = replace(source, text=text + rows)
    if not set(speakers) <= _speakers_in(added, path):
        raise _unusual(path)
    return ("\ufeff" if source.has_bom else "") + added.text


def _speakers_in(source: SourceFile, path: str) -> set[str]:
    documents, problems = parse_yaml(source)
    if not documents and not problems:
        return set()
    if problems or len(documents) > 1 or not isinstance(documents[0], YamlMapping):
        raise _unusual(path)
    return set(documents[0].entries)


def _unusual(path: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"{path} is laid out in a way that cannot be added to",
        remedy="cast the speakers there by hand",
    )
