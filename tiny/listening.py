"""Teaching the content encoder to hear phonemes and melody, through a bottleneck of few codes.

The encoder's features at 50 Hz pass two by two through one projection and the nearest of a few
hundred codes; what comes out must still name the phoneme and follow pitch and loudness. Voices are
heard at three rates, so a code that told speakers apart would be of little use here.

Source: vector quantisation by moving averages, van den Oord et al., 2017.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tiny.alignment import is_sounding
from tiny.packing import N_RATES
from tiny.trainee import OneNetwork, Recipe
from voicepipe.model.encoders.phonetic import MEL, PhoneticEncoder
from voicepipe.model.semantic.recogniser import FrameHead
from voicepipe.training.loops.loop import Validation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tiny.packing import Pack, Packed

WIDTH: Final = 192
N_BLOCKS: Final = 5
N_CODES: Final = 1024
N_MELODY: Final = 3
"""What a head says after its phonemes: pitch, voicing, loudness."""
FIRST_RECIPE: Final = Recipe(n_steps=1000, batch_size=8, peak=1.5e-3, warmup_steps=120)
"""Of ears that only draw the borders of phonemes again."""
RECIPE: Final = Recipe(n_steps=3600, batch_size=8, peak=1.5e-3, warmup_steps=200)

_SILENCE = math.log(1e-3)
_DECAY = 0.99
_DEAD_SHARE = 0.02
_COMMITMENT = 0.25
_POOL = 120  # a batch is the part of a random pool whose lengths are alike
_LOUDNESS_SPREAD = 0.35
_LONGEST_TAIL = 61  # frames of silence after a clip, as after a reference clip
_PITCH_SPREAD, _PITCH_LIMIT = 0.25, 0.8
_PRIOR_WEIGHT = 0.7  # a network's guesses lean on how frequent phonemes are; a path should less


class Heard(NamedTuple):
    """What a head says of every frame: phoneme scores (B, K, T), then (B, T) each."""

    phonemes: Tensor
    pitch: Tensor
    is_voiced: Tensor
    loudness: Tensor


class Lesson(NamedTuple):
    """A batch: mels (B, 80, 2T), and what should be heard in each of T frames."""

    mel: Tensor
    classes: Tensor
    pitch: Tensor
    is_voiced: Tensor
    loudness: Tensor
    mask: Tensor


class Codes(nn.Module):
    """Codes that follow the features nearest to them."""

    def __init__(self, n_codes: int, width: int) -> None:
        super().__init__()
        self.embed: Tensor
        self.count: Tensor
        self.total: Tensor
        self.register_buffer("embed", torch.zeros(n_codes, width))
        self.register_buffer("count", torch.ones(n_codes))
        self.register_buffer("total", torch.zeros(n_codes, width))

    def nearest(self, features: Tensor) -> Tensor:
        """Name the nearest code of each of (N, C) features."""
        return (self.embed.pow(2).sum(1) - 2 * features @ self.embed.t()).argmin(1)

    @torch.no_grad()
    def begin(self, features: Tensor, rng: torch.Generator) -> None:
        """Start from random features."""
        picked = torch.randint(len(features), (len(self.embed),), generator=rng)
        self.count.fill_(len(features) / len(self.embed))
        self.embed.copy_(features[picked])
        self.total.copy_(self.embed * self.count[:, None])

    @torch.no_grad()
    def follow(self, features: Tensor, rng: torch.Generator) -> None:
        """Move towards the features of a batch; codes that nothing is near begin again."""
        chosen = functional.one_hot(self.nearest(features), len(self.embed)).to(features)
        self.count.mul_(_DECAY).add_(chosen.sum(0), alpha=1 - _DECAY)
        self.total.mul_(_DECAY).add_(chosen.t() @ features, alpha=1 - _DECAY)
        self.embed.copy_(self.total / self.count.clamp(min=1e-3)[:, None])
        usual = len(features) / len(self.embed)
        dead = torch.nonzero(self.count < _DEAD_SHARE * usual)[:, 0]
        if len(dead):
            picked = features[torch.randint(len(features), (len(dead),), generator=rng)]
            self.embed[dead] = picked
            self.count[dead] = usual
            self.total[dead] = picked * usual


class Head(FrameHead):
    """Phonemes and melody in features, frame by frame."""

    def __init__(self, width: int, n_classes: int, n_blocks: int) -> None:
        super().__init__(width, n_blocks, n_classes + N_MELODY)

    def forward(self, features: Tensor) -> Heard:
        """Hear (B, C, T) features."""
        out = self.scores(features)
        return Heard(out[:, :-N_MELODY], out[:, -3], out[:, -2], out[:, -1])


class Listener(nn.Module):
    """The encoder, the projection, the codes, and a head on either side of them."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.encoder = PhoneticEncoder(WIDTH, N_BLOCKS)
        self.before = Head(WIDTH, n_classes, 0)
        self.ssl_proj = nn.Conv1d(WIDTH, WIDTH, 2, 2)
        self.codes = Codes(N_CODES, WIDTH)
        self.after = Head(WIDTH, n_classes, 2)

    def features(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Features at 50 Hz and projected ones at 25 Hz of (B, 80, T) mels."""
        features = self.encoder(mel)
        features = features[:, :, : features.shape[2] // 2 * 2]
        return features, self.ssl_proj(features)

    def tokens(self, mel: Tensor) -> Tensor:
        """Semantic tokens (B, T / 4) of (B, 80, T) mels."""
        projected = self.features(mel)[1].transpose(1, 2)
        return self.codes.nearest(projected.flatten(0, 1)).view(projected.shape[:2])


class Lessons:
    """Clips with what should be heard in them.

    Args:
        pack: The clips.
        alignment: Phoneme index of every frame of every clip at its own rate.
    """

    def __init__(self, pack: Pack, alignment: Mapping[str, NDArray[np.int64]]) -> None:
        self._pack = pack
        self._alignment = alignment
        sounds = {p for clip in pack.clips for p in clip.phonemes if is_sounding(p)}
        self._classes = {name: i + 1 for i, name in enumerate(sorted(sounds))}
        self.n_classes = len(sounds) + 1
        ids: dict[str, int] = {}
        for clip in pack.clips:
            ids.update(zip(clip.phonemes, clip.phoneme_ids, strict=True))
        self.phoneme_ids = tuple(ids[name] for name in sorted(sounds))
        """Of each class after the first."""
        self.learnt = tuple(clip for clip in pack.clips if not clip.is_held_out)
        self.held_out = tuple(clip for clip in pack.clips if clip.is_held_out)

    def phonemes(self, clip: Packed, rate: int, n_frames: int) -> NDArray[np.int64]:
        """Phoneme index of each of so many frames of a clip at a rate; -1 in a pause."""
        own = self._alignment[clip.name]
        factor = len(own) * 2 * MEL.n_mels / clip.places["mel"][rate][1]
        at = np.round((np.arange(n_frames) + 0.5) * factor - 0.5).astype(int)
        return own[at.clip(0, len(own) - 1)]

    def classes(self, clip: Packed, rate: int, n_frames: int) -> NDArray[np.int64]:
        """Number of the phoneme of each of so many frames; 0 in a pause."""
        index = [self.class_of(phoneme) for phoneme in clip.phonemes]
        return np.array([*index, 0])[self.phonemes(clip, rate, n_frames)]

    def class_of(self, phoneme: str) -> int:
        """Number of a phoneme; 0 of what is no sound."""
        return self._classes.get(phoneme, 0)

    def draw(self, seed: int, n: int) -> Lesson:
        """Draw a batch of clips of like length, at random rates and loudnesses."""
        rng = np.random.default_rng(seed)
        pool = rng.permutation(len(self.learnt))[:_POOL]
        wanted = self._length(self.learnt[int(pool[0])])
        pool = sorted(pool, key=lambda i: abs(self._length(self.learnt[int(i)]) - wanted))[:n]
        rows = [(self.learnt[int(i)], int(rng.integers(N_RATES))) for i in pool]
        tails = rng.integers(0, _LONGEST_TAIL, n)
        return self.lesson(rows, tails, rng.normal(0, _LOUDNESS_SPREAD, n))

    def lesson(
        self, rows: Sequence[tuple[Packed, int]], tails: Sequence[int], gains: Sequence[float]
    ) -> Lesson:
        """Put clips into a batch, each with some silence after it and its logarithm of gain."""
        mels = [self._pack.mel(clip, rate) for clip, rate in rows]
        longest = max(len(mel) + tail for mel, tail in zip(mels, tails, strict=True))
        n_frames = -(-longest // 4) * 2
        mel = torch.full((len(rows), MEL.n_mels, 2 * n_frames), _SILENCE)
        classes = torch.zeros(len(rows), n_frames, dtype=torch.int64)
        pitch = torch.zeros(len(rows), n_frames)
        mask = torch.zeros(len(rows), n_frames, dtype=torch.bool)
        for b, (clip, rate) in enumerate(rows):
            louder = np.maximum(mels[b] + gains[b], _SILENCE)
            mel[b, :, : len(mels[b])] = torch.from_numpy(louder.T)
            n = len(mels[b]) // 2
            classes[b, :n] = torch.from_numpy(self.classes(clip, rate, n))
            track = self._pack.pitch(clip, rate)[::2][:n]
            pitch[b, : len(track)] = torch.from_numpy(np.ascontiguousarray(track))
            mask[b, : (len(mels[b]) + int(tails[b])) // 2] = True
        voiced = pitch > 0
        loudness = mel.mean(1)[:, ::2]
        loudness = (loudness - loudness.amax(1, keepdim=True)).clamp(min=-6) / 2 + 1.5
        return Lesson(mel, classes, _melody(pitch, voiced), voiced, loudness, mask)

    def _length(self, clip: Packed) -> int:
        return clip.places["mel"][0][1]


class Listening(OneNetwork):
    """The encoder in training; a `Trainee`."""

    network: Listener

    def __init__(self, lessons: Lessons, recipe: Recipe = RECIPE) -> None:
        torch.manual_seed(recipe.seed)  # noqa: TID251 - first weights; nothing else draws from it
        super().__init__(Listener(lessons.n_classes), recipe, {"network": "listener"})
        self._lessons = lessons

    def take_step(self, step: int) -> Mapping[str, float]:
        """Learn from one batch."""
        rng = torch.Generator().manual_seed(self.seed(step) % 2**63)
        lesson = self._lessons.draw(self.seed(step), self.recipe.batch_size)
        network = self.network
        features, projected = network.features(lesson.mel)
        rows = projected.transpose(1, 2)[_by_tokens(lesson.mask)]
        commitment = torch.zeros(())
        # First there must be something to quantise.
        if step == self.recipe.warmup_steps:
            network.codes.begin(rows.detach(), rng)
        if step >= self.recipe.warmup_steps:
            nearest = network.codes.embed[network.codes.nearest(rows.detach())]
            commitment = functional.mse_loss(rows, nearest)
            # Straight through: the features feel what their codes would have felt.
            through = torch.zeros_like(projected.transpose(1, 2))
            through[_by_tokens(lesson.mask)] = rows + (nearest - rows).detach()
            projected = through.transpose(1, 2)
            network.codes.follow(rows.detach(), rng)
        before = _losses(network.before(features), lesson)
        after = _losses(network.after(projected.repeat_interleave(2, dim=2)), lesson)
        loss = 0.5 * _weighed(before) + _weighed(after) + _COMMITMENT * commitment
        norm = self.learn(loss, step)
        return {
            **{f"before_{name}": float(value.detach()) for name, value in before.items()},
            **{f"after_{name}": float(value.detach()) for name, value in after.items()},
            "commitment": float(commitment.detach()),
            "gradient_norm": norm,
        }

    @torch.no_grad()
    def validate(self, step: int) -> Validation:  # noqa: ARG002 - the same clips at every step
        """Judge held-out sentences: the share of frames whose phoneme is named."""
        right: dict[str, list[float]] = {"before": [], "after": []}
        network = self.network
        clips = self._lessons.held_out
        for start in range(0, len(clips), self.recipe.batch_size):
            rows = [(clip, 0) for clip in clips[start : start + self.recipe.batch_size]]
            lesson = self._lessons.lesson(rows, [0] * len(rows), [0.0] * len(rows))
            features, projected = network.features(lesson.mel)
            rows_of = projected.transpose(1, 2)
            coded = network.codes.embed[network.codes.nearest(rows_of.flatten(0, 1))]
            coded = coded.view(rows_of.shape).transpose(1, 2).repeat_interleave(2, dim=2)
            for name, heard in (
                ("before", network.before(features)),
                ("after", network.after(coded)),
            ):
                named = heard.phonemes.argmax(1) == lesson.classes
                right[name].append(float(named[lesson.mask].float().mean()))
        losses = {f"{name}_accuracy": float(np.mean(shares)) for name, shares in right.items()}
        return Validation(losses=losses, score=1 - losses["after_accuracy"])


def border_scores(
    pack: Pack, lessons: Lessons, listener: Listener
) -> Callable[[Packed], NDArray[np.floating]]:
    """Give a function from a clip to log-likelihoods (T, classes) of its frames."""
    counts = np.ones(lessons.n_classes)
    for clip in lessons.learnt:
        classes = lessons.classes(clip, 0, clip.places["mel"][0][1] // (2 * MEL.n_mels))
        np.add.at(counts, classes, 1)
    prior = _PRIOR_WEIGHT * np.log(counts / counts.sum())

    @torch.inference_mode()
    def hear(clip: Packed) -> NDArray[np.floating]:
        mel = torch.from_numpy(pack.mel(clip, 0).T.copy())[None]
        scores = listener.before(listener.encoder(mel)).phonemes[0].t()
        heard: NDArray[np.floating] = torch.log_softmax(scores, 1).numpy() - prior
        return heard[: clip.places["mel"][0][1] // (2 * MEL.n_mels)]

    return hear


def _losses(heard: Heard, lesson: Lesson) -> dict[str, Tensor]:
    mask = lesson.mask
    sung = lesson.is_voiced & mask
    return {
        "phoneme": functional.cross_entropy(
            heard.phonemes.transpose(1, 2)[mask], lesson.classes[mask]
        ),
        "pitch": functional.smooth_l1_loss(heard.pitch[sung], lesson.pitch[sung]),
        "voicing": functional.binary_cross_entropy_with_logits(
            heard.is_voiced[mask], lesson.is_voiced[mask].float()
        ),
        "loudness": functional.mse_loss(heard.loudness[mask], lesson.loudness[mask]),
    }


def _weighed(losses: Mapping[str, Tensor]) -> Tensor:
    melody = 0.7 * losses["pitch"] + 0.2 * losses["voicing"] + 0.2 * losses["loudness"]
    return losses["phoneme"] + melody


def _melody(pitch: Tensor, voiced: Tensor) -> Tensor:
    """Pitch around the speaker's own middle, which is not the content's affair."""
    logs = torch.log(pitch.clamp(min=1)) * voiced
    middle = logs.sum(1, keepdim=True) / voiced.sum(1, keepdim=True).clamp(min=1)
    return ((logs - middle) * voiced).clamp(-_PITCH_LIMIT, _PITCH_LIMIT) / _PITCH_SPREAD


def _by_tokens(mask: Tensor) -> Tensor:
    """Which tokens are whole, of a mask over frames."""
    return mask[:, ::2] & mask[:, 1::2]
