"""Who speaks: a stable timbre for every voice, from its id or from its file.

The voice file's `timbre` may set `gender`, `variant`, `pitch` and `rate`; what it leaves open
follows from a hash of the voice id, so a cast tells apart without any work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.hashing import sha256_of_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

MIN_RATE, MAX_RATE = 80, 450
"""Words a minute that espeak-ng accepts."""
MAX_PITCH = 99

# Picked by ear and meter: clear, without echo, peaks below full scale, in every language.
_MALE = (
    "m1 m2 m3 m4 m5 m6 m7 adam benjamin edward2 gustave marcelo max Michael michel miguel quincy"
    " robert travis victor"
)
_FEMALE = "f1 f2 f3 f4 f5 Annie aunty linda shelby steph steph3"
_ON_REQUEST = (
    "Alex Alicia Andrea Andy AnxiousAndy Demonic Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee"
    " Marco Mario Mike Nguyen Reed RicishayMax RicishayMax2 RicishayMax3 Storm Tweaky UniRobot"
    " anika anikaRobot announcer antonio belinda boris caleb croak david ed edward fast grandma"
    " grandpa ian iven iven2 iven3 iven4 john kaukovalta klatt klatt2 klatt3 klatt4 klatt5 klatt6"
    " m8 mike2 norbert pablo paul pedro rob robosoft robosoft2 robosoft3 robosoft4 robosoft5"
    " robosoft6 robosoft7 robosoft8 sandro steph2 whisper whisperf zac"
)
_CHOICES = {"male": tuple(_MALE.split()), "female": tuple(_FEMALE.split())}
_WHISPERS = {"male": "whisper", "female": "whisperf"}

VARIANTS = frozenset(f"{_MALE} {_FEMALE} {_ON_REQUEST}".split())
"""The variants the wheel brings, but one with a space in its name.

The ones for robots and ghosts have to be asked for by name.
"""

_KEYS = ("gender", "pitch", "rate", "variant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timbre:
    """How one voice sounds before any delivery."""

    variant: str
    whisper: str
    """The variant that whispers for this voice."""
    pitch: int
    """espeak-ng's 0–99; 50 is the variant's own."""
    rate: int
    """Words a minute at speed 1."""


def timbre_of(voice_id: str, wishes: Mapping[str, float | int | str]) -> Timbre:
    """Derive a voice's timbre.

    Args:
        voice_id: The same id always gives the same timbre.
        wishes: The voice file's `timbre`, already without `timbre_faults`.
    """
    digest = bytes.fromhex(sha256_of_bytes(voice_id.encode("utf-8", "replace")))
    gender = str(wishes.get("gender") or ("male", "female")[digest[0] % 2])
    choices = _CHOICES[gender]
    return Timbre(
        variant=str(wishes.get("variant") or choices[digest[1] % len(choices)]),
        whisper=_WHISPERS[gender],
        pitch=int(wishes.get("pitch", 38 + digest[2] % 25)),
        rate=int(wishes.get("rate", 155 + digest[3] % 31)),
    )


def timbre_faults(wishes: Mapping[str, float | int | str]) -> list[str]:
    """Say what is wrong with a voice file's `timbre`; empty when nothing is."""
    return [fault for key, wish in sorted(wishes.items()) if (fault := _fault(key, wish))]


def _fault(key: str, wish: float | str) -> str:
    if key == "pitch":
        return _number_fault(key, wish, 0, MAX_PITCH)
    if key == "rate":
        return _number_fault(key, wish, MIN_RATE, MAX_RATE)
    if key == "variant":
        return _name_fault(key, wish, VARIANTS)
    if key == "gender":
        return _name_fault(key, wish, _WHISPERS)
    return f'timbre has no "{key}"{did_you_mean(key, _KEYS)}'


def _number_fault(key: str, wish: float | str, low: int, high: int) -> str:
    if isinstance(wish, (int, float)) and not isinstance(wish, bool) and low <= wish <= high:
        return ""
    return f"timbre {key} is {wish!r}; espeak-ng takes a number from {low} to {high}"


def _name_fault(key: str, wish: float | str, known: Mapping[str, str] | frozenset[str]) -> str:
    if wish in known:
        return ""
    return f'timbre {key} "{wish}" is not known{did_you_mean(str(wish), known)}'
