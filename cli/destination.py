"""Where a verb writes its one file: to a path, or with `-` to stdout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.output import write
from voicepipe.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

STDOUT = Path("-")


def require_free_stdout(*destinations: Path | None, as_json: bool) -> None:
    """Refuse two answers on stdout.

    Raises:
        UsageError: Two files, or a file and the JSON document, would be mixed there.
    """
    n_there = sum(path == STDOUT for path in destinations) + as_json
    if n_there > 1:
        raise UsageError(
            "stdout cannot hold two answers", remedy="name a file in place of `-`, or one `-` less"
        )


def require_suffix(path: Path, suffixes: Sequence[str], what: str) -> None:
    """Refuse a file whose name promises another format.

    Args:
        path: The file to write.
        suffixes: Those of the format, in lower case.
        what: The format's name.

    Raises:
        UsageError: It ends in another.
    """
    if path == STDOUT or path.suffix.lower() in ("", *suffixes):
        return
    raise UsageError(
        f'{path} would hold {what}, and not what "{path.suffix}" says',
        remedy=f"end its name in {suffixes[0]}, and convert it afterwards",
    )


def write_to(path: Path, content: bytes | str) -> None:
    """Write a whole file, or with `-` the answer.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    if path == STDOUT:
        write(content)
        return
    try:
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    except OSError as error:
        raise EnvironmentFault(
            f"{path} cannot be written: {error.strerror or error}",
            remedy="name a file in a folder that is there and that you may write to",
        ) from error
