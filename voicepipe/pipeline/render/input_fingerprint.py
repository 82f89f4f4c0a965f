"""All that a plan follows from besides the output folder, looked at from outside.

Which file means what is not known here, so nothing can be forgotten: every file of the project
counts, and every file of voicepipe, and every library beside it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import voicepipe
from voicepipe.documents.inventory import NOTHING_KNOWN, Inventory, is_counted, take_inventory
from voicepipe.hashing import sha256_of_json
from voicepipe.installation import installed_libraries

if TYPE_CHECKING:
    from voicepipe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFingerprint:
    """All that a plan follows from, besides what the output folder holds."""

    facts: str
    """Digest of the interpreter, the libraries and how strictly the project is held."""
    program: Inventory
    project: Inventory

    def are_those_of(self, other: InputFingerprint, *, but: str = "") -> bool:
        """Tell whether a plan would come out the same.

        Args:
            other: Of another moment.
            but: A file of the project that does not count.
        """
        return (
            self.facts == other.facts
            and self.program.holds_the_same(other.program)
            and self.project.holds_the_same(other.project, but=but)
        )


def is_in_sight(root: Path, settings: Settings) -> bool:
    """Tell whether whatever comes to lie where the settings point will be seen."""
    out = (root / settings.out).resolve()
    places = (settings.scripts, settings.voices, settings.overrides, settings.lexicon)
    return all(
        is_counted(place) and not (root / place).resolve().is_relative_to(out) for place in places
    )


def find_input_fingerprint(
    root: Path, settings: Settings, known: InputFingerprint | None, *, is_release: bool
) -> InputFingerprint | None:
    """Look at all that a plan of a project would follow from.

    Args:
        root: The folder `voicepipe.yaml` is in.
        settings: Of the project.
        known: Earlier ones, whose unchanged files are not read again.
        is_release: The project is held to what a release needs.

    Returns:
        None when a file cannot be looked at.
    """
    try:
        return InputFingerprint(
            facts=_facts(is_release=is_release),
            program=take_inventory(
                Path(voicepipe.__file__).parent, known=known.program if known else NOTHING_KNOWN
            ),
            project=take_inventory(
                root,
                without=root / settings.out,
                known=known.project if known else NOTHING_KNOWN,
            ),
        )
    except OSError:
        return None


def _facts(*, is_release: bool) -> str:
    return sha256_of_json(
        {
            "interpreter": sys.version,
            "platform": sys.platform,
            "libraries": installed_libraries(),
            "is_release": is_release,
        }
    )
