"""The diagnostic codes of a voice's sounds: VP336, VP337."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

NO_SUCH_SOUND: Final = CodeInfo(
    code="VP336",
    title="a sound that the voice does not have",
    severity=Severity.ERROR,
    explanation=(
        "`[laughs]`, `[sighs]` and `[sound:…]` play a clip of the voice that speaks the line; no "
        "engine makes them up, and none reads them out. The voice's file names its clips by the "
        "sound's name, and its consent covers them.\n\n"
        "    sounds:\n"
        "      laughs: [voices/noah/laugh-1.wav, voices/noah/laugh-2.wav]"
    ),
)
BAD_SOUND: Final = CodeInfo(
    code="VP337",
    title="a clip that cannot stand in a line as a sound",
    severity=Severity.ERROR,
    explanation=(
        "A sound lasts 0.1 to 10 seconds from its first to its last moment that can be heard, and "
        "is no fainter than -50 LUFS: brought to the loudness of speech, a fainter one would be "
        "mostly noise. Silence at its ends does not count, and is cut off."
    ),
)

SOUND_CODES: Final = (NO_SUCH_SOUND, BAD_SOUND)
