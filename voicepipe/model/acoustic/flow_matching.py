"""From noise to a mel spectrogram by following an estimated flow, chunk by chunk.

Source: Lipman et al., 2023; RVC-Boss/GPT-SoVITS@48b1a01, `CFM.inference` and
`TTS.using_vocoder_synthesis`. Unlike upstream, the noise is an argument, of the line's own frames,
so a chunk's noise does not depend on how many chunks came before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from voicepipe.model.acoustic.dit import DiffusionTransformer

if TYPE_CHECKING:
    from voicepipe.model.acoustic.config import TransformerConfig

_MEL_FLOOR, _MEL_CEILING = -12.0, 2.0  # the log-mel range that [-1, 1] stands for


def normalise_mel(mel: Tensor) -> Tensor:
    """Map a log-mel spectrogram's usual range, [-12, 2], to [-1, 1]."""
    return (mel - _MEL_FLOOR) / (_MEL_CEILING - _MEL_FLOOR) * 2 - 1


def denormalise_mel(mel: Tensor) -> Tensor:
    """Undo `normalise_mel`."""
    return (mel + 1) / 2 * (_MEL_CEILING - _MEL_FLOOR) + _MEL_FLOOR


class FlowMatching(nn.Module):
    """An Euler solver around the transformer (upstream `CFM`)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.estimator = DiffusionTransformer(config)

    def forward(
        self,
        features: Tensor,
        prompt_mel: Tensor,
        noise: Tensor,
        *,
        n_steps: int,
        guidance: float = 0.0,
    ) -> Tensor:
        """Generate the frames that follow a prompt.

        Args:
            features: (B, C, P + T) for prompt and new frames.
            prompt_mel: (B, M, P), normalised.
            noise: (B, M, T), standard normal.
            n_steps: At least 1; 32 is upstream's default.
            guidance: Strength of classifier-free guidance; 0 costs half as much.

        Returns:
            (B, M, T), normalised.
        """
        n_prompt = prompt_mel.shape[2]
        mel = torch.cat((torch.zeros_like(prompt_mel), noise), dim=2).transpose(1, 2)
        prompt = torch.cat((prompt_mel, torch.zeros_like(noise)), dim=2).transpose(1, 2)
        features = features.transpose(1, 2)
        condition = self.estimator.text_embed(features)
        nothing = self.estimator.text_embed(torch.zeros_like(features)) if guidance else None
        step = 1 / n_steps
        steps = torch.full((len(mel),), step, device=mel.device, dtype=mel.dtype)
        now = 0.0
        for _ in range(n_steps):
            time = self.estimator.embed_time(torch.full_like(steps, now), steps)
            velocity = self.estimator(mel, prompt, condition, time)
            if nothing is not None:
                blind = self.estimator(mel, torch.zeros_like(prompt), nothing, time)
                velocity = velocity + (velocity - blind) * guidance
            mel = mel + step * velocity
            mel[:, :n_prompt] = 0
            now += step
        return mel[:, n_prompt:].transpose(1, 2)

    def extend(
        self,
        features: Tensor,
        prompt: tuple[Tensor, Tensor],
        noise: Tensor,
        *,
        chunk_frames: int,
        n_steps: int,
        guidance: float = 0.0,
    ) -> Tensor:
        """Generate a line of any length, each chunk prompted by the end of the one before.

        Args:
            features: (B, C, T) of the line.
            prompt: The reference's features (B, C, P) and normalised mel (B, M, P), P under
                `chunk_frames`.
            noise: (B, M, T), standard normal.
            chunk_frames: Prompt and new frames of one pass.
            n_steps: As in `forward`.
            guidance: As in `forward`.

        Returns:
            (B, M, T), normalised.
        """
        prompt_features, prompt_mel = prompt
        n_prompt = prompt_mel.shape[2]
        assert 0 < n_prompt < chunk_frames
        chunks: list[Tensor] = []
        size = chunk_frames - n_prompt
        for part, part_noise in zip(
            torch.split(features, size, dim=2), torch.split(noise, size, dim=2), strict=True
        ):
            chunk = self(
                torch.cat((prompt_features, part), dim=2),
                prompt_mel,
                part_noise,
                n_steps=n_steps,
                guidance=guidance,
            )
            chunks.append(chunk)
            # A chunk shorter than the prompt becomes the next prompt whole.
            prompt_features, prompt_mel = part[:, :, -n_prompt:], chunk[:, :, -n_prompt:]
        return torch.cat(chunks, dim=2)
