"""The networks on recorded inputs: semantic stage, acoustic families, vocoders, speaker model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from voicepipe.model.acoustic.bigvgan import BigVGAN, lowpass_filter
from voicepipe.model.acoustic.config import (
    read_acoustic_config,
    read_mel_decoder,
)
from voicepipe.model.acoustic.loading import load_network
from voicepipe.model.acoustic.networks import LatentSynthesizer, MelSynthesizer, build_network
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.encoders.speaker import SPEAKER_SAMPLE_RATE, SpeakerEncoder
from voicepipe.model.semantic.generation import SemanticRequest, generate_semantic
from voicepipe.model.semantic.kv_cache import KvCache
from voicepipe.model.semantic.sampling import SamplingSettings
from voicepipe.model.semantic.stage import WEIGHT_TYPES, SemanticStage
from voicepipe.model.spectral import kaldi_fbank, linear_spectrogram, mel_spectrogram
from voicepipe.model.spectral_config import SpectrogramConfig
from voicepipe.parity.replay import Measure, Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from voicepipe.parity.replay import Vectors

_EOS_SUFFIX, _EOS_GAIN = "_eos", 8.0
_SLOTS_LENGTH = 1024
_PRO = (Family.V2_PRO, Family.V2_PRO_PLUS)
_BIGVGAN_BAR = 0.08
_BIGVGAN_NOTE = "formula snakes amplify rounding: the reference itself moves this far in float64"
_LINEAR = SpectrogramConfig(sample_rate=32_000, n_fft=2048, hop_length=640, win_length=2048)


def replay_semantic(vectors: Vectors) -> Iterator[Measure]:
    """Logits of every recorded step, and greedy tokens of all lines in one batch."""
    ends = vectors.name.endswith(_EOS_SUFFIX)
    stage = _semantic_stage(vectors, _EOS_GAIN if ends else 0.0)
    arrays = vectors.arrays
    prompt = tuple(arrays["prompt"].flatten().tolist())
    lines = [i for i in range(len(arrays)) if f"phones_{i}" in arrays]
    spoken = [arrays[f"tokens_{i}"][len(prompt) :] for i in lines]
    limit = max(map(len, spoken)) + (20 if ends else 0)
    requests = [_request(vectors, i, prompt, limit) for i in lines]
    for i, request, tokens in zip(lines, requests, spoken, strict=True):
        n_steps = len(arrays[f"logits_{i}"]) - 1
        logits = _forced(stage, request, tokens[:n_steps].tolist())
        yield vectors.error(f"logits {i}", logits, f"logits_{i}")
    outcomes = generate_semantic(
        stage, requests, n_slots=max(4, len(lines)), max_length=_SLOTS_LENGTH
    )
    for i, outcome, tokens in zip(lines, outcomes, spoken, strict=True):
        yield vectors.equal(f"tokens {i}", torch.tensor(outcome.tokens), tokens)


def replay_acoustic(vectors: Vectors) -> Iterator[Measure]:
    """A whole acoustic family; its folder's name says which."""
    family = Family(vectors.name)
    state = vectors.state("s2_keys.json")
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    config = read_acoustic_config(vectors.json("s2_config.json"), shapes, family=family)
    network = load_network(lambda: build_network(config), state, Path(vectors.name))
    network.to(vectors.device)
    with vectors.autocast():
        if isinstance(network, MelSynthesizer):
            measures = list(_replay_mel(vectors, network))
        else:
            measures = list(_replay_latent(vectors, network, is_pro=family in _PRO))
    yield from measures


def replay_generator(vectors: Vectors) -> Iterator[Measure]:
    """The 48 kHz vocoder."""
    sizes = read_mel_decoder(Family.V4).vocoder
    state = vectors.state("keys.json")
    vocoder = load_network(lambda: Generator(sizes), state, Path(vectors.name))
    with vectors.autocast():
        audio = vocoder.to(vectors.device)(vectors["mel"])
    yield vectors.error("audio", audio, "audio")


def replay_bigvgan(vectors: Vectors) -> Iterator[Measure]:
    """The 24 kHz vocoder, in double precision: float32 cannot decide it."""
    sizes = read_mel_decoder(Family.V3).vocoder
    taps = lowpass_filter(0.25, 0.3, 12)
    state = {
        name: taps if name.endswith(".filter") else tensor
        for name, tensor in vectors.state("keys.json").items()
    }
    vocoder = load_network(lambda: BigVGAN(sizes), state, Path(vectors.name))
    audio = vocoder.double().to(vectors.device)(vectors["mel"].double())
    measure = vectors.error("audio (float64)", audio, "audio", _BIGVGAN_BAR)
    yield Measure(
        folder=measure.folder,
        what=measure.what,
        found=measure.found,
        bar=measure.bar,
        note=_BIGVGAN_NOTE,
    )


def replay_speaker(vectors: Vectors) -> Iterator[Measure]:
    """The speaker model and its filterbank."""
    state = vectors.state("keys.json")
    encoder = load_network(SpeakerEncoder, state, Path(vectors.name)).to(vectors.device)
    wave = vectors["wave_16k"]
    yield vectors.error("fbank", kaldi_fbank(wave[0], SPEAKER_SAMPLE_RATE, 80), "fbank")
    yield vectors.error("embedding", encoder.embed(wave), "embedding")


def replay_spectrogram(vectors: Vectors) -> Iterator[Measure]:
    """Linear and mel spectrograms."""
    linear = linear_spectrogram(vectors["wave_32k"], _LINEAR)[:, :, ::4]
    yield vectors.error("linear", linear, "linear_spec")
    for family, wave, mel in (
        (Family.V3, "wave_24k", "mel_v3"),
        (Family.V4, "wave_32k_b", "mel_v4"),
    ):
        made = mel_spectrogram(vectors[wave], read_mel_decoder(family).mel)
        yield vectors.error(mel, made, mel)


NETWORK_REPLAYS: Mapping[str, Replay] = {
    "bigvgan": replay_bigvgan,
    "vocoder_v4": replay_generator,
    "speaker": replay_speaker,
    "spectrogram": replay_spectrogram,
    "s1_keys.json": replay_semantic,
    "s2_keys.json": replay_acoustic,
}
"""By folder name, then by the key file in a folder of any name."""


def _semantic_stage(vectors: Vectors, eos_gain: float) -> SemanticStage:
    state = vectors.state("s1_keys.json", eos_gain=eos_gain)
    with shapes_only():
        stage = SemanticStage(SemanticConfig.from_mapping(vectors.json("s1_config.json")))
    tensors = {key.removeprefix("model."): value for key, value in state.items()}
    dtype = WEIGHT_TYPES.get(vectors.precision, torch.float32)
    load_strictly(stage, tensors, source=Path(vectors.name), dtype=dtype)
    return stage.to(vectors.device).eval().pack(vectors.precision)


def _request(
    vectors: Vectors, line: int, prompt: tuple[int, ...], max_tokens: int
) -> SemanticRequest:
    arrays = vectors.arrays
    return SemanticRequest(
        phoneme_ids=tuple(arrays[f"phones_{line}"].tolist()),
        prompt_tokens=prompt,
        bert=np.ascontiguousarray(arrays[f"bert_{line}"].numpy().T),
        seed=0,
        settings=SamplingSettings(top_k=1, max_tokens=max_tokens),
    )


def _forced(stage: SemanticStage, request: SemanticRequest, tokens: list[int]) -> Tensor:
    device = stage.ar_predict_layer.weight.device
    cache = KvCache(stage.config, n_slots=1, max_length=_SLOTS_LENGTH, device=device)
    assert request.bert is not None, "recorded lines have features"
    first = stage.prefill(
        cache,
        0,
        torch.tensor(request.phoneme_ids),
        torch.tensor(request.prompt_tokens),
        torch.from_numpy(request.bert),
    )
    return torch.stack([first, *(stage.decode(cache, [0], [token])[0] for token in tokens)])


def _replay_latent(
    vectors: Vectors, network: LatentSynthesizer, *, is_pro: bool
) -> Iterator[Measure]:
    if vectors.holds("ssl"):
        tokens = network.semantic_tokens(vectors["ssl"])
        yield vectors.equal("codes", tokens, vectors["ssl_codes"])
    style = vectors["style"]  # of the Pro families before their last activation
    style = network.prelu(style) if is_pro else style
    heard = ("refer_spec_0", "sv_emb") if is_pro else ("refer_spec_0",)
    if vectors.holds(*heard):
        yield vectors.error("style", _style(vectors, network, 0, is_pro=is_pro), style)
    audio, mean, latent = _spoken(vectors, network, style)
    yield vectors.error("prior mean", mean, "prior_mean")
    yield vectors.error("latent", latent, "z")
    yield vectors.error("audio", audio, "audio_one_ref")
    if vectors.holds("audio_two_refs"):
        first, second = (_style(vectors, network, i, is_pro=is_pro) for i in (0, 1))
        both = _spoken(vectors, network, (first + second) / 2)[0]
        yield vectors.error("audio, two references", both, "audio_two_refs")
    slower = _spoken(vectors, network, style, 0.85)[0]
    yield vectors.error("audio, speed 0.85", slower, "audio_speed_085")


def _style(vectors: Vectors, network: LatentSynthesizer, reference: int, *, is_pro: bool) -> Tensor:
    """A reference's style; in the Pro families with its own speaker."""
    speaker = vectors["sv_emb"][reference : reference + 1] if is_pro else None
    return network.style_embedding(vectors[f"refer_spec_{reference}"], speaker)


def _spoken(
    vectors: Vectors, network: LatentSynthesizer, style: Tensor, speed: float = 1.0
) -> tuple[Tensor, Tensor, Tensor]:
    prior = network.prior(vectors["codes"][0], [vectors["phones"][0]], style, speed)
    latent = network.latent(prior, style, torch.zeros_like(prior.mean), 0.0)
    audio: Tensor = network(latent, style)
    return audio, prior.mean, latent


def _replay_mel(vectors: Vectors, network: MelSynthesizer) -> Iterator[Measure]:
    style = vectors["style"]
    if vectors.holds("refer_spec"):
        yield vectors.error("style", network.style_embedding(vectors["refer_spec"]), "style")
    found = {}
    for speed, name in ((1.0, "features"), (0.85, "features_speed_085")):
        found[name] = network.features(vectors["codes"][0], [vectors["phones"][0]], style, speed)
        yield vectors.error(name.replace("_", " "), found[name], name)
    features = found["features"] if "features" in vectors.crops else vectors["features"]
    prompt = vectors["prompt_mel"]
    noise = vectors["noise"][:, :, prompt.shape[2] :]
    settings: tuple[tuple[dict[str, Any], str], ...] = (
        ({"n_steps": 4}, "cfm_4_steps"),
        ({"n_steps": 2, "guidance": 0.5}, "cfm_2_steps_cfg_05"),
    )
    for options, name in settings:
        mel = network.cfm(features, prompt, noise, **options)
        # The recording holds the prompt's frames too, at zero.
        whole = torch.cat((torch.zeros_like(prompt), mel), dim=2)
        yield vectors.error(name.replace("_", " "), whole, name)
