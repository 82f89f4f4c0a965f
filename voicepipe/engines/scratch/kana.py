"""Japanese text in kana, which is all that espeak-ng reads of it.

Runs in the worker: the dictionary takes half a second to load.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import warnings
from typing import Any

from voicepipe.engines.scratch.wheels import installed_version
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.installation import install_remedy

WHEEL = "pyopenjtalk-plus"


def kana_version() -> str:
    """Say which release of the reader would turn kanji into kana.

    Raises:
        EnvironmentFault: It is not installed.
    """
    return installed_version(WHEEL, needed_for="speaking Japanese")


def kana_of(text: str) -> str:
    """Write Japanese as it is pronounced, in katakana; punctuation stays.

    Raises:
        EnvironmentFault: The reader is not installed.
        SynthesisError: It makes nothing of this text.
    """
    reader = _load_reader()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # between the reader and its dictionary
        try:
            kana = str(reader.g2p(text, kana=True, predict_nani=False))
        except RuntimeError as error:
            message = f'Japanese text could not be read as kana: "{text}"'
            raise SynthesisError(message) from error
    # Devoicing marks are for a pitch-accent synthesizer.
    return kana.replace("’", "")


def _load_reader() -> Any:  # noqa: ANN401 -- the package has no types
    # It greets on stdout about parts it can do without; stdout is not ours to write to.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return importlib.import_module("pyopenjtalk")
        except ImportError as error:
            message = f"speaking Japanese needs the package {WHEEL}, which is not installed"
            raise EnvironmentFault(message, remedy=install_remedy("scratch")) from error
