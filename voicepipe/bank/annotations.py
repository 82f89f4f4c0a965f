"""The keys of annotations: about which take or clip, by which analyser, in which revision.

The key begins with the take or clip, so that the names alone tell what is known of it.
"""

from __future__ import annotations

import re

from voicepipe.bank.layout import HASH_PATTERN
from voicepipe.errors import CorruptObject

_KEY = re.compile(rf"({HASH_PATTERN})\.([a-z][a-z0-9-]{{0,39}})\.([a-z0-9][a-z0-9-]{{0,39}})")


def annotation_key(subject: str, analyser: str, revision: str) -> str:
    """Address what an analyser found out.

    Args:
        subject: A take key or a clip key.
        analyser: Its name: lower-case letters, digits and dashes, 40 at most, a letter first.
        revision: Of its rules, models and settings: lower-case letters, digits and dashes, 40 at
            most.

    Raises:
        CorruptObject: One of them is none.
    """
    key = f"{subject}.{analyser}.{revision}"
    if not is_annotation_key(key):
        raise CorruptObject(f'"{key[:160]}" is not the key of an annotation')
    return key


def is_annotation_key(text: str) -> bool:
    """Tell whether a text is the key of an annotation."""
    return _KEY.fullmatch(text) is not None


def subject_of(key: str) -> str:
    """Give the take or clip key that an annotation's key begins with."""
    return key.partition(".")[0]


def analyser_of(key: str) -> str:
    """Give the analyser that an annotation's key names."""
    return key.split(".")[1]
