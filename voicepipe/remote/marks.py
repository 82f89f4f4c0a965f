"""Which version of a bank is known to be shared whole, so that nobody has to ask again.

A note in the output folder; without it, or with a damaged one, the store is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.bank.faults import explained
from voicepipe.bank.files import write_atomic
from voicepipe.bank.schemas import Schema
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.remote.address import StoreAddress

_NAME: Final = "shared.json"
_NOTE: Final = Schema(what="the note of what is shared")
_LARGEST: Final = 1 << 24


def shared_version(out: Path, address: StoreAddress, bank: str, store_id: str = "") -> str:
    """Name the newest version all of whose takes went to a store.

    Args:
        out: The output folder.
        address: Of the store.
        bank: The bank's name.
        store_id: What the store says it is; empty while it has not been asked.

    Returns:
        Empty when none is known to be there.
    """
    mark = _read(out).get(address.digest)
    if not isinstance(mark, dict) or (store_id and mark.get("id") != store_id):
        return ""
    banks = mark.get("banks")
    version = banks.get(bank) if isinstance(banks, dict) else None
    return version if isinstance(version, str) else ""


def mark_shared(out: Path, address: StoreAddress, bank: str, store_id: str, version: str) -> None:
    """Note that a version is shared whole; the caller holds the output folder's lock.

    Raises:
        EnvironmentFault: The note cannot be written.
    """
    stores = _read(out)
    mark = stores.get(address.digest)
    banks = mark.get("banks") if isinstance(mark, dict) and mark.get("id") == store_id else None
    kept = dict(banks) if isinstance(banks, dict) else {}
    stores[address.digest] = {"id": store_id, "banks": {**kept, bank: version}}
    content = orjson.dumps(
        {"schema": _NOTE.number, "stores": stores},
        option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS,
    )
    write_atomic(out, out / _NAME, content + b"\n")


def forget_marks(out: Path) -> None:
    """Have every store asked again.

    Raises:
        EnvironmentFault: The note cannot be removed.
    """
    with explained(out / _NAME):
        (out / _NAME).unlink(missing_ok=True)


def _read(out: Path) -> dict[str, object]:
    path = out / _NAME
    try:
        facts = orjson.loads(read_regular(path, limit=_LARGEST))
    except (OSError, orjson.JSONDecodeError):
        return {}
    fields, _ = _NOTE.bring_up(facts, str(path))
    stores = fields.get("stores")
    return dict(stores) if isinstance(stores, dict) else {}
