"""Names of units put together from a prefix and a base, for languages that say them in one word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def prefixed_units(prefixes: Mapping[str, str], bases: Mapping[str, str]) -> dict[str, str]:
    """Name every prefix with every base.

    Args:
        prefixes: Sign → name; the empty sign for none.
        bases: Sign → name; `{}` in a name is where the prefix is said, else it comes first.
    """
    return {
        f"{sign}{base}": name.format(prefix) if "{}" in name else prefix + name
        for sign, prefix in prefixes.items()
        for base, name in bases.items()
    }
