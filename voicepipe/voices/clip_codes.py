"""The diagnostic codes of reference clips, VP320-VP329."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

CLIP_UNREADABLE: Final = CodeInfo(
    code="VP320",
    title="a reference clip cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "The file is missing, is not a WAV, FLAC or Ogg file, was cut short, or is far too large. "
        "Paths are named from the project root, and capital letters count."
    ),
)
CLIP_LENGTH: Final = CodeInfo(
    code="VP321",
    title="a reference clip of the wrong length",
    severity=Severity.ERROR,
    explanation=(
        "A clip lasts 3 to 10 seconds. Shorter ones don't show the voice, longer ones are refused "
        "by the model. Cut it at a pause, and cut its transcript with it."
    ),
)
CLIP_RATE: Final = CodeInfo(
    code="VP322",
    title="a reference clip with a low sample rate",
    severity=Severity.WARNING,
    explanation=(
        "Under 24 kHz the top of the voice is missing, and a clone of it sounds dull. Export it "
        "again from the original recording; resampling does not bring back what is gone."
    ),
)
CLIP_CLIPPED: Final = CodeInfo(
    code="VP323",
    title="a reference clip is overloaded",
    severity=Severity.WARNING,
    explanation=(
        "Three or more samples in a row stand at the very same extreme level: the recording was "
        "too loud, and the crackle is cloned with the voice. Use another take."
    ),
)
CLIP_NOISY: Final = CodeInfo(
    code="VP324",
    title="a reference clip is noisy",
    severity=Severity.WARNING,
    explanation=(
        "The quiet moments lie less than 22 dB under the loud ones: noise, hum or reverberation. "
        "All of it is cloned with the voice. Use a cleaner take, or a denoised copy."
    ),
)
CLIP_SILENCE: Final = CodeInfo(
    code="VP325",
    title="a reference clip with silence at its ends",
    severity=Severity.WARNING,
    explanation=(
        "More than half a second at an end holds nothing. Trim it: silence counts towards the ten "
        "seconds, and the model learns to pause."
    ),
)
CLIP_CHANNELS: Final = CodeInfo(
    code="VP326",
    title="a reference clip with several channels",
    severity=Severity.NOTE,
    explanation=(
        "The channels are averaged. When they differ in time (two microphones), the average sounds "
        "hollow: export the better one alone."
    ),
)
CLIP_OFFSET: Final = CodeInfo(
    code="VP327",
    title="a reference clip with a constant offset",
    severity=Severity.WARNING,
    explanation=(
        "The wave does not swing around zero but around another level, a fault of the recording "
        "device. Remove the offset in an audio editor."
    ),
)
CLIP_SILENT: Final = CodeInfo(
    code="VP328",
    title="a reference clip without speech",
    severity=Severity.ERROR,
    explanation="Nothing in it reaches -60 dBFS. It is most likely the wrong file.",
)
CLIP_TWICE: Final = CodeInfo(
    code="VP329",
    title="an auxiliary clip that is heard twice",
    severity=Severity.WARNING,
    explanation=(
        "Timbre is the average over a reference clip and its auxiliary clips. A recording that "
        "stands there twice, under one name or two, or that is the reference clip itself, counts "
        "twice and pulls the average its way.\n\n"
        "Wrong: `auxiliary: [voices/noah/a.wav, voices/noah/a.wav]`\n"
        "Right: `auxiliary: [voices/noah/a.wav, voices/noah/b.wav]`"
    ),
)
CLIP_PACE: Final = CodeInfo(
    code="VP330",
    title="a transcript that does not fit its clip",
    severity=Severity.ERROR,
    explanation=(
        "Nobody says this text in this time: it is longer than twice what its clip can hold at an "
        "unhurried pace, or than a tenth of it could say. The model learns from both how fast "
        'the voice speaks, so that with fifty words for five seconds a "Yes." lasts four.\n\n'
        "Wrong: the whole page as the transcript of its first sentence.\n"
        "Right: exactly what is heard in the clip, from its first word to its last."
    ),
)

CLIP_CODES: Final = (
    CLIP_UNREADABLE,
    CLIP_LENGTH,
    CLIP_RATE,
    CLIP_CLIPPED,
    CLIP_NOISY,
    CLIP_SILENCE,
    CLIP_CHANNELS,
    CLIP_OFFSET,
    CLIP_SILENT,
    CLIP_TWICE,
    CLIP_PACE,
)
"""Every code of reference clips."""
