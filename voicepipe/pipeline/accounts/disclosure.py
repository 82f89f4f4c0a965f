"""What a shop, a player or an authority is told about a bank's synthetic speech.

Texts to start from, filled with the bank's facts; no legal advice.

Source: Steam's content survey; Regulation (EU) 2024/1689, article 50; GB 45438-2025.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.pipeline.accounts.usage import is_spoken_by_a_machine

if TYPE_CHECKING:
    from voicepipe.bank.manifest import BankManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """The texts, and the facts they are filled with."""

    bank: str
    version: str
    n_synthetic: int
    n_recorded: int
    n_marked: int
    """Synthetic clips whose watermark was read back."""
    languages: tuple[str, ...]
    voices: tuple[str, ...]
    """Of the synthetic clips."""
    steam: str
    eu: str
    china: str
    credits: str


def disclose(manifest: BankManifest, *, producer: str) -> Disclosure:
    """Write the texts for one version of a bank.

    Args:
        manifest: Of the version.
        producer: Who publishes; empty: the texts leave a place for the name.
    """
    spoken = [one for one in manifest.entries if is_spoken_by_a_machine(one.source)]
    n_recorded = len(manifest.entries) - len(spoken)
    languages = tuple(sorted({one.language for one in spoken}))
    voices = tuple(sorted({one.voice for one in spoken}))
    marked = sum(bool(one.watermark) and one.watermark != "too short" for one in spoken)
    whom = producer or "[name of the publisher]"
    minutes = sum(one.duration_s for one in spoken) / 60
    return Disclosure(
        bank=manifest.bank,
        version=manifest.version,
        n_synthetic=len(spoken),
        n_recorded=n_recorded,
        n_marked=marked,
        languages=languages,
        voices=voices,
        steam=_steam(len(spoken), n_recorded, minutes, languages),
        eu=_eu(whom, len(spoken), marked),
        china=_china(whom, len(spoken)),
        credits=_credits(manifest, voices),
    )


def _steam(n_synthetic: int, n_recorded: int, minutes: float, languages: tuple[str, ...]) -> str:
    if not n_synthetic:
        return "No speech in this game is generated."
    people = f"; {n_recorded} lines are recordings of people" if n_recorded else ""
    return (
        f"Pre-generated content: {n_synthetic} lines of dialogue ({minutes:.0f} minutes, in "
        f"{', '.join(languages)}) are spoken by synthetic voices, made before release, with the "
        f"consent of the people whose voices are imitated where there are any{people}. "
        "Nothing is generated while the game runs."
    )


def _eu(producer: str, n_synthetic: int, n_marked: int) -> str:
    if not n_synthetic:
        return "This work contains no artificially generated speech."
    how = "machine-readable metadata"
    if n_marked:
        how += f", and {n_marked} of them an inaudible watermark"
    return (
        "This work contains artificially generated speech (Regulation (EU) 2024/1689, article "
        f"50). {n_synthetic} audio files carry {how}. `voicepipe labels check` finds these marks. "
        f"Responsible: {producer}."
    )


def _china(producer: str, n_synthetic: int) -> str:
    if not n_synthetic:
        return "本作品不含人工智能生成的语音。"
    return (
        f"本作品包含人工智能生成的语音（{n_synthetic}个音频文件），依照GB 45438-2025标识。"
        f"内容制作者：{producer}。"
    )


def _credits(manifest: BankManifest, voices: tuple[str, ...]) -> str:
    lines = Counter(one.voice for one in manifest.entries if is_spoken_by_a_machine(one.source))
    recorded = sorted(
        {one.voice for one in manifest.entries if not is_spoken_by_a_machine(one.source)}
    )
    told = [f"Synthetic voice “{voice}”: {lines[voice]} lines" for voice in voices]
    told += [f"Recorded as “{voice}”" for voice in recorded]
    return "\n".join(told)
