"""Options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Languages = Annotated[
    list[str] | None, typer.Option("--lang", help="Only this language; may be repeated.")
]
Scenes = Annotated[
    list[str] | None, typer.Option("--scene", help="Only this scene; may be repeated.")
]
Speakers = Annotated[
    list[str] | None, typer.Option("--speaker", help="Only this speaker; may be repeated.")
]
Lines = Annotated[
    list[str] | None,
    typer.Option("--line", help="Only this line id, or ids like bridge_*; may be repeated."),
]
Nodes = Annotated[
    list[str] | None, typer.Option("--node", help="Only this node, as scene.node; may be repeated.")
]
Release = Annotated[
    bool,
    typer.Option("--release", help="Hold to what a release needs: complete, fresh, no scratch."),
]
Store = Annotated[
    str,
    typer.Option(
        "--store",
        metavar="URL",
        help="Shared store: s3://…, gs://…, file:///…, or off; empty: VOICEPIPE_STORE or the "
        "settings.",
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", min=0, max=256, help="Processes on the CPU; 0: as in the settings."
    ),
]
Devices = Annotated[
    str,
    typer.Option("--device", help="cpu, cuda:0 or cuda:0,cuda:1 …; empty: as in the settings."),
]
