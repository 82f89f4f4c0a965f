"""Is the watermark read back after what games do to clips, and what do labels cost?

    python -m benchmarks.watermarks FOLDER [--unmarked FOLDER …] [--clips N] [--most N] [--rated N]

FOLDER holds finished clips without marks (`out/banks/<bank>/<version>`). Each is marked, then
encoded, resampled and turned down; the share of marks read back is printed, how often one is found
where there is none (in the folders `--unmarked` names as well), what a predictor of naturalness
says before and after, and what marking, reading back, declaring and signing take. MP3 of a constant
bit rate is made by ffmpeg.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.encodings import SUFFIXES, encode, make_encoding
from voicepipe.audio.metadata import ClipMetadata
from voicepipe.audio.post_settings import post_settings
from voicepipe.audio.postprocess import finish_clip
from voicepipe.audio.resample import resample
from voicepipe.audio.wav import decode_clip
from voicepipe.labels.keygen import make_test_keys
from voicepipe.labels.labelling import labelled, marked
from voicepipe.labels.plan import LabelPlan, Signer
from voicepipe.labels.watermark import can_hold, embed, is_marked
from voicepipe.settings import AudioSettings

KEY = "0" * 64
METADATA = ClipMetadata(
    line="a_0010",
    text="A line.",
    speaker="ann",
    voice="ann",
    language="en",
    source="synthetic",
    engine="none",
    consent="ann-consent",
)


def through(clip: AudioClip, form: str, quality: float) -> AudioClip:
    content = encode(encode_wav(clip, bit_depth=24), make_encoding(form, quality=quality), key=KEY)
    return decode_clip(content, form)[0]


def through_mp3(clip: AudioClip, kbits: int) -> AudioClip:
    """Encode at a constant bit rate and decode, both with ffmpeg."""
    ffmpeg = ["ffmpeg", "-v", "error", "-i", "-"]
    wav = encode_wav(clip, bit_depth=24)
    mp3 = subprocess.run(
        [*ffmpeg, "-b:a", f"{kbits}k", "-f", "mp3", "-"], input=wav, capture_output=True, check=True
    ).stdout
    back = subprocess.run(
        [*ffmpeg, "-f", "f32le", "-"], input=mp3, capture_output=True, check=True
    ).stdout
    samples = np.frombuffer(back, dtype=np.float32)
    return AudioClip(samples=samples, sample_rate=clip.sample_rate)


def changes(clip: AudioClip) -> dict[str, AudioClip]:
    return {
        "as it is": clip,
        "Ogg q5": through(clip, "ogg", 5),
        "Opus q3 (64 kbit/s)": through(clip, "opus", 3),
        "MP3 128 kbit/s": through_mp3(clip, 128),
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


def clips_in(folders: list[Path], most: int) -> list[AudioClip]:
    """Read clips that are long enough for a mark, in an order of chance that stays the same."""
    paths = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in SUFFIXES)
    order = np.argsort(np.random.PCG64(1).random_raw(len(paths)))
    found: list[AudioClip] = []
    n_short = 0
    for n in order:
        if len(found) == most:
            break
        clip = decode_clip(paths[n].read_bytes(), paths[n].name)[0]
        n_short += not can_hold(clip)
        if can_hold(clip):
            found.append(clip)
    print(f"{', '.join(map(str, folders))}: {len(found)} clips; {n_short} too short for a mark")
    return found


def cost(clips: list[AudioClip]) -> None:
    """Time what labels add to finishing: marking, reading back, declaring, signing."""
    with tempfile.TemporaryDirectory() as folder:
        keys = make_test_keys(Path(folder) / "keys", "benchmark")
        signer = Signer(certificates=keys.certificate.read_text(), key_variable="BENCHMARK_KEY")
        os.environ["BENCHMARK_KEY"] = str(keys.key)
        plan = LabelPlan(bank="bank", producer="Studio", aigc=True, watermark=True, signer=signer)
        settings = post_settings(AudioSettings(sample_rate=48_000, bit_depth=24))
        spent = {"mark": 0.0, "read back, declare, sign": 0.0, "sign alone": 0.0}
        unmarked = replace(plan, watermark=False)
        labelled(  # loads the network and the package that signs
            finish_clip(marked(clips[0], plan, METADATA), settings, METADATA, dither_seed=1),
            plan,
            METADATA,
            was_marked=True,
        )
        for clip in clips:
            began = time.process_time()
            take = marked(clip, plan, METADATA)
            spent["mark"] += time.process_time() - began
            finished = finish_clip(take, settings, METADATA, dither_seed=1)
            began = time.process_time()
            labelled(finished, plan, METADATA, was_marked=True)
            spent["read back, declare, sign"] += time.process_time() - began
            began = time.process_time()
            labelled(finished, unmarked, METADATA, was_marked=False)
            spent["sign alone"] += time.process_time() - began
    seconds = sum(clip.duration_s for clip in clips)
    shares = ", ".join(f"{name} {value / seconds:.4f}" for name, value in spent.items())
    whole = (spent["mark"] + spent["read back, declare, sign"]) / seconds
    print(f"core-seconds per second of sound: {shares}; labels in all {whole:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--unmarked", type=Path, nargs="*", default=[])
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--most", type=int, default=500)
    parser.add_argument("--rated", type=int, default=30)
    asked = parser.parse_args()
    chosen = clips_in([asked.folder], asked.clips)
    cost(chosen[:60])
    unmarked = clips_in(asked.unmarked, asked.most) if asked.unmarked else []
    found = sum(map(is_marked, unmarked)) + sum(map(is_marked, chosen))
    print(f"found in unmarked clips: {found} of {len(unmarked) + len(chosen)}", flush=True)
    read: dict[str, int] = {}
    marks = [embed(clip) for clip in chosen]
    for clip in marks:
        for name, changed in changes(clip).items():
            read[name] = read.get(name, 0) + is_marked(changed)
    for name, count in read.items():
        print(f"{name:22} {count} of {len(marks)} ({100 * count / len(marks):.1f} %)", flush=True)
    rated = slice(0, asked.rated)
    before, after = naturalness(chosen[rated]), naturalness(marks[rated])
    print(f"naturalness {before:.3f} -> {after:.3f} ({after - before:+.3f})")


if __name__ == "__main__":
    main()
