"""The wheels that scratch voices speak through."""

from __future__ import annotations

import importlib.metadata

from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy


def installed_version(wheel: str, *, needed_for: str) -> str:
    """Say which release of a wheel would speak; it is not imported.

    Args:
        wheel: Its name on the package index.
        needed_for: What cannot be done without it, such as `speaking Japanese`.

    Raises:
        EnvironmentFault: It is not installed.
    """
    try:
        return importlib.metadata.version(wheel)
    except importlib.metadata.PackageNotFoundError as error:
        message = f"{needed_for} needs the package {wheel}, which is not installed"
        raise EnvironmentFault(message, remedy=install_remedy("scratch")) from error
