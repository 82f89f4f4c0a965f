"""The exception tree and the exit codes it maps to.

Users' mistakes are data (`voicepipe.diagnostics`); only the pipeline turns a
set of error diagnostics into an `InputError`. Everything here is either the
machine's fault or a line that could not be rendered.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic


class ExitCode(IntEnum):
    """What the process says to the shell."""

    DONE = 0
    INPUT = 1
    USAGE = 2
    LINES_FAILED = 3
    ENVIRONMENT = 4
    CHANGES = 10
    BUG = 70
    INTERRUPTED = 130


class VoicepipeError(Exception):
    """The root of every error this product raises on purpose.

    Args:
        message: What is wrong, with the user's word, the limit and the value.
        remedy: One thing to do about it; empty when there is none.
    """

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process boundaries; keyword-only arguments do not survive the default way.
        return (_rebuild, (type(self), self.message, self.remedy))


def _rebuild(kind: type[VoicepipeError], message: str, remedy: str) -> VoicepipeError:
    return kind(message, remedy=remedy)


class InputError(VoicepipeError):
    """The user's files are wrong; the diagnostics say where and how to mend them."""

    exit_code = ExitCode.INPUT

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        diagnostics: Sequence[Diagnostic] = (),
        root: Path | None = None,
    ) -> None:
        """Keep the diagnostics.

        Args:
            message: How many there are.
            remedy: Where to read more.
            diagnostics: All of them; whoever catches this shows them.
            root: The project folder their paths start from.
        """
        super().__init__(message, remedy=remedy)
        self.diagnostics = tuple(diagnostics)
        self.root = root


class UsageError(VoicepipeError):
    """The command was asked for something that does not exist, such as an unknown line id."""

    exit_code = ExitCode.USAGE


class RenderError(VoicepipeError):
    """A line failed, or a check refused it."""

    exit_code = ExitCode.LINES_FAILED


class SynthesisError(RenderError):
    """An engine could not turn a request into speech; the line fails, the others go on."""


class QcRefused(RenderError):
    """A rendered or recorded clip did not pass a check."""


class EnvironmentFault(VoicepipeError):
    """Weights, device, disk or lock: nothing the script's author can mend."""

    exit_code = ExitCode.ENVIRONMENT


class CheckpointError(EnvironmentFault):
    """A model file is not what it should be; names the file and the key."""


class CorruptObject(EnvironmentFault):
    """Stored bytes do not match the hash they are stored under."""


class MadeByNewer(EnvironmentFault):
    """A file is of a schema that only a newer release knows; it is neither read nor touched."""


class BankLocked(EnvironmentFault):
    """Another process is writing to the same output folder."""
