"""Numbers out of a checkpoint's own configuration and shapes, checked before they are believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LARGEST_SIZE: Final = 65_536
"""No width, rate or kernel of this architecture comes near it."""


def section_of(config: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Give one table of a configuration.

    Raises:
        CheckpointError: It is not there.
    """
    section = config.get(name)
    if not hasattr(section, "keys") or not hasattr(section, "get"):
        raise CheckpointError(
            f"the checkpoint's configuration has no section {name!r}",
            remedy="take the file as the trainer wrote it, not bare weights",
        )
    return section  # type: ignore[return-value]


def size_of(section: Mapping[str, object], name: str, *, at_most: int = LARGEST_SIZE) -> int:
    """Give a whole number from 1 to `at_most`.

    Raises:
        CheckpointError: It is missing or absurd.
    """
    return _checked(section.get(name), name, at_most)


def sizes_of(value: object, name: str) -> tuple[int, ...]:
    """Give a list of 1 to 16 whole numbers.

    Raises:
        CheckpointError: It is something else.
    """
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 16:
        raise CheckpointError(f"{name} must be a list of 1 to 16 integers, it is {value!r}")
    return tuple(_checked(item, name, LARGEST_SIZE) for item in value)


def _checked(value: object, name: str, at_most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= at_most:
        raise CheckpointError(
            f"{name} must be a whole number from 1 to {at_most}, it is {value!r}",
            remedy="the checkpoint's configuration is damaged; fetch the file again",
        )
    return value


def shape_of(shapes: Mapping[str, tuple[int, ...]], name: str, n_dims: int) -> tuple[int, ...]:
    """Give the shape of a tensor that must be there.

    Raises:
        CheckpointError: It is not, or has another number of dimensions.
    """
    shape = shapes.get(name)
    if shape is None:
        raise CheckpointError(
            f"the checkpoint lacks {name!r}",
            remedy="a LoRA file must be merged into its base before it is described",
        )
    if len(shape) != n_dims:
        raise CheckpointError(f"{name!r} has {len(shape)} dimensions, not {n_dims}")
    return shape


def count_under(names: Iterable[str], prefix: str) -> int:
    """Count the entries of a list of layers, such as `blocks.` of `blocks.0.norm.weight`."""
    below = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return len({name.split(".")[0] for name in below})
