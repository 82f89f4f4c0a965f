"""The diagnostics of reading files: VP101-VP119."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

UNREADABLE: Final = CodeInfo(
    code="VP101",
    title="a file cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "The file is missing, is a folder or a device, or this user may not open it. "
        "Only ordinary files are read, so that a named pipe cannot hang a build."
    ),
)
OUTSIDE_PROJECT: Final = CodeInfo(
    code="VP102",
    title="a file lies outside the project",
    severity=Severity.ERROR,
    explanation=(
        "Every file a project reads lies under its root. A path with `..`, an absolute path, or a "
        "symbolic link that leads elsewhere would make the build depend on one machine, and would "
        "let a script read files nobody meant to share. Copy the file into the project."
    ),
)
TOO_LARGE: Final = CodeInfo(
    code="VP103",
    title="a file is too large",
    severity=Severity.ERROR,
    explanation=(
        "A text file may hold 64 MiB: a hundred thousand lines in five languages fit several times "
        "over. A larger file is most likely not text. Split it, one scene a file."
    ),
)
NOT_UTF8: Final = CodeInfo(
    code="VP104",
    title="a file is not UTF-8 text",
    severity=Severity.ERROR,
    explanation=(
        "Text is UTF-8, with or without a byte order mark. Other encodings (UTF-16, GBK, "
        "Shift JIS) cannot be told apart for certain, and a wrong guess would be spoken "
        'aloud. Spreadsheets call the right format "CSV UTF-8".'
    ),
)
FORBIDDEN_CHARACTER: Final = CodeInfo(
    code="VP105",
    title="a character that text may not hold",
    severity=Severity.ERROR,
    explanation=(
        "NUL bytes and other control characters never belong in a script: they come from a "
        "damaged file or a careless copy. The unusual line breaks U+0085, U+2028 and U+2029 "
        "are refused too, because programs disagree on whether they end a line, and "
        "positions would be wrong."
    ),
)
MALFORMED_YAML: Final = CodeInfo(
    code="VP106",
    title="the file is not well-formed YAML",
    severity=Severity.ERROR,
    explanation=(
        "The reader cannot go on from here. The most common reasons: wrong indentation, a "
        "tab in it, a text with `: ` or ` #` in it that is not in quotes, or brackets inside "
        "`{zh: …}`.\n\n"
        "    wrong: text: {en: Wait. [pause:1s]Go.}\n"
        '    right: text: {en: "Wait. [pause:1s]Go."}'
    ),
)
REFUSED_YAML: Final = CodeInfo(
    code="VP107",
    title="a YAML feature that is not used here",
    severity=Severity.ERROR,
    explanation=(
        "Anchors (`&name`), aliases (`*name`), tags (`!name`) and keys that are lists or "
        "mappings are refused: they hide what a script says, and are a known way of blowing "
        "up a reader. A text that begins with one of these characters goes in quotes.\n\n"
        "    wrong: en: *sighs* Fine.\n"
        '    right: en: "*sighs* Fine."'
    ),
)
DUPLICATE_KEY: Final = CodeInfo(
    code="VP108",
    title="a key is given twice",
    severity=Severity.ERROR,
    explanation=(
        "One mapping holds the same key twice; most readers would silently keep the last. Remove "
        "one, or rename it."
    ),
)
TOO_DEEP: Final = CodeInfo(
    code="VP109",
    title="nested too deeply",
    severity=Severity.ERROR,
    explanation="Nothing in a project needs more than ten levels; fifty is where reading stops.",
)
TOO_LONG: Final = CodeInfo(
    code="VP110",
    title="a single value is too long",
    severity=Severity.ERROR,
    explanation=(
        "One value or cell may hold a million characters. A longer one is most often a quotation "
        "mark that is never closed, and swallows the rest of the file."
    ),
)

MALFORMED_CSV: Final = CodeInfo(
    code="VP111",
    title="the file is not well-formed CSV",
    severity=Severity.ERROR,
    explanation=(
        "A cell in quotes is never closed, or goes on after its closing quote. A quotation mark "
        'inside a quoted cell is written twice: `"She said ""no""."`.'
    ),
)

CODES: Final = (
    UNREADABLE,
    OUTSIDE_PROJECT,
    TOO_LARGE,
    NOT_UTF8,
    FORBIDDEN_CHARACTER,
    MALFORMED_YAML,
    REFUSED_YAML,
    DUPLICATE_KEY,
    TOO_DEEP,
    TOO_LONG,
    MALFORMED_CSV,
)
"""Every code of this room."""
