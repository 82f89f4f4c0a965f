"""Which clip a sound of a line is, and which sounds its voice lacks (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.findings import Findings
from voicepipe.errors import SynthesisError
from voicepipe.hashing import seed_of_hash, sha256_of_bytes
from voicepipe.screenplay.inline_tags import SOUND
from voicepipe.voices.sound_codes import NO_SUCH_SOUND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.hashing import Json
    from voicepipe.synthesis.text_readings import SoundReading
    from voicepipe.voices.voice import CastLine, SoundClip


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSound:
    """A sound between the parts of a line, as a request describes it."""

    sha256: str
    """Of its clip."""
    before_part: int
    """How many parts are spoken before it."""
    gain_db: float
    """Against the loudness of the line's speech."""
    pause_after_ms: int

    def facts(self) -> dict[str, Json]:
        """Describe it for a request."""
        return {
            "sha256": self.sha256,
            "before_part": self.before_part,
            "gain_db": self.gain_db,
            "pause_after_ms": self.pause_after_ms,
        }


def chosen_sound(cast: CastLine, name: str, seed: int, number: int) -> SoundClip:
    """Choose among a voice's clips of one sound.

    Args:
        cast: The line.
        name: Of the sound.
        seed: The request's.
        number: Of the sound in its line, from 0.

    Raises:
        SynthesisError: The voice has none; `refused_sounds` says so beforehand.
    """
    clips = [sound for sound in cast.voice.sounds if sound.name == name]
    if not clips:
        raise SynthesisError(
            f'voice "{cast.voice.id}" has no sound "{name}"', remedy="voicepipe check"
        )
    drawn = seed_of_hash(sha256_of_bytes(f"{seed}/sound/{number}".encode()), bits=31)
    return clips[drawn % len(clips)]


def chosen_sounds(
    cast: CastLine, marks: Sequence[SoundReading], seed: int
) -> list[tuple[PlacedSound, SoundClip]]:
    """Choose the clips of all sounds of a line; otherwise as `chosen_sound`."""
    clips = [chosen_sound(cast, mark.name, seed, number) for number, mark in enumerate(marks)]
    return [
        (
            PlacedSound(
                sha256=clip.sha256,
                before_part=mark.before_part,
                gain_db=mark.energy_db,
                pause_after_ms=mark.pause_after_ms,
            ),
            clip,
        )
        for mark, clip in zip(marks, clips, strict=True)
    ]


def refused_sounds(line: CastLine) -> tuple[Diagnostic, ...]:
    """Refuse, in their places, the sounds of a line that its voice does not have."""
    findings = Findings()
    known: Mapping[str, None] = dict.fromkeys(sound.name for sound in line.voice.sounds)
    for name in dict.fromkeys(segment.sound for segment in line.text.segments if segment.sound):
        if name not in known:
            message = f'voice "{line.voice.id}" has no sound "{name}"{did_you_mean(name, known)}'
            remedy = f"add clips of it to the voice's file, sounds: {{{name}: […]}}, or take it out"
            place = line.text.tag_places.get(f"{SOUND}:{name}", line.text.span)
            findings.add(NO_SUCH_SOUND, place, message, remedy)
    return findings.diagnostics()
