"""What is said in semantic tokens: a small network that hears phonemes in them.

It never sees sound. Tokens of the smallest family say little more than phonemes, so it can tell
which of several answers of the semantic stage says its text best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.config_fields import count_under, shape_of
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.convnext import ConvNextBlock
from voicepipe.model.semantic.pronunciation import PAUSE, goodness
from voicepipe.model.semantic.spoken_borders import spoken_extents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.model.semantic.spoken_borders import Extent

CLASSES_FIELD: Final = "phoneme_ids"
"""Of the configuration: the phoneme id of each class after the first, which is a pause."""

_KERNEL_SIZE, _EXPANSION = 5, 2
_FRAMES_PER_TOKEN = 2
_MOST_PHONEMES = 4096
_PAUSES_AT_ONCE = 16
_PAUSE_TOKENS = 7  # alike, so that the one in the middle has only its like about it


class FrameHead(nn.Module):
    """What is heard in features, frame by frame.

    Args:
        width: Values of a feature.
        n_blocks: Layers.
        n_scores: Values of an answer.
    """

    def __init__(self, width: int, n_blocks: int, n_scores: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            ConvNextBlock(width, _KERNEL_SIZE, _EXPANSION) for _ in range(n_blocks)
        )
        self.out = nn.Conv1d(width, n_scores, 1)

    def scores(self, features: Tensor) -> Tensor:
        """Hear (B, C, T) features as (B, n_scores, T)."""
        for block in self.blocks:
            features = block(features)
        out: Tensor = self.out(features)
        return out


class PhonemeRecogniser(FrameHead):
    """Semantic tokens at 25 Hz to phonemes at 50 Hz.

    Args:
        n_codes: Tokens there are.
        width: Values of a code.
        n_blocks: Layers.
        phoneme_ids: Of each class after the first.
    """

    def __init__(
        self, n_codes: int, width: int, n_blocks: int, phoneme_ids: tuple[int, ...]
    ) -> None:
        super().__init__(width, n_blocks, 1 + len(phoneme_ids))
        self.codes = nn.Embedding(n_codes, width)
        self._class_of = {phoneme: i + 1 for i, phoneme in enumerate(phoneme_ids)}

    @classmethod
    def from_checkpoint(
        cls, checkpoint: Checkpoint, *, device: torch.device | str = "cpu"
    ) -> PhonemeRecogniser:
        """Build the recogniser that a file describes.

        Raises:
            CheckpointError: A weight is missing, left over or of another shape, or the
                configuration does not name the classes.
        """
        shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
        n_codes, width = shape_of(shapes, "codes.weight", 2)
        n_blocks = count_under(shapes, "blocks.")
        with shapes_only():
            network = cls(n_codes, width, n_blocks, _phoneme_ids(checkpoint))
        load_strictly(network, checkpoint.tensors, source=checkpoint.path)
        return network.to(device).eval()

    @property
    def n_codes(self) -> int:
        """Tokens it knows, from 0."""
        return self.codes.num_embeddings

    @property
    def width(self) -> int:
        """Values of a code."""
        return self.codes.embedding_dim

    def forward(self, tokens: Tensor) -> Tensor:
        """Hear (B, T) tokens as scores (B, K, 2T) of classes."""
        codes = self.codes(tokens).transpose(1, 2)
        return self.scores(codes.repeat_interleave(_FRAMES_PER_TOKEN, dim=2))

    @torch.inference_mode()
    def pronunciation(self, tokens: Sequence[int], phoneme_ids: Sequence[int]) -> float:
        """Judge how well tokens say phonemes.

        Args:
            tokens: Of a part, at least one, each below `n_codes`.
            phoneme_ids: Of the part; marks and phonemes of other languages count for nothing.

        Returns:
            Nats a frame, 0 at best.
        """
        return goodness(
            self._heard(tokens), [self._class_of[i] for i in phoneme_ids if i in self._class_of]
        )

    @torch.inference_mode()
    def spoken_extents(
        self, tokens: Sequence[int], phoneme_ids: Sequence[int]
    ) -> tuple[tuple[int, ...], tuple[Extent, ...]]:
        """Find where tokens say phonemes.

        Args:
            tokens: Of a clip, at least one, each below `n_codes`.
            phoneme_ids: Of its transcript.

        Returns:
            The places of the phonemes that are sounds it knows, and the extent of each in frames
            of 20 ms; nothing when the clip is shorter than its words.
        """
        places = tuple(n for n, i in enumerate(phoneme_ids) if i in self._class_of)
        wanted = [self._class_of[phoneme_ids[place]] for place in places]
        found = spoken_extents(self._heard(tokens), wanted) if wanted else None
        return ((), ()) if found is None else (places, found)

    @torch.inference_mode()
    def pause_token(self, n_tokens: int) -> int:
        """Find the token that says a pause most clearly, among others of its kind.

        Args:
            n_tokens: How many tokens, from 0, may be chosen among; at most `n_codes`.
        """
        tokens = torch.arange(n_tokens, device=self.out.weight.device)
        # A few at a time: all at once they would take more memory than any line does.
        pauses = [
            self(some[:, None].expand(-1, _PAUSE_TOKENS)).float().log_softmax(1)[:, PAUSE]
            for some in torch.split(tokens, _PAUSES_AT_ONCE)
        ]
        return int(torch.cat(pauses)[:, _PAUSE_TOKENS].argmax())

    def _heard(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Logarithms of probabilities, (2T, K) of T tokens."""
        asked = torch.tensor([tokens], dtype=torch.int64, device=self.out.weight.device)
        heard: NDArray[np.float32] = self(asked)[0].float().log_softmax(0).t().cpu().numpy()
        return heard


def _phoneme_ids(checkpoint: Checkpoint) -> tuple[int, ...]:
    config: Mapping[str, Any] = checkpoint.config
    listed = config.get(CLASSES_FIELD)
    if not isinstance(listed, list) or not all(_is_id(value) for value in listed):
        raise _unclear(checkpoint.path, f"is no list of ids below {_MOST_PHONEMES}")
    if len(set(listed)) != len(listed) or not listed:
        raise _unclear(checkpoint.path, "names no phoneme, or one twice")
    return tuple(listed)


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value < _MOST_PHONEMES


def _unclear(path: Path, reason: str) -> CheckpointError:
    return CheckpointError(
        f"{path}: {CLASSES_FIELD} of its configuration {reason}",
        remedy="import the model again",
    )
