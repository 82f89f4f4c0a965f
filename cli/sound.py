"""Playing files for a verb, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli import streams
from cli.bank_place import in_lufs
from cli.output import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from voicepipe.hashing import Json
    from voicepipe.pipeline.listening import Heard


def play_each(clips: Iterable[Heard], tell: Callable[[Heard], None]) -> str:
    """Play clips, each after it was told of.

    Returns:
        The name of what played them.

    Raises:
        EnvironmentFault: Nothing here plays sound, or a file cannot be read.
    """
    from voicepipe.audio.playback import Loudspeaker

    loudspeaker, player = Loudspeaker(), ""
    for clip in clips:
        tell(clip)
        player = play(loudspeaker.play, clip.path)
    return player


def play(speak: Callable[[Path], str], path: Path) -> str:
    """Play a file once all that was said before it is on the screen."""
    streams.finish()
    return speak(path)


def ignore_clip(_: Heard) -> None:
    """Take the place of `tell_clip` where a document is the only answer."""


def tell_clip(clip: Heard) -> None:
    """Say what is played, or can be."""
    text = f"  {clip.text}" if clip.text else ""
    answer(
        f"{clip.language:<6} {clip.line:<32} take {clip.take:<3} {clip.duration_s:7.2f} s"
        f" {in_lufs(clip.loudness_lufs):>10}  {clip.where}{text}"
    )


def clip_row(clip: Heard, root: Path) -> dict[str, Json]:
    """Describe a clip for a document."""
    return {
        "line": clip.line,
        "language": clip.language,
        "take": clip.take,
        "path": clip.path.relative_to(root).as_posix(),
        "duration_s": clip.duration_s,
        "loudness_lufs": clip.loudness_lufs,
        "where": clip.where,
        "text": clip.text,
    }
