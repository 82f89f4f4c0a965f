"""A separate program that speaks through espeak-ng; not part of the voicepipe library.

voicepipe starts this file as a process of its own and talks to it over pipes; no module of
voicepipe imports it, and it imports nothing of voicepipe. It loads espeak-ng (GPL-3) from the path
it is given.

Usage: espeak_host.py LIBRARY DATA_FOLDER

Frames on stdin: u32 little-endian length, then JSON `{voice, text, rate, pitch, range, volume,
seed}`. Frames on stdout: u32 length, JSON `{ok, sample_rate, n_bytes}` or `{ok: false, error}`,
then `n_bytes` of 16-bit mono PCM. One frame without sound is written first, when espeak-ng is
ready. The process ends when stdin does, also in the middle of a word.
"""

from __future__ import annotations

import _ctypes
import ctypes
import json
import os
import queue
import signal
import struct
import sys
import threading

SYNCHRONOUS, DONT_EXIT, UTF8 = 2, 0x8000, 1
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4  # espeak_PARAMETER
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def speak(library_path: str, data_path: str, job: dict[str, object]) -> tuple[int, bytes]:
    """Speak plain text with a library loaded afresh: no line leaves a trace in the next."""
    sound = bytearray()

    def collect(samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            sound.extend(ctypes.string_at(samples, 2 * count))
        return 0

    callback = CALLBACK(collect)
    library = ctypes.CDLL(library_path)
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, os.fsencode(data_path), DONT_EXIT)
    if rate <= 0:
        raise OSError(f"espeak-ng does not start with its data in {data_path}")
    library.espeak_SetSynthCallback(callback)
    if job:
        if library.espeak_SetVoiceByName(str(job["voice"]).encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {job['voice']!r}")
        for number, name in (
            (RATE, "rate"),
            (VOLUME, "volume"),
            (PITCH, "pitch"),
            (RANGE, "range"),
        ):
            library.espeak_SetParameter(number, int(str(job[name])), 0)
        library.espeak_ng_SetRandSeed(ctypes.c_long(int(str(job["seed"])) & 0x7FFFFFFF))
        text = str(job["text"]).encode() + b"\0"
        status = library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 0, 0, UTF8, None, None)
        if status != 0:
            raise ValueError(f"espeak-ng gives up with status {status}")
    library.espeak_Terminate()
    unload = getattr(_ctypes, "FreeLibrary", None) or _ctypes.dlclose
    unload(library._handle)  # ctypes has no public way to unload
    return rate, bytes(sound)


def answer(out: int, paths: tuple[str, str], job: dict[str, object]) -> None:
    """Write the reply to one job: the sound, or why there is none."""
    sound = b""
    try:
        rate, sound = speak(*paths, job)
        reply: dict[str, object] = {"ok": True, "sample_rate": rate, "n_bytes": len(sound)}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        reply = {"ok": False, "error": str(error)}
    head = json.dumps(reply).encode()
    with os.fdopen(os.dup(out), "wb") as stream:
        stream.write(struct.pack("<I", len(head)) + head + sound)


def main(library_path: str, data_path: str) -> None:
    """Answer jobs from stdin until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the parent
    out = os.dup(1)
    os.dup2(2, 1)  # whatever the library prints must not reach the frames
    jobs: queue.SimpleQueue[dict[str, object]] = queue.SimpleQueue()

    def serve() -> None:
        while True:
            answer(out, (library_path, data_path), jobs.get())

    jobs.put({})
    threading.Thread(target=serve, daemon=True).start()
    while len(head := sys.stdin.buffer.read(4)) == 4:
        jobs.put(json.loads(sys.stdin.buffer.read(struct.unpack("<I", head)[0])))
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:3])
