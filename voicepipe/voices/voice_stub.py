"""The text of a voice's file that a person goes on with: what only a person knows is left empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.voices.voice import NEUTRAL

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

_CLONED: Final = """\
# The voice "{name}". Fill in what is empty: nothing renders before the consent is complete.
engine: gpt-sovits
model: {{base: {base}}}
clips:
{clips}consent:
  id: {name}-{year}  # stands in every manifest entry and WAV
  kind: actor  # or synthetic, when it is nobody's voice; `voicepipe schema voice` has all
  who:  # the person, or the origin of a synthetic voice
  scope: [{bank}]  # banks this covers
  languages: [{language}]  # languages this covers
  from:  # first day, such as {today}
  evidence:  # the signed paper, from the project root; a person's voice needs it
  evidence_sha256:  # of that file
"""
_PLACEHOLDER: Final = """\
# The voice "{name}": an instant placeholder for table-reads, which a release refuses.
engine: scratch
consent:
  id: {name}-placeholder
  kind: synthetic
  who: Formant synthesis; no person's voice is imitated
  scope: ["*"]
  languages: ["*"]
  from: {today}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StubClip:
    """A reference clip, as far as it is known."""

    path: str = ""
    """From the project root; empty: there is none yet."""
    transcript: str = ""
    """Empty: nobody has written it down."""
    emotion: str = NEUTRAL


def cloned_stub(
    name: str,
    clips: Sequence[StubClip],
    *,
    base: str,
    bank: str,
    language: str,
    today: datetime.date,
) -> str:
    """Write the file of a cloned voice; its consent is yet to be filled in.

    Args:
        name: The voice's.
        clips: Its reference clips, the neutral one first; a place is kept where there are none.
        base: The model it speaks through.
        bank: The project's.
        language: Of the clips.
        today: Named as an example.
    """
    return _CLONED.format(
        name=name,
        base=base,
        clips="".join(_clip(clip, language) for clip in clips or (StubClip(),)),
        bank=bank,
        language=language,
        today=today.isoformat(),
        year=today.year,
    )


def placeholder_stub(name: str, *, today: datetime.date) -> str:
    """Write the file of a placeholder voice, which is complete."""
    return _PLACEHOLDER.format(name=name, today=today.isoformat())


def _clip(clip: StubClip, language: str) -> str:
    rows = [
        f"path: {clip.path}" if clip.path else "path:  # a recording, 3 to 10 seconds",
        f"transcript: {_quoted(clip.transcript)}"
        if clip.transcript
        else "transcript:  # what is said in it, word for word",
        f"language: {language}",
    ]
    if clip.emotion != NEUTRAL:
        rows.append(f"emotion: {clip.emotion}")
    first, *others = rows
    return "".join([f"  - {first}\n", *(f"    {row}\n" for row in others)])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
