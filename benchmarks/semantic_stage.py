"""Core-seconds of the semantic stage for a second of speech, by slots and precision.

OMP_NUM_THREADS=1 python -m benchmarks.semantic_stage [--slots 16 32] [--precision float32 int8]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

import torch

from voicepipe.model.precision import Precision
from voicepipe.model.semantic.measure import measure_semantic, random_stage


def main() -> None:
    """Measure and print a line of JSON a number of slots and precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 4, 16, 32])
    parser.add_argument("--precision", nargs="+", default=["float32", "int8"])
    parser.add_argument("--text", type=int, default=60, help="phonemes a line")
    parser.add_argument("--prompt", type=int, default=100, help="prompt tokens a line")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for precision in map(Precision, options.precision):
        stage = random_stage(precision=precision)
        for n_slots in options.slots:
            cost = measure_semantic(
                stage, precision, n_slots, n_text=options.text, n_prompt=options.prompt
            )
            rounded = {
                key: round(value, 4) if isinstance(value, float) else value
                for key, value in asdict(cost).items()
            }
            print(json.dumps(rounded), flush=True)


if __name__ == "__main__":
    main()
