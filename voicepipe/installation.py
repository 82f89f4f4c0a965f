"""How voicepipe was installed, what else is, and the command that adds what is missing.

The package index has a stranger's package under the import name, so no remedy names an index: it
names the checkout or the file that this installation came from.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

DISTRIBUTION: Final = "voicepipe-banks"
"""What wheels are called; the import name and the command are `voicepipe`."""

DICTIONARY_VARIABLE: Final = "OPEN_JTALK_DICT_DIR"
"""The one variable by which a library of the front ends is given another dictionary."""

_CHECKOUT: Final = Path(__file__).parents[1]
_AFRESH: Final = " --force-reinstall"
_LIBRARIES: Final = (".dist-info", ".egg-info")
_LIBRARY_FOLDERS: Final = frozenset({"site-packages", "dist-packages"})


def install_remedy(extra: str = "", *, afresh: bool = False) -> str:
    """Write the command that installs voicepipe again, as it was installed, with an extra.

    Args:
        extra: A group of optional packages, such as `scratch`; empty: what voicepipe always needs.
        afresh: Also replace packages that are there, because their files are damaged.
    """
    where = _source(_CHECKOUT, extra, _direct_url())
    return f"{shlex.quote(sys.executable)} -m pip install {where}{_AFRESH * afresh}"


def package_folder(package: str) -> Path | None:
    """Find the folder of an installed package, by its import name; it is not imported.

    Returns:
        None when it is not installed.
    """
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec is not None else None
    return Path(folders[0]) if folders else None


def package_file(package: str, name: Path | str) -> Path | None:
    """Find a file of an installed package.

    Args:
        package: By its import name; it is not imported.
        name: In its folder.

    Returns:
        None when the package is not installed, or is without the file.
    """
    folder = package_folder(package)
    path = None if folder is None else folder / name
    return path if path is not None and path.is_file() else None


def _source(folder: Path, extra: str, origin: dict[str, Any]) -> str:
    """Name what `pip install` is given.

    Args:
        folder: The folder that holds the running package.
        extra: The extra that is wanted, or nothing.
        origin: What `direct_url.json` says (PEP 610); empty where there is none.
    """
    wanted = f"[{extra}]" if extra else ""
    if (folder / "pyproject.toml").is_file():
        return f"-e {shlex.quote(f'{folder}{wanted}')}"
    url = origin.get("url", "")
    if url.startswith("file:"):
        return shlex.quote(f"{unquote(urlsplit(url).path)}{wanted}")
    if url:
        repository = origin.get("vcs_info")
        if repository:
            url = f"{repository['vcs']}+{url}@{repository['commit_id']}"
        return shlex.quote(f"{DISTRIBUTION}{wanted} @ {url}")
    return f"'WHEEL{wanted}', where WHEEL is the file that voicepipe was installed from"


def _direct_url() -> dict[str, Any]:
    try:
        text = distribution(DISTRIBUTION).read_text("direct_url.json")
    except PackageNotFoundError:
        return {}
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


@cache
def program_revision() -> str:
    """Fingerprint all of voicepipe's code and tables, and the libraries under it.

    A function of contents, never of dates; some 20 milliseconds, once a process.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256(f"{sys.version}\0{sys.platform}\0{installed_libraries()}".encode())
    digest.update(os.environ.get(DICTIONARY_VARIABLE, "").encode())
    for here, folders, files in os.walk(package):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".py", ".json")):
                path = Path(here, name)
                content = path.read_bytes()
                named = f"{path.relative_to(package).as_posix()} {len(content)}\0"
                digest.update(named.encode())
                digest.update(content)
    return digest.hexdigest()


def installed_libraries() -> list[str]:
    """Name every installed library with its version, in the order in which they are found."""
    found: list[str] = []
    for folder in filter(os.path.isdir, sys.path):
        # Some libraries add a folder of their own while they load; it comes with their version.
        if _LIBRARY_FOLDERS.intersection(Path(folder).parent.parts):
            continue
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are all there is to ask for
        found += [name for name in names if name.endswith(_LIBRARIES)]
    return found
