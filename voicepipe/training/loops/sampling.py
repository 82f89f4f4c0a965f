"""Which utterances a step hears: a function of seed and step alone.

An epoch is one shuffled pass over all utterances; a batch may begin in one epoch and end in the
next. Nothing is remembered between steps, so a training that begins again at any step goes on as
if it had never stopped, and several processes share a batch without speaking.
"""

from __future__ import annotations

import numpy as np

_ORDER = 0x6F72646572  # "order" in ASCII: other uses of one seed draw other numbers


def rows_of_step(seed: int, step: int, *, n_rows: int, batch_size: int) -> tuple[int, ...]:
    """Name the utterances of one batch.

    Args:
        seed: Of the training.
        step: From 0.
        n_rows: How many utterances there are, at least one.
        batch_size: Of all processes together.
    """
    if min(seed, step) < 0 or min(n_rows, batch_size) < 1:
        raise ValueError("a batch needs utterances, and its seed and step cannot be negative")
    first = step * batch_size
    places = range(first, first + batch_size)
    orders = {epoch: _order(seed, epoch, n_rows) for epoch in {p // n_rows for p in places}}
    return tuple(orders[place // n_rows][place % n_rows] for place in places)


def _order(seed: int, epoch: int, n_rows: int) -> list[int]:
    rng = np.random.default_rng([seed, _ORDER, epoch])
    order: list[int] = rng.permutation(n_rows).tolist()
    return order
