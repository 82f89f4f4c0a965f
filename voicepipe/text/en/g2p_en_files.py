"""Data files that g2p_en ships; its code is never imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy, package_folder

if TYPE_CHECKING:
    from pathlib import Path


def g2p_en_file(name: str, *, without: str) -> Path:
    """Find a file of the package.

    Args:
        name: In its folder.
        without: What cannot be done when it is missing, for the message.

    Raises:
        EnvironmentFault: The package is not installed.
    """
    folder = package_folder("g2p_en")
    if folder is None:
        raise EnvironmentFault(f"g2p_en is not installed: {without}", remedy=install_remedy())
    return folder / name
