"""Checkpoints to an acoustic stage.

Source of the file shapes: RVC-Boss/GPT-SoVITS@48b1a01, `process_ckpt.py` and
`TTS_infer_pack/TTS.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from torch import nn

from voicepipe.errors import CheckpointError
from voicepipe.model.acoustic.bigvgan import BigVGAN
from voicepipe.model.acoustic.config import MelDecoderConfig, read_acoustic_config
from voicepipe.model.acoustic.networks import build_network
from voicepipe.model.acoustic.stage import AcousticStage
from voicepipe.model.acoustic.vocoder import Generator, lay_out_channels_last
from voicepipe.model.checkpoints.weight_norm import fold_weight_norm
from voicepipe.model.checkpoints.weights import load_strictly, merge_lora, shapes_only
from voicepipe.model.encoders.speaker import SpeakerEncoder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import Tensor

    from voicepipe.model.checkpoints.reading import Checkpoint

_Network = TypeVar("_Network", bound=nn.Module)

_TRAINING_ONLY = ("enc_q.",)  # whole files carry the posterior encoder, fine-tunes do not


def load_acoustic_stage(
    checkpoint: Checkpoint,
    *,
    base: Checkpoint | None = None,
    vocoder: Checkpoint | None = None,
    speaker: Checkpoint | None = None,
) -> AcousticStage:
    """Build an acoustic stage on the CPU from opened checkpoints.

    Args:
        checkpoint: The acoustic file, whole or a LoRA.
        base: What a LoRA changes; needed exactly for one.
        vocoder: BigVGAN or the 48 kHz generator; needed exactly for flow matching.
        speaker: ERes2NetV2; needed exactly for the Pro families.

    Raises:
        CheckpointError: A file is missing, or not what the configuration describes.
    """
    whole = checkpoint
    state: Mapping[str, Tensor] = checkpoint.tensors
    if checkpoint.lora_rank is not None:
        whole = _need(base, checkpoint, "the base that it changes")
        state = merge_lora(whole.tensors, state, rank=checkpoint.lora_rank, source=checkpoint.path)
    config = read_acoustic_config(
        whole.config,
        {name: tuple(tensor.shape) for name, tensor in state.items()},
        family=checkpoint.family,
    )
    network = load_network(lambda: build_network(config), state, checkpoint.path)
    made_vocoder: Generator | BigVGAN | None = None
    if config.mel is not None:
        found = _need(vocoder, checkpoint, "the vocoder of its family")
        made_vocoder = load_vocoder(config.mel, found)
    made_speaker = None
    if config.speaker_width is not None:
        found = _need(speaker, checkpoint, "the speaker model ERes2NetV2")
        made_speaker = load_speaker_encoder(found)
    return AcousticStage(config, network, vocoder=made_vocoder, speaker=made_speaker)


def load_vocoder(decoder: MelDecoderConfig, checkpoint: Checkpoint) -> Generator | BigVGAN:
    """Build the vocoder that a mel decoder names."""
    sizes = decoder.vocoder
    if decoder.anti_aliased:
        return load_network(
            lambda: BigVGAN(sizes), checkpoint.tensors, checkpoint.path, training_only=()
        )
    return load_network(
        lambda: Generator(sizes), checkpoint.tensors, checkpoint.path, training_only=()
    )


def load_speaker_encoder(checkpoint: Checkpoint) -> SpeakerEncoder:
    """Build the speaker encoder."""
    return load_network(SpeakerEncoder, checkpoint.tensors, checkpoint.path, training_only=())


def load_network(
    build: Callable[[], _Network],
    state: Mapping[str, Tensor],
    source: Path,
    *,
    training_only: tuple[str, ...] = _TRAINING_ONLY,
) -> _Network:
    """Build a network and give it a file's weights, weight norm folded, ready for inference.

    Args:
        build: Makes the network; called with the device set to `meta`.
        state: Tensors by community name, in any float type.
        source: The file, for messages.
        training_only: Prefixes of tensors that inference does without.

    Returns:
        The network in float32 on the CPU, in evaluation mode, needing no gradients.

    Raises:
        CheckpointError: A tensor is missing, left over or of another shape.
    """
    with shapes_only():
        network = build()
    folded = fold_weight_norm(state, source=source)
    load_strictly(network, folded, source=source, ignored_prefixes=training_only)
    lay_out_channels_last(network)
    return network.eval().requires_grad_(requires_grad=False)


def _need(given: Checkpoint | None, checkpoint: Checkpoint, what: str) -> Checkpoint:
    if given is None:
        raise CheckpointError(f"{checkpoint.path}: needs {what}", remedy=f"name {what} beside it")
    return given
