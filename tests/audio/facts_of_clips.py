"""What a clip says of itself, in tests."""

from __future__ import annotations

from voicepipe.audio.metadata import ClipMetadata

FACTS = ClipMetadata(
    line="bridge_0010",
    text='你终究还是选择了怀疑…… <&> "x"=y',
    speaker="noah",
    voice="noah_v2",
    language="zh",
    source="synthetic",
    engine="gpt-sovits",
    consent="noah-2026",
)
