"""Teaching the semantic stage which tokens follow which phonemes.

It learns from one to three sentences of a speaker joined as a reference clip and a line are joined:
the first ones with the silence that follows a clip, the last one to its end. Single sentences come
first, as they are cheaper and easier to keep one's place in. A few hours of speech are little for
attention to find by itself where in the text it is, so one head in three layers is shown, less when
most of the training is over. Some tokens are exchanged for others before the stage reads them: what
it has said itself will not be perfect either. And it begins by knowing what tokens sound like, and
which sounds a phoneme has: embeddings start from the listener's codes.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import nn

from tiny.listening import N_CODES
from tiny.packing import N_RATES
from tiny.trainee import OneNetwork, Recipe, rounded_products
from voicepipe.model.config import SemanticConfig
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model.training.semantic_batch import SemanticLine, collate_lines
from voicepipe.model.training.semantic_losses import (
    alignment_loss,
    counted_targets,
    cross_entropy_sum,
    top_accuracy,
)
from voicepipe.model.training.semantic_scores import AttentionProbe, batch_scores
from voicepipe.text.symbols import symbol_table
from voicepipe.training.loops.loop import Validation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from tiny.packing import Pack, Packed
    from tiny.tokens import SpokenClips
    from voicepipe.model.training.semantic_batch import SemanticBatch

CONFIG: Final = SemanticConfig(
    n_layers=6,
    width=192,
    n_heads=4,
    feedforward_width=768,
    vocabulary_size=N_CODES + 1,
    phoneme_vocabulary_size=len(symbol_table("v2").symbols),
    eos_id=N_CODES,
    bert_width=1,
)
RECIPE: Final = Recipe(
    n_steps=3600,
    batch_size=16,
    peak=1.5e-3,
    warmup_steps=200,
    weight_decay=0.02,
    further_steps=2600,
    further_peak=8e-4,
)

_SHOWN_HEADS: Final[dict[int, tuple[int, ...]]] = {1: (0,), 2: (0,), 3: (0,)}
_SHARES = (0.15, 0.7, 0.15)  # of attention on the phoneme before, the one spoken, the one after
_SHOWN_WEIGHT, _LATE_WEIGHT, _LATE_FROM = 0.5, 0.15, 0.7
_EXCHANGED = 0.1
_EMBEDDING_SPREAD, _OWN_SPREAD = 0.5, 0.15
_N_SENTENCES = (1, 2, 3)
_EARLY_SHARES, _SHARES_OF_SENTENCES, _JOINED_FROM = (0.85, 0.15, 0.0), (0.15, 0.75, 0.1), 0.6
_BY_EAR = 0.5  # how often the sentences before the last are as a reference clip is heard
_POOLS = 3  # batches drawn together and sorted by length, one of which is learnt


class Joined:
    """Sentences of one speaker, one after the other, as the stage learns them."""

    def __init__(self, pack: Pack, spoken: SpokenClips) -> None:
        self._spoken = spoken
        self.learnt = tuple(clip for clip in pack.clips if not clip.is_held_out)
        self.held_out = tuple(clip for clip in pack.clips if clip.is_held_out)
        self._by_speaker: dict[tuple[str, str], list[Packed]] = {}
        for clip in self.learnt:
            self._by_speaker.setdefault(clip.speaker, []).append(clip)

    def draw(
        self, seed: int, n: int, shares: Sequence[float] = _SHARES_OF_SENTENCES
    ) -> list[tuple[SemanticLine, Tensor]]:
        """Draw lines of like length, each with the phoneme of every token and of its end.

        Args:
            seed: What random numbers are drawn from.
            n: Lines.
            shares: Of lines of one, two and three sentences.
        """
        rng = np.random.default_rng(seed)
        pool = sorted(
            (self._one(rng, shares) for _ in range(_POOLS * n)),
            key=lambda row: len(row[0].phoneme_ids) + len(row[0].tokens),
        )
        first = int(rng.integers(_POOLS)) * n
        return pool[first : first + n]

    def after_a_reference(self, clip: Packed) -> tuple[SemanticLine, Tensor]:
        """Join a held-out sentence to one of its speaker's learnt ones."""
        return self.join([self._by_speaker[clip.speaker][0], clip], 0, by_ear=True)

    def join(
        self, clips: Sequence[Packed], rate: int, *, by_ear: bool
    ) -> tuple[SemanticLine, Tensor]:
        """Join sentences at a rate, all but the last as they are heard or as they are meant."""
        phonemes: list[int] = []
        tokens, spoken_from = [], []
        for number, clip in enumerate(clips, start=1):
            spoken = self._spoken.of(clip, rate)
            if number == len(clips):
                heard = spoken.meant[: len(spoken.phonemes)]
            else:
                heard = spoken.tokens if by_ear else spoken.meant
            places = np.full(len(heard), len(clip.phoneme_ids) - 1)
            places[: len(spoken.phonemes)] = spoken.phonemes
            tokens.append(heard)
            spoken_from.append(places + len(phonemes))
            phonemes += clip.phoneme_ids
        spoken_from.append(np.array([len(phonemes) - 1]))
        line = SemanticLine(
            phoneme_ids=torch.tensor(phonemes), tokens=torch.from_numpy(np.concatenate(tokens))
        )
        return line, torch.from_numpy(np.concatenate(spoken_from))

    def codes_of_phonemes(self, n_phonemes: int) -> Tensor:
        """How often each code is spoken from each phoneme, (phonemes, codes)."""
        counts = np.zeros((n_phonemes, N_CODES), dtype=np.float32)
        for clip in self.learnt:
            ids = np.array(clip.phoneme_ids)
            for rate in range(N_RATES):
                spoken = self._spoken.of(clip, rate)
                np.add.at(counts, (ids[spoken.phonemes], spoken.meant[: len(spoken.phonemes)]), 1)
        return torch.from_numpy(counts)

    def _one(
        self, rng: np.random.Generator, shares: Sequence[float]
    ) -> tuple[SemanticLine, Tensor]:
        clip = self.learnt[int(rng.integers(len(self.learnt)))]
        rate = int(rng.integers(N_RATES))
        others = self._by_speaker[clip.speaker]
        n_more = int(rng.choice(_N_SENTENCES, p=shares)) - 1
        more = [others[int(rng.integers(len(others)))] for _ in range(n_more)]
        return self.join([clip, *more], rate, by_ear=bool(rng.random() < _BY_EAR))


class SemanticTraining(OneNetwork):
    """The semantic stage in training; a `Trainee`.

    Args:
        joined: To learn from.
        codes: (N, width), the listener's.
        recipe: How.
    """

    network: SemanticStage

    def __init__(self, joined: Joined, codes: Tensor, recipe: Recipe = RECIPE) -> None:
        torch.manual_seed(recipe.seed)  # noqa: TID251 - first weights; nothing else draws from it
        stage = SemanticStage(CONFIG)
        _begin_with(stage, codes, joined.codes_of_phonemes(CONFIG.phoneme_vocabulary_size))
        super().__init__(stage, recipe, {"network": "semantic"})
        self._joined = joined

    def take_step(self, step: int) -> Mapping[str, float]:
        """Learn from one batch."""
        seed = self.seed(step)
        is_early = step < _JOINED_FROM * self.recipe.n_steps
        shares = _EARLY_SHARES if is_early else _SHARES_OF_SENTENCES
        drawn = self._joined.draw(seed, self.recipe.batch_size, shares)
        lines, spoken_from = zip(*drawn, strict=True)
        batch = collate_lines(lines, eos_id=CONFIG.eos_id, bert_width=CONFIG.bert_width)
        probe = AttentionProbe(heads=_SHOWN_HEADS)
        with rounded_products():
            scores = batch_scores(self.network, _with_slips(batch, seed), probe=probe).float()
        n_targets = sum(len(line.tokens) + 1 for line in lines)
        surprise = cross_entropy_sum(scores, batch, CONFIG.eos_id) / n_targets
        wanted = _shares(batch, spoken_from)
        shown = torch.stack(
            [
                alignment_loss(found.float(), wanted, counted_targets(batch))
                for found in probe.found.values()
            ]
        ).mean()
        is_late = step >= _LATE_FROM * self.recipe.n_steps
        norm = self.learn(surprise + (_LATE_WEIGHT if is_late else _SHOWN_WEIGHT) * shown, step)
        return {
            "cross_entropy": float(surprise.detach()),
            "alignment": float(shown.detach()),
            "accuracy": float(top_accuracy(scores.detach(), batch, CONFIG.eos_id)),
            "gradient_norm": norm,
        }

    @torch.no_grad()
    def validate(self, step: int) -> Validation:  # noqa: ARG002 - the same lines at every step
        """Judge held-out sentences after a reference: surprise a token, the three best counted."""
        total, right, n_targets = 0.0, 0.0, 0
        clips, size = self._joined.held_out, self.recipe.batch_size
        for start in range(0, len(clips), size):
            lines = [
                self._joined.after_a_reference(clip)[0] for clip in clips[start : start + size]
            ]
            batch = collate_lines(lines, eos_id=CONFIG.eos_id, bert_width=CONFIG.bert_width)
            scores = batch_scores(self.network, batch)
            total += float(cross_entropy_sum(scores, batch, CONFIG.eos_id))
            n_here = sum(len(line.tokens) + 1 for line in lines)
            right += float(top_accuracy(scores, batch, CONFIG.eos_id)) * n_here
            n_targets += n_here
        losses = {"cross_entropy": total / n_targets, "accuracy": right / n_targets}
        return Validation(losses=losses, score=losses["cross_entropy"])


@torch.no_grad()
def _begin_with(stage: SemanticStage, codes: Tensor, counts: Tensor) -> None:
    """Embed tokens as their codes, and phonemes as the codes they are spoken in."""
    text = stage.ar_text_embedding.word_embeddings.weight
    audio = stage.ar_audio_embedding.word_embeddings.weight
    for table in (text, audio):
        nn.init.normal_(table, 0, _OWN_SPREAD)
    sounds = (codes - codes.mean(0)) / codes.std(0) * _EMBEDDING_SPREAD
    audio[:N_CODES] += sounds
    seen = counts.sum(1) > 0
    spoken_as = counts[seen] @ sounds / counts[seen].sum(1, keepdim=True)
    text[seen] += spoken_as / spoken_as.std() * _EMBEDDING_SPREAD
    stage.ar_predict_layer.weight[:N_CODES] = sounds / math.sqrt(sounds.shape[1])


def _with_slips(batch: SemanticBatch, seed: int) -> SemanticBatch:
    """The batch with some tokens exchanged for others of it."""
    rng = torch.Generator().manual_seed(seed % 2**63)
    spoken = batch.tokens[batch.token_mask]
    others = spoken[torch.randint(len(spoken), batch.tokens.shape, generator=rng)]
    is_slip = (torch.rand(batch.tokens.shape, generator=rng) < _EXCHANGED) & batch.token_mask
    return replace(batch, tokens=torch.where(is_slip, others, batch.tokens))


def _shares(batch: SemanticBatch, spoken_from: Sequence[Tensor]) -> Tensor:
    """How attention should lie over the text for every score, (B, T + 1, P)."""
    n_text = batch.phoneme_ids.shape[1]
    shares = torch.zeros(len(spoken_from), batch.tokens.shape[1] + 1, n_text)
    for row, places in enumerate(spoken_from):
        first = n_text - int(batch.text_mask[row].sum())
        scores = torch.arange(len(places))
        for offset, share in zip((-1, 0, 1), _SHARES, strict=True):
            columns = (first + places + offset).clamp(first, n_text - 1)
            shares[row].index_put_((scores, columns), torch.tensor(share), accumulate=True)
    return shares
