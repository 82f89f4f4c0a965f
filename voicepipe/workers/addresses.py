"""Which words name a Ray cluster; light, for whoever only reads options."""

from __future__ import annotations

from typing import Final

from voicepipe.errors import UsageError

AUTO: Final = "auto"
"""The cluster this machine belongs to."""


def check_cluster_address(text: str) -> str:
    """Let only addresses of clusters through.

    Raises:
        UsageError: It is neither `auto` nor `ray://host:port`.
    """
    host, _, port = text.removeprefix("ray://").rpartition(":")
    if text != AUTO and not (text.startswith("ray://") and host and port.isdigit()):
        raise UsageError(
            f'"{text}" is not the address of a cluster', remedy="write auto or ray://host:10001"
        )
    return text
