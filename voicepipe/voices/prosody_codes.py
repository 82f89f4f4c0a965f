"""The diagnostic codes of the prosody table: VP331-VP335."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

UNKNOWN_PROSODY_KEY: Final = CodeInfo(
    code="VP331",
    title="an unknown key in the prosody table",
    severity=Severity.ERROR,
    explanation=(
        "A key that means nothing would be ignored without a word. `voicepipe schema prosody` "
        "prints every key with its unit and range.\n\n"
        "    wrong: sad: {pitch: -2}\n"
        "    right: sad: {pitch_semitones: -2}"
    ),
)
BAD_PROSODY: Final = CodeInfo(
    code="VP332",
    title="a value in the prosody table that cannot be used",
    severity=Severity.ERROR,
    explanation=(
        "The value is of the wrong kind or outside its range: beyond these, what comes out is no "
        "longer speech. `voicepipe schema prosody` gives all limits.\n\n"
        "    wrong: angry: {speed: 9}\n"
        "    right: angry: {speed: 1.2}"
    ),
)
NO_SUCH_ROW: Final = CodeInfo(
    code="VP333",
    title="a row of the prosody table that is like no other",
    severity=Severity.ERROR,
    explanation=(
        "`like` takes the values of another row of the table or of the standard table, and must "
        "not come back to where it began. A row like the standard one of its own name makes that "
        "one stronger or weaker.\n\n"
        "    wrong: furious: {like: anger}\n"
        "    right: furious: {like: angry, strength: 1.5}"
    ),
)
NOT_FOLLOWED: Final = CodeInfo(
    code="VP334",
    title="a voice cannot follow all of the prosody table",
    severity=Severity.NOTE,
    explanation=(
        "Every engine follows speed, level and pitch. Range, brightness, breathiness, tremor, "
        "whispering and the rise of questions need a generator with a pitch of its own, which the "
        "embedded family has. The scratch voice follows range and whispering; the other families "
        "follow pauses, and take the rest from a clip of the emotion, which sounds better anyway."
    ),
)
TAG_NOT_FOLLOWED: Final = CodeInfo(
    code="VP335",
    title="an inline tag that its voice cannot follow",
    severity=Severity.ERROR,
    explanation=(
        "`[range:1.4]` and `[stress]word[/stress]` need a generator with a pitch of its own, as "
        "the embedded family has, or the scratch voice; `[stress]` needs its recogniser as well, "
        "which finds when the word is said. Other families can follow `[energy:+3dB]`, "
        "`[speed:0.9]` and `[pitch:+2st]`. A stress that is about no sound, or about half a "
        "word that is read otherwise as a whole, is refused too.\n\n"
        "    wrong: I [stress],[/stress] told you.\n"
        "    right: I [stress]told[/stress] you."
    ),
)

PROSODY_CODES: Final = (
    UNKNOWN_PROSODY_KEY,
    BAD_PROSODY,
    NO_SUCH_ROW,
    NOT_FOLLOWED,
    TAG_NOT_FOLLOWED,
)
