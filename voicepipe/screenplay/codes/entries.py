"""The long form of VP260–VP279: entry points, detours, and what is shown and not spoken."""

from __future__ import annotations

from voicepipe.diagnostics import CodeInfo, Severity

ENTRY_CODES: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VP260",
        title="an entry point that does not exist",
        severity=Severity.ERROR,
        explanation="""\
`entry:` lists places the engine enters by itself: scenes, or nodes as `scene.node`, with the
wildcards of a shell. This one names nothing in the project, so it would excuse nothing.

wrong:  entry: [npcs_*]          (the scenes are called npc_ada, npc_lin)
right:  entry: [npc_*]""",
    ),
    CodeInfo(
        code="VP261",
        title="a RETURN outside a detour",
        severity=Severity.ERROR,
        explanation="""\
`goto: RETURN` goes back to the entry behind the `detour:` that is under way. Here none can be, or
a path without one leads here as well, and the game would have nowhere to go.

wrong:  - goto: ask_name         ask_name ends in goto: RETURN
right:  - detour: ask_name""",
    ),
    CodeInfo(
        code="VP262",
        title="a detour that begins again before it has come back",
        severity=Severity.ERROR,
        explanation="""\
What a detour plays leads, by gotos, options or further detours, back to the same detour. The game
would have to remember one more place to return to each time round, without end.

wrong:  hub has detour: ask, and ask ends in goto: hub
right:  hub has detour: ask, and ask ends in goto: RETURN""",
    ),
    CodeInfo(
        code="VP263",
        title="two names that differ only in the case of their letters",
        severity=Severity.ERROR,
        explanation="""\
Lines become files and scenes become folders. Windows and macOS take `Bridge_10.wav` and
`bridge_10.wav` for one file, so that one clip would replace the other there.

wrong:  line: Bridge_10          beside line: bridge_10
right:  line: bridge_11          beside line: bridge_10""",
    ),
)
