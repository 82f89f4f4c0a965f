"""A revocation in every shared store it concerns: noted there first, then the voice's files go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault
from voicepipe.remote.address import parse_address
from voicepipe.remote.revoked_takes import SharedRemoval, remove_revoked_shared_takes
from voicepipe.remote.store import open_store
from voicepipe.remote.sync_state import stores_used

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.pipeline.removal_inventory import RemovalInventory
    from voicepipe.remote.address import StoreAddress
    from voicepipe.remote.revocations import Revocation


class StorePurge:
    """What became of a revocation in all the stores it concerns."""

    def __init__(self) -> None:
        self.removed: SharedRemoval | None = None
        self.unread: list[str] = []
        self.remains: list[str] = []
        self.done: list[str] = []
        """Addresses of the stores that nothing of the voice is left in."""
        self._remedies: list[str] = []

    def removal(
        self, address: StoreAddress, revocation: Revocation, inventory: RemovalInventory
    ) -> None:
        """Remove a voice from one store, or note what stands in the way."""
        try:
            shared = open_store(address)
            shared.establish()
            gone = remove_revoked_shared_takes(
                shared,
                revocation,
                self.unread.append,
                before=partial(inventory.add_shared, shared),
            )
        except EnvironmentFault as fault:
            remedy = f"run this again once it can be reached ({fault.remedy})"
            self.leave(fault.message, f"{remedy}; if it is gone for good, remove out/shared.json")
            return
        self.done.append(str(address))
        before = self.removed or SharedRemoval(takes=0, clips=0, objects=0)
        self.removed = SharedRemoval(
            takes=before.takes + gone.takes,
            clips=before.clips + gone.clips,
            objects=before.objects + gone.objects,
        )

    def leave(self, what: str, remedy: str) -> None:
        """Note a store that was not reached."""
        self.remains.append(what)
        self._remedies.append(remedy)

    def require_done(self, voice: str) -> None:
        """Go on only when every store was reached.

        Raises:
            EnvironmentFault: Names those that were not.
        """
        if self.remains:
            raise EnvironmentFault(
                f'the voice "{voice}" is revoked here, but not in the shared store: '
                f"{'; '.join(self.remains)}",
                remedy="; ".join(dict.fromkeys(self._remedies)),
            )


def revoke_from_stores(
    out: Path,
    revocation: Revocation,
    chosen: StoreAddress | None,
    inventory: RemovalInventory,
    *,
    is_off: bool,
) -> StorePurge:
    """Revoke from the store that is set and from every other one this folder has shared with."""
    done = StorePurge()
    addresses = {} if chosen is None else {chosen.digest: chosen}
    try:
        used = stores_used(out)
    except EnvironmentFault as fault:
        used = {}
        done.leave(fault.message, fault.remedy)
    for digest, url in used.items():
        if digest in addresses:
            continue
        if url and not is_off:
            addresses[digest] = parse_address(url)
        elif url:
            done.leave(f"{url} was left alone", "run this again without --store off")
        else:
            done.leave(
                "the project has shared takes in a store whose address was not noted",
                "run this again with --store and its address",
            )
    for address in addresses.values():
        done.removal(address, revocation, inventory)
    return done
