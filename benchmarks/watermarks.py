"""Is the watermark read back after what games do to clips, and does it cost naturalness?

    python -m benchmarks.watermarks FOLDER [--clips N] [--unmarked N]

FOLDER holds finished clips without marks (`out/banks/<bank>/<version>`). Each is marked, then
encoded, resampled and turned down; the share of marks read back is printed, how often one is found
where there is none, and what a predictor of naturalness says before and after.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.encodings import encode, make_encoding
from voicepipe.audio.resample import resample
from voicepipe.audio.wav import decode_clip
from voicepipe.labels.watermark import can_hold, embed, is_marked

KEY = "0" * 64


def through(clip: AudioClip, form: str, quality: float) -> AudioClip:
    content = encode(encode_wav(clip, bit_depth=24), make_encoding(form, quality=quality), key=KEY)
    return decode_clip(content, form)[0]


def changes(clip: AudioClip) -> dict[str, AudioClip]:
    return {
        "as it is": clip,
        "Ogg q5": through(clip, "ogg", 5),
        "Opus q3 (64 kbit/s)": through(clip, "opus", 3),
        "MP3 q6": through(clip, "mp3", 6),
        "to 24 kHz and back": resample(resample(clip, 24_000), clip.sample_rate),
        "-12 dB": AudioClip(samples=clip.samples * np.float32(0.25), sample_rate=clip.sample_rate),
    }


def naturalness(clips: list[AudioClip]) -> float:
    import distillmos  # noqa: PLC0415 - only where it is asked for
    import torch  # noqa: PLC0415

    model = distillmos.ConvTransformerSQAModel()
    model.eval()
    with torch.no_grad():
        scores = [float(model(torch.from_numpy(resample(c, 16_000).samples)[None])) for c in clips]
    return float(np.mean(scores))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--unmarked", type=int, default=500)
    parser.add_argument("--rated", type=int, default=30)
    asked = parser.parse_args()
    paths = sorted(asked.folder.rglob("*.wav"))
    order = np.argsort(np.random.PCG64(1).random_raw(len(paths)))
    clips = [decode_clip(paths[n].read_bytes(), paths[n].name)[0] for n in order]
    long_enough = [clip for clip in clips if can_hold(clip)]
    print(f"{len(clips)} clips, {len(clips) - len(long_enough)} too short for a mark")
    chosen = long_enough[: asked.clips]
    seconds = sum(clip.duration_s for clip in chosen)
    began = time.process_time()
    marked = [embed(clip) for clip in chosen]
    embedding = time.process_time() - began
    read: dict[str, int] = {}
    began = time.process_time()
    for clip in marked:
        is_marked(clip)
    reading = time.process_time() - began
    for clip in marked:
        for name, changed in changes(clip).items():
            read[name] = read.get(name, 0) + is_marked(changed)
    for name, count in read.items():
        print(f"{name:22} {count} of {len(marked)} ({100 * count / len(marked):.1f} %)")
    unmarked = long_enough[: asked.unmarked]
    print(f"found in unmarked clips: {sum(map(is_marked, unmarked))} of {len(unmarked)}")
    print(f"core-seconds per second: embed {embedding / seconds:.3f}, read {reading / seconds:.3f}")
    rated = slice(0, asked.rated)
    before, after = naturalness(chosen[rated]), naturalness(marked[rated])
    print(f"naturalness {before:.3f} -> {after:.3f} ({after - before:+.3f})")


if __name__ == "__main__":
    main()
