"""`export:` in `voicepipe.yaml`: which engines a bank goes to, and how."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from voicepipe.documents.portable import is_reserved_name
from voicepipe.documents.section import Section

ENCODINGS: Final = ("wav", "flac", "ogg", "opus", "mp3")
"""What kinds of file an export can hold."""
MouthSetName = Literal["rhubarb", "visemes", "arkit", "live2d", "vrm"]
SubtitleForm = Literal["", "vtt", "srt"]


def _name(name: str) -> str:
    letters = name.replace("_", "").replace("-", "")
    is_plain = letters.isascii() and letters.isalnum() and name == name.lower()
    if name and not (is_plain and not is_reserved_name(name)):
        raise ValueError(f'"{name}" is not lower-case letters, digits, "_" and "-"')
    return name


def _encoding(name: str) -> str:
    if name and name not in ENCODINGS:
        raise ValueError(f'"{name}" is not one of {", ".join(ENCODINGS)}')
    return name


class ExportSettings(Section):
    """One export: a bank in the form that an engine reads."""

    name: Annotated[str, AfterValidator(_name)] = Field(default="", max_length=40)
    """What `voicepipe export NAME` calls it; empty: the target's name."""
    target: str = Field(min_length=1, max_length=40)
    """The engine or middleware; `voicepipe export --list` lists them."""
    to: str = Field(default="", max_length=400)
    """Folder in the project; empty: `exports/<name>` in the output folder. `--to` names any."""
    encoding: Annotated[
        str, AfterValidator(_encoding), Field(json_schema_extra={"enum": ["", *ENCODINGS]})
    ] = ""
    """Kind of sound file; empty: the target's first choice."""
    quality: float | None = Field(default=None, ge=0.0, le=10.0)
    """Of Ogg Vorbis, Opus and MP3, 10 the best; absent: the encoding's own default."""
    sample_rate: int | None = Field(default=None, ge=8_000, le=192_000)
    """Hz; absent: the bank's."""
    bit_depth: int | None = Field(default=None, ge=16, le=24)
    """Of WAV and FLAC, 16 or 24; absent: the bank's."""
    languages: dict[str, str] = Field(default_factory=dict, max_length=64)
    """Language → what the engine calls it, as `fr: french`; absent: the target's usual name."""
    only: tuple[str, ...] = Field(default=(), max_length=64)
    """Export these languages; empty: all of the bank."""
    fallback: dict[str, str] = Field(default_factory=dict, max_length=64)
    """Language → the one whose clip stands in where a line has none."""
    mouths: tuple[MouthSetName, ...] = Field(default=(), max_length=5)
    """Sets of mouths that go along with the clips, as far as the target has a place for them."""
    subtitles: SubtitleForm = ""
    """`vtt` or `srt`: a file of captions a clip, likewise; empty: none."""
    options: dict[str, Any] = Field(default_factory=dict, max_length=64)
    """What only this target knows; `voicepipe export --list` names them."""

    @property
    def title(self) -> str:
        """The name to call it by."""
        return self.name or self.target
