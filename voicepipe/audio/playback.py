"""Making a sound file heard: through PortAudio, or a player that the system has.

Players are started as programs with a list of arguments, never through a shell, and get the file
by its absolute path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from voicepipe.audio.wav import read_clip
from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EXTRA: Final = "listen"
"""The optional packages that play without a system player."""
_PATH_VARIABLE: Final = "VOICEPIPE_SOUND"
_PLAY_ON_WINDOWS: Final = f"(New-Object System.Media.SoundPlayer $env:{_PATH_VARIABLE}).PlaySync()"
_COMPLAINT: Final = "audio open failed"
"""What FFmpeg's player says, and ends with 0, where there is no output."""
_COMMANDS: Final[tuple[tuple[str, ...], ...]] = (
    ("afplay",),
    ("paplay",),
    ("aplay", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-i"),
)
"""Programs that take a path last: of macOS, PulseAudio or PipeWire, ALSA, and FFmpeg."""
_WINDOWS: Final = (
    "powershell", "-NoProfile", "-NonInteractive", "-Command", _PLAY_ON_WINDOWS,
)  # fmt: skip
"""Takes the path from a variable: on its command line it would be read as a script."""


class Player(Protocol):
    """Something that plays a sound file to its end."""

    @property
    def name(self) -> str:
        """What people know it by."""
        ...

    def play(self, path: Path) -> str:
        """Play a file.

        Returns:
            Why it could not be played; empty when it was.
        """
        ...


@dataclass(frozen=True, slots=True)
class PortAudio:
    """The system's sound output through `sounddevice`."""

    name: str = "sounddevice"

    def play(self, path: Path) -> str:
        """Play a file; otherwise as `Player.play`."""
        import sounddevice  # noqa: PLC0415 - optional

        clip = read_clip(path)
        try:
            sounddevice.play(clip.samples, clip.sample_rate, blocking=True)
        except sounddevice.PortAudioError as error:
            return str(error)
        return ""


@dataclass(frozen=True, slots=True)
class Program:
    """A player of the system."""

    arguments: tuple[str, ...]
    """The program first; the path is added, or given in a variable where `in_variable`."""
    in_variable: bool = False

    @property
    def name(self) -> str:
        """The program's name."""
        return self.arguments[0].replace("\\", "/").rpartition("/")[2]

    def play(self, path: Path) -> str:
        """Play a file; otherwise as `Player.play`."""
        path = path.absolute()
        words = list(self.arguments) if self.in_variable else [*self.arguments, str(path)]
        try:
            done = subprocess.run(
                words,
                env={**os.environ, _PATH_VARIABLE: str(path)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            return error.strerror or str(error)
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        complaints = [line for line in said if _COMPLAINT in line]
        if done.returncode == 0 and not complaints:
            return ""
        return (complaints or said or [f"exit code {done.returncode}"])[-1].strip()


def players_here() -> tuple[Player, ...]:
    """List what can play sound on this machine, the preferred one first."""
    programs: list[Program] = []
    for name, *options in _COMMANDS:
        found = shutil.which(name)
        if found:
            programs.append(Program((found, *options)))
    windows = shutil.which(_WINDOWS[0]) if os.name == "nt" else None
    if windows:
        programs.append(Program((windows, *_WINDOWS[1:]), in_variable=True))
    return (PortAudio(), *programs) if _has_output() else tuple(programs)


def _has_output() -> bool:
    try:
        import sounddevice  # noqa: PLC0415 - optional
    except (ImportError, OSError):  # not installed, or without its library
        return False
    try:
        sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError):
        return False
    return True


@dataclass(slots=True)
class Loudspeaker:
    """Plays one file after the other, with the first player that can."""

    players: Sequence[Player] = field(default_factory=players_here)

    def play(self, path: Path) -> str:
        """Play a file to its end.

        Returns:
            The name of what played it.

        Raises:
            AudioFileError: It is no sound file that can be read.
            EnvironmentFault: Nothing here plays sound, or nothing that is here could.
        """
        failed = []
        for number, player in enumerate(self.players):
            reason = player.play(path)
            if not reason:
                self.players = self.players[number:]
                return player.name
            failed.append(f"{player.name}: {reason}")
        raise EnvironmentFault(
            f"{path} cannot be played: {'; '.join(failed) or 'nothing here plays sound'}",
            remedy=f"open the file in a player of your own, or: {install_remedy(EXTRA)}",
        )
