"""The diagnostics of reading screenplays: VP121-VP159."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

UNKNOWN_KEY: Final = CodeInfo(
    code="VP121",
    title="an unknown key",
    severity=Severity.ERROR,
    explanation=(
        "A key that means nothing here is most often misspelt, and what it says would be lost. "
        "`docs/reference/screenplay.md` lists the keys of every entry; a remark goes under "
        "`comment`.\n\n"
        "    wrong: emotoin: sad\n"
        "    right: emotion: sad"
    ),
)
MISSING_KEY: Final = CodeInfo(
    code="VP122",
    title="something required is missing",
    severity=Severity.ERROR,
    explanation=(
        "A line needs a speaker (`who`), an option a `goto`, a file with nodes its `scene`, "
        "a variable its `type`. Only a voiced option has an id, an emotion and the like, and "
        "so a speaker."
    ),
)
WRONG_SHAPE: Final = CodeInfo(
    code="VP123",
    title="a value of the wrong shape",
    severity=Severity.ERROR,
    explanation=(
        "A list stands where a text belongs, or a text where a list or a mapping does. In YAML a "
        "list has a `- ` before each item, a mapping a `key: ` before each value."
    ),
)
BAD_ID: Final = CodeInfo(
    code="VP124",
    title="a name that is not an id",
    severity=Severity.ERROR,
    explanation=(
        "Ids of lines, scenes, nodes, speakers, variables, emotions and bark sets become "
        "file names and keys in a game engine: lower-case ASCII letters, digits and `_`, "
        "starting with a letter, at most 64 characters, without `__` (reserved for suffixes)."
        "\n\n"
        "    wrong: line: Bridge-10\n"
        "    right: line: bridge_0010"
    ),
)
BAD_NUMBER: Final = CodeInfo(
    code="VP125",
    title="a number that cannot be used",
    severity=Severity.ERROR,
    explanation=(
        "The value is not a number, or lies outside its range: `speed` from 0.5 to 2.0, a "
        "variable's `min`, `max` and `start` whole numbers with min ≤ start ≤ max."
    ),
)
BAD_LANGUAGE: Final = CodeInfo(
    code="VP126",
    title="not a language of the project",
    severity=Severity.ERROR,
    explanation=(
        "Texts are given by language tag, as listed under `languages` in `voicepipe.yaml`: `zh`, "
        "`en`, `pt-br`. Add the language there, or correct the tag."
    ),
)
UNKNOWN_ENTRY: Final = CodeInfo(
    code="VP127",
    title="an entry that says nothing",
    severity=Severity.ERROR,
    explanation=(
        "Each entry of a node is a line (`who`, `text`), a `choice`, a `goto`, a `set` or a "
        "`comment`. This one has none of their keys."
    ),
)
BAD_VALUE: Final = CodeInfo(
    code="VP128",
    title="a value that is not one of those allowed",
    severity=Severity.ERROR,
    explanation=(
        "Some keys take one of a few words: a variable's `type` is `int`, `bool` or `text`; "
        "`narrator` is `true` or `false`."
    ),
)
UNKNOWN_TAG: Final = CodeInfo(
    code="VP131",
    title="an inline tag that looks misspelt",
    severity=Severity.ERROR,
    explanation=(
        "Words in brackets are ordinary text unless they are one of `[emotion:…]`, "
        "`[speed:…]`, `[pitch:…]`, `[energy:…]`, `[range:…]`, `[pause:…]`, `[say:…]…[/say]`, "
        "`[stress]…[/stress]`, `[sound:…]`, `[laughs]` and `[sighs]`. This one is so close to an "
        "inline tag that it would most likely be read aloud by mistake.\n\n"
        "    wrong: [emtion:sad]\n"
        "    right: [emotion:sad]"
    ),
)
BAD_TAG: Final = CodeInfo(
    code="VP132",
    title="an inline tag with a value that cannot be used",
    severity=Severity.ERROR,
    explanation=(
        "`[emotion:sad]` takes an id; `[speed:0.9]` a number from 0.5 to 2.0; `[pitch:+2st]` "
        "semitones from -12 to 12; `[energy:+3dB]` decibels from -12 to 6; `[range:1.4]` a "
        "number from 0.1 to 3; `[pause:400ms]` or `[pause:1.2s]` up to 10 s; "
        "`[say:MAH-ree-oh]Mario[/say]` is closed in the same text and holds no other inline tag; "
        "`[stress]words[/stress]` is closed in the same text, and not inside another one; "
        "`[sound:coughs]` takes the name of a sound."
    ),
)
BAD_PLACEHOLDER: Final = CodeInfo(
    code="VP133",
    title="braces that are not a variable",
    severity=Severity.ERROR,
    explanation=(
        "`{player}` in a text stands for a variable's value. A brace that is meant to be seen is "
        "written twice: `{{` and `}}`."
    ),
)
BAD_EXPRESSION: Final = CodeInfo(
    code="VP134",
    title="a condition or assignment that cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "Conditions compare variables with whole numbers, `true` or `false`, and are joined "
        "by `and`, `or`, `not` and brackets: `not exposed and (trust >= 2 or met)`. "
        "Assignments are `trust = 3`, `trust += 1`, `trust -= 1`, `exposed = true`."
    ),
)
BAD_COLUMNS: Final = CodeInfo(
    code="VP141",
    title="the header row is wrong",
    severity=Severity.ERROR,
    explanation=(
        "The first row names the columns, in any order: each at most once, and only those in "
        "`docs/reference/screenplay.md`. Columns of texts are called `text:<language>`."
    ),
)
MISPLACED_CELL: Final = CodeInfo(
    code="VP142",
    title="a cell that its row has no use for",
    severity=Severity.ERROR,
    explanation=(
        "Each kind of row fills certain columns. What stands in any other would be lost; move it, "
        "or put it into a `comment` row."
    ),
)
MISPLACED_ROW: Final = CodeInfo(
    code="VP143",
    title="a row that belongs nowhere",
    severity=Severity.ERROR,
    explanation=(
        "Rows inherit `scene` and `node` from the row above. The first rows of a file have nothing "
        "to inherit, and a value row has to follow its text variable."
    ),
)
DECLARED_TWICE: Final = CodeInfo(
    code="VP144",
    title="the story's start is declared twice",
    severity=Severity.ERROR,
    explanation="A project starts in one scene. Remove one of the two `start` declarations.",
)
BAD_TRANSLATION: Final = CodeInfo(
    code="VP151",
    title="a translation that fits no line",
    severity=Severity.ERROR,
    explanation=(
        "Every row of `scripts_in/loc/<lang>.csv` names a line of the script, once. The line may "
        "have been renamed or removed since the file was made; correct its id or delete the row."
    ),
)
BAD_SOURCE_HASH: Final = CodeInfo(
    code="VP152",
    title="a source hash that is not one",
    severity=Severity.WARNING,
    explanation=(
        "`source_hash` is the first 12 hexadecimal digits of the SHA-256 of the source text. "
        "Without it nobody can tell whether the translation is still up to date, so the line "
        "counts as stale."
    ),
)
NO_SCRIPTS: Final = CodeInfo(
    code="VP153",
    title="there are no scripts",
    severity=Severity.ERROR,
    explanation=(
        "The scripts folder (`scripts_in` unless `voicepipe.yaml` says otherwise) is missing, or "
        "holds no `.yaml`, `.yml` or `.csv` file, or none of its files holds a scene."
    ),
)
CUT_BY_COMMENT: Final = CodeInfo(
    code="VP154",
    title="a text that YAML cuts off at a #",
    severity=Severity.ERROR,
    explanation=(
        "In YAML a # after a space begins a comment, so `text: You are #1, captain.` says only "
        "`You are`. Put a text with a # in quotes; a comment about a line goes on a line of its "
        "own.\n\n"
        "Wrong: `en: You are #1, captain.`\n"
        'Right: `en: "You are #1, captain."`'
    ),
)
SPREADSHEET_ERROR: Final = CodeInfo(
    code="VP155",
    title="a spreadsheet's error in place of a text",
    severity=Severity.ERROR,
    explanation=(
        "A cell such as `#NAME?` or `#REF!` is what a spreadsheet shows when it takes a text for a "
        "formula: one that begins with `=`, `+` or `-`, or a reference that has moved. It would be "
        "spoken as it stands."
    ),
)
SPOKEN_MARKUP: Final = CodeInfo(
    code="VP135",
    title="markup that would be spoken",
    severity=Severity.WARNING,
    explanation=(
        "Tags for the eye (`<i>`, `{b}…{/b}`, `[color=red]`), escapes such as `\\n`, and ruby are "
        "read out as letters. `text: {markup: renpy}` in voicepipe.yaml (or `bbcode`, `html`) "
        "takes them out, and keeps what can be heard: waits become pauses, line breaks "
        "separate words, ruby in kana says how its word sounds.\n\n"
        "Wrong: `en: I <i>told</i> you.`\n"
        "Right: `en: I told you.`"
    ),
)

CODES: Final = (
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_SHAPE,
    BAD_ID,
    BAD_NUMBER,
    BAD_LANGUAGE,
    UNKNOWN_ENTRY,
    BAD_VALUE,
    UNKNOWN_TAG,
    BAD_TAG,
    BAD_PLACEHOLDER,
    BAD_EXPRESSION,
    SPOKEN_MARKUP,
    BAD_COLUMNS,
    MISPLACED_CELL,
    MISPLACED_ROW,
    DECLARED_TWICE,
    BAD_TRANSLATION,
    BAD_SOURCE_HASH,
    NO_SCRIPTS,
    CUT_BY_COMMENT,
    SPREADSHEET_ERROR,
)
"""Every code this room's readers report."""
