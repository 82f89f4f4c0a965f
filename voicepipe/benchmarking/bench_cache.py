"""Where benches are kept: the user's cache folder, for they speak of a machine, not of a project.

One file a machine, device, precision, number of slots and set of models; a new bench replaces the
old one. `VOICEPIPE_CACHE` names another folder.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from typing import TYPE_CHECKING

import orjson

from voicepipe.benchmarking.report import parse_report
from voicepipe.errors import EnvironmentFault
from voicepipe.regular_files import read_regular
from voicepipe.user_cache import CACHE_VARIABLE, cache_folder, machine_key

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.benchmarking.report import BenchReport

_MAX_BYTES = 1 << 20


def bench_path(
    *, device: str, precision: str, slots_asked: int, models_key: str, cache: Path | None = None
) -> Path:
    """Say which file keeps the bench of these models on this machine."""
    slots = f"{slots_asked}-slots" if slots_asked else "auto"
    parts = (device, precision, slots, models_key)
    name = "-".join(re.sub(r"[^A-Za-z0-9.]+", "_", part) for part in parts)
    return (cache or cache_folder()) / "bench" / machine_key() / f"{name}.json"


def cache_report(report: BenchReport, cache: Path | None = None) -> Path:
    """Keep a bench, replacing an older one of the same things.

    Returns:
        The file.

    Raises:
        EnvironmentFault: It cannot be written.
    """
    path = bench_path(
        device=report.device,
        precision=report.precision,
        slots_asked=report.slots_asked,
        models_key=report.models_key,
        cache=cache,
    )
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    option = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(orjson.dumps(report.document(), option=option))
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise EnvironmentFault(
            f"{path}: {error.strerror or error}", remedy=f"set {CACHE_VARIABLE} to another folder"
        ) from error
    return path


def cached_report(
    *, device: str, precision: str, slots_asked: int, models_key: str, cache: Path | None = None
) -> BenchReport | None:
    """Give the last bench of these models on this machine; None: there is none.

    Raises:
        EnvironmentFault: There is one that cannot be read, or is damaged or of another release.
    """
    path = bench_path(
        device=device,
        precision=precision,
        slots_asked=slots_asked,
        models_key=models_key,
        cache=cache,
    )
    try:
        content = read_regular(path, limit=_MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EnvironmentFault(f"{path}: {error.strerror or error}") from error
    return parse_report(content, str(path))
