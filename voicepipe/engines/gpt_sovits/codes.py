"""What stops a line from being spoken by GPT-SoVITS: VP611 to VP621."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

NO_CLIP: Final = CodeInfo(
    code="VP611",
    title="a voice without a reference clip",
    severity=Severity.ERROR,
    explanation=(
        "GPT-SoVITS takes timbre and delivery from a recording of 3 to 10 seconds and its "
        "transcript. A voice without one has nothing to imitate, so its lines are refused.\n\n"
        "Wrong: `engine: gpt-sovits` and no `clips:`\n"
        "Right: `clips: [{path: voices/noah/calm.wav, transcript: We are late., language: en}]`"
    ),
)
UNREADABLE_TRANSCRIPT: Final = CodeInfo(
    code="VP612",
    title="a transcript that cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "The transcript of a reference clip is read like a line: the model compares its sounds "
        "with the recording. Its language must be one the engine reads (zh, en, ja, ko, yue; v1 "
        "checkpoints know zh, en and ja), and there must be words in it.\n\n"
        'Wrong: `transcript: "…"`, or a clip in French.\n'
        "Right: what is said in the clip, word for word, in one of these languages."
    ),
)
NO_MODEL: Final = CodeInfo(
    code="VP613",
    title="a voice without a model",
    severity=Severity.ERROR,
    explanation=(
        "A GPT-SoVITS voice is a pair of files: `gpt` (text to semantic tokens) and `sovits` "
        "(tokens to sound). Both must be named, or `base` names a published family whose own "
        "pair is used. Other parts (`hubert`, `bert`, `speaker`, `vocoder`, `sovits_base`) have "
        "usual names and need not be written.\n\n"
        "Wrong: `model: {gpt: noah-e15}`\n"
        "Right: `model: {gpt: noah-e15, sovits: noah_e8_s240}`, or `model: {base: v2proplus}`"
    ),
)
UNKNOWN_MODEL: Final = CodeInfo(
    code="VP614",
    title="a model that the project does not have",
    severity=Severity.ERROR,
    explanation=(
        "`models.lock` pins the bytes of every model a project uses, so that a bank can be made "
        "again. A voice names models as the lock does, or gives the path of a converted "
        "`.safetensors` file inside the project. An original `.ckpt` or `.pth` has to be imported "
        "first: it is read without running anything in it, hashed and pinned.\n\n"
        "Wrong: `model: {gpt: GPT_weights_v2/noah-e15.ckpt, …}`\n"
        "Right: `voicepipe models import GPT_weights_v2/noah-e15.ckpt`, then `gpt: noah-e15`"
    ),
)
WRONG_MODEL: Final = CodeInfo(
    code="VP615",
    title="a model in the wrong place",
    severity=Severity.ERROR,
    explanation=(
        "Every part of a voice takes one kind of file: `gpt` a semantic one, `sovits` an acoustic "
        "one of v1 to v4, `hubert` the content encoder, and so on. The two halves of a pair are "
        "easily swapped, since both are named after the voice. And both must be halves of one "
        "training: a semantic file of v2 reads other phonemes than a voice of v1 knows.\n\n"
        "Wrong: `model: {gpt: noah_e8_s240, sovits: noah-e15}`\n"
        "Right: `model: {gpt: noah-e15, sovits: noah_e8_s240}`"
    ),
)
MODEL_AWAY: Final = CodeInfo(
    code="VP616",
    title="a model that is not on this machine",
    severity=Severity.WARNING,
    explanation=(
        "The lock pins the model, so a plan can be made, but its bytes are not here (or have "
        "another size): lines that are not rendered yet cannot be rendered on this machine.\n\n"
        "Right: `voicepipe models pull NAME`, or import the file again."
    ),
)
BAD_SAMPLING: Final = CodeInfo(
    code="VP617",
    title="a sampling number that cannot be used",
    severity=Severity.ERROR,
    explanation=(
        "`sampling:` takes `top_k`, `top_p`, `temperature`, `repetition_penalty`, `candidates` "
        "(where the voice has a recogniser, as the tiny family does), `noise_scale`, `n_steps` and "
        "`guidance` (v3 and v4), and the pace limits `fastest` and `slowest` in phonemes a second. "
        "Anything else, or a number out of range, is refused instead of being ignored.\n\n"
        "Wrong: `sampling: {temprature: 0.7}`\n"
        "Right: `sampling: {temperature: 0.7}`"
    ),
)
BAD_SPELLING: Final = CodeInfo(
    code="VP618",
    title="a respelling that cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "`[say:…]` replaces a word's sound. What stands there must be sounds of the line's "
        "language: a respelling such as `MAH-ree-oh`, pinyin with tones, kana, jyutping, or other "
        "words that sound right.\n\n"
        "Wrong: `zh: 去[say:zhx4 qing4]重庆[/say]吧`\n"
        "Right: `zh: 去[say:chóng qìng]重庆[/say]吧`"
    ),
)
OUT_OF_PACE: Final = CodeInfo(
    code="VP619",
    title="a speed the model cannot speak at",
    severity=Severity.ERROR,
    explanation=(
        "The speeds of the voice, the line and the inline tag multiply, and a pitch tag is spoken "
        "slower or faster and played back at the other rate. Together they may stretch speech "
        "from a quarter to four times its natural pace; beyond that nothing is understood.\n\n"
        "Wrong: a voice at `speed: 2`, a line at `speed: 2`, and `[speed:2]` in its text.\n"
        "Right: one of the three."
    ),
)
GUESSED_WORD: Final = CodeInfo(
    code="VP620",
    title="a word no dictionary knows, or nothing can say",
    severity=Severity.NOTE,
    explanation=(
        "The sound of this word was guessed from its letters. Names are often guessed wrongly; "
        "`voicepipe pronounce` shows what was guessed, and an entry in `lexicon.yaml` settles it "
        "for every line. Letters of a script no front end reads, emoji and other pictures have no "
        "sound at all: they are left out of what is spoken, and this note quotes them.\n\n"
        "    en:\n"
        "      Ararat: AIR-uh-rat"
    ),
)
NO_FEATURES: Final = CodeInfo(
    code="VP621",
    title="Chinese without the model that reads it",
    severity=Severity.ERROR,
    explanation=(
        "Chinese lines are spoken with the help of a language model (chinese-roberta-wwm-ext-"
        "large); without it the intonation is not what the checkpoints were trained for. It is "
        "needed for lines and for transcripts with Chinese in them.\n\n"
        "Right: `voicepipe models pull roberta`"
    ),
)

CODES: Final = (
    NO_CLIP,
    UNREADABLE_TRANSCRIPT,
    NO_MODEL,
    UNKNOWN_MODEL,
    WRONG_MODEL,
    MODEL_AWAY,
    BAD_SAMPLING,
    BAD_SPELLING,
    OUT_OF_PACE,
    GUESSED_WORD,
    NO_FEATURES,
)
"""Every code of this engine; VP601 and VP602 are shared with other engines."""
