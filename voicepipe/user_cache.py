"""Where this user's caches are: what can be deleted at any time and only costs time to make again.

`VOICEPIPE_CACHE` names another folder.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

CACHE_VARIABLE: Final = "VOICEPIPE_CACHE"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Say where this user's caches are, whether or not the folder exists."""
    if environment.get(CACHE_VARIABLE):
        return Path(environment[CACHE_VARIABLE])
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "voicepipe"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "voicepipe"
    given = environment.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "voicepipe"


def machine_name() -> str:
    """Name the processor, as the system does."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", facts.read_text("utf-8", "replace"), re.M)
        if found is not None:
            return found[1].strip()
    return platform.processor() or platform.machine() or "unknown"


def machine_key() -> str:
    """Name the machine for what is kept of it: homes are shared among machines."""
    facts = {"node": platform.node(), "processor": machine_name()}
    return hashlib.sha256(orjson.dumps(facts)).hexdigest()[:12]
