"""Talk to the espeak-ng program over pipes: start it, ask it, replace it when it fails.

Knows the frames of `espeak_host.py`; knows nothing of lines or voices.
"""

from __future__ import annotations

import importlib.util
import json
import platform
import struct
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from voicepipe.engines.scratch.wheels import installed_version
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.installation import install_remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

WHEEL = "espeakng-loader"
_MODULE = "espeakng_loader"

_LIBRARIES = {"Windows": "espeak-ng.dll", "Darwin": "libespeak-ng.dylib"}
_MAX_HEAD_BYTES = 1 << 16
_MAX_SOUND_BYTES = 64 << 20  # 25 minutes at 22 050 Hz: longer than any line, small enough to hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What espeak-ng is asked to say: plain text and its own parameters."""

    voice: str
    """`language+variant`, as espeak-ng spells them."""
    text: str
    """Never markup: control characters are removed before."""
    rate: int
    """Words a minute, 80–450."""
    pitch: int
    """0–99, 50 is the variant's own."""
    range: int
    """Liveliness of the melody, 0–99, 50 is the language's own."""
    volume: int
    """Percent."""
    seed: int


def wheel_version() -> str:
    """Say which release of the wheel would speak.

    Raises:
        EnvironmentFault: It is not installed.
    """
    return installed_version(WHEEL, needed_for="the scratch engine")


def host_command() -> tuple[str, ...]:
    """Give the command line that starts the espeak-ng program.

    Raises:
        EnvironmentFault: The wheel is missing or incomplete.
    """
    spec = importlib.util.find_spec(_MODULE)  # finds it, does not import it
    if spec is None or spec.origin is None:
        message = f"the scratch engine needs the package {WHEEL}, which is not installed"
        raise EnvironmentFault(message, remedy=install_remedy("scratch"))
    folder = Path(spec.origin).parent
    library = folder / _LIBRARIES.get(platform.system(), "libespeak-ng.so")
    data = folder / "espeak-ng-data"
    for path in (library, data):
        if not path.exists():
            message = f"the package {WHEEL} is incomplete: {path.name} is missing"
            raise EnvironmentFault(message, remedy=install_remedy("scratch", afresh=True))
    script = Path(__file__).with_name("espeak_host.py")
    return (sys.executable, "-I", "-S", str(script), str(library), str(data))


class EspeakDied(SynthesisError):
    """The program ended, was killed or hung while it spoke; the next request starts another."""


class EspeakHost:
    """One running espeak-ng program.

    After a failure of any kind the program is ended, and the next request starts a new one.

    Args:
        command: From `host_command`.
        timeout_s: How long one answer may take; a sentence takes about 0.02 s.
    """

    def __init__(self, command: Sequence[str], *, timeout_s: float = 60.0) -> None:
        self._command = tuple(command)
        self._timeout_s = timeout_s
        self._program: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program and wait until espeak-ng has found its data.

        Raises:
            EnvironmentFault: It does not start.
        """
        if self._program is not None:
            return
        try:
            self._program = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._exchange(b"")
        except (OSError, SynthesisError) as error:
            self.close()
            message = f"the espeak-ng program does not start: {error}"
            remedy = install_remedy("scratch", afresh=True)
            raise EnvironmentFault(message, remedy=remedy) from error

    def speak(self, utterance: Utterance) -> tuple[bytes, int]:
        """Say it.

        Returns:
            16-bit little-endian mono PCM, which may be empty, and its sample rate in Hz.

        Raises:
            EspeakDied: The program died or hung.
            SynthesisError: espeak-ng refused, or answered nonsense.
            EnvironmentFault: It does not start.
        """
        self.start()
        body = json.dumps(asdict(utterance)).encode()
        try:
            return self._exchange(struct.pack("<I", len(body)) + body)
        except SynthesisError:
            self.close()
            raise

    def close(self) -> None:
        """End the program; safe to call twice."""
        program, self._program = self._program, None
        if program is None:
            return
        program.kill()
        program.wait()
        for pipe in (program.stdin, program.stdout):
            if pipe is not None:
                _close_quietly(pipe)

    def _exchange(self, frame: bytes) -> tuple[bytes, int]:
        program = self._program
        assert program is not None
        assert program.stdin is not None
        assert program.stdout is not None
        is_late = threading.Event()

        def stop_waiting() -> None:
            is_late.set()
            program.kill()

        timer = threading.Timer(self._timeout_s, stop_waiting)
        timer.daemon = True
        timer.start()
        try:
            if frame:
                program.stdin.write(frame)
                program.stdin.flush()
            return _read_reply(program.stdout)
        except (OSError, EOFError) as error:
            if is_late.is_set():
                message = f"espeak-ng did not answer within {self._timeout_s:g} s"
            else:
                message = f"the espeak-ng program died (exit status {program.wait()})"
            raise EspeakDied(message) from error
        finally:
            timer.cancel()


def _read_reply(stream: IO[bytes]) -> tuple[bytes, int]:
    n_head = struct.unpack("<I", _read_exactly(stream, 4))[0]
    if n_head > _MAX_HEAD_BYTES:
        raise SynthesisError(f"the espeak-ng program answered nonsense: a head of {n_head} bytes")
    head = _read_exactly(stream, n_head)
    try:
        reply = json.loads(head)
        is_ok, error = bool(reply["ok"]), str(reply.get("error", ""))
        rate, n_bytes = int(reply.get("sample_rate", 0)), int(reply.get("n_bytes", 0))
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise SynthesisError(f"the espeak-ng program answered nonsense: {head[:40]!r}") from fault
    if not is_ok:
        raise SynthesisError(f"espeak-ng refused: {error}")
    if not (8_000 <= rate <= 192_000 and 0 <= n_bytes <= _MAX_SOUND_BYTES and n_bytes % 2 == 0):
        message = f"the espeak-ng program answered nonsense: {n_bytes} bytes at {rate} Hz"
        raise SynthesisError(message)
    return _read_exactly(stream, n_bytes), rate


def _read_exactly(stream: IO[bytes], count: int) -> bytes:
    content = stream.read(count)
    if len(content) != count:
        raise EOFError
    return content


def _close_quietly(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # a write that the dead program never read
        return
