"""A program that shares takes and says when the first records are there; tests kill it."""

from __future__ import annotations

import sys
from pathlib import Path

from remote_builders import Messages, made, sought

from voicepipe.remote.address import parse_address
from voicepipe.remote.push import push
from voicepipe.remote.revocations import Revocations
from voicepipe.remote.store import SharedStore, open_store

if __name__ == "__main__":
    out, url, n = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    take_store = made(out, sought(n))
    store = open_store(parse_address(url))
    store.establish()
    write = SharedStore.write

    def telling(self: SharedStore, name: str, content: bytes) -> None:
        write(self, name, content)
        if name.startswith(("takes", "clips")):
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()

    SharedStore.write = telling  # type: ignore[method-assign]
    push(store, take_store, sought(n), Revocations(), Messages())
