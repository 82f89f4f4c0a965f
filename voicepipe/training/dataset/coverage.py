"""Which sounds of a language a dataset holds, and which it lacks.

Tones and stress are left aside: a model carries them over from one vowel to the next.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.text.symbols import PUNCTUATION, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SILENT: Final = PUNCTUATION | {UNKNOWN, "_", "SP", "SP2", "SP3", "停", "空", "[", "]"}
_DIGITS: Final = "0123456789"

_INVENTORIES: Final = {
    "en": "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH "
    "UW V W Y Z ZH",
    "zh": "b p m f d t n l g k h j q x zh ch sh r z c s y w a ai an ang ao e ei en eng er i ia ian "
    "iang iao ie in ing iong iu ir o ong ou u ua uai uan uang ui un uo v van ve vn i0 E En",
    "ja": "a i u e o b by ch cl d f g gy h hy j k ky m my n ny N p py r ry s sh t ts w y z",
    "ko": "ㄱ ㄲ ㄴ ㄷ ㄸ ㄹ ㅁ ㅂ ㅃ ㅅ ㅆ ㅇ ㅈ ㅉ ㅊ ㅋ ㅌ ㅍ ㅎ ㅏ ㅐ ㅓ ㅔ ㅗ ㅜ ㅡ ㅣ",
    "yue": "Yb Yp Ym Yf Yd Yt Yn Yl Yg Yk Yng Yh Ygw Ykw Yw Yz Yc Ys Yj Yaa Yaai Yaau Yaam Yaan "
    "Yaang Yaak Yai "
    "Yau "  # codespell:ignore yau
    "Yam Yan Yang Yap Yat Yak Ye Yei Yeng Yi Yiu Yim Yin Ying Yip Yit Yik Yo Yoi You Yon Yong Yok "
    "Yoe Yoeng Yoek Yeoi Yeon Yeot Yu Yui Yun Yung Yut Yuk Yyu Yyun Yyut",
}
INVENTORIES: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(sounds.split()) for language, sounds in _INVENTORIES.items()
}
"""Sounds that ordinary text of a language holds, as the front ends of this product write them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCoverage:
    """The sounds of one language in a dataset."""

    language: str
    n_known: int
    """Sounds of the language."""
    missing: tuple[str, ...]
    """Those that never occur, sorted."""
    rare: tuple[str, ...]
    """Those that occur once or twice, sorted."""

    @property
    def share(self) -> float:
        """Of the language's sounds that occur."""
        return 1.0 - len(self.missing) / self.n_known


def spoken(phonemes: Iterable[str]) -> tuple[str, ...]:
    """Leave out marks and pauses, tones and stress."""
    return tuple(_plain(phoneme) for phoneme in phonemes if phoneme not in _SILENT)


def cover_sounds(language: str, sounds: Iterable[str]) -> SoundCoverage:
    """Compare what occurs with what the language has.

    Args:
        language: One that has a front end.
        sounds: As `spoken` gives them, of every text.
    """
    counts = Counter(sounds)
    known = INVENTORIES[language]
    return SoundCoverage(
        language=language,
        n_known=len(known),
        missing=tuple(sorted(sound for sound in known if not counts[sound])),
        rare=tuple(sorted(sound for sound in known if 0 < counts[sound] <= 2)),
    )


def _plain(phoneme: str) -> str:
    # Chinese writes the vowel of zi and zhi as i0 and ir: their digit is a name, not a tone.
    if phoneme.startswith("i0"):
        return "i0"
    return phoneme.rstrip(_DIGITS) or phoneme
