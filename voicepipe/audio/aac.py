"""AAC (`.m4a`, `.aac`) through FFmpeg, a program of its own: libsndfile does not read it.

FFmpeg gets one file and no shell, follows no reference to another file, and has a limit of time.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from voicepipe.errors import EnvironmentFault

_PROGRAM: Final = "ffmpeg"
_LIMIT_S: Final = 120.0
"""Ten minutes of sound take two seconds."""
_ADTS: Final = (b"\xff\xf1", b"\xff\xf9")
_EXPORT: Final = "copy it again from where it came from, or export it as WAV"


class NotDecoded(EnvironmentFault):
    """The sound cannot be had; says why, without the file's name."""


def is_aac(head: bytes) -> bool:
    """Tell AAC in MPEG-4 or alone by the first bytes of a file."""
    return head[4:8] == b"ftyp" or head[:2] in _ADTS


def aac_as_wave(content: bytes, *, longest_s: float) -> bytes:
    """Decode the first sound track of a file.

    Args:
        content: The whole file.
        longest_s: More than this is not decoded, so that whoever reads the result can refuse it.

    Returns:
        A WAV of 32-bit floating-point samples, with the file's channels and rate. The same bytes
        from the same release of FFmpeg.

    Raises:
        NotDecoded: FFmpeg is not installed, or the file is damaged or cut short.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise NotDecoded(
            "is an AAC file, which needs ffmpeg, and there is none on the path",
            remedy="install ffmpeg, or export the file as WAV (mono, 24-bit PCM)",
        )
    kind = "mov" if content[4:8] == b"ftyp" else "aac"
    with tempfile.TemporaryDirectory(prefix="voicepipe-") as folder:
        given, made = Path(folder) / "given", Path(folder) / "made.wav"
        given.write_bytes(content)
        words = [
            *(program, "-nostdin", "-v", "error", "-xerror", "-err_detect", "explode"),
            *("-protocol_whitelist", "file", "-f", kind, "-i", str(given)),
            *("-map", "0:a:0", "-t", f"{longest_s + 1:g}", "-map_metadata", "-1"),
            *("-fflags", "+bitexact", "-flags", "+bitexact", "-c:a", "pcm_f32le", str(made)),
        ]
        try:
            done = subprocess.run(words, capture_output=True, check=False, timeout=_LIMIT_S)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotDecoded(f"ffmpeg cannot read it: {error}", remedy=_EXPORT) from error
        said = done.stderr.decode("utf-8", "replace").replace(str(given), "the file").strip()
        if done.returncode or said or not made.is_file():
            why = said.splitlines()[-1] if said else f"exit code {done.returncode}"
            raise NotDecoded(f"is damaged or cut short: {why[:200]}", remedy=_EXPORT)
        return made.read_bytes()
