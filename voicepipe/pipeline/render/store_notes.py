"""What the shared store says was revoked or suspended, for whatever asks outside a render."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.pipeline.render.sharing import store_address
from voicepipe.remote.revocations import Revocations, local_revocations, shared_revocations
from voicepipe.remote.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.settings import Settings


def noted_in_store(settings: Settings, asked: str = "") -> Revocations:
    """Read what the shared store says, whatever kind of store it is; nothing where there is none.

    Args:
        settings: Name the store.
        asked: Its address, or `off`; empty: as the environment and the settings say.

    Raises:
        UsageError: It is not an address.
        EnvironmentFault: The store cannot be reached, or a note is damaged.
    """
    address = store_address(settings, asked)
    if address is None:
        return Revocations()
    store = open_store(address)
    return shared_revocations(store) if store.found() else Revocations()


def noted_anywhere(root: Path, settings: Settings) -> Revocations:
    """Read what the output folder and the shared store say; otherwise as `noted_in_store`."""
    return local_revocations(root / settings.out) | noted_in_store(settings)
