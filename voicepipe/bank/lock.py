"""One writer at a time.

The operating system's file lock decides, so that a killed process frees it
by itself; `out/work/lock.json` beside it says who holds it. Readers never
come here. Where a shared folder does not carry locks between machines, the
note of another machine is believed.
"""

from __future__ import annotations

import os
import platform
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from filelock import FileLock, Timeout

from voicepipe.bank.faults import explained
from voicepipe.bank.files import make_folder, remove_file, sweep, write_atomic
from voicepipe.bank.layout import work_folder
from voicepipe.bank.record_fields import read_fields
from voicepipe.clock import utc_now
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import BankLocked, EnvironmentFault
from voicepipe.regular_files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK_NAME = "lock"
HOLDER_NAME = "lock.json"
_LARGEST_NOTE = 1 << 16
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_START_FIELD = 19
"""Of /proc/<pid>/stat, counted after the command's closing bracket: ticks since boot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who is writing to an output folder."""

    pid: int
    process_started: str
    """The system's own mark of the process's start, against reused ids; empty where unknown."""
    host: str
    machine: str
    """The running system's own id: equal in all containers of one machine; empty where unknown."""
    command: str
    since: str
    """UTC, ISO 8601."""

    def __str__(self) -> str:
        return f"`{self.command}` (process {self.pid} on {self.host}, since {self.since})"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLock:
    """Proof that this process is the writer."""

    holder: Holder
    taken_over_from: Holder | None
    """The last writer, when it ended without letting go."""
    swept: tuple[str, ...]
    """Names of half-written files it left."""
    out: Path
    node: tuple[int, int]
    """Device and number of the locked file: of another file of this name we hold nothing."""

    @property
    def is_in_force(self) -> bool:
        """Whether the locked file still lies where everybody looks for it."""
        return _node(work_folder(self.out) / LOCK_NAME) == self.node

    def require(self) -> None:
        """Go on only while the output folder is the one that was locked.

        Raises:
            EnvironmentFault: It was removed, moved or made anew meanwhile.
        """
        if not self.is_in_force:
            raise EnvironmentFault(
                f"{self.out}: the output folder was removed or replaced while"
                f" `{self.holder.command}` was writing to it; nothing was published",
                remedy="run it again; leave the output folder alone while a command writes to it",
            )


@contextmanager
def bank_lock(out: Path, command: str, *, wait_s: float = 0.0) -> Iterator[HeldLock]:
    """Be the only writer of an output folder; sweeps what a killed writer left half written.

    Args:
        out: The output folder; made when absent.
        command: What to tell others who find it locked.
        wait_s: How long to wait for another writer to finish.

    Raises:
        BankLocked: Another process writes; says which and since when.
        EnvironmentFault: The folder cannot be written.
    """
    work = work_folder(out)
    make_folder(work, within=out)
    _refuse_other_kinds(out, work / LOCK_NAME)
    lock = FileLock(work / LOCK_NAME)
    with explained(work / LOCK_NAME):
        try:
            lock.acquire(timeout=wait_s, poll_interval=0.05)
        except Timeout:
            raise _locked(out, who_holds(out)) from None
    try:
        last = who_holds(out)
        if last is not None and not _is_surely_gone(last):
            raise _locked_elsewhere(out, last)
        me = _myself(command)
        write_atomic(out, work / HOLDER_NAME, orjson.dumps(asdict(me)))
        held = HeldLock(
            holder=me,
            taken_over_from=last,
            swept=sweep(out),
            out=out,
            node=_node(work / LOCK_NAME),
        )
        try:
            yield held
        finally:
            # In a folder that another writer made anew, the note is theirs.
            if held.is_in_force:
                with explained(work / HOLDER_NAME):
                    remove_file(work / HOLDER_NAME, within=out)
    finally:
        lock.release()


def who_holds(out: Path) -> Holder | None:
    """Read the note of the present or last writer.

    Returns:
        None when nobody writes, or when the note cannot be read as one.

    Raises:
        EnvironmentFault: The disk will not read it.
    """
    path = work_folder(out) / HOLDER_NAME
    with explained(path):
        try:
            content = read_regular(path, limit=_LARGEST_NOTE)
        except FileNotFoundError:
            return None
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return read_fields(facts, Holder)[0]


def is_running(holder: Holder) -> bool | None:
    """Tell whether the holder's process lives, on this machine.

    Returns:
        None when that cannot be known from here.
    """
    if holder.host != platform.node() or holder.machine != _machine() or os.name == "nt":
        return None
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    started = _process_started(holder.pid)
    return not (started and holder.process_started and started != holder.process_started)


def _refuse_other_kinds(out: Path, lock: Path) -> None:
    refuse_links(out, lock)
    with explained(lock):
        if os.path.lexists(lock) and not lock.is_file():
            raise EnvironmentFault(
                f"{lock}: this is not an ordinary file", remedy="remove it and run again"
            )


def _node(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_dev, status.st_ino


def _is_surely_gone(last: Holder) -> bool:
    # We hold the system's lock: on one machine that alone proves that the last writer is gone.
    machine = _machine()
    return last.host == platform.node() or bool(machine and last.machine == machine)


def _locked(out: Path, holder: Holder | None) -> BankLocked:
    if holder is None:
        return BankLocked(
            f"{out}: another process is writing to this folder",
            remedy="wait until it has finished; reading commands work meanwhile",
        )
    if is_running(holder) is False:
        return BankLocked(
            f"{out}: {holder} has ended, but a process it started still holds the lock",
            remedy="wait a moment, or end the worker processes it left behind",
        )
    return BankLocked(
        f"{out}: {holder} is writing to this folder",
        remedy="wait until it has finished; reading commands work meanwhile",
    )


def _locked_elsewhere(out: Path, holder: Holder) -> BankLocked:
    note = work_folder(out) / HOLDER_NAME
    return BankLocked(
        f"{out}: {holder} is writing to this folder from another machine, or was stopped there",
        remedy=f"if nothing runs on {holder.host} any more, delete {note} and run again",
    )


def _myself(command: str) -> Holder:
    return Holder(
        pid=os.getpid(),
        process_started=_process_started(os.getpid()),
        host=platform.node(),
        machine=_machine(),
        command=command,
        since=utc_now(),
    )


def _machine() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _process_started(pid: int) -> str:
    if sys.platform != "linux":
        return ""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    after_command = text.rpartition(")")[2].split()
    return after_command[_START_FIELD] if len(after_command) > _START_FIELD else ""
