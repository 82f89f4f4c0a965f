"""One step of all slots, from tokens to tokens, in memory that never moves: recorded on a GPU.

A step of the plain path asks the processor for some three hundred small launches and waits for the
scores. Here every slot takes part in every step, whether a line is in it or not, so all shapes are
known; on a GPU the launches are recorded once for each length of keys and then played as one. The
same tensor code runs anywhere without recording, which is how it is tested: it has not been run on
a GPU yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from voicepipe.model.semantic.device_sampling import DrawState, as_signed, draw_on_device

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from voicepipe.model.semantic.kv_cache import KvCache
    from voicepipe.model.semantic.sampling import Draw
    from voicepipe.model.semantic.stage import SemanticStage

_KEY_BLOCK = 256  # lengths of keys are rounded up to this: ten recordings at the most
_WARM_UPS = 2


class DeviceSteps:
    """Moves all slots of a cache on by one token a call.

    Args:
        stage: Laid out, on the device.
        cache: Its keys and values; cleared here, so that no slot holds what is no number.
    """

    def __init__(self, stage: SemanticStage, cache: KvCache) -> None:
        self._stage, self._cache = stage, cache
        device, n = cache.keys.device, cache.n_slots
        size = stage.config.vocabulary_size
        stage.ar_audio_position.reach(cache.max_length, device)
        cache.keys.zero_()
        cache.values.zero_()
        self._tokens = torch.zeros(n, dtype=torch.int64, device=device)
        self._lengths = torch.zeros_like(self._tokens)
        self._texts = torch.zeros_like(self._tokens)
        self._draws = DrawState(
            seen=torch.zeros(n, size, dtype=torch.bool, device=device),
            seeds=torch.zeros_like(self._tokens),
            steps=torch.zeros_like(self._tokens),
            top_k=torch.ones_like(self._tokens),
            top_p=torch.ones(n, dtype=torch.float64, device=device),
            temperature=torch.ones(n, device=device),
            penalty=torch.ones(n, device=device),
            min_tokens=torch.zeros_like(self._tokens),
        )
        self._slots = torch.arange(n, device=device)
        # Token, end and integrity of every slot: one copy to the processor a step.
        self._told = torch.zeros(3, n, dtype=torch.int64, device=device)
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}

    @torch.inference_mode()
    def enter(self, slot: int, token: int, seen: NDArray[np.bool_], draw: Draw) -> None:
        """Tell of a line whose prompt is in the cache and whose first token is chosen."""
        state, settings = self._draws, draw.settings
        length = self._cache.length(slot)
        self._tokens[slot] = token
        self._lengths[slot] = length
        self._texts[slot] = length - self._cache.audio_length(slot)
        state.seen[slot] = torch.from_numpy(seen).to(state.seen.device)
        state.seeds[slot] = as_signed(draw.seed)
        state.steps[slot] = draw.step
        state.top_k[slot] = settings.top_k
        state.top_p[slot] = settings.top_p
        state.temperature[slot] = settings.temperature
        state.penalty[slot] = settings.repetition_penalty
        state.min_tokens[slot] = settings.min_tokens

    @torch.inference_mode()
    def leave(self, slot: int) -> None:
        """Forget a line; what it left is cleared, since it may be no numbers."""
        self._lengths[slot] = 0
        self._texts[slot] = 0
        self._cache.values[slot].zero_()
        self._cache.keys[slot].zero_()

    @torch.inference_mode()
    def advance(self, slots: Sequence[int]) -> list[tuple[int, bool, bool]]:
        """Take one step.

        Args:
            slots: Those with a line; each grows by a position.

        Returns:
            Each one's token, whether its line ends there, and whether its scores are numbers.
        """
        longest = max(self._cache.reserve_next(slots)) + 1
        n_keys = min(-(-longest // _KEY_BLOCK) * _KEY_BLOCK, self._cache.max_length)
        if self._tokens.device.type == "cuda":
            self._recorded(n_keys).replay()
        else:
            self._step(n_keys)
        tokens, ends, finite = self._told.cpu().tolist()
        return [(tokens[slot], bool(ends[slot]), bool(finite[slot])) for slot in slots]

    def _recorded(self, n_keys: int) -> torch.cuda.CUDAGraph:
        graph = self._graphs.get(n_keys)
        if graph is None:
            before = [part.clone() for part in self._state()]
            side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(_WARM_UPS):
                    self._step(n_keys)
            torch.cuda.current_stream().wait_stream(side)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                self._step(n_keys)
            # Trials have moved the lines on; what they wrote past their ends is written again.
            for part, saved in zip(self._state(), before, strict=True):
                part.copy_(saved)
            self._graphs[n_keys] = graph
        return graph

    def _state(self) -> tuple[Tensor, ...]:
        return (self._tokens, self._lengths, self._draws.seen, self._draws.steps)

    def _step(self, n_keys: int) -> None:
        stage, cache, slots = self._stage, self._cache, self._slots
        # Idle slots write to their last position again and again, never past it.
        here = self._lengths.clamp(max=n_keys - 1)
        mask = (torch.arange(n_keys, device=here.device) <= here.unsqueeze(1))[:, None, None]
        hidden = stage.embed_tokens(self._tokens, here - self._texts)
        for index, layer in enumerate(stage.h):
            queries, keys, values = layer.split_rows(layer.packed.join(hidden), len(slots))
            cache.write_next(index, slots, here, keys, values)
            mixed = F.scaled_dot_product_attention(
                queries.unsqueeze(2),
                cache.keys[:, index, :, :n_keys],
                cache.values[:, index, :, :n_keys],
                attn_mask=mask,
            )
            hidden = layer.finish(hidden, mixed.reshape(hidden.shape), layer.packed)
        scores = stage.predict(hidden)
        is_finite = torch.isfinite(scores).all(dim=1)
        scores = torch.where(is_finite.unsqueeze(1), scores, torch.zeros_like(scores))
        tokens, ends = draw_on_device(scores, self._draws, eos_id=stage.config.eos_id)
        self._told.copy_(torch.stack((tokens, ends.long(), is_finite.long())))
        self._tokens.copy_(tokens)
        self._draws.seen.scatter_(1, tokens.unsqueeze(1), value=True)
        busy = (self._texts > 0).long()
        self._lengths.add_(busy)
        self._draws.steps.add_(busy)
