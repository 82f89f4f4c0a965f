"""Choices that are measured once on a machine and kept in the user's cache folder.

Two ways of computing the same may differ in last bits, so all runs and all processes of a machine
must choose alike: what was measured first holds, for this processor and these library releases. A
kept choice is tried anew before it is used. Where nothing can be kept nothing is measured: the
first way that is sound is taken. The folder can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING, Final

import orjson
import torch

from voicepipe.hashing import sha256_of_json
from voicepipe.regular_files import read_regular
from voicepipe.user_cache import cache_folder, machine_key, machine_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from voicepipe.hashing import Json

    Measure = Callable[[Sequence[str]], Mapping[str, float]]

LEAST_GAIN: Final = 0.85
"""Another way than the first must take less than this share of its time: the first one's bits are
those of other machines, and its weights are shared between processes."""
MOST_FILES: Final = 64
REVISION: Final = 3
"""Of our own kernels and of the measurements; raised when either changes."""
_SCHEMA: Final = 1
_MOST_BYTES: Final = 1 << 16


class KeptChoice:
    """One choice on this machine.

    Args:
        kind: What is chosen.
        facts: What it depends on, beside the machine.
        options: Ways of computing the same, the preferred one first.
        is_sound: Tries whether one computes right here.
    """

    def __init__(
        self,
        kind: str,
        facts: Mapping[str, Json],
        *,
        options: Sequence[str],
        is_sound: Callable[[str], bool],
    ) -> None:
        self._options, self._is_sound = options, is_sound
        described: dict[str, Json] = {
            "kind": kind,
            "facts": facts,
            "options": [*options],
            "processor": machine_name(),
            "torch": torch.__version__,
            "revision": REVISION,
        }
        name = f"{kind}-{sha256_of_json(described)[:24]}.json"
        self._path = cache_folder() / "kernels" / machine_key() / name

    def choose(self, measure: Measure) -> str:
        """Give what is kept, or measure and keep.

        Args:
            measure: Gives seconds for each of some options; called at most once.
        """
        kept = self._read()
        if kept in self._options and self._is_sound(kept):
            return kept
        sound = [option for option in self._options if self._is_sound(option)]
        if len(sound) == 1 or not self._can_keep():
            return sound[0]
        is_damaged = self._path.exists()
        self._write(_fastest(sound, measure(sound)), is_damaged=is_damaged)
        kept = self._read()
        return kept if kept in sound else sound[0]

    def _read(self) -> str:
        """Give what is kept; what cannot be read counts as not there."""
        try:
            found = orjson.loads(read_regular(self._path, limit=_MOST_BYTES))
            return str(found["choice"]) if found["schema"] == _SCHEMA else ""
        except (OSError, ValueError, TypeError, KeyError):
            return ""

    def _can_keep(self) -> bool:
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.access(self._path.parent, os.W_OK)

    def _write(self, choice: str, *, is_damaged: bool) -> None:
        """Keep a choice, unless another process has just kept one."""
        aside = self._path.with_name(f"{secrets.token_hex(8)}.part")
        with contextlib.suppress(OSError):
            _prune(self._path.parent)
            aside.write_bytes(orjson.dumps({"choice": choice, "schema": _SCHEMA}))
            if is_damaged:
                aside.replace(self._path)
            else:
                os.link(aside, self._path)  # fails where the file is there by now
        with contextlib.suppress(OSError):
            aside.unlink()


def _fastest(options: Sequence[str], seconds: Mapping[str, float]) -> str:
    first, *others = options
    fastest = min(others, key=seconds.__getitem__)
    return fastest if seconds[fastest] < LEAST_GAIN * seconds[first] else first


def _prune(folder: Path) -> None:
    kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in kept[: -MOST_FILES + 1]:
        path.unlink(missing_ok=True)
