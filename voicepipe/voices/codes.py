"""The diagnostic codes of voices and casting, VP301-VP319; clips are in `clip_codes`."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity
from voicepipe.voices.clip_codes import CLIP_CODES
from voicepipe.voices.prosody_codes import PROSODY_CODES
from voicepipe.voices.sound_codes import SOUND_CODES

NOT_CAST: Final = CodeInfo(
    code="VP301",
    title="a speaker is not cast",
    severity=Severity.ERROR,
    explanation=(
        "Every speaker needs a voice. By default it is the voice of the same name: the speaker "
        "`noah` is rendered by `voices/noah.yaml`. Anything else is said in `voices/cast.yaml`:\n\n"
        "    captain: noah\n"
        "    narrator:\n"
        "      voice: mara\n"
        "      languages: {ja: akari}"
    ),
)
UNKNOWN_VOICE: Final = CodeInfo(
    code="VP302",
    title="there is no such voice",
    severity=Severity.ERROR,
    explanation=(
        "`cast.yaml` names a voice that has no file. The voice `noah` is `voices/noah.yaml`."
    ),
)
UNKNOWN_KEY: Final = CodeInfo(
    code="VP303",
    title="an unknown key in a voice or cast file",
    severity=Severity.ERROR,
    explanation=(
        "A key that means nothing would be ignored without a word. `voicepipe schema voice` prints "
        "every key with its kind and range."
    ),
)
MISSING_KEY: Final = CodeInfo(
    code="VP304",
    title="a required key is missing in a voice or cast file",
    severity=Severity.ERROR,
    explanation=(
        "A voice says at least which engine renders it. A clip has a path, a transcript and a "
        "language; a consent record has id, kind, who, scope, languages and from."
    ),
)
BAD_VALUE: Final = CodeInfo(
    code="VP305",
    title="a value in a voice or cast file that cannot be used",
    severity=Severity.ERROR,
    explanation=(
        "The value is of the wrong kind or outside its range. `voicepipe schema voice` gives all "
        "limits."
    ),
)
NO_CLIP_FOR_EMOTION: Final = CodeInfo(
    code="VP306",
    title="the voice has no clip for an emotion",
    severity=Severity.WARNING,
    explanation=(
        "A line asks for an emotion that the voice has neither a clip nor a fallback for; neutral "
        "is used, and the line will not sound as directed. Record a clip, or say what comes "
        "closest, which also ends the warning:\n\n"
        "    fallback: {furious: angry, sly: neutral}"
    ),
)
FALLBACK_CIRCLE: Final = CodeInfo(
    code="VP307",
    title="a fallback that goes in a circle",
    severity=Severity.ERROR,
    explanation=(
        "Following the fallbacks has to end at a clip or at neutral. Neutral itself falls back to "
        "nothing.\n\n"
        "    wrong: fallback: {sad: low, low: sad}\n"
        "    right: fallback: {sad: low, low: neutral}"
    ),
)
FALLBACK_NOWHERE: Final = CodeInfo(
    code="VP308",
    title="a fallback to an emotion the voice does not have",
    severity=Severity.WARNING,
    explanation=(
        "The emotion named has neither a clip nor a fallback of its own, so neutral is used in its "
        "place. Most often it is misspelt."
    ),
)
NO_NEUTRAL_CLIP: Final = CodeInfo(
    code="VP309",
    title="a voice without a neutral clip",
    severity=Severity.ERROR,
    explanation=(
        "Every chain of fallbacks ends in neutral, and lines without an emotion are neutral. A "
        "voice with clips needs at least one whose emotion is `neutral` (or left out)."
    ),
)
LANGUAGE_NOT_SPOKEN: Final = CodeInfo(
    code="VP310",
    title="the voice does not speak this language",
    severity=Severity.ERROR,
    explanation=(
        "The voice's file lists the languages it may speak, and this is none of them. Add the "
        "language there, or give the speaker another voice for it in `cast.yaml`:\n\n"
        "    noah: {voice: noah, languages: {ja: akari}}"
    ),
)
BAD_VOICE_NAME: Final = CodeInfo(
    code="VP311",
    title="a file name that cannot name a voice",
    severity=Severity.ERROR,
    explanation=(
        "The file's name is the voice's name, which stands in manifests, WAV files and file "
        "systems of all kinds: lower-case ASCII letters, digits, `_` and `-`, starting with a "
        "letter, at most 64, and the extension `.yaml`."
    ),
)
TWO_CLIPS: Final = CodeInfo(
    code="VP312",
    title="two clips for the same emotion and language",
    severity=Severity.WARNING,
    explanation=(
        "Only the first is ever used. Give the other an emotion of its own, or remove it."
    ),
)
NEVER_SPEAKS: Final = CodeInfo(
    code="VP313",
    title="somebody is cast who never speaks",
    severity=Severity.WARNING,
    explanation=(
        "No line in the script belongs to this speaker. Most often the name is misspelt, and the "
        "real speaker goes without the voice that was meant."
    ),
)
ACROSS_LANGUAGES: Final = CodeInfo(
    code="VP314",
    title="a voice speaks with a clip in another language",
    severity=Severity.NOTE,
    explanation=(
        "The voice has no clip in this language, so one in another language sets timbre and "
        "delivery. That works, but a slight accent may come along; a clip in the language itself "
        "is better."
    ),
)

CODES: Final = (
    NOT_CAST,
    UNKNOWN_VOICE,
    UNKNOWN_KEY,
    MISSING_KEY,
    BAD_VALUE,
    NO_CLIP_FOR_EMOTION,
    FALLBACK_CIRCLE,
    FALLBACK_NOWHERE,
    NO_NEUTRAL_CLIP,
    LANGUAGE_NOT_SPOKEN,
    BAD_VOICE_NAME,
    TWO_CLIPS,
    NEVER_SPEAKS,
    ACROSS_LANGUAGES,
    *CLIP_CODES,
    *PROSODY_CODES,
    *SOUND_CODES,
)
"""Every code of this room."""
