"""Writing the folder in which a story is played: a page, the story, and its sounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from voicepipe.pages.folder import PagesFolder, page, script_call, script_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

ASSETS: Final = (
    "base.css",
    "play.css",
    "story_engine.js",
    "play_cover.js",
    "play_mouths.js",
    "play_main.js",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedClip:
    """A clip in one language, as the page plays it."""

    line: str
    """Its id, with suffixes."""
    language: str
    speaker: str
    text: str
    seconds: float
    """Of the clip; about, from its text, where it has none."""
    sound: str
    """sha256 of the clip; empty: it has none."""
    mouth: str = ""
    """Shapes, each with the hundredth of a second it begins at: `X0B12C25`; empty: not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayHead:
    """What the page says of the bank as a whole."""

    bank: str
    title: str
    version: str
    languages: tuple[str, ...]
    source_language: str
    mouths: Mapping[str, str] = field(default_factory=dict)
    """Shape → its drawing as SVG; empty: mouths are not shown."""


def write_play(
    target: Path,
    head: PlayHead,
    story: Mapping[str, Any],
    speakers: Mapping[str, Mapping[str, str]],
    clips: Sequence[PlayedClip],
    *,
    file_of: Callable[[PlayedClip], tuple[str, Path]],
    on_clip: Callable[[int], None],
) -> None:
    """Write the folder of a story, or bring one up to date.

    Args:
        target: The folder.
        head: Of the bank.
        story: As `story_engine.js` reads it.
        speakers: Speaker → language → name shown.
        clips: Every line in every language.
        file_of: Gives a clip's file name in the page's folder `sounds`, and what is copied there.
        on_clip: Told how many clips are done.

    Raises:
        UsageError: The folder holds something else.
        EnvironmentFault: A sound cannot be read, or a file not be written.
    """
    folder = PagesFolder(target, "play")
    lines: dict[str, dict[str, Any]] = {}
    for done, clip in enumerate(clips, start=1):
        file = ""
        if clip.sound:
            name, source = file_of(clip)
            file = f"sounds/{name}"
            folder.copy(file, source)
        one = lines.setdefault(clip.line, {"who": clip.speaker, "in": {}})
        one["in"][clip.language] = [clip.text, file, round(clip.seconds, 2), clip.mouth]
        on_clip(done)
    whole = {"story": story, "speakers": speakers, "clips": lines}
    folder.write("data/story.js", script_call("voicepipePlay.take", whole))
    folder.write_assets(ASSETS)
    config = script_value(
        {
            "bank": head.bank,
            "version": head.version,
            "languages": list(head.languages),
            "source": head.source_language,
        }
    )
    folder.write("index.html", page("play.html", {"head": head, "config": config}))
    folder.sweep(("data", "sounds"))
