"""The diagnostic codes of training data, VP630-VP659."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

MALFORMED_TRANSCRIPT: Final = CodeInfo(
    code="VP630",
    title="a transcript that cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "A transcript is a CSV with the columns `file` and `text` (and, where they differ, "
        "`language` and `speaker`), or a `.list` file of the GPT-SoVITS community with four parts "
        "a line, or one `.txt` or `.lab` file beside each recording.\n\n"
        "    CSV:    file,text,language\n"
        "            takes/001.wav,We have no time left.,en\n"
        "    .list:  takes/001.wav|noah|en|We have no time left."
    ),
)
OUTSIDE_DATASET: Final = CodeInfo(
    code="VP631",
    title="a recording outside of its dataset",
    severity=Severity.ERROR,
    explanation=(
        "Everything a training hears lies in the folder of the dataset, so that what a model was "
        "made of can be shown, kept and revoked. Absolute paths, `..` and links that lead out "
        "of the folder are refused. A list that was written on another machine is followed by "
        "file name, as long as exactly one recording in the folder has that name."
    ),
)
UNUSABLE_RECORDING: Final = CodeInfo(
    code="VP632",
    title="a recording that cannot be used",
    severity=Severity.WARNING,
    explanation=(
        "The file is missing, damaged, cut short, silent, too large, or holds samples that are "
        "not numbers. It is left out; when a fifth of the dataset is, nothing is trained (VP651). "
        "Put the file back, export it again as WAV, or take its row out of the transcript."
    ),
)
NO_TEXT: Final = CodeInfo(
    code="VP633",
    title="a recording without a text",
    severity=Severity.WARNING,
    explanation=(
        "The recording lies in the folder, and no transcript says what is said in it: it is left "
        "out. Add a row, or a `.txt` file of the same name beside it. A recording whose text is "
        "empty is left out in the same way."
    ),
)
DUPLICATE: Final = CodeInfo(
    code="VP634",
    title="the same recording twice",
    severity=Severity.WARNING,
    explanation=(
        "The recording (or another file with the very same bytes) is there already. It is heard "
        "once: what is repeated would be learned by heart. Where the two texts differ, one of "
        "them is wrong: compare them by ear."
    ),
)
OTHER_SPEAKERS: Final = CodeInfo(
    code="VP635",
    title="a list of several speakers",
    severity=Severity.ERROR,
    explanation=(
        "A voice is one person; a model trained on two speaks like neither. Choose one with "
        "`--speaker NAME`, or take the others out of the list."
    ),
)
UNREADABLE_TEXT: Final = CodeInfo(
    code="VP636",
    title="a text that has no sound",
    severity=Severity.WARNING,
    explanation=(
        "Nothing in the text can be said in its language (only marks, or another script), so the "
        "recording is left out. Correct the text, or its language."
    ),
)
UNKNOWN_LANGUAGE: Final = CodeInfo(
    code="VP637",
    title="a language that cannot be trained",
    severity=Severity.ERROR,
    explanation=(
        "Models are trained in Chinese (zh), English (en), Japanese (ja), Korean (ko) and "
        "Cantonese (yue). The language stands in the transcript, or is given for all of it with "
        "`--lang`."
    ),
)
NOTHING_LEFT: Final = CodeInfo(
    code="VP638",
    title="a dataset with nothing to hear",
    severity=Severity.ERROR,
    explanation=(
        "No recording with a text is left. A dataset is a folder of WAV, FLAC or Ogg files with "
        "transcripts, or a transcript file in such a folder. The other remarks say why each "
        "recording was left out."
    ),
)
TOO_LONG: Final = CodeInfo(
    code="VP640",
    title="a long take that cannot be cut",
    severity=Severity.WARNING,
    explanation=(
        "Training hears stretches of two to ten seconds, and whoever cuts a take must also know "
        "where its text is to be cut. A take is cut at its longest pauses when its text has as "
        "many sentences as these pauses make stretches, and the stretches are as long as their "
        "sentences would take. Otherwise it is left out: a stretch with another's text teaches "
        "the model to mumble.\n\n"
        "Write one sentence a line into the take's `.txt` where pauses and full stops differ, or "
        "cut it in an audio editor."
    ),
)
TOO_SHORT: Final = CodeInfo(
    code="VP641",
    title="a recording that is too short",
    severity=Severity.WARNING,
    explanation=(
        "A recording with less than 0.6 seconds of sound is a syllable without a melody, and "
        "shorter than what the acoustic stage hears at a time. It is left out."
    ),
)
OVERLOADED: Final = CodeInfo(
    code="VP642",
    title="an overloaded recording in the dataset",
    severity=Severity.WARNING,
    explanation=(
        "Peaks stand flat against full scale, and a model that hears them distorts too. Use "
        "another take. A dataset that is overloaded through and through is refused (VP651)."
    ),
)
NOISY: Final = CodeInfo(
    code="VP643",
    title="a noisy recording in the dataset",
    severity=Severity.WARNING,
    explanation=(
        "The room is loud beside the voice; a model learns both. Use a cleaner take, or leave "
        "the recording out: a few clean minutes train better than many noisy ones."
    ),
)
NARROW: Final = CodeInfo(
    code="VP644",
    title="telephone sound in the dataset",
    severity=Severity.WARNING,
    explanation=(
        "Above 5 kHz there is nothing, whatever the file's sample rate says: the recording went "
        "through a telephone, a conference call or an 8 kHz file, and was converted up later. "
        "S, F and SH cannot be told apart in it, and the trained voice will lisp. Find the "
        "original."
    ),
)
OFFSET: Final = CodeInfo(
    code="VP645",
    title="a constant offset in a recording",
    severity=Severity.WARNING,
    explanation=(
        "The wave does not swing around zero: a fault of the sound card. It costs headroom and "
        "clicks at every cut. Remove it in an audio editor."
    ),
)
PACE: Final = CodeInfo(
    code="VP646",
    title="text and recording do not fit each other",
    severity=Severity.WARNING,
    explanation=(
        "So many (or so few) sounds a second cannot be this text: half a sentence is missing from "
        "one of the two, or it is the text of another take. Beyond 3 to 25 sounds a second the "
        "recording is left out; at half or twice the pace of the others it is only named."
    ),
)
UNEVEN: Final = CodeInfo(
    code="VP647",
    title="recordings of very different loudness",
    severity=Severity.WARNING,
    explanation=(
        "The loudest and the quietest recordings of the dataset are more than 12 LU apart: "
        "whispers beside shouts, or sessions with different gain. Differences of gain are evened "
        "out half-way; differences of effort stay, and are better trained as voices of their own."
    ),
)
SEVERAL_CHANNELS: Final = CodeInfo(
    code="VP648",
    title="a recording with several channels",
    severity=Severity.WARNING,
    explanation=(
        "The channels are averaged. Two microphones at different distances then sound hollow; "
        "choose one of them and export mono."
    ),
)
TOO_LITTLE: Final = CodeInfo(
    code="VP650",
    title="too little speech to train with",
    severity=Severity.ERROR,
    explanation=(
        "Under 45 seconds of usable speech, training learns the recordings by heart and speaks "
        "nothing else. For so little, use a reference clip of 3 to 10 seconds with a published "
        "model, which needs no training, or let the embedded family learn the voice's colour from "
        "its reference clips (`--base tiny --clips`). From one minute on a voice can be trained; "
        "three to thirty minutes are good."
    ),
)
TOO_POOR: Final = CodeInfo(
    code="VP651",
    title="a dataset that would train a bad voice",
    severity=Severity.ERROR,
    explanation=(
        "What is wrong with single recordings is only named; what is wrong with most of them "
        "would become the voice. Half of the minutes with telephone sound, a third overloaded, "
        "a usual signal-to-noise ratio under 12 dB, a fifth of the recordings left out because "
        "of their text, or a fifth without any text: hours of training would be wasted on it."
    ),
)
MISMATCHED: Final = CodeInfo(
    code="VP652",
    title="the texts belong to other recordings",
    severity=Severity.ERROR,
    explanation=(
        "Long texts stand beside short recordings and short ones beside long ones, throughout. "
        "Most often a row was inserted or sorted in one column only, so that every text belongs "
        "to the neighbour's recording. Such a training runs without a fault and ends in "
        "gibberish."
    ),
)
FEW_MINUTES: Final = CodeInfo(
    code="VP653",
    title="a small dataset",
    severity=Severity.WARNING,
    explanation=(
        "With less than three minutes of speech a trained voice has the timbre, and copies the "
        "melody of the few sentences it knows. More recordings are worth more than more training."
    ),
)
FEW_SOUNDS: Final = CodeInfo(
    code="VP654",
    title="sounds that never occur",
    severity=Severity.WARNING,
    explanation=(
        "The model has to guess how this person says the sounds that no recording holds. Record a "
        "few sentences with them; the figures of `voicepipe train VOICE --data X --check` name "
        "the sounds."
    ),
)
DULL: Final = CodeInfo(
    code="VP655",
    title="dull recordings",
    severity=Severity.WARNING,
    explanation=(
        "Most recordings hold nothing above 9 kHz, as after a strong compression (MP3, a video "
        "call) or from a 16 kHz file. The voice will sound so: use the originals."
    ),
)
OTHER_VOICE: Final = CodeInfo(
    code="VP656",
    title="a recording that sounds like somebody else",
    severity=Severity.WARNING,
    explanation=(
        "To the speaker network this recording is further from the others than people are from "
        "each other. Somebody else may speak in it (the director, a partner, an interviewer), or "
        "the actor plays another character. Listen to it; leave it out if in doubt."
    ),
)

CODES: Final = (
    MALFORMED_TRANSCRIPT,
    OUTSIDE_DATASET,
    UNUSABLE_RECORDING,
    NO_TEXT,
    DUPLICATE,
    OTHER_SPEAKERS,
    UNREADABLE_TEXT,
    UNKNOWN_LANGUAGE,
    NOTHING_LEFT,
    TOO_LONG,
    TOO_SHORT,
    OVERLOADED,
    NOISY,
    NARROW,
    OFFSET,
    PACE,
    UNEVEN,
    SEVERAL_CHANNELS,
    TOO_LITTLE,
    TOO_POOR,
    MISMATCHED,
    FEW_MINUTES,
    FEW_SOUNDS,
    DULL,
    OTHER_VOICE,
)
"""Every code of this room."""
