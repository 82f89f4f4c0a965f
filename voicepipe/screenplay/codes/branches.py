"""The long form of VP201–VP219: how the story branches, and what its variables do."""

from __future__ import annotations

from voicepipe.diagnostics import CodeInfo, Severity

BRANCH_CODES: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VP201",
        title="a goto leads nowhere",
        severity=Severity.ERROR,
        explanation="""\
The target of a goto is neither a node of its own scene, nor a scene, nor `scene.node`, nor `END`
or `RETURN`. The game would stop there. Names are looked up in that order and letter case counts.

wrong:  - goto: harbour          (the scene is called harbor)
right:  - goto: harbor""",
    ),
    CodeInfo(
        code="VP202",
        title="no path leads to this node",
        severity=Severity.WARNING,
        explanation="""\
Starting at the story's first node and following every goto and every option whose condition can
hold, this node is never entered. Its lines would be rendered and never heard.

Give another node a goto that leads here, delete the node, or say `entry: true` where the engine
enters it by itself.""",
    ),
    CodeInfo(
        code="VP203",
        title="no path leads to this scene",
        severity=Severity.WARNING,
        explanation="""\
No node of the scene can be reached from the beginning of the story. It is reported once, and not
again for each of its nodes. A scene that holds only barks is never reported.

Give another scene a goto that leads here, put `start:` on the scene the story begins in, or say
`entry: true` in scenes the engine enters by itself.""",
    ),
    CodeInfo(
        code="VP204",
        title="the story stops in this node",
        severity=Severity.WARNING,
        explanation="""\
A node ends in a choice or in a goto without a condition. This one can run past its last entry, and
then nothing says where to go on.

wrong:  - goto: harbor
          when: trust >= 3
right:  - goto: harbor
          when: trust >= 3
        - goto: END""",
    ),
    CodeInfo(
        code="VP205",
        title="a choice can be left without a single option",
        severity=Severity.WARNING,
        explanation="""\
On some path the conditions of all options of this choice fail together, and the player cannot go
on. The message gives values of the variables that lead to it.

Leave one option without `when` and `once`, or write conditions that always leave one.""",
    ),
    CodeInfo(
        code="VP206",
        title="a condition that never holds",
        severity=Severity.WARNING,
        explanation="""\
The node is reached, but whichever path leads to it, the variables never have values that satisfy
this condition. The goto or option is never taken. Every combination of values that the story can
bring about was tried, so this is certain.

Change the condition, or let some path set the variable.""",
    ),
    CodeInfo(
        code="VP207",
        title="a line nobody hears",
        severity=Severity.WARNING,
        explanation="""\
The node is reached, but no path speaks this line: its condition never holds, or the option it
voices is never offered. It would be rendered in every language all the same.

Change the condition, or delete the line.""",
    ),
    CodeInfo(
        code="VP208",
        title="a loop without a way out",
        severity=Severity.WARNING,
        explanation="""\
From here every path comes back: neither `END` nor any other part of the story can be reached. With
conditions, this means that no values which can occur on the way open the exit.

Add an option or a goto that leads out of the loop.""",
    ),
    CodeInfo(
        code="VP209",
        title="a loop",
        severity=Severity.NOTE,
        explanation="""\
These nodes lead to one another, so their lines can be heard more than once. Often this is wanted
(asking a character several questions); it is said because repeated lines are worth a listen.""",
    ),
    CodeInfo(
        code="VP210",
        title="entries behind the end of a node",
        severity=Severity.WARNING,
        explanation="""\
A choice or a goto without a condition ends a node. What stands below it never runs.

wrong:  - goto: harbor
        - line: bridge_0040
          who: noah
          text: You never hear me.
right:  put the line above the goto.""",
    ),
    CodeInfo(
        code="VP211",
        title="too many combinations of variables to try them all",
        severity=Severity.NOTE,
        explanation="""\
Conditions are checked by walking through every node with every combination of values it can be
entered with. The story has more of them than the stated limit. Beyond it every condition is taken
to be possible: fewer problems are found (VP202, VP205, VP206, VP207, VP208), and none is made up.

Narrow `min` and `max` of integers; variables that no condition reads cost nothing.""",
    ),
    CodeInfo(
        code="VP212",
        title="a variable that is not declared",
        severity=Severity.ERROR,
        explanation="""\
A condition, an assignment or a `{name}` in a text uses a variable that no file declares.

wrong:  when: trsut > 2
right:  when: trust > 2        with   variables: {trust: {type: int, min: 0, max: 5}}

To show a brace itself, write it twice: `{{` and `}}`.""",
    ),
    CodeInfo(
        code="VP213",
        title="a variable nobody reads",
        severity=Severity.WARNING,
        explanation="""\
The variable is declared, but no condition tests it and no text shows it. Setting it changes
nothing in the story.

Delete the declaration, or the condition that should read it is missing.""",
    ),
    CodeInfo(
        code="VP214",
        title="an assignment beyond the variable's range",
        severity=Severity.WARNING,
        explanation="""\
Integers stay between `min` and `max`: whatever is assigned beyond them becomes the nearest bound.
This assignment names a value outside, or a step wider than the whole range.

wrong:  set: trust = 9         (trust goes from 0 to 5)
right:  set: trust = 5""",
    ),
    CodeInfo(
        code="VP215",
        title="a condition that is settled by the declarations alone",
        severity=Severity.WARNING,
        explanation="""\
Given the ranges in the declarations the condition is always true or always false, whatever the
player does. Most often a bound is off by one.

wrong:  when: trust > 5        (trust goes from 0 to 5)
right:  when: trust >= 5""",
    ),
    CodeInfo(
        code="VP216",
        title="a variable used as what it is not",
        severity=Severity.ERROR,
        explanation="""\
Integers are compared with and set to numbers, booleans are true or false. Text variables only
choose what a line says: conditions and assignments cannot use them. A text that is spoken shows
variables of which it is known what is said for them: a clip for each value of a text variable and
for each number from `min` to `max`, or one clip that says `spoken` whatever the value is.

wrong:  set: exposed = 3       (exposed is a bool)
right:  set: exposed = true

wrong:  hero: {type: text}                             text: Hello, {hero}!
right:  hero: {type: text, spoken: {en: my friend}}    text: Hello, {hero}!""",
    ),
    CodeInfo(
        code="VP217",
        title="a variable declared with an impossible range, start or list",
        severity=Severity.ERROR,
        explanation="""\
`type` is `int`, `bool` or `text`. For an integer `min` is not above `max` and `start` lies between
them, and so do the numbers under `values`; a boolean starts as `true` or `false`; a text variable
starts as one of its values. Value ids become parts of file names: letters, digits and `_`, no `__`.

wrong:  trust: {type: int, min: 0, max: 5, start: 7}
right:  trust: {type: int, min: 0, max: 5, start: 5}""",
    ),
    CodeInfo(
        code="VP218",
        title="a node that jumps to its own beginning",
        severity=Severity.WARNING,
        explanation="""\
The goto leads to the node it stands in, with no choice on the way: the same lines again, and unless
a variable changes meanwhile, for ever.

Point the goto at another node, or let the player choose before it.""",
    ),
    CodeInfo(
        code="VP219",
        title="a start that does not exist",
        severity=Severity.ERROR,
        explanation="""\
`start:` names a scene the project does not have, or a node the scene does not have.

wrong:  scene: bridge
        start: opne
right:  scene: bridge
        start: open""",
    ),
)
