"""A folder of pages: written where nothing else lies, and brought up to date where one does."""

from __future__ import annotations

import shutil
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import jinja2
import orjson

from voicepipe.bank.faults import explained
from voicepipe.documents.replacing import replace_file
from voicepipe.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MARK: Final = "voicepipe-pages.txt"
"""Lies in every folder that we made; its content is the kind of page."""
_UNSAFE: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028"}
_UNSAFE_LAST: Final = ("\u2029", "\\u2029")


class PagesFolder:
    """Where a page's files are written.

    Args:
        folder: Absent, empty, or one that this command made before.
        kind: Of page: `review` or `play`.

    Raises:
        UsageError: Something else lies there.
        EnvironmentFault: It cannot be read or written.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        with explained(folder):
            if folder.is_dir() and any(folder.iterdir()) and not self._is_ours(kind):
                raise UsageError(
                    f"{folder} holds other files",
                    remedy=f"name a new or empty folder, or one that `voicepipe {kind}` made",
                )
            if folder.exists() and not folder.is_dir():
                raise UsageError(f"{folder} is a file", remedy="name a folder")
            folder.mkdir(parents=True, exist_ok=True)
            self._known: set[Path] = set()
            self.write(MARK, f"{kind}\n".encode())

    def _is_ours(self, kind: str) -> bool:
        mark = self.folder / MARK
        return mark.is_file() and mark.read_text("utf-8", "replace").strip() == kind

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole.

        Args:
            name: Relative, with forward slashes; made by us, never by a script's author.
            content: All of it.

        Raises:
            EnvironmentFault: It cannot be written.
        """
        path = self._place(name)
        with explained(path, need=len(content)):
            replace_file(path, content)

    def has(self, name: str) -> bool:
        """Tell whether a file that is named by its content lies there; it is kept then."""
        path = self.folder / name
        found = path.is_file() and not path.is_symlink()
        if found:
            self._known.add(path)
        return found

    def copy(self, name: str, source: Path) -> None:
        """Copy a file whose name is its content's, unless it lies there.

        Raises:
            EnvironmentFault: It cannot be read or written.
        """
        if self.has(name):
            return
        path = self._place(name)
        part = path.with_name(f"{path.name}.part")
        with explained(source):
            shutil.copyfile(source, part, follow_symlinks=False)
        with explained(path):
            part.replace(path)

    def _place(self, name: str) -> Path:
        path = self.folder / name
        self._known.add(path)
        with explained(path):
            for parent in (path.parent, path):
                if parent.is_symlink():
                    raise EnvironmentFault(
                        f"{parent} is a link", remedy="remove it: pages are written into a folder"
                    )
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_assets(self, names: Iterable[str]) -> None:
        """Write scripts and styles that come with voicepipe."""
        for name in names:
            self.write(name, asset(name))

    def sweep(self, inner: Iterable[str]) -> None:
        """Remove what earlier pages left in these inner folders, and nobody wrote or asked for now.

        Raises:
            EnvironmentFault: A file cannot be removed.
        """
        for name in inner:
            folder = self.folder / name
            with explained(folder):
                stale = [path for path in folder.glob("*") if path not in self._known]
                for path in stale if folder.is_dir() and not folder.is_symlink() else ():
                    if path.is_file() or path.is_symlink():
                        path.unlink()


def asset(name: str) -> bytes:
    """Read a script or a style that comes with voicepipe."""
    return resources.files("voicepipe.pages").joinpath("assets").joinpath(name).read_bytes()


def script_value(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """Write a value so that a script may hold it, in a file or between tags.

    No text of a screenplay can end the script, or a line of it.
    """
    text = orjson.dumps(value).decode()
    for character, escape in _UNSAFE.items():
        text = text.replace(character, escape)
    return text.replace(*_UNSAFE_LAST)


def script_call(function: str, *values: Any) -> bytes:  # noqa: ANN401
    """Write a script file that hands values to one of the page's functions."""
    return f"{function}({', '.join(map(script_value, values))});\n".encode()


def page(template: str, facts: Mapping[str, Any]) -> bytes:
    """Fill in a template; every text in it is escaped.

    Args:
        template: Its name in `templates/`.
        facts: What it shows.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("voicepipe.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(facts).encode()
