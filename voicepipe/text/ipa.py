"""IPA → ARPAbet, as near as English sounds come; what has no neighbour is refused."""

from __future__ import annotations

import re

_VOWELS = {
    "aʊ": "AW",
    "aɪ": "AY",
    "eɪ": "EY",
    "oʊ": "OW",
    "əʊ": "OW",
    "ɔɪ": "OY",
    "ɜr": "ER",
    "ɜɹ": "ER",
    "ər": "ER",
    "əɹ": "ER",
    "ɑ": "AA",
    "ɒ": "AA",
    "a": "AA",
    "ɐ": "AH",
    "æ": "AE",
    "ʌ": "AH",
    "ə": "AH",
    "ɵ": "AH",
    "ɔ": "AO",
    "e": "EY",
    "ɛ": "EH",
    "ɝ": "ER",
    "ɚ": "ER",
    "ɜ": "ER",
    "ø": "ER",
    "œ": "ER",
    "ɪ": "IH",
    "ɨ": "IH",
    "i": "IY",
    "o": "OW",
    "ʊ": "UH",
    "u": "UW",
    "ʉ": "UW",
    "y": "UW",
    "ɯ": "UW",
    "ɤ": "AH",
}
_CONSONANTS = {
    "tʃ": "CH",
    "dʒ": "JH",
    "ts": "T S",
    "dz": "D Z",
    "b": "B",
    "d": "D",
    "ð": "DH",
    "f": "F",
    "ɡ": "G",
    "g": "G",
    "h": "HH",
    "j": "Y",
    "k": "K",
    "l": "L",
    "ɫ": "L",
    "m": "M",
    "n": "N",
    "ŋ": "NG",
    "p": "P",
    "r": "R",
    "ɹ": "R",
    "ʁ": "R",
    "ɾ": "D",
    "s": "S",
    "ʃ": "SH",
    "ɕ": "SH",
    "t": "T",
    "θ": "TH",
    "v": "V",
    "w": "W",
    "z": "Z",
    "ʒ": "ZH",
    "ʑ": "ZH",
    "ʂ": "SH",
    "ʐ": "ZH",
    "ɲ": "N Y",
    "ʎ": "L Y",
    "x": "K",
    "χ": "K",
    "ɣ": "G",
    "ç": "HH",
    "β": "V",
    "c": "K",
    "q": "K",
}
_SILENT = re.compile("[ːˑ.‿ʔʰʲʷ͜͡\u0303\u0329\u032f\u0361 /\\[\\]]")
_PRIMARY, _SECONDARY = "ˈ'", "ˌ"


def ipa_to_arpabet(value: str) -> tuple[str, ...] | str:
    """Map a transcription sound by sound.

    Args:
        value: IPA, with or without slashes; `ˈ` and `ˌ` stand before the stressed syllable.

    Returns:
        ARPAbet with stress digits, or the first sign that has no English neighbour.
    """
    rest = _SILENT.sub("", value.strip())
    said: list[str] = []
    stress = ""
    while rest:
        if rest[0] in _PRIMARY or rest[0] in _SECONDARY:
            stress, rest = "1" if rest[0] in _PRIMARY else "2", rest[1:]
            continue
        sign = next((rest[:n] for n in (2, 1) if _is_sound(rest[:n])), "")
        if not sign:
            return rest[0]
        if sign in _VOWELS:
            said.append(_VOWELS[sign] + (stress or "0"))
            stress = ""
        else:
            said.extend(_CONSONANTS[sign].split())
        rest = rest[len(sign) :]
    return ensure_stress(said)


def _is_sound(sign: str) -> bool:
    return sign in _VOWELS or sign in _CONSONANTS


def ensure_stress(phonemes: list[str]) -> tuple[str, ...]:
    """Stress the first full vowel of a word that names no stress."""
    vowels = [index for index, phoneme in enumerate(phonemes) if phoneme[-1].isdigit()]
    if vowels and not any(phonemes[index].endswith("1") for index in vowels):
        full = [index for index in vowels if not phonemes[index].startswith("AH")] or vowels
        phonemes[full[0]] = phonemes[full[0]][:-1] + "1"
    return tuple(phonemes)
