"""What holds for every test."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples every time, so that a red test is news about the change at hand;
# `VOICEPIPE_FUZZ=1` looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("exploring", print_blob=True)
settings.load_profile("exploring" if os.environ.get("VOICEPIPE_FUZZ") else "steady")


def pytest_configure() -> None:
    """Let signals mean something: a shell that runs us in the background has them ignored.

    Tests send them to commands they start, which inherit what is ignored here.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is signal.SIG_IGN:
        signal.signal(hang_up, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither read nor leave benches where the user keeps them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOICEPIPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
