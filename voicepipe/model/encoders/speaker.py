"""Who is speaking, as a wide vector: the speaker network of the Pro families.

Source: ERes2NetV2 (Chen et al., 2024) at 24 channels a group, 4 groups, expansion 4; code read in
RVC-Boss/GPT-SoVITS@48b1a01, `eres2net/` and `sv.py`. The embedding is the time average before the
network's statistics pooling, so its last layer is loaded and never used.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.spectral import kaldi_fbank

SPEAKER_SAMPLE_RATE = 16_000
SPEAKER_WIDTH = 20_480
_N_BANDS = 80
_STEM_WIDTH = 64
_BASE_WIDTH = 24  # channels of a group for 64 planes
_N_GROUPS = 4
_EXPANSION = 4
_REDUCTION = 4
_CEILING = 20.0  # this network's activations are clipped here
_CLASSIFIER_WIDTH = 192


class _Fusion(nn.Module):
    """Mixes two maps by a learned weight for each place (AFF)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = width // _REDUCTION
        self.local_att = nn.Sequential(
            nn.Conv2d(2 * width, inner, 1),
            nn.BatchNorm2d(inner),
            nn.SiLU(),
            nn.Conv2d(inner, width, 1),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        lean = torch.tanh(self.local_att(torch.cat((x, y), dim=1)))
        return x * (1.0 + lean) + y * (1.0 - lean)


class _Block(nn.Module):
    """A bottleneck whose middle is a chain of groups, each fed by the one before."""

    def __init__(self, in_width: int, planes: int, stride: int, *, fused: bool) -> None:
        super().__init__()
        group = planes * _BASE_WIDTH // 64
        out_width = planes * _EXPANSION
        self.conv1 = nn.Conv2d(in_width, group * _N_GROUPS, 1, stride, bias=False)
        self.bn1 = nn.BatchNorm2d(group * _N_GROUPS)
        self.convs = nn.ModuleList(
            nn.Conv2d(group, group, 3, padding=1, bias=False) for _ in range(_N_GROUPS)
        )
        self.bns = nn.ModuleList(nn.BatchNorm2d(group) for _ in range(_N_GROUPS))
        self.fuse_models = nn.ModuleList(
            _Fusion(group) for _ in range(_N_GROUPS - 1 if fused else 0)
        )
        self.conv3 = nn.Conv2d(group * _N_GROUPS, out_width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_width)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_width != out_width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_width, out_width, 1, stride, bias=False), nn.BatchNorm2d(out_width)
            )

    def forward(self, x: Tensor) -> Tensor:
        groups = _clip(self.bn1(self.conv1(x))).chunk(_N_GROUPS, dim=1)
        outs: list[Tensor] = []
        for i, (conv, norm) in enumerate(zip(self.convs, self.bns, strict=True)):
            group = groups[i]
            if i:
                group = (
                    self.fuse_models[i - 1](outs[-1], group)
                    if len(self.fuse_models)
                    else outs[-1] + group
                )
            outs.append(_clip(norm(conv(group))))
        out = self.bn3(self.conv3(torch.cat(outs, dim=1)))
        return _clip(out + self.shortcut(x))


def _clip(x: Tensor) -> Tensor:
    return x.clamp(0.0, _CEILING)


class SpeakerEncoder(nn.Module):
    """Embeds a voice; call `eval()` before use, the batch norms have nothing to learn here.

    Args:
        stem: Channels of the first convolution, a multiple of 8; every width follows from it.
    """

    def __init__(self, stem: int = _STEM_WIDTH) -> None:
        super().__init__()
        wide = 8 * stem * _EXPANSION
        self.conv1 = nn.Conv2d(1, stem, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        self.layer1 = _stack(stem, stem, 3, 1, fused=False)
        self.layer2 = _stack(stem * _EXPANSION, 2 * stem, 4, 2, fused=False)
        self.layer3 = _stack(2 * stem * _EXPANSION, 4 * stem, 6, 2, fused=True)
        self.layer4 = _stack(4 * stem * _EXPANSION, 8 * stem, 3, 2, fused=True)
        self.layer3_ds = nn.Conv2d(4 * stem * _EXPANSION, wide, 3, stride=2, padding=1, bias=False)
        self.fuse34 = _Fusion(wide)
        self.seg_1 = nn.Linear(2 * wide * (_N_BANDS // 8), _CLASSIFIER_WIDTH)

    def forward(self, fbank: Tensor) -> Tensor:
        """Embed (B, T, 80) log filterbank frames as (B, 20480)."""
        x: Tensor = functional.relu(self.bn1(self.conv1(fbank.transpose(1, 2).unsqueeze(1))))
        third = self.layer3(self.layer2(self.layer1(x)))
        x = self.fuse34(self.layer4(third), self.layer3_ds(third))
        return x.flatten(1, 2).mean(dim=-1)

    def embed(self, waveform: Tensor) -> Tensor:
        """Embed (B, S) samples at 16 kHz, at least 25 ms of them, as (B, 20480)."""
        fbank = torch.stack([kaldi_fbank(row, SPEAKER_SAMPLE_RATE, _N_BANDS) for row in waveform])
        out: Tensor = self(fbank)
        return out


def _stack(in_width: int, planes: int, n_blocks: int, stride: int, *, fused: bool) -> nn.Module:
    blocks = [_Block(in_width, planes, stride, fused=fused)]
    blocks += [_Block(planes * _EXPANSION, planes, 1, fused=fused) for _ in range(n_blocks - 1)]
    return nn.Sequential(*blocks)
