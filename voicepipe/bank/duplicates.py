"""A second name for stored bytes, so that nobody who writes to one changes the other.

Whoever opens a published file in an audio editor may save into it. So a published file never is
the stored one: it shares the disk's blocks with it until either is written to (a reflink: Btrfs,
XFS, bcachefs, APFS over Linux's interface), or else has bytes of its own. Those are shared by the
versions that hold the same clip: a bank takes its room twice, however many versions it has.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Final

from voicepipe.bank.files import READ_ONLY, SYNCS_LATER, sync_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FICLONE: Final = 0x40049409
"""Linux's request to let one file share all blocks of another."""
_HARD_ERRORS: Final = frozenset({errno.ENOSPC, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)})
_CHUNK_BYTES: Final = 1 << 20
_FEW: Final = 256
"""Files that are synced one by one; of more, the system writes all it holds in one go."""


def share_blocks(source: IO[bytes], target: IO[bytes]) -> None:
    """Let an empty file share the blocks of another one.

    Raises:
        OSError: The system or the disk cannot.
    """
    if sys.platform != "linux":
        raise OSError(errno.EOPNOTSUPP, "this system has no reflinks")
    import fcntl  # noqa: PLC0415 -- POSIX only

    fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())


class Duplicates:
    """Makes the files of one version.

    Args:
        published: sha256 → a file of an earlier version that was found as it was published and
            is no stored object.
        modified_s: The time of writing that every new file gets, in seconds since 1970.
        clone: Lets a file share another's blocks.
    """

    def __init__(
        self,
        published: Mapping[str, str],
        *,
        modified_s: float,
        clone: Callable[[IO[bytes], IO[bytes]], None] = share_blocks,
    ) -> None:
        self._published = dict(published)
        self._modified_s = modified_s
        self._clone = clone
        self._clones = True  # until one fails
        self._own: list[str] = []

    def add(self, sha256: str, source: str, target: str) -> None:
        """Give stored bytes a read-only file in the version.

        Args:
            sha256: Of the bytes.
            source: The stored file.
            target: A name that does not exist yet, in an existing folder.

        Raises:
            OSError: It could not be made; no half file is left.
        """
        if self._clones:
            self._clones = self._shared(source, target)
            if self._clones:
                return
        if self._linked(sha256, target):
            return
        with open(source, "rb") as reading, open(target, "xb") as writing:  # noqa: PTH123
            self._fill(target, lambda: shutil.copyfileobj(reading, writing, _CHUNK_BYTES))
        self._settle(target)
        self._published[sha256] = target

    def sync(self) -> None:
        """Wait until the disk has what was made.

        Raises:
            OSError: The disk refuses.
        """
        if not SYNCS_LATER:
            return
        if len(self._own) > _FEW and sys.platform == "linux":
            os.sync()
            return
        with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
            list(threads.map(sync_file, self._own))

    def _shared(self, source: str, target: str) -> bool:
        with open(source, "rb") as reading, open(target, "xb") as writing:  # noqa: PTH123
            try:
                self._fill(target, lambda: self._clone(reading, writing))
            except OSError as error:
                if error.errno in _HARD_ERRORS:
                    raise
                return False
        self._settle(target)
        return True

    def _linked(self, sha256: str, target: str) -> bool:
        earlier = self._published.get(sha256)
        if earlier is None:
            return False
        try:
            os.link(earlier, target)
        except OSError as error:
            if error.errno in _HARD_ERRORS or isinstance(error, FileExistsError):
                raise
            return False  # as many links as the disk allows, or gone: it gets bytes of its own
        return True

    def _fill(self, target: str, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError:
            os.unlink(target)  # noqa: PTH108
            raise

    def _settle(self, target: str) -> None:
        os.utime(target, (self._modified_s, self._modified_s))
        os.chmod(target, READ_ONLY)  # noqa: PTH101
        self._own.append(target)
