"""What of a prosody table a voice cannot follow, said once (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.documents.findings import Findings
from voicepipe.synthesis.delivery import part_prosody
from voicepipe.voices.prosody import PLAIN, Prosody
from voicepipe.voices.prosody_codes import NOT_FOLLOWED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.voices.voice import CastLine, Voice

RANGE: Final = "range"
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


def _rows(line: CastLine) -> Iterator[tuple[str, Prosody]]:
    emotions = {segment.emotion or line.delivery.emotion for segment in line.text.segments}
    for emotion in emotions if line.prosody.rows else ():
        row = part_prosody(line, emotion)
        if row != PLAIN:
            yield emotion, row
