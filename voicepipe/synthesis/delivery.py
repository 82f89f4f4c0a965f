"""From a cast line's direction to what each part is spoken with (torch-free)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from voicepipe.model.acoustic.voicing import PLAIN_VOICING, Voicing
from voicepipe.voices.casting import choose_clip
from voicepipe.voices.prosody import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.hashing import Json
    from voicepipe.synthesis.text_readings import PartReading
    from voicepipe.voices.prosody import Prosody
    from voicepipe.voices.voice import CastLine, ReferenceClip

SLOWEST, FASTEST = 0.25, 4.0
"""How far a latent can be stretched and still be speech."""
WIDENING_REVISION: Final = 2
"""Raised when a range over 1 is spoken otherwise."""

_BRIGHTNESS_OF_ENERGY: Final = 1 / 3
"""Tilt in dB an octave by dB of level: a voice with more effort is brighter (Traunmüller and
Eriksson, 2000); the standard row of anger has the same ratio."""
_ENERGY: Final = attrgetter("energy_db")
_QUESTION_MARKS: Final = "?？"
_CLOSERS: Final = " \t”’」』）)》〉】]\"'"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDelivery:
    """What one part of a line is spoken with."""

    speed: float
    """Of line, voice, mark and prosody; over 1 is faster."""
    pitch_semitones: float
    """By which the sound is played higher."""
    pauses: float
    """Factor on the pauses that nobody wrote, within the part and after it."""
    gain_db: float
    """Against the line's loudest part."""
    voicing: Voicing
    """What the generator does itself."""
    stressed: tuple[tuple[int, int], ...] = ()
    """Of the part's phonemes: the first stressed one, and the first after the last."""

    def facts(self, clip: int) -> dict[str, Json]:
        """Describe it for a request; plain speech keeps the key it always had.

        Args:
            clip: Which of the request's clips is imitated.
        """
        facts: dict[str, Json] = {
            "clip": clip,
            "speed": self.speed,
            "pitch_semitones": self.pitch_semitones,
        }
        if self.pauses != 1:
            facts["pauses"] = self.pauses
        if self.gain_db:
            facts["gain_db"] = self.gain_db
        if self.voicing != PLAIN_VOICING:
            facts["voicing"] = asdict(self.voicing)
        if self.voicing.range > 1:
            facts["widening"] = WIDENING_REVISION
        if self.stressed:
            facts["stressed"] = [list(one) for one in self.stressed]
        return facts


def part_prosody(cast: CastLine, emotion: str) -> Prosody:
    """Say what the project's table makes of a part's emotion; empty: the line's own."""
    if not emotion or emotion == cast.delivery.emotion:
        return cast.delivery.prosody
    choice = choose_clip(cast.voice, cast.language, emotion)
    return cast.prosody.of(emotion, has_clip=choice.is_of(emotion))


def line_level_db(cast: CastLine) -> float:
    """Give the level a line is brought to, against its target: that of its loudest stretch."""
    segments = cast.text.segments
    if not cast.prosody.rows and not any(map(_ENERGY, segments)):
        return 0.0
    spoken = [segment for segment in segments if segment.text or segment.say]
    levels = [part_prosody(cast, one.emotion).level_db + one.energy_db for one in spoken]
    return max(levels, default=0.0)


def part_delivery(part: PartReading, cast: CastLine, *, has_own_pitch: bool) -> PartDelivery:
    """Say what a part is spoken with.

    Args:
        part: Of the line.
        cast: The line.
        has_own_pitch: The generator says a pitch and envelopes, and can be asked for others.
            Otherwise the whole sound is played higher, and what else there is is left to the clip.
    """
    row = part_prosody(cast, part.emotion)
    of_line = cast.delivery.prosody
    speed = part.speed * cast.delivery.speed
    if row is not of_line and row != of_line:
        speed *= row.speed / of_line.speed
    pitch = part.pitch_semitones
    voicing = PLAIN_VOICING
    if has_own_pitch:
        voicing = _voicing(row, part, rise=_rise(part, cast, row))
    elif row.pitch_semitones:
        pitch += row.pitch_semitones
    return PartDelivery(
        speed=round(speed, 6),
        pitch_semitones=pitch,
        pauses=row.pauses,
        gain_db=row.level_db + part.energy_db - line_level_db(cast),
        voicing=voicing,
        stressed=part.stressed,
    )


class SpokenLine(NamedTuple):
    """What the parts of a line are spoken with."""

    clips: tuple[ReferenceClip, ...]
    """Those in use, each once."""
    chosen: tuple[int, ...]
    """Of each part: which of them."""
    parts: tuple[PartDelivery, ...]


def spoken_line(cast: CastLine, parts: Sequence[PartReading], *, has_own_pitch: bool) -> SpokenLine:
    """Say what the parts of a line are spoken with: see `chosen_clips` and `part_delivery`."""
    clips, chosen = chosen_clips(cast, parts)
    spoken = [part_delivery(part, cast, has_own_pitch=has_own_pitch) for part in parts]
    return SpokenLine(clips, chosen, tuple(spoken))


def pause_after_ms(part: PartReading, delivery: PartDelivery) -> int:
    """Give the pause after a part: as written, or as its marks and its prosody ask for."""
    if part.is_written_pause:
        return part.pause_after_ms
    return round(part.pause_after_ms * delivery.pauses)


def _voicing(row: Prosody, part: PartReading, *, rise: float) -> Voicing:
    return Voicing(
        pitch_semitones=row.pitch_semitones,
        range=row.range * part.range,
        rise_semitones=rise,
        tremor_hz=row.tremor_hz if row.tremor_semitones else 0.0,
        tremor_semitones=row.tremor_semitones if row.tremor_hz else 0.0,
        brightness_db=row.brightness_db + part.energy_db * _BRIGHTNESS_OF_ENERGY,
        breathiness_db=row.breathiness_db,
        is_voiceless=row.is_voiceless,
    )


def _rise(part: PartReading, cast: CastLine, row: Prosody) -> float:
    text = part.text.normalized_text.rstrip(_CLOSERS)
    is_question = text.endswith(tuple(_QUESTION_MARKS))
    return cast.prosody.question_semitones if is_question and row != PLAIN else 0.0


def latent_speed(speed: float, pitch_semitones: float) -> float:
    """Speed at which the latent is stretched: a raised voice is spoken slower, then played faster.

    Args:
        speed: Wanted in the clip.
        pitch_semitones: Wanted in the clip.
    """
    return speed / float(2.0 ** (pitch_semitones / 12.0))


def chosen_clips(
    cast: CastLine, parts: Sequence[PartReading]
) -> tuple[tuple[ReferenceClip, ...], tuple[int, ...]]:
    """Choose the clip of every part: its own emotion's, or the line's.

    Returns:
        The clips in use, each once, and every part's index among them. A line without a reference
        has no clips and no indices.
    """
    if cast.reference is None:
        return (), ()
    clips: list[ReferenceClip] = []
    chosen: list[int] = []
    for part in parts:
        clip = cast.reference
        if part.emotion:
            clip = choose_clip(cast.voice, cast.language, part.emotion).clip or clip
        if clip not in clips:
            clips.append(clip)
        chosen.append(clips.index(clip))
    return tuple(clips), tuple(chosen)
