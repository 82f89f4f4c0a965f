"""The diagnostic codes of the engines: what an engine cannot render, known before it runs."""

from __future__ import annotations

from voicepipe.diagnostics import CodeInfo, Severity
from voicepipe.engines.gpt_sovits.codes import CODES as GPT_SOVITS_CODES

CODES: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VP601",
        title="the engine does not speak this language",
        severity=Severity.ERROR,
        explanation=(
            "Every engine speaks a fixed list of languages. A line in another one would come out "
            "as spelled letters or as nothing, so it is refused before anything renders. Nor does "
            "a model speak a language it never learned: the embedded one knows English, Chinese "
            "and Japanese.\n\n"
            "Wrong: a line in `tlh` whose speaker is cast with the scratch engine.\n"
            "Right: cast that speaker with an engine that knows the language, or take the language "
            "out of the project's list."
        ),
    ),
    CodeInfo(
        code="VP602",
        title="the line has nothing to say",
        severity=Severity.ERROR,
        explanation=(
            "The text holds no letter and no digit: only punctuation, pictures or pauses. A clip "
            "of silence would hide the mistake, so none is made.\n\n"
            'Wrong: `en: "…!"`\n'
            'Right: `en: "Hm!"`, or `en: "[say:mmm]…"` to give the sound a reading.'
        ),
    ),
    CodeInfo(
        code="VP603",
        title="the engine cannot read these letters",
        severity=Severity.ERROR,
        explanation=(
            "The text holds letters of a script that the engine does not read in this language; "
            'espeak-ng would say "Chinese letter" or spell them one by one.\n\n'
            'Wrong: `en: "Meet 小林."`\n'
            'Right: `en: "Meet Kobayashi."`, or `[say:koh-bah-yah-shee]` before the name.'
        ),
    ),
    CodeInfo(
        code="VP604",
        title="the voice's timbre is not one the engine has",
        severity=Severity.ERROR,
        explanation=(
            "A scratch voice may set `timbre: {gender, variant, pitch, rate}`. The gender is "
            "`male` or `female`, the variant one of espeak-ng's, the pitch 0 to 99 (50 is the "
            "variant's own) and the rate 80 to 450 words a minute. Anything else is refused "
            "instead of being ignored.\n\n"
            "Wrong: `timbre: {pitch: high}`\n"
            "Right: `timbre: {gender: female, pitch: 70}`"
        ),
    ),
    *GPT_SOVITS_CODES,
)
