"""What HuBERT and BERT share: folders of published files, and attention over a whole line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from torch.nn import functional

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.config_fields import LARGEST_SIZE, size_of
from voicepipe.model.checkpoints.json_files import read_json
from voicepipe.model.checkpoints.reading import load_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.model.config import Family

_MAX_CONFIG_BYTES: Final = 1 << 20
_Sizes = TypeVar("_Sizes")


def weights_file(folder: Path) -> Path:
    """Give where a folder's weights are: converted ones, or as published."""
    converted = folder / "model.safetensors"
    return converted if converted.is_file() else folder / "pytorch_model.bin"


def read_sizes(
    folder: Path, of_config: Callable[[Mapping[str, object]], _Sizes], *, fetch: str, remedy: str
) -> _Sizes:
    """Read dimensions out of a folder's `config.json`.

    Args:
        folder: With the file.
        of_config: Checks what it says.
        fetch: What to do when it cannot be read.
        remedy: What to do when it describes another model.

    Raises:
        CheckpointError: It is missing, too large or not JSON, or `of_config` refuses it.
    """
    path = folder / "config.json"
    table = read_json(path, remedy=fetch, max_bytes=_MAX_CONFIG_BYTES)
    try:
        return of_config(table if isinstance(table, dict) else {})
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error.message}", remedy=remedy) from error


def read_weights(path: Path, family: Family, n_layers: int) -> Checkpoint:
    """Read weights that shall fill so many layers.

    Raises:
        CheckpointError: They are no weights of that family, or too few.
    """
    checkpoint = load_checkpoint(path, family=family)
    if n_layers > len(checkpoint.tensors):
        # Said before building, so that a file cannot ask for more memory than it brings.
        config = path.with_name("config.json")
        raise CheckpointError(f"{config}: names {n_layers} layers, {path.name} holds fewer")
    return checkpoint


def size_or(
    config: Mapping[str, object], name: str, usual: int, *, at_most: int = LARGEST_SIZE
) -> int:
    """Give a whole number of a configuration, or the base model's where it is left out.

    Raises:
        CheckpointError: It is absurd.
    """
    return size_of({name: config.get(name, usual)}, name, at_most=at_most)


def epsilon_or(config: Mapping[str, object], usual: float) -> float:
    """Give what keeps norms from dividing by zero, or the base model's.

    Raises:
        CheckpointError: It is no small number.
    """
    epsilon = config.get("layer_norm_eps", usual)
    if not isinstance(epsilon, float) or not 0 < epsilon < 1:
        raise CheckpointError(f"layer_norm_eps is {epsilon!r}, no small number")
    return epsilon


def attended(hidden: Tensor, products: Iterable[nn.Module], n_heads: int) -> Tensor:
    """Let every position of a line look at all of them.

    Args:
        hidden: (1, T, width).
        products: Of queries, keys and values, each (1, T, width) to the same.
        n_heads: They divide the width.

    Returns:
        (1, T, width).
    """
    query, key, value = (
        product(hidden).unflatten(-1, (n_heads, -1)).transpose(1, 2) for product in products
    )
    heard = functional.scaled_dot_product_attention(query, key, value)
    return heard.transpose(1, 2).flatten(2)
