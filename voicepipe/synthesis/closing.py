"""The pause that the smallest family says after a part, so that its last sound can die away.

Its acoustic stage learnt from stretches of joined sentences: after the last sound of one there was
always something. Where tokens end with the last sound, its samples end there too, as loud as they
are; half of the Mandarin lines did. Torch-free.
"""

from __future__ import annotations

from typing import Final

CLOSING_TOKENS: Final = 3
"""Of a pause, after the last token of a part: 120 ms."""
CLOSING_FACT: Final = "closing_tokens"
"""What a request's engine facts call their number; absent where a part ends with its tokens."""
