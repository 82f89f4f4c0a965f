"""One script file to the other format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import Diagnostic, has_errors
from voicepipe.documents.source import read_source
from voicepipe.screenplay.formats.csv_printer import print_csv
from voicepipe.screenplay.formats.loader import CSV_SUFFIX, YAML_SUFFIXES, parse_scripts
from voicepipe.screenplay.formats.yaml_printer import print_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.screenplay.formats.values import ScriptLanguages

SUFFIXES = (*YAML_SUFFIXES, CSV_SUFFIX)
"""What a script's name may end in."""


def convert_script(
    folder: Path, name: str, to_suffix: str, languages: ScriptLanguages
) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Read a script and print it in the format of another suffix.

    Comments of YAML itself (`# …`) are not part of what a script says and do not survive;
    `comment:` does.

    Args:
        folder: Where the script lies.
        name: Its file name.
        to_suffix: One of `SUFFIXES`.
        languages: Which languages its texts may be in.

    Returns:
        The text of the new file; None when the script has errors. What is wrong comes second.
    """
    source, problems = read_source(folder, name)
    if source is None:
        return None, problems
    screenplay, found = parse_scripts([source], languages)
    if has_errors(found):
        return None, found
    printed = print_csv(screenplay) if to_suffix == CSV_SUFFIX else print_yaml(screenplay)
    return printed, found
