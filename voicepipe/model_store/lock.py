"""`models.lock`: which bytes a project's models are, written down beside its scripts.

A bank made with these models can be made again only with these bytes. The file
is JSON, sorted, meant to be committed. Knows nothing of what models do.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import orjson

from voicepipe.bank.schemas import Schema
from voicepipe.documents.inside import refuse_links
from voicepipe.documents.replacing import write_file
from voicepipe.errors import EnvironmentFault, InputError
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.hashing import Json

LOCK_NAME: Final = "models.lock"
LOCK: Final = Schema(what="the model lock")

_MAX_BYTES = 4 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[^\W_][\w.+=@-]{0,79}")


class Trust(str, Enum):
    """On whose word the bytes of a model are the right ones."""

    PINNED = "pinned"
    """They have the hash this release of voicepipe names."""
    FIRST_USE = "first-use"
    """The hub said so when they were fetched; from then on they must stay the same."""
    LOCAL = "local"
    """Whoever imported the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFile:
    """One file of a model."""

    sha256: str
    n_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a model came from."""

    file: str
    """Name of the original file."""
    sha256: str
    """Hash of the original file, before conversion."""
    trust: Trust
    repository: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Whose recordings a model was made of, under whose word."""

    voice: str
    """The voice it was trained for; when that is revoked, the model goes."""
    consent: str
    """Id of the consent record."""
    dataset_sha256: str
    """Of the recordings and texts it heard."""
    base: str
    """Name of the model that training began with."""
    base_sha256: str
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedModel:
    """One model of the project."""

    name: str
    family: str
    lora_rank: int | None
    files: Mapping[str, LockedFile]
    """By file name inside the model's folder."""
    source: Source
    trained: Trained | None = None
    """None: not trained here."""
    more: Mapping[str, Json] = field(default_factory=dict)
    """What a newer release noted besides: kept, and written again."""


_KNOWN: Final = frozenset(each.name for each in fields(LockedModel))


def is_model_name(name: str) -> bool:
    """Whether a name can be a folder and a word on the command line everywhere."""
    return bool(_NAME.fullmatch(name)) and not name.endswith(".") and ".." not in name


def read_lock(path: Path) -> dict[str, LockedModel]:
    """Read a lock file; an absent one holds nothing.

    Raises:
        InputError: It is not a lock file.
        MadeByNewer: A newer release wrote it.
        EnvironmentFault: It cannot be read.
    """
    document = _read(path)
    models = document.get("models")
    if not isinstance(models, dict):
        raise _broken(path, "has no table `models`")
    try:
        return {name: _model(name, entry) for name, entry in models.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(path, f"an entry is malformed ({error})") from error


def _read(path: Path) -> dict[str, Any]:
    """Read the tables of a lock file, with those only a newer release knows."""
    try:
        content = read_regular(path, limit=_MAX_BYTES)
    except FileNotFoundError:
        return {"models": {}}
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise EnvironmentFault(msg, remedy="check its permissions") from error
    if len(content) > _MAX_BYTES:
        raise _broken(path, f"larger than {_MAX_BYTES} bytes")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _broken(f"{path}:{error.lineno}:{error.colno}", f"not JSON ({error.msg})") from error
    tables, fault = LOCK.bring_up(document, str(path))
    if fault:
        raise _broken(path, fault)
    return tables


def write_lock(path: Path, models: Mapping[str, LockedModel]) -> None:
    """Write a lock file, whole or not at all.

    Raises:
        InputError: What stands there is not a lock file.
        MadeByNewer: A newer release wrote what stands there.
        EnvironmentFault: It cannot be written, or is a link.
    """
    refuse_links(path.parent, path)
    entries = {}
    for name, model in models.items():
        entry = asdict(model)
        entry |= entry.pop("more")
        del entry["name"]
        if model.trained is None:
            del entry["trained"]
        entries[name] = entry
    document = {**_read(path), "schema": LOCK.number, "models": entries}
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    write_file(path, content + b"\n")


def _broken(where: object, what: str) -> InputError:
    return InputError(
        f"{where}: {what}", remedy="take the file from version control, or import the models again"
    )


def _model(name: str, entry: dict[str, Any]) -> LockedModel:
    if not is_model_name(name):
        msg = f"{name!r} cannot be a model's name"
        raise ValueError(msg)
    source = entry["source"]
    rank = entry["lora_rank"]
    if rank is not None and not isinstance(rank, int):
        msg = f"lora_rank of {name} is {rank!r}"
        raise ValueError(msg)
    return LockedModel(
        name=name,
        family=str(entry["family"]),
        lora_rank=rank,
        files={file: _file(file, facts) for file, facts in entry["files"].items()},
        source=Source(
            file=str(source["file"]),
            sha256=_sha256(source["sha256"]),
            trust=Trust(source["trust"]),
            repository=str(source["repository"]),
            revision=str(source["revision"]),
        ),
        trained=_trained(entry["trained"]) if "trained" in entry else None,
        more={key: value for key, value in entry.items() if key not in _KNOWN},
    )


def _trained(facts: dict[str, Any]) -> Trained:
    return Trained(
        voice=str(facts["voice"]),
        consent=str(facts["consent"]),
        dataset_sha256=_sha256(facts["dataset_sha256"]),
        base=str(facts["base"]),
        base_sha256=_sha256(facts["base_sha256"]),
        steps=int(facts["steps"]),
    )


def _file(name: str, facts: dict[str, Any]) -> LockedFile:
    if not is_model_name(name):
        msg = f"{name!r} cannot be the name of a model's file"
        raise ValueError(msg)
    return LockedFile(sha256=_sha256(facts["sha256"]), n_bytes=int(facts["n_bytes"]))


def _sha256(text: object) -> str:
    if isinstance(text, str) and _SHA256.fullmatch(text):
        return text
    msg = f"{text!r} is no sha256"
    raise ValueError(msg)
