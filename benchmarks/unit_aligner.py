"""Where the words of a clip are said, for faults that are made of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from voicepipe.audio.resample import resample
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.encoders.content import ContentEncoder
from voicepipe.model.semantic.recogniser import PhonemeRecogniser
from voicepipe.model_store.pull import EMBEDDED_FOLDER
from voicepipe.qc.spoken_units import units_of

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip
    from voicepipe.text.records import Utterance


class UnitAligner:
    """Finds where each unit of a line is said, with the embedded recogniser."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self._encoder = ContentEncoder.load(EMBEDDED_FOLDER / "tiny-content")
        self._recogniser = PhonemeRecogniser.from_checkpoint(
            load_checkpoint(EMBEDDED_FOLDER / "tiny-recogniser" / "model.safetensors")
        )
        weights = load_checkpoint(EMBEDDED_FOLDER / "tiny-sovits" / "model.safetensors").tensors
        self._weight, self._bias = weights["ssl_proj.weight"].float(), weights["ssl_proj.bias"]
        self._codes = weights["quantizer.vq.layers.0._codebook.embed"].float()

    def units(self, clip: AudioClip, said: Utterance) -> list[tuple[float, float]] | None:
        """Seconds from and to of every unit; None when they cannot be told."""
        samples = resample(clip, 16_000).samples
        with torch.inference_mode():
            features = self._encoder.encode(torch.from_numpy(samples))[None]
            weight, bias = self._weight, self._bias.float()
            found = functional.conv1d(features, weight, bias, stride=weight.shape[2])[0].t()
            distance = self._codes.pow(2).sum(1) - 2 * found @ self._codes.t()
            tokens = distance.argmin(1).tolist()
        places, extents = self._recogniser.spoken_extents(tokens, said.phoneme_ids)
        if not extents:
            return None
        times = dict(zip(places, extents, strict=True))
        sounds = [n for n, p in enumerate(said.phonemes) if n in times or p.isalpha()]
        units = units_of(said)
        heard = [n for n in sounds if n in times]
        if len(heard) != sum(len(unit.sounds) for unit in units):
            return None
        spans, start = [], 0
        for unit in units:
            own = heard[start : start + len(unit.sounds)]
            start += len(unit.sounds)
            spans.append((times[own[0]].start * 0.02, times[own[-1]].end * 0.02))
        return spans
