"""The diagnostics of exports: VP770-VP789."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

UNKNOWN_TARGET: Final = CodeInfo(
    code="VP770",
    title="a target that does not exist",
    severity=Severity.ERROR,
    explanation=(
        "`target:` of an export names the engine or middleware that reads it. `voicepipe export "
        "--list` lists the built-in ones and those of installed packages, with their options."
    ),
)
BAD_EXPORT: Final = CodeInfo(
    code="VP771",
    title="an export its target cannot make",
    severity=Severity.ERROR,
    explanation=(
        "Each target has options of its own under `options:`, and reads some encodings of sound "
        "only. `voicepipe export --list` says which.\n\n"
        "    export:\n"
        "      - {target: renpy, encoding: ogg, options: {script: true}}"
    ),
)
EXPORT_TWICE: Final = CodeInfo(
    code="VP772",
    title="two exports of one name",
    severity=Severity.ERROR,
    explanation=(
        "`voicepipe export NAME` has to mean one export. Where two go to the same target, give at "
        "least one a `name:`."
    ),
)
EXPORT_LANGUAGE: Final = CodeInfo(
    code="VP773",
    title="an export names a language the project does not have",
    severity=Severity.ERROR,
    explanation=(
        "`languages:`, `only:` and `fallback:` of an export are about languages of the project, "
        "spelled as `languages:` at the top of `voicepipe.yaml` spells them. On the right of "
        "`languages:` stands what the engine calls one: `languages: {fr: french}`."
    ),
)
EXPORT_FOLDER: Final = CodeInfo(
    code="VP774",
    title="an export into a folder of the project's own",
    severity=Severity.ERROR,
    explanation=(
        "Exported files must not land among scripts, voices, recordings, models or the bank. Give "
        "`to:` a folder of its own in the project. Beside the project only the command line leads: "
        "`voicepipe export NAME --to ../game`."
    ),
)
NO_PLACE: Final = CodeInfo(
    code="VP785",
    title="mouths or subtitles that a target has no place for",
    severity=Severity.ERROR,
    explanation=(
        "`mouths:` and `subtitles:` of an export write files beside the clips, in the forms that "
        "the engine reads; `voicepipe export --list` says which each target takes. The target "
        "`generic` takes all:\n\n"
        "    export:\n"
        "      - {target: generic, mouths: [rhubarb, arkit], subtitles: vtt}\n\n"
        "`voicepipe lipsync export` and `voicepipe subtitles export` write them into any folder."
    ),
)
NOT_FOUND: Final = CodeInfo(
    code="VP780",
    title="a line the engine would not find",
    severity=Severity.ERROR,
    explanation=(
        "`voicepipe export --check` reads an export back by the engine's own rules, and this line "
        "leads to no file: it was removed, or never exported. Export again."
    ),
)
AMBIGUOUS: Final = CodeInfo(
    code="VP781",
    title="a line for which the engine may take another's file",
    severity=Severity.ERROR,
    explanation=(
        "Some engines look for files whose name only holds or begins with the line's id. Rename "
        "one of the two lines, so that no id is a part of another."
    ),
)
CHANGED: Final = CodeInfo(
    code="VP782",
    title="an exported file that is not as the bank has it",
    severity=Severity.ERROR,
    explanation=(
        "The file was changed since it was exported, or the bank has another clip by now. Export "
        "again; `--replace` writes over files that were changed."
    ),
)
NO_CLIP: Final = CodeInfo(
    code="VP783",
    title="a line without a clip in an export",
    severity=Severity.ERROR,
    explanation=(
        "The bank has no clip of this line in this language: it failed, was not rendered yet, or "
        "its voice may not be heard any more. Players would see the line and hear nothing. Render "
        "it, record it, or let another language stand in: `fallback: {fr: en}`."
    ),
)
FALLBACK_USED: Final = CodeInfo(
    code="VP784",
    title="a line spoken in another language",
    severity=Severity.WARNING,
    explanation=(
        "The line has no clip in this language, and the export's `fallback:` lets another "
        "language's stand in."
    ),
)

CODES: Final = (
    UNKNOWN_TARGET,
    BAD_EXPORT,
    EXPORT_TWICE,
    EXPORT_LANGUAGE,
    EXPORT_FOLDER,
    NOT_FOUND,
    AMBIGUOUS,
    CHANGED,
    NO_CLIP,
    FALLBACK_USED,
    NO_PLACE,
)
"""Every code of this room."""
