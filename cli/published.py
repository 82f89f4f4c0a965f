"""Clips of a published version, as verbs that read them are told which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.bank_place import VERSION_HELP
from cli.output import session_of
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.pipeline.published import PublishedClips
    from voicepipe.pipeline.selection import Selection

OfVersion = Annotated[str, typer.Option("--version", metavar="VERSION", help=VERSION_HELP)]


def clips_of(
    ctx: typer.Context, selection: Selection, *, bank: str = "", version: str = "latest"
) -> PublishedClips:
    """Find the clips that are meant; otherwise as `published_clips`."""
    from voicepipe.pipeline.published import published_clips

    return published_clips(session_of(ctx).root, selection, bank=bank, version=version)


def one_clip(clips: PublishedClips, line: str) -> ManifestEntry:
    """Give the one clip of a line.

    Raises:
        UsageError: It has clips in several languages or variants.
    """
    if len(clips.entries) > 1:
        names = ", ".join(f"{entry.line} ({entry.language})" for entry in clips.entries[:5])
        raise UsageError(
            f'"{line}" has {len(clips.entries)} clips: {names}',
            remedy="name one language with --lang, and a variant by its whole id",
        )
    return clips.entries[0]
