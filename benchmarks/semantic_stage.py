"""Core-seconds of the semantic stage for a second of speech, at several numbers of slots.

Weights are random, since values do not change the cost. Run it on a quiet machine:
`OMP_NUM_THREADS=1 python benchmarks/semantic_stage.py`. The bare weight products of the same
number of rows are timed beside each step, so that figures from a busy machine can be judged.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import torch

from voicepipe.model.config import SemanticConfig
from voicepipe.model.generation import SemanticBatch, SemanticRequest
from voicepipe.model.gpt import SemanticStage
from voicepipe.model.rows import ROWS as MIN_ROWS
from voicepipe.model.sampling import SamplingSettings

TOKENS_PER_SECOND = 25
FULL_SIZE = SemanticConfig(
    n_layers=24,
    width=512,
    n_heads=16,
    feedforward_width=2048,
    vocabulary_size=1025,
    phoneme_vocabulary_size=732,
    eos_id=1024,
)


def random_stage() -> SemanticStage:
    stage = SemanticStage(FULL_SIZE).eval()
    # End of speech never wins, so every line runs to its limit.
    stage.ar_predict_layer.weight.data[FULL_SIZE.eos_id] = 0.0
    return stage.pack()


def request(seed: int, *, n_text: int, n_prompt: int, n_tokens: int) -> SemanticRequest:
    rng = np.random.default_rng(seed)
    return SemanticRequest(
        phoneme_ids=tuple(rng.integers(0, 732, n_text).tolist()),
        prompt_tokens=tuple(rng.integers(0, 1024, n_prompt).tolist()),
        seed=seed,
        settings=SamplingSettings(max_tokens=n_tokens, min_tokens=n_tokens),
    )


def weight_products(stage: SemanticStage, n_rows: int) -> float:
    rows = torch.ones(max(n_rows, MIN_ROWS), FULL_SIZE.width)
    wide = torch.ones(max(n_rows, MIN_ROWS), FULL_SIZE.feedforward_width)
    start = time.process_time()
    for layer in stage.h:
        attention = layer.self_attn
        torch.nn.functional.linear(rows, attention.in_proj_weight, attention.in_proj_bias)
        attention.out_proj(rows)
        layer.linear1(rows)
        layer.linear2(wide)
    stage.ar_predict_layer(rows)
    return time.process_time() - start


def measure(
    stage: SemanticStage, n_rows: int, *, n_text: int, n_prompt: int, n_tokens: int
) -> dict[str, float]:
    batch = SemanticBatch(stage, n_slots=n_rows, max_length=n_text + n_prompt + n_tokens)
    start = time.process_time()
    for seed in range(n_rows):
        batch.admit(request(seed, n_text=n_text, n_prompt=n_prompt, n_tokens=n_tokens))
    prefill_s = time.process_time() - start
    steps, products = [], []
    with torch.inference_mode():
        while batch.n_active:
            start = time.process_time()
            batch.step()
            steps.append(time.process_time() - start)
            products.append(weight_products(stage, n_rows))
    speech_s = n_rows * n_tokens / TOKENS_PER_SECOND
    return {
        "slots": n_rows,
        "prefill_ms_per_line": 1000 * prefill_s / n_rows,
        "step_ms": 1000 * float(np.median(steps)),
        "weight_products_ms": 1000 * float(np.median(products)),
        "core_s_per_audio_s_decode": sum(steps) / speech_s,
        "core_s_per_audio_s": (sum(steps) + prefill_s) / speech_s,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 4, 16, 32])
    parser.add_argument("--text", type=int, default=60, help="phonemes a line")
    parser.add_argument("--prompt", type=int, default=100, help="prompt tokens a line")
    parser.add_argument("--tokens", type=int, default=100, help="new tokens a line")
    options = parser.parse_args()
    torch.set_num_threads(1)
    stage = random_stage()
    for n_rows in options.slots:
        figures = measure(
            stage,
            n_rows,
            n_text=options.text,
            n_prompt=options.prompt,
            n_tokens=options.tokens,
        )
        print(json.dumps({key: round(value, 3) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
