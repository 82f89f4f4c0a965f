"""Sentences that stand in no script and in no corpus, to say with every emotion."""

from __future__ import annotations

from typing import Final

HELD_OUT: Final = (
    "The bridge was closed before any of us arrived.",
    "You promised me that the letter would be gone by now.",
    "There is a light burning in the upper window.",
    "Nobody in this village remembers my brother's name.",
    "We should have turned back when the road ended.",
    "I counted every step between the gate and the well.",
    "Your mother kept this key for twenty years.",
    "The water has reached the second row of houses.",
    "Tell them that the doctor is already on his way.",
    "He left his coat behind and walked into the snow.",
    "They will never believe what happened on that train.",
    "Put the lantern down and come away from the edge.",
)
