"""What the training loops hear of each recording, made once and kept by content.

A recording is levelled, resampled and written as the model hears it; HuBERT and the quantiser of
the base model turn it into semantic tokens, the text front end and BERT its words into phonemes
and features, and the speaker network (Pro families) the sound into an embedding. Imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.resample import resample
from voicepipe.bank.files import write_atomic
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_bytes, sha256_of_json
from voicepipe.model.encoders.characters import utterance_features
from voicepipe.model.encoders.content import SAMPLE_RATE as HUBERT_RATE
from voicepipe.model.encoders.speaker import SPEAKER_SAMPLE_RATE
from voicepipe.regular_files import read_regular
from voicepipe.synthesis.voice_models import BERT, HUBERT, SOVITS, SPEAKER
from voicepipe.text.frontend import utterance
from voicepipe.training.dataset.reading import read_stretch
from voicepipe.training.dataset.utterance import TrainingUtterance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from voicepipe.model.acoustic.stage import AcousticStage
    from voicepipe.synthesis.model_cache import ModelCache, Needed
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.records import Utterance
    from voicepipe.training.dataset.reading import DatasetClip

FEATURES_REVISION: Final = 1
"""Raised when the same recording would be heard differently."""
PEAK: Final = 0.95
"""Where a recording's highest sample would stand if it were levelled all the way."""
LEVELLED: Final = 0.5
"""How far it is: half-way, as the published models were trained, so that effort stays audible."""

_NAME_DIGITS = 24
_FEATURES = "features"
_LARGEST = 1 << 28
"""Bytes of the features of one clip; more is none of ours."""
_WAVES = "waves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A recording that is ready, and whether it had been before."""

    utterance: TrainingUtterance
    is_new: bool


class FeatureMaker:
    """Makes training utterances of a dataset's clips.

    Args:
        out: The output folder of the project.
        folder: Where features are kept, under `out`; removed with the voice.
        data: The dataset's folder.
        model_cache: Gives the encoders.
        needed: The base models.
        symbols: Version of the symbol table of the base models.
        lexicon: The project's pronunciations.
        speaker: Whose entries of the lexicon win.
        reads_characters: Whether BERT reads Chinese for the base models, beside its phonemes.
    """

    def __init__(
        self,
        out: Path,
        folder: Path,
        data: Path,
        model_cache: ModelCache,
        needed: Needed,
        *,
        symbols: str,
        lexicon: Lexicon,
        speaker: str,
        reads_characters: bool = True,
    ) -> None:
        self._out = out
        self._folder = folder
        self._data = data
        self._model_cache = model_cache
        self._needed = needed
        self._symbols = symbols
        self._lexicon = lexicon
        self._speaker = speaker
        self._reads_characters = reads_characters

    def prepare(self, clips: Sequence[DatasetClip]) -> Iterator[Prepared]:
        """Give every clip's utterance, from the cache or by listening.

        What is done is kept at once: an interrupted run goes on where it stopped.

        Raises:
            EnvironmentFault: A model or recording is not here, or a file cannot be written.
        """
        for clip in clips:
            said = self.read(clip)
            key = self.key(clip, said)
            found = self._stored(clip, said, key)
            if found is None:
                self._make(clip, said, key)
                made = self._stored(clip, said, key)
                if made is None:
                    raise EnvironmentFault(
                        f"{self._path(_FEATURES, key)}: what was just written cannot be read",
                        remedy="check the disk",
                    )
                yield Prepared(utterance=made, is_new=True)
            else:
                yield Prepared(utterance=found, is_new=False)

    def read(self, clip: DatasetClip) -> Utterance:
        """Read a clip's text as the model will hear it; no model is loaded."""
        return utterance(
            clip.text,
            clip.language,
            symbols=self._symbols,
            lexicon=self._lexicon,
            speaker=self._speaker,
            pads_short=False,
        )

    def key(self, clip: DatasetClip, said: Utterance) -> str:
        """Address a clip's features: 64 hex digits of all that can change them."""
        roles = [HUBERT, SOVITS]
        roles += [BERT] if self._needs_characters(said) else []
        roles += [SPEAKER] if SPEAKER in self._needed.models else []
        return sha256_of_json(
            {
                "revision": FEATURES_REVISION,
                "recording": clip.sha256,
                "stretch": [clip.start, clip.end],
                "text": said.facts(),
                "models": {role: self._needed.models.get(role, "") for role in roles},
            }
        )

    def _make(self, clip: DatasetClip, said: Utterance, key: str) -> None:
        acoustic = self._model_cache.pair(self._needed).acoustic
        sound = levelled(read_stretch(self._data, clip))
        heard = self._model_cache.content_encoder(self._needed).encode(
            _waveform(resample(sound, HUBERT_RATE))
        )
        tensors = {
            "semantic_tokens": acoustic.semantic_tokens(heard),
            "phoneme_ids": torch.tensor(said.phoneme_ids, dtype=torch.int64),
        }
        if self._needs_characters(said):
            encoder = self._model_cache.character_encoder(self._needed)
            tensors["bert"] = utterance_features(said, encoder)
        speaker = _speaker_embedding(acoustic, sound)
        if speaker is not None:
            tensors["speaker_embedding"] = speaker
        wave = encode_wav(resample(sound, acoustic.config.spectrogram.sample_rate), bit_depth=16)
        write_atomic(self._out, self._path(_WAVES, key), wave, is_synced=False)
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        # The features come last: where they are, the wave is whole.
        content = save_tensors(plain, metadata={"name": clip.name, "sha256": sha256_of_bytes(wave)})
        write_atomic(self._out, self._path(_FEATURES, key), content, is_synced=False)

    def _needs_characters(self, said: Utterance) -> bool:
        return self._reads_characters and any(segment.has_features for segment in said.segments)

    def _stored(self, clip: DatasetClip, said: Utterance, key: str) -> TrainingUtterance | None:
        wave = self._path(_WAVES, key)
        try:
            tensors = load_tensors(read_regular(self._path(_FEATURES, key), limit=_LARGEST))
            tokens = tensors["semantic_tokens"].numpy()
            is_same = tuple(tensors["phoneme_ids"].tolist()) == said.phoneme_ids
        except (OSError, SafetensorError, KeyError, ValueError):
            return None  # not there, or damaged: made again
        if not is_same or not wave.is_file():
            return None
        return TrainingUtterance(
            name=key[:_NAME_DIGITS],  # a file may be named so, whatever the recording is called
            phoneme_ids=said.phoneme_ids,
            bert=_array(tensors.get("bert")),
            semantic_tokens=tokens,
            wave=wave,
            language=clip.language,
            speaker_embedding=_array(tensors.get("speaker_embedding")),
        )

    def _path(self, kind: str, key: str) -> Path:
        suffix = ".wav" if kind == _WAVES else ".safetensors"
        return self._folder / kind / f"{key}{suffix}"


def levelled(clip: AudioClip) -> AudioClip:
    """Bring a recording half-way to a peak of 0.95; digital silence stays as it is."""
    peak = float(np.abs(clip.samples).max(initial=0.0))
    gain = LEVELLED * PEAK / peak + (1 - LEVELLED) if peak else 1.0
    # A floating-point file may go beyond full scale; the file we write may not.
    gain = min(gain, PEAK / peak) if peak else gain
    return AudioClip(samples=(gain * clip.samples).astype(np.float32), sample_rate=clip.sample_rate)


def _speaker_embedding(acoustic: AcousticStage, sound: AudioClip) -> Tensor | None:
    if acoustic.speaker is None:
        return None
    waveform = _waveform(resample(sound, SPEAKER_SAMPLE_RATE)).to(acoustic.device)
    with torch.inference_mode():
        return acoustic.speaker.embed(waveform[None])[0].float().cpu().clone()


def _waveform(clip: AudioClip) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(clip.samples, dtype=np.float32))


def _array(tensor: Tensor | None) -> NDArray[np.float32] | None:
    if tensor is None:
        return None
    array: NDArray[np.float32] = tensor.numpy()
    return array
