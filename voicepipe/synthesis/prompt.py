"""What a model keeps of a reference clip, made once a clip and cached under the output folder.

Knows clips, HuBERT, BERT and the style encoder; knows nothing of lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.resample import resample
from voicepipe.errors import SynthesisError
from voicepipe.hashing import sha256_of_json
from voicepipe.memory import give_back_freed
from voicepipe.model.acoustic.stage import AcousticPrompt, ReferenceAudio
from voicepipe.model.config import BERT_WIDTH
from voicepipe.model.encoders.content import SAMPLE_RATE as HUBERT_RATE
from voicepipe.synthesis.clip_ranking import Impression
from voicepipe.synthesis.passage import Passage, SpokenClip, best_passage
from voicepipe.synthesis.passage_facts import LONGEST_S, PASSAGE_FACT
from voicepipe.synthesis.range_facts import RANGE_FACT
from voicepipe.synthesis.sounds import read_recording
from voicepipe.synthesis.voice_models import BERT, GPT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from voicepipe.hashing import Json
    from voicepipe.model.encoders.characters import CharacterEncoder
    from voicepipe.synthesis.inputs import ClipToHear, ReadText
    from voicepipe.synthesis.model_cache import ModelCache, Needed, Pair
    from voicepipe.synthesis.prompt_store import PromptStore

PROMPT_REVISION = 2
"""Raised when the same clip would give another prompt."""
_CLOSING_SAMPLES = 9_600
"""Silence after the clip, as the checkpoints heard it in training: 0.6 s at 16 kHz."""
_SHORTEST_S, _LONGEST_S = 1.0, 30.0
_SEMITONES_PER_LOG = 12 / math.log(2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoicePrompt:
    """A reference clip as the two stages see it."""

    semantic_tokens: tuple[int, ...]
    phoneme_ids: tuple[int, ...]
    """Of the transcript."""
    bert: NDArray[np.float32] | None
    """(phonemes, 1024) of the transcript; None is all zeros."""
    acoustic: AcousticPrompt


class PromptMaker:
    """Gives prompts: from memory, from the store, or by listening to the clip.

    Args:
        root: The project.
        store: Where prompts are kept.
        model_cache: Gives the encoders when a clip is new.
    """

    def __init__(self, root: Path, store: PromptStore, model_cache: ModelCache) -> None:
        self._root = root
        self._store = store
        self._model_cache = model_cache
        self._known: dict[str, VoicePrompt] = {}

    def prompt(self, clip: ClipToHear, voice: str, needed: Needed, pair: Pair) -> VoicePrompt:
        """Give the prompt of a clip for a checkpoint pair.

        Raises:
            EnvironmentFault: The clip, HuBERT or BERT is needed and not here.
            SynthesisError: The clip cannot be a reference.
        """
        key = prompt_key(clip, voice, needed)
        found = self._known.get(key) or self._stored(key)
        if found is None:
            content = _packed(self._make(clip, needed, pair), voice=voice, clip=clip.sha256)
            self._store.write(key, content)
            # Read back, so that a first render and a later one see the same memory layout.
            found = _unpacked(content)
            assert found is not None, "what was just packed can be unpacked"
            give_back_freed()
        self._known[key] = found
        return _on_device(found, self._model_cache.device)

    def has(self, clip: ClipToHear, voice: str, needed: Needed) -> bool:
        """Tell whether a clip has been listened to already."""
        return self._stored(prompt_key(clip, voice, needed)) is not None

    def recording(self, digest: str, needed: Needed) -> AudioClip:
        """Read a recording of a voice by its hash.

        Raises:
            EnvironmentFault: It is not here, or not the planned one.
        """
        return read_recording(self._root, needed.files, digest)

    def _stored(self, key: str) -> VoicePrompt | None:
        content = self._store.read(key)
        return None if content is None else _unpacked(content)

    def _make(self, clip: ClipToHear, needed: Needed, pair: Pair) -> VoicePrompt:
        sound = self._sound(clip.sha256, needed)
        acoustic = pair.acoustic
        tokens = self._tokens(sound, needed, pair)
        phonemes = torch.tensor(clip.read.phoneme_ids, dtype=torch.int64)
        rates = acoustic.reference_rates
        reference = ReferenceAudio(
            waveforms=_waveforms(sound, rates), semantic_tokens=tokens, phoneme_ids=phonemes
        )
        others = [
            ReferenceAudio(waveforms=_waveforms(self._sound(digest, needed), rates))
            for digest in clip.auxiliary
        ]
        lead = _passage(sound, clip, tokens, pair) if needed.passage_revision else None
        if lead is not None:
            tokens = self._tokens(_cut(sound, lead), needed, pair)
        bert = None
        if clip.read.runs:
            bert = character_features(clip.read, self._model_cache.character_encoder(needed))
        heard = acoustic.encode_reference([reference, *others])
        return VoicePrompt(
            semantic_tokens=tuple(tokens.tolist()),
            phoneme_ids=clip.read.phoneme_ids if lead is None else lead.phoneme_ids,
            bert=bert,
            acoustic=heard if needed.range_revision else replace(heard, melody_range=None),
        )

    def _tokens(self, sound: AudioClip, needed: Needed, pair: Pair) -> Tensor:
        heard = _waveform(resample(sound, HUBERT_RATE))
        heard = torch.cat((heard, torch.zeros(_CLOSING_SAMPLES)))
        features = self._model_cache.content_encoder(needed).encode(heard)
        return pair.acoustic.semantic_tokens(features)

    def _sound(self, digest: str, needed: Needed) -> AudioClip:
        where = needed.files.get(digest, "")
        sound = self.recording(digest, needed)
        if not _SHORTEST_S <= sound.duration_s <= _LONGEST_S:
            raise SynthesisError(
                f"{where}: a reference clip of {sound.duration_s:.1f} s",
                remedy=f"cut it to 3 to 10 s; the limits are {_SHORTEST_S:g} to {_LONGEST_S:g} s",
            )
        return sound


def impression(prompt: VoicePrompt, pair: Pair) -> Impression:
    """Say what is heard in a clip, to compare it with others of its voice."""
    style = tuple(prompt.acoustic.style[0, :, 0].tolist())
    has_pitch = prompt.acoustic.tone is not None
    match = None
    if pair.recogniser is not None:
        match = pair.recogniser.pronunciation(prompt.semantic_tokens, prompt.phoneme_ids)
    return Impression(
        style=style[1:] if has_pitch else style,
        pitch_semitones=_SEMITONES_PER_LOG * style[0] if has_pitch else None,
        match=match,
    )


def prompt_key(clip: ClipToHear, voice: str, needed: Needed) -> str:
    """Address a prompt: 64 hex digits of all that can change it.

    Args:
        clip: Bytes, transcript and reading, and the bytes of its auxiliary clips.
        voice: Whose consent it falls under.
        needed: The models; the semantic file plays no part.
    """
    listening = {role: sha for role, sha in needed.models.items() if role not in (GPT, BERT)}
    if clip.read.runs:
        listening[BERT] = needed.models.get(BERT, "")
    facts: dict[str, Json] = {
        "revision": PROMPT_REVISION,
        "voice": voice,
        "clip": clip.sha256,
        "transcript": clip.transcript,
        "phoneme_ids": list(clip.read.phoneme_ids),
        "models": dict(listening),
    }
    if clip.auxiliary:
        facts["auxiliary"] = list(clip.auxiliary)
    if needed.passage_revision:  # where whole clips lead, a prompt keeps the key it always had
        facts[PASSAGE_FACT] = needed.passage_revision
    if needed.range_revision:  # likewise where melodies stay as the network says them
        facts[RANGE_FACT] = needed.range_revision
    return sha256_of_json(facts)


def character_features(read: ReadText, encoder: CharacterEncoder) -> NDArray[np.float32]:
    """Give every phoneme its linguistic features.

    Returns:
        (phonemes, 1024): a character's vector for each of its phonemes, zeros elsewhere.
    """
    rows = np.zeros((len(read.phoneme_ids), BERT_WIDTH), dtype=np.float32)
    for run in read.runs:
        vectors = encoder.encode_characters(run.characters).numpy()
        spread = np.repeat(vectors, np.asarray(run.counts), axis=0)
        rows[run.start : run.start + len(spread)] = spread
    return rows


def _passage(sound: AudioClip, clip: ClipToHear, tokens: Tensor, pair: Pair) -> Passage | None:
    """What of a long clip leads its lines; None: all of it."""
    if sound.duration_s <= LONGEST_S or pair.recogniser is None:
        return None
    said = clip.read.phoneme_ids
    places, extents = pair.recogniser.spoken_extents(tokens.tolist(), said)
    if not places:
        return None
    return best_passage(SpokenClip(sound=sound, phoneme_ids=said, places=places, extents=extents))


def _cut(sound: AudioClip, passage: Passage) -> AudioClip:
    first, last = (round(t * sound.sample_rate) for t in (passage.start_s, passage.end_s))
    return AudioClip(samples=sound.samples[first:last], sample_rate=sound.sample_rate)


def _waveforms(sound: AudioClip, rates: Iterable[int]) -> dict[int, Tensor]:
    return {rate: _waveform(resample(sound, rate)) for rate in rates}


def _waveform(clip: AudioClip) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(clip.samples, dtype=np.float32))


def _packed(prompt: VoicePrompt, *, voice: str, clip: str) -> bytes:
    tensors = {
        "semantic_tokens": torch.tensor(prompt.semantic_tokens, dtype=torch.int64),
        "phoneme_ids": torch.tensor(prompt.phoneme_ids, dtype=torch.int64),
        "style": prompt.acoustic.style,
    }
    if prompt.bert is not None:
        tensors["bert"] = torch.from_numpy(prompt.bert)
    if prompt.acoustic.features is not None and prompt.acoustic.mel is not None:
        tensors["features"] = prompt.acoustic.features
        tensors["mel"] = prompt.acoustic.mel
    if prompt.acoustic.tone is not None:
        tensors["tone"] = prompt.acoustic.tone
    if prompt.acoustic.melody_range is not None:
        tensors["melody_range"] = prompt.acoustic.melody_range
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save_tensors(plain, metadata={"voice": voice, "clip": clip})


def _unpacked(content: bytes) -> VoicePrompt | None:
    """Read a prompt; None for a damaged one, which is then made again."""
    try:
        tensors = load_tensors(content)
        bert = tensors.get("bert")
        return VoicePrompt(
            semantic_tokens=tuple(tensors["semantic_tokens"].tolist()),
            phoneme_ids=tuple(tensors["phoneme_ids"].tolist()),
            bert=None if bert is None else bert.numpy(),
            acoustic=AcousticPrompt(
                style=tensors["style"],
                features=tensors.get("features"),
                mel=tensors.get("mel"),
                tone=tensors.get("tone"),
                melody_range=tensors.get("melody_range"),
            ),
        )
    except (SafetensorError, KeyError, ValueError):
        return None


def _on_device(prompt: VoicePrompt, device: str) -> VoicePrompt:
    if device == "cpu":
        return prompt
    acoustic = prompt.acoustic
    return VoicePrompt(
        semantic_tokens=prompt.semantic_tokens,
        phoneme_ids=prompt.phoneme_ids,
        bert=prompt.bert,
        acoustic=AcousticPrompt(
            style=acoustic.style.to(device),
            features=_moved(acoustic.features, device),
            mel=_moved(acoustic.mel, device),
            tone=_moved(acoustic.tone, device),
            melody_range=_moved(acoustic.melody_range, device),
        ),
    )


def _moved(tensor: Tensor | None, device: str) -> Tensor | None:
    return None if tensor is None else tensor.to(device)
