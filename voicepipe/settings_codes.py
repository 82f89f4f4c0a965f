"""The diagnostics of `voicepipe.yaml`: VP501-VP519."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

UNKNOWN_SETTING: Final = CodeInfo(
    code="VP501",
    title="an unknown setting",
    severity=Severity.ERROR,
    explanation=(
        "A key that means nothing would be ignored without a word, and the default used instead. "
        "`voicepipe schema settings` prints every key with its default and range."
    ),
)
MISSING_SETTING: Final = CodeInfo(
    code="VP502",
    title="a required setting is missing",
    severity=Severity.ERROR,
    explanation=(
        "`bank` names what is published and `languages` lists what is spoken; everything else has "
        "a default.\n\n    bank: harbor\n    languages: [zh, en]"
    ),
)
BAD_SETTING: Final = CodeInfo(
    code="VP503",
    title="a setting that cannot be used",
    severity=Severity.ERROR,
    explanation=(
        "The value is of the wrong kind or outside its range. The message gives the limit; "
        "`voicepipe schema settings` gives all of them."
    ),
)
PATH_OUTSIDE: Final = CodeInfo(
    code="VP504",
    title="a folder outside the project",
    severity=Severity.ERROR,
    explanation=(
        "Every folder lies under the project root and is named from there, so that a project "
        "can be moved and built anywhere. Absolute paths, `..` and links that lead out are "
        "refused."
    ),
)
BAD_LANGUAGES: Final = CodeInfo(
    code="VP505",
    title="languages that do not fit together",
    severity=Severity.ERROR,
    explanation=(
        "Language tags are lower case (`zh`, `pt-br`), each is listed once, and "
        "`source_language` is one of `languages`; it is the first of them when it is not "
        "given."
    ),
)
NO_SETTINGS: Final = CodeInfo(
    code="VP506",
    title="there is no project here",
    severity=Severity.ERROR,
    explanation=(
        "A project is a folder with a `voicepipe.yaml` in it. Commands find it from any folder "
        "inside it; go there, or name it with `--project`."
    ),
)
SHARED_FOLDER: Final = CodeInfo(
    code="VP507",
    title="two folders that overlap",
    severity=Severity.ERROR,
    explanation=(
        "Rendered files must not land among scripts, voices or recordings: `out` may neither "
        "be one of these folders nor lie inside one, nor hold one. The same goes for `models` and "
        "for the folder of version control, such as `.git`."
    ),
)
BAD_TIMING: Final = CodeInfo(
    code="VP508",
    title="timing that cannot be kept",
    severity=Severity.ERROR,
    explanation=(
        "`timing:` says what lines of a language have to fit. A line's own pace is 1: `slowest` "
        "lies at or under it, `fastest` at or over it. `fit: source` takes the length of the clip "
        "in the source language, so that language is spoken, and cannot be the one that fits.\n\n"
        "    source_language: zh\n"
        "    languages: [zh, en, ja]\n"
        "    timing: {fit: source, tolerance: 10%, slowest: 0.85, fastest: 1.2}"
    ),
)
OTHER_RELEASE: Final = CodeInfo(
    code="VP510",
    title="the project asks for another release of voicepipe",
    severity=Severity.ERROR,
    explanation=(
        "`voicepipe:` in `voicepipe.yaml` says which releases a project is worked on with, so that "
        "a colleague's older or newer one does not render other sounds or write files that yours "
        "cannot read. It is compared before anything else in the file is looked at.\n\n"
        '    voicepipe: ">=0.1,<0.2"\n\n'
        "The signs are those of Python packages: `>=`, `<`, `==`, `~=`, `!=`, with commas between."
    ),
)

CODES: Final = (
    UNKNOWN_SETTING,
    MISSING_SETTING,
    BAD_SETTING,
    PATH_OUTSIDE,
    BAD_LANGUAGES,
    NO_SETTINGS,
    SHARED_FOLDER,
    BAD_TIMING,
    OTHER_RELEASE,
)
"""Every code of this room."""
