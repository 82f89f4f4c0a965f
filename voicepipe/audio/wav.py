"""Reading sound files, whoever made them.

WAV, FLAC, Ogg (Vorbis, Opus) and MP3 through libsndfile, AAC through FFmpeg where it is installed;
mixed to mono. Everything has a limit, and a file that was cut short is refused: half a sentence
must never pass for a whole one.
"""

from __future__ import annotations

import contextlib
import io
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from voicepipe.audio.aac import NotDecoded, aac_as_wave, is_aac
from voicepipe.audio.clip import AudioClip
from voicepipe.audio.riff import RiffError, find_chunks, is_wave
from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_BYTES = 128 * 1024 * 1024
MAX_DURATION_S = 600.0
MAX_CHANNELS = 8
MAX_VALUES = 64_000_000
"""Frames times channels: 256 MB once decoded."""
MIN_RATE, MAX_RATE = 8_000, 192_000
_CONTAINERS = ("WAV", "WAVEX", "FLAC", "OGG", "MP3")
_HEAD_BYTES = 16
_OGG_LAST_PAGE = 0x04
_OGG_PAGE_HEADER = 27
_RESAVE = "export it again as WAV (mono, 24-bit PCM) from an audio editor"


class AudioFileError(EnvironmentFault):
    """A sound file cannot be used; names the file, what is wrong and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """What a file was before it became a mono clip."""

    container: str
    """`WAV`, `FLAC`, `OGG`, `MP3`, `AAC`."""
    encoding: str
    """libsndfile's subtype, such as `PCM_24` or `OPUS`."""
    channels: int
    sample_rate: int
    n_frames: int


def read_clip(path: Path) -> AudioClip:
    """Read a sound file as a mono clip at its own sample rate.

    Raises:
        AudioFileError: Missing, too large, not a sound file, damaged, or cut short.
    """
    return decode_clip(read_bytes(path), str(path))[0]


def read_duration_s(path: Path) -> float:
    """Read how long a sound file says it is, without decoding it.

    Raises:
        AudioFileError: Missing, or not a sound file.
    """
    with contextlib.suppress(OSError), path.open("rb") as stream:
        if is_aac(stream.read(_HEAD_BYTES)):
            return decode_clip(read_bytes(path), str(path))[0].duration_s
    try:
        return float(soundfile.info(str(path)).duration)
    except (soundfile.SoundFileError, RuntimeError, ValueError, OSError) as error:
        raise AudioFileError(
            f"{path}: is no sound file that can be read", remedy=_RESAVE
        ) from error


def read_bytes(path: Path, name: str = "") -> bytes:
    """Read a file that ought to hold sound, within the size limit.

    Args:
        path: The file.
        name: What to call it in messages; the path when empty.

    Raises:
        AudioFileError: Missing, unreadable, not a regular file, or too large.
    """
    name = name or str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise AudioFileError(
                f"{name}: is not a file", remedy="name a WAV, FLAC, Ogg, MP3 or M4A file"
            )
        if status.st_size > MAX_FILE_BYTES:
            raise AudioFileError(
                f"{name}: has {status.st_size} bytes, the limit is {MAX_FILE_BYTES}",
                remedy="cut it to the part that is needed",
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AudioFileError(
            f"{name}: cannot be read: {reason}", remedy="check the path and its permissions"
        ) from error
    except ValueError as error:  # a NUL in the name
        raise AudioFileError(f"{name}: is not a usable path", remedy="rename the file") from error


def decode_clip(content: bytes, name: str) -> tuple[AudioClip, SoundFacts]:
    """Decode the bytes of a sound file to a mono clip; channels are averaged.

    Args:
        content: The whole file.
        name: What to call it in messages.

    Raises:
        AudioFileError: Not a sound file we read, over a limit, damaged, cut short, or holding
            samples that are not numbers.
    """
    if not content:
        raise AudioFileError(f"{name}: is empty", remedy=_RESAVE)
    if is_aac(content):
        return _decoded_aac(content, name)
    _check_whole(content, name)
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as sound:
            facts = _facts(sound)
            _check_limits(facts, name)
            frames = sound.read(dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
        # The library names its stream by an address in memory, which says nothing to anyone.
        reason = str(getattr(error, "error_string", error)).replace("\n", " ").rstrip(".")
        raise AudioFileError(f"{name}: cannot be decoded: {reason}", remedy=_RESAVE) from error
    if len(frames) != facts.n_frames:
        raise AudioFileError(
            f"{name}: holds {len(frames)} of {facts.n_frames} frames: it was cut short",
            remedy="copy it again from where it came from",
        )
    samples = frames[:, 0] if facts.channels == 1 else frames.mean(axis=1, dtype=np.float32)
    if not bool(np.all(np.isfinite(samples))):
        raise AudioFileError(f"{name}: holds samples that are not numbers", remedy=_RESAVE)
    mono = np.ascontiguousarray(samples, dtype=np.float32)
    return AudioClip(samples=mono, sample_rate=facts.sample_rate), facts


def _decoded_aac(content: bytes, name: str) -> tuple[AudioClip, SoundFacts]:
    try:
        wave = aac_as_wave(content, longest_s=MAX_DURATION_S)
    except NotDecoded as error:
        raise AudioFileError(f"{name}: {error.message}", remedy=error.remedy) from error
    clip, facts = decode_clip(wave, name)
    return clip, replace(facts, container="AAC", encoding="AAC")


def _facts(sound: soundfile.SoundFile) -> SoundFacts:
    return SoundFacts(
        container=str(sound.format),
        encoding=str(sound.subtype),
        channels=int(sound.channels),
        sample_rate=int(sound.samplerate),
        n_frames=int(sound.frames),
    )


def _check_limits(facts: SoundFacts, name: str) -> None:
    def refuse(what: str, remedy: str = _RESAVE) -> AudioFileError:
        return AudioFileError(f"{name}: {what}", remedy=remedy)

    if facts.container not in _CONTAINERS:
        raise refuse(f"is a {facts.container} file; WAV, FLAC, Ogg, MP3 and AAC are read")
    if facts.channels > MAX_CHANNELS:
        raise refuse(f"has {facts.channels} channels, the limit is {MAX_CHANNELS}")
    if not MIN_RATE <= facts.sample_rate <= MAX_RATE:
        raise refuse(f"has {facts.sample_rate} Hz; {MIN_RATE} to {MAX_RATE} Hz are read")
    if facts.n_frames <= 0:
        raise refuse("holds no sound")
    duration_s = facts.n_frames / facts.sample_rate
    if duration_s > MAX_DURATION_S or facts.n_frames * facts.channels > MAX_VALUES:
        raise refuse(
            f"lasts {duration_s:.0f} s with {facts.channels} channels; "
            f"the limit is {MAX_DURATION_S:.0f} s and {MAX_VALUES} samples",
            "cut it to the part that is needed",
        )


def _check_whole(content: bytes, name: str) -> None:
    # libsndfile reads what is there and says nothing of what is missing.
    problem = ""
    if is_wave(content):
        try:
            find_chunks(content)
        except RiffError as error:
            problem = str(error)
    elif content[:4] == b"OggS":
        problem = _ogg_problem(content)
    if problem:
        raise AudioFileError(
            f"{name}: was cut short: {problem}", remedy="copy it again from where it came from"
        )


def _ogg_problem(content: bytes) -> str:
    """Look at the last page: it must say that it is the last, and be all there (RFC 3533)."""
    at = content.rfind(b"OggS")
    page = content[at:]
    if len(page) < _OGG_PAGE_HEADER or len(page) < _OGG_PAGE_HEADER + page[26]:
        return "its last Ogg page is not whole"
    lengths = page[_OGG_PAGE_HEADER : _OGG_PAGE_HEADER + page[26]]
    if len(page) < _OGG_PAGE_HEADER + len(lengths) + sum(lengths):
        return "its last Ogg page is not whole"
    if not page[5] & _OGG_LAST_PAGE:
        return "it does not end with a last Ogg page"
    return ""
