"""A stranger's configuration as JSON types, within a budget of values, depth and text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.pickle_values import InertHParams, printable

if TYPE_CHECKING:
    from pathlib import Path

MAX_TEXT: Final = 1 << 20
"""Characters of all names and texts together: what one text weighs counts wherever it is named."""

_MAX_VALUES = 20_000
_MAX_DEPTH = 12
_LARGEST_NUMBER = 1 << 63


def plain_config(value: object, *, path: Path) -> dict[str, Any]:
    """Copy a configuration, so that it can be written as JSON and nothing in it surprises.

    Args:
        value: A mapping or `InertHParams` from a file; anything else counts as none.
        path: For messages.

    Raises:
        CheckpointError: It holds more than a configuration needs, or what is no plain value.
    """
    config = _Copier(path).copy(value)
    return config if isinstance(config, dict) else {}


def plain_text(value: object) -> str:
    """Give a trainer's note, or nothing where there is no short text."""
    is_text = isinstance(value, str) and len(value) <= _MAX_VALUES and _is_unicode(value)
    return value if isinstance(value, str) and is_text else ""


class _Copier:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._values_left = _MAX_VALUES
        self._text_left = MAX_TEXT

    def copy(self, value: object, *, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON type
        self._values_left -= 1
        if self._values_left < 0 or depth > _MAX_DEPTH:
            raise self._refused(
                f"holds over {_MAX_VALUES} values, or is nested over {_MAX_DEPTH} deep"
            )
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int):  # truth values are whole numbers to Python
            return self._number(value)
        if value is None or isinstance(value, float):
            return value
        if isinstance(value, InertHParams):
            value = value.values
        if isinstance(value, Mapping):
            return {self._key(key): self.copy(item, depth=depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.copy(item, depth=depth + 1) for item in value]
        raise self._refused(f"holds a {type(value).__name__}, which is no plain value")

    def _number(self, value: int) -> int:
        if not -_LARGEST_NUMBER <= value < _LARGEST_NUMBER:
            raise self._refused(f"holds a whole number of {value.bit_length()} bits")
        return value

    def _key(self, key: object) -> str:
        if isinstance(key, str):
            return self._text(key)
        raise self._refused(f"has the key {printable(repr(key))}, which is no text")

    def _text(self, text: str) -> str:
        self._text_left -= len(text)
        if self._text_left < 0:
            raise self._refused(f"holds over {MAX_TEXT} characters of text")
        if not _is_unicode(text):
            raise self._refused("holds text that is no Unicode")
        return text

    def _refused(self, what: str) -> CheckpointError:
        return CheckpointError(f"{self._path}: config {what}")


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
