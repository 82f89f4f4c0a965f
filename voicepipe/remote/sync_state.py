"""Which stores an output folder has shared with, and which version is known to lie there whole.

A note in the output folder; without it, or with a damaged one, the store is asked. A revocation
has to reach every store that is noted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.bank.files import write_atomic
from voicepipe.bank.schemas import Schema
from voicepipe.errors import EnvironmentFault
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.remote.address import StoreAddress

_NAME: Final = "shared.json"
_NOTE: Final = Schema(what="the note of what is shared")
_LARGEST: Final = 1 << 24


def synced_version(out: Path, address: StoreAddress, bank: str, store_id: str = "") -> str:
    """Name the newest version all of whose takes went to a store.

    Args:
        out: The output folder.
        address: Of the store.
        bank: The bank's name.
        store_id: What the store says it is; empty while it has not been asked.

    Returns:
        Empty when none is known to be there.
    """
    state = _read(out).get(address.digest)
    if not isinstance(state, dict) or (store_id and state.get("id") != store_id):
        return ""
    banks = state.get("banks")
    version = banks.get(bank) if isinstance(banks, dict) else None
    return version if isinstance(version, str) else ""


def save_sync_state(
    out: Path, address: StoreAddress, bank: str, store_id: str, version: str
) -> None:
    """Note that a version is shared whole; the caller holds the output folder's lock.

    Raises:
        EnvironmentFault: The note cannot be written.
    """
    stores = _read(out)
    state = stores.get(address.digest)
    banks = state.get("banks") if isinstance(state, dict) and state.get("id") == store_id else None
    kept = dict(banks) if isinstance(banks, dict) else {}
    kept[bank] = version
    stores[address.digest] = {"id": store_id, "banks": kept, "address": address.url}
    _write(out, stores)


def note_store(out: Path, address: StoreAddress, store_id: str) -> None:
    """Note that this output folder shares with a store, before anything is written there.

    The caller holds the output folder's lock.

    Raises:
        EnvironmentFault: The note cannot be written.
    """
    stores = _read(out)
    state = stores.get(address.digest)
    if isinstance(state, dict) and state.get("id") == store_id and state.get("address"):
        return
    banks = state.get("banks") if isinstance(state, dict) and state.get("id") == store_id else {}
    stores[address.digest] = {"id": store_id, "banks": banks, "address": address.url}
    _write(out, stores)


def stores_used(out: Path) -> dict[str, str]:
    """List the stores this output folder has shared with.

    Returns:
        Digest of the address → address; empty where an older note does not say it.

    Raises:
        EnvironmentFault: The note is damaged, so that nobody knows.
    """
    path = out / _NAME
    found: dict[str, str] = {}
    if path.exists() and not _read(out):
        raise EnvironmentFault(
            f"{path} is damaged: it names the stores this project has shared with",
            remedy="revoke the voice from each with --store, then remove the file",
        )
    for digest, state in _read(out).items():
        address = state.get("address") if isinstance(state, dict) else None
        found[digest] = address if isinstance(address, str) else ""
    return found


def _write(out: Path, stores: dict[str, object]) -> None:
    content = orjson.dumps(
        {"schema": _NOTE.number, "stores": stores},
        option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
    )
    write_atomic(out, out / _NAME, content + b"\n")


def _read(out: Path) -> dict[str, object]:
    path = out / _NAME
    try:
        facts = orjson.loads(read_regular(path, limit=_LARGEST))
    except (OSError, orjson.JSONDecodeError):
        return {}
    fields, _ = _NOTE.bring_up(facts, str(path))
    stores = fields.get("stores")
    return dict(stores) if isinstance(stores, dict) else {}
