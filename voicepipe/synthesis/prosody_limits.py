"""What of a prosody table or of an inline tag a voice cannot follow (torch-free).

A table asks of many voices what some cannot do, which is noted once a voice. A tag is written for
the voice that speaks it, so what cannot be followed is an error in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.documents.findings import Findings, finding
from voicepipe.synthesis.chosen_sounds import refused_sounds
from voicepipe.synthesis.delivery import part_prosody
from voicepipe.voices.prosody import PLAIN, Prosody
from voicepipe.voices.prosody_codes import NOT_FOLLOWED, TAG_NOT_FOLLOWED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.voices.voice import CastLine, Voice

RANGE: Final = "range"
STRESS: Final = "stress"
WHISPERING: Final = "whispering"
PAUSES: Final = "pauses"
_MEASURES: Final[Mapping[str, Callable[[Prosody], bool]]] = {
    RANGE: lambda row: row.range != 1,
    "brightness": lambda row: row.brightness_db != 0,
    "breathiness": lambda row: row.breathiness_db != 0,
    "tremor": lambda row: row.tremor_semitones != 0,
    WHISPERING: lambda row: row.is_voiceless,
    PAUSES: lambda row: row.pauses != 1,
}
"""What needs more than speed, level and pitch; the rise of a question comes with any row."""
_WRITTEN: Final = {RANGE: "range:…", STRESS: "stress"}


def unfollowed(cast: Iterable[CastLine], *, follows: frozenset[str]) -> tuple[Diagnostic, ...]:
    """Name, once a voice, what its lines' rows ask for in vain.

    Args:
        cast: Lines of voices without a pitch of their own.
        follows: What of all this they do follow.
    """
    voices: dict[str, Voice] = {}
    missed: dict[str, dict[str, None]] = {}
    for line in cast:
        for emotion, row in _rows(line):
            names = [name for name, asks in _MEASURES.items() if name not in follows and asks(row)]
            if names:
                voices.setdefault(line.voice.id, line.voice)
                of_voice = missed.setdefault(line.voice.id, {})
                of_voice.update(dict.fromkeys(f"{name} ({emotion})" for name in names))
    findings = Findings()
    for voice_id, asked in missed.items():
        message = f'voice "{voice_id}" cannot follow: {", ".join(sorted(asked))}'
        remedy = "cast a voice that can, or give it a clip of that emotion"
        findings.add(NOT_FOLLOWED, voices[voice_id].span, message, remedy)
    return findings.diagnostics()


def refused_tags(line: CastLine, *, follows: frozenset[str]) -> tuple[Diagnostic, ...]:
    """Refuse, in its place, every inline tag of a line that its voice cannot follow, or lacks.

    Args:
        line: As cast.
        follows: What its voice does follow, of `RANGE` and `STRESS`.
    """
    places = line.text.tag_places
    if not places and not any(segment.sound for segment in line.text.segments):
        return ()  # as of nearly every line
    findings = Findings()
    findings.extend(refused_sounds(line))
    for tag in (RANGE, STRESS):
        if tag in places and tag not in follows:
            message = f'voice "{line.voice.id}" cannot follow [{_WRITTEN[tag]}]'
            remedy = "take it out, or cast a voice that can: the embedded family, or scratch"
            findings.add(TAG_NOT_FOLLOWED, places[tag], message, remedy)
    return findings.diagnostics()


def unheard_stress(line: CastLine) -> Diagnostic:
    """Refuse a stress that is about no sound."""
    message = "what stands in [stress]…[/stress] has no sound of its own here"
    remedy = "put whole words between [stress] and [/stress]"
    span = line.text.tag_places.get(STRESS, line.text.span)
    return finding(TAG_NOT_FOLLOWED, span, message, remedy)


def _rows(line: CastLine) -> Iterator[tuple[str, Prosody]]:
    emotions = {segment.emotion or line.delivery.emotion for segment in line.text.segments}
    for emotion in emotions if line.prosody.rows else ():
        row = part_prosody(line, emotion)
        if row != PLAIN:
            yield emotion, row
