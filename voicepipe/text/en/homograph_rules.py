"""Words whose sound small rules of their own decide: lead, bow, live, read, close.

Each rule looks at the words beside it and names one of the word's two sounds. What is common to
verbs and nouns stands in `voicepipe.text.en.homographs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PUNCTUATION = frozenset(".,!?-")
_SENTENCE_ENDS = frozenset(".!?")
DETERMINERS = _words(
    "the a an this that these those my your his her its our their no any some every each another"
    " whose what which one"
)
OBJECTS = _words("me him her us them it you yourself myself himself herself themselves")
SUBJECTS = _words("i you he she it we they who")
AUXILIARIES = _words(
    "do does did can could will would shall should may might must don't doesn't didn't can't"
    " couldn't won't wouldn't shouldn't let make help watch see hear"
)
BE = _words(
    "am is are was were be been being i'm you're he's she's it's we're they're that's there's"
    " isn't aren't wasn't weren't"
)
_TO_BE_READ = _words(
    "to will would can could should shall may might must don't didn't doesn't won't"
    " can't couldn't wouldn't shouldn't let's please cannot i'll you'll we'll they'll"
    " he'll she'll it'll and never always just"
)
_LEAD_METAL_BEFORE = _words("of molten as like into heavy solid melted liquid pure poured")
_LEAD_METAL_AFTER = _words(
    "pipe pipes bullet bullets box weight weights paint pencil pencils poisoning shot ore mine"
    " vest lined apron balloon coffin plate plates roof bar bars ingot ingots glass crystal"
)
_SHIP = _words(
    "ship ship's boat boat's vessel stern starboard port deck hull mast waves sail sailor sailors"
    " anchor sea captain's galley frigate rowing"
)
_BOW_DOWN = _words("to before down out low your his her their my our when and")
_LIVE_NOUNS = _words(
    "ammo ammunition music wire wires round rounds broadcast feed show fire bait audience stream"
    " coverage grenade animals animal action performance concert band wireless tv television in"
    " from on one ones target targets chicken birds fish feed event events bullets bomb"
)
_LIVE_ON_AIR = _words("go goes going went gone broadcast streaming recorded performed that's")
_LIVES_VERB_AFTER = _words(
    "in here there on at with by alone near under next for forever up down across around among"
    " inside above below off like within behind beyond again somewhere nowhere everywhere"
)
_COUNTS = _words(
    "two three four five six seven eight nine ten many all both more most few several hundred"
    " thousand million thousands millions countless innocent"
)
_PARTICLES_TORN = _words("down up apart off through out into open away at from")
_MINUTE_NOUNS = _words(
    "detail details amount amounts particle particles quantity quantities trace traces difference"
    " differences change changes crack cracks fragment fragments scale fraction fractions speck"
    " specks adjustments adjustment"
)
_VERB_UNLESS_NAMED = {
    "resume": ("R IH0 Z UW1 M", "R EH1 Z AH0 M EY2"),
    "produce": ("P R AH0 D UW1 S", "P R OW1 D UW0 S"),
    "refuse": ("R IH0 F Y UW1 Z", "R EH1 F Y UW2 Z"),
    "invite": ("IH2 N V AY1 T", "IH1 N V AY0 T"),
    "collect": ("K AH0 L EH1 K T", "K AH0 L EH1 K T"),
    "combine": ("K AH0 M B AY1 N", "K AA1 M B AY0 N"),
    "convert": ("K AH0 N V ER1 T", "K AA1 N V ER0 T"),
    "impress": ("IH2 M P R EH1 S", "IH1 M P R EH2 S"),
    "insert": ("IH2 N S ER1 T", "IH1 N S ER2 T"),
    "upset": ("AH0 P S EH1 T", "AH1 P S EH2 T"),
    "use": ("Y UW1 Z", "Y UW1 S"),
    "uses": ("Y UW1 Z IH0 Z", "Y UW1 S IH0 Z"),
    "excuse": ("IH0 K S K Y UW1 Z", "IH0 K S K Y UW1 S"),
    "excuses": ("IH0 K S K Y UW1 Z IH0 Z", "IH0 K S K Y UW1 S IH0 Z"),
    "abuse": ("AH0 B Y UW1 Z", "AH0 B Y UW1 S"),
    "misuse": ("M IH0 S Y UW1 Z", "M IH0 S Y UW1 S"),
}
_NAMED_BY = DETERMINERS | _words(
    "of in much little good more many several other bad poor such big major public daily for make"
    " making made excuses drug got better best further human his"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A word and its neighbours, lower case; marks count as words, `.` stands beyond the ends."""

    words: Sequence[str]
    index: int

    def at(self, offset: int) -> str:
        """The word so many places on, or `.`."""
        place = self.index + offset
        return self.words[place] if 0 <= place < len(self.words) else "."

    @property
    def before(self) -> str:
        """The word before, adverbs passed over."""
        place = -1
        while self.at(place).endswith("ly") and len(self.at(place)) > 4:
            place -= 1
        return self.at(place)

    @property
    def after(self) -> str:
        """The word after."""
        return self.at(1)

    @property
    def is_asked(self) -> bool:
        """Whether an auxiliary and its subject stand before: `did she …`, `let them …`."""
        return self.at(-2) in AUXILIARIES and self.at(-1) in SUBJECTS | OBJECTS

    @property
    def opens(self) -> bool:
        """Whether it begins its clause."""
        return self.before in PUNCTUATION

    def has_any(self, words: frozenset[str]) -> bool:
        """Whether any of these words stands in the sentence."""
        start = end = self.index
        while start > 0 and self.words[start - 1] not in _SENTENCE_ENDS:
            start -= 1
        while end < len(self.words) and self.words[end] not in _SENTENCE_ENDS:
            end += 1
        return any(word in words for word in self.words[start:end])


def _lead(near: Beside) -> str:
    is_metal = near.after in _LEAD_METAL_AFTER or (
        near.before in _LEAD_METAL_BEFORE and near.after not in {"the", "us", "me", "them"}
    )
    return "L EH1 D" if is_metal else "L IY1 D"


def _bow(near: Beside) -> str:
    bends, shoots = "B AW1", "B OW1"
    if near.at(-2) in {"take", "takes", "took", "taking", "deep", "final"} and near.before == "a":
        return bends
    if near.before in {"deep", "port", "starboard", "ship's", "boat's", "low", "polite"}:
        return bends
    if near.before in DETERMINERS:
        is_ship = near.has_any(_SHIP) or near.at(-2) in {"off", "across"}
        return bends if is_ship else shoots
    if near.before == "and" and near.after in PUNCTUATION:
        return bends
    is_verb = near.before in _TO_BE_READ | SUBJECTS or near.is_asked or near.opens
    if near.after == "and" and near.at(2).startswith("arrow"):
        return shoots
    return bends if is_verb and near.after not in {"tie", "ties", "string"} else shoots


def _bows(near: Beside) -> str:
    is_verb = near.before in {"he", "she", "it", "who"} or near.after in {"to", "before", "down"}
    return "B AW1 Z" if is_verb and near.before not in DETERMINERS else "B OW1 Z"


def _live(near: Beside) -> str:
    if near.before in {"long", "to", "who", "they", "we", "you", "i"} or near.is_asked:
        # "Where the live wire": a noun decides against a subject that stands far away.
        return "L IH1 V"
    is_shown = near.before in DETERMINERS | BE | _LIVE_ON_AIR
    if not is_shown and near.after in _LIVE_NOUNS - {"in", "on", "from", "one"}:
        is_shown = True
    if near.opens and near.after in {"from"}:
        is_shown = True
    return "L AY1 V" if is_shown else "L IH1 V"


def _lives(near: Beside) -> str:
    is_verb = near.before in {"he", "she", "it", "who", "that", "nobody", "everyone", "someone"}
    is_noun = near.before in (DETERMINERS - {"that", "which"}) | _COUNTS
    if not is_verb and not is_noun:
        is_verb = near.after in _LIVES_VERB_AFTER
    return "L IH1 V Z" if is_verb and not is_noun else "L AY1 V Z"


def _read(near: Beside) -> str:
    if near.is_asked or near.at(-1) in _TO_BE_READ - {"and", "never", "always", "just"}:
        return "R IY1 D"
    if near.before in {"i", "we"} and near.after in {"you", "me"}:
        return "R IY1 D"
    is_told = near.opens and near.after not in {"."} and near.before in PUNCTUATION
    if near.before == "and":
        is_told = near.after in DETERMINERS | OBJECTS
    return "R IY1 D" if is_told or (near.opens and near.after in PUNCTUATION) else "R EH1 D"


def _wind(near: Beside) -> str:
    is_named = near.before in DETERMINERS | {
        "of",
        "cold",
        "north",
        "south",
        "east",
        "west",
        "strong",
    }
    is_verb = near.before in (_TO_BE_READ - {"and"}) | SUBJECTS
    is_verb |= near.is_asked or (near.opens and near.after in DETERMINERS | {"it", "up", "down"})
    is_verb |= near.after in {"up", "down"} and near.before in {"and", "let's", "don't", "always"}
    return "W AY1 N D" if is_verb and not is_named else "W IH1 N D"


def _tear(near: Beside) -> str:
    if near.before == "and" and near.at(-2) == "wear":
        return "T EH1 R"
    if near.before in DETERMINERS | {"single", "little", "small", "of"}:
        is_torn = near.after in {"in", "through"} and near.at(2) in DETERMINERS
        return "T EH1 R" if is_torn and near.at(3) not in {"eye", "eyes"} else "T IH1 R"
    if near.after in {"gas", "drop", "drops", "duct", "ducts", "rolled", "fell", "stained"}:
        return "T IH1 R"
    return "T EH1 R"


def _tears(near: Beside) -> str:
    is_verb = near.before in {"he", "she", "it", "who"} and near.after not in PUNCTUATION
    is_verb |= near.after in {"apart", "down", "off", "up"} and near.before not in DETERMINERS
    return "T EH1 R Z" if is_verb else "T IH1 R Z"


def _close(near: Beside) -> str:
    if near.before in {"a", "the"}:
        is_end = near.after in PUNCTUATION or (near.before == "the" and near.after == "of")
        return "K L OW1 Z" if is_end else "K L OW1 S"
    if near.before in BE | {
        "so",
        "too",
        "very",
        "get",
        "got",
        "stay",
        "come",
        "came",
        "how",
        "keep",
    }:
        return "K L OW1 S"
    if near.after in {
        "to",
        "by",
        "enough",
        "call",
        "calls",
        "friend",
        "friends",
        "quarters",
        "range",
    }:
        return "K L OW1 S"
    is_verb = near.before in _TO_BE_READ | SUBJECTS or near.is_asked or near.opens
    is_verb |= near.after in (DETERMINERS - {"one", "what"}) | (OBJECTS - {"you"})
    return "K L OW1 Z" if is_verb else "K L OW1 S"


def _minute(near: Beside) -> str:
    return "M AY0 N UW1 T" if near.after in _MINUTE_NOUNS else "M IH1 N AH0 T"


def _wound(near: Beside) -> str:
    is_turned = near.after in {"up", "down", "around", "tight", "tightly"}
    return "W AW1 N D" if is_turned and near.before not in DETERMINERS else "W UW1 N D"


def _dove(near: Beside) -> str:
    is_verb = near.after in {"into", "under", "down", "for", "off", "in", "behind", "headfirst"}
    return "D OW1 V" if is_verb and near.before not in DETERMINERS | {"white"} else "D AH1 V"


def _bass(near: Beside) -> str:
    is_fish = near.before in {"sea", "largemouth", "striped", "caught"} or near.has_any(
        _words("fish fishing hook lake bait grilled")
    )
    return "B AE1 S" if is_fish else "B EY1 S"


def _used(near: Beside) -> str:
    is_habit = near.after == "to" and near.before not in {"is", "are", "was", "were", "be", "been"}
    return "Y UW1 S T" if is_habit else "Y UW1 Z D"


def _rebel(near: Beside) -> str:
    is_verb = near.after == "against" or near.before in _TO_BE_READ | SUBJECTS or near.is_asked
    is_named = near.before in DETERMINERS
    return "R IH0 B EH1 L" if is_verb and not is_named else "R EH1 B AH0 L"


_RULES: Mapping[str, Callable[[Beside], str]] = {
    "lead": _lead,
    "bow": _bow,
    "bows": _bows,
    "live": _live,
    "lives": _lives,
    "read": _read,
    "wind": _wind,
    "tear": _tear,
    "tears": _tears,
    "close": _close,
    "minute": _minute,
    "wound": _wound,
    "dove": _dove,
    "bass": _bass,
    "used": _used,
    "rebel": _rebel,
}
WORDS_WITH_RULES = frozenset((*_RULES, *_VERB_UNLESS_NAMED))


def read_by_rule(words: Sequence[str], index: int) -> tuple[str, ...] | None:
    """Read a word that has a rule of its own.

    Args:
        words: Lower-case tokens of the sentence, marks included.
        index: Which of them.

    Returns:
        ARPAbet, or None when there is no such rule.
    """
    word = words[index]
    rule = _RULES.get(word)
    if rule:
        return tuple(rule(Beside(words=words, index=index)).split())
    sounds = _VERB_UNLESS_NAMED.get(word)
    if sounds is None:
        return None
    near = Beside(words=words, index=index)
    is_named = near.before in _NAMED_BY or near.before.endswith("'s")
    if word == "upset":
        is_named &= near.before in {"a", "an", "the", "big", "major"} and near.after not in {"man"}
    return tuple(sounds[is_named].split())
