"""The long form of VP230–VP250: ids, names and texts."""

from __future__ import annotations

from voicepipe.diagnostics import CodeInfo, Severity

SCRIPT_CODES: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VP230",
        title="a line without an id",
        severity=Severity.ERROR,
        explanation="""\
Clips, takes, translations and game engines know a line by its id, so it must have one before
anything is rendered. `voicepipe ids --write` puts ids into the script where they are missing and
touches nothing else; `voicepipe ids` only shows them.""",
    ),
    CodeInfo(
        code="VP232",
        title="two lines with one id",
        severity=Severity.ERROR,
        explanation="""\
An id names one line in the whole project, since it also names one clip. The message says where the
first one is.

Take the id off the newer line and run `voicepipe ids --write`.""",
    ),
    CodeInfo(
        code="VP233",
        title="an id that is the beginning of another",
        severity=Severity.WARNING,
        explanation="""\
Several game engines match clips by the beginning of the file name and would play the wrong one. So
`a_1` and `a_12` clash, while `a_0010` and `a_0012` do not. Ids that come from another tool may stay
as they are where the engine looks for whole names.

Otherwise rename one: `voicepipe ids rename` keeps its takes. Numbers of one width never clash.""",
    ),
    CodeInfo(
        code="VP234",
        title="a name Windows keeps for itself",
        severity=Severity.ERROR,
        explanation="""\
`con`, `prn`, `aux`, `nul`, `com0`–`com9` and `lpt0`–`lpt9` cannot be files or folders on Windows,
whatever the extension, and scenes and lines become folders and files.

wrong:  scene: aux
right:  scene: auxiliary""",
    ),
    CodeInfo(
        code="VP235",
        title="two scenes with one name",
        severity=Severity.ERROR,
        explanation="""\
A scene is declared once, in one file; a goto could mean either. Give one of them another name, or
put all nodes under one `scene:`.""",
    ),
    CodeInfo(
        code="VP237",
        title="a goto that could mean a node or a scene",
        severity=Severity.WARNING,
        explanation="""\
A node of this scene and another scene share the name in the goto. The node is meant; if it should
be the scene, write its first node too.

wrong:  - goto: harbor
right:  - goto: harbor.open""",
    ),
    CodeInfo(
        code="VP238",
        title="a name declared twice",
        severity=Severity.ERROR,
        explanation="""\
Speakers and variables are declared once in the project, in any file. The message says where the
first one is.

Keep one of the two declarations.""",
    ),
    CodeInfo(
        code="VP239",
        title="a speaker who is not declared",
        severity=Severity.ERROR,
        explanation="""\
The project declares its speakers, and this one is not among them: most often a slip of the pen.
A project that declares no speakers at all may use any.

wrong:  who: naoh
right:  who: noah""",
    ),
    CodeInfo(
        code="VP240",
        title="a group that cannot speak",
        severity=Severity.ERROR,
        explanation="""\
Each member of a group speaks the line as a clip of its own, named `id__member`. Members are
declared speakers, each named once, and not groups themselves.

wrong:  crew: {group: [mara, everyone]}      everyone: {group: [mara, chen]}
right:  crew: {group: [mara, chen]}""",
    ),
    CodeInfo(
        code="VP241",
        title="a speaker who never speaks",
        severity=Severity.WARNING,
        explanation="""\
The speaker is declared, but no line is theirs, not even as a member of a group. Delete the
declaration when the character is gone for good.""",
    ),
    CodeInfo(
        code="VP242",
        title="a scene, node or bark set with nothing in it",
        severity=Severity.WARNING,
        explanation="""\
There is nothing to hear or do. A bark set without lines would leave the game with nothing to
pick; a scene without nodes and barks cannot be entered.""",
    ),
    CodeInfo(
        code="VP243",
        title="an option without text",
        severity=Severity.WARNING,
        explanation="""\
The player would see an empty answer: the option has no text in the language the script is written
in.

wrong:  - goto: expose
right:  - text: {en: Expose him}
          goto: expose""",
    ),
    CodeInfo(
        code="VP244",
        title="a line without text in a language of the project",
        severity=Severity.WARNING,
        explanation="""\
The bank of that language would lack the clip. While writing this is normal; for a release it is
an error. Translations stand in the script under `text:` or in `scripts_in/loc/<language>.csv`.""",
    ),
    CodeInfo(
        code="VP245",
        title="a translation older than its source",
        severity=Severity.WARNING,
        explanation="""\
The text in the source language has changed since this translation was made. Check the translation,
then put the first 12 hex digits of the sha256 of the new source text into its `source_hash`. A row
without one counts as changed, since nothing says which text it was made from.""",
    ),
    CodeInfo(
        code="VP246",
        title="a very long line",
        severity=Severity.WARNING,
        explanation="""\
The line would take longer than the stated time to say. Long clips are hard to subtitle, to retake
and to keep steady in tone.

Split it into several lines; each is its own clip.""",
    ),
    CodeInfo(
        code="VP247",
        title="a variable without words in a language",
        severity=Severity.WARNING,
        explanation="""\
A text shows a variable, but the declaration does not say what this value is called, or what is
spoken for the variable, in that language. The line is left untranslated for this value.

wrong:  values: {ada: {zh: 艾达}}
right:  values: {ada: {zh: 艾达, en: Ada}}""",
    ),
    CodeInfo(
        code="VP248",
        title="variants of a line whose names clash",
        severity=Severity.ERROR,
        explanation="""\
Values of a variable and members of a group become suffixes of clip names. Two that differ only in
the case of their letters, such as `line__Ada` and `line__ada`, are one file on Windows and macOS.

Rename one of the values or members; what it says need not change.""",
    ),
    CodeInfo(
        code="VP249",
        title="a line with too many variants",
        severity=Severity.ERROR,
        explanation="""\
Each value of each variable a line shows, and each member of a group, makes a clip. Several
variables in one line multiply; the limit keeps a slip from becoming thousands of clips.

Show fewer variables in the line, or write separate lines under conditions.""",
    ),
    CodeInfo(
        code="VP250",
        title="a text with nothing to say",
        severity=Severity.ERROR,
        explanation="""\
Once inline tags are taken away no letter or digit is left, so the clip would be silent.

wrong:  text: "[pause:400ms]…"
right:  text: "[pause:400ms]Hm…"   and leave the text empty if it is not written yet""",
    ),
)
