"""The lexicon's part in the keys of readings."""

from __future__ import annotations

from voicepipe.screenplay.line import Segment
from voicepipe.synthesis.reading_keys import ReadingKeys
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import Lexicon, LexiconEntry
from voicepipe.text.spelling import parse_spelling


def test_only_entries_that_may_be_used_are_part_of_a_key() -> None:
    def key(text: str, *entries: LexiconEntry, speaker: str = "noah") -> bytes:
        keys = ReadingKeys(Lexicon(entries=entries))
        segments = (Segment(text=text),)
        return keys.of_line(segments, language="en", symbols="v2", speaker=speaker)

    def entry(word: str, said: str = "MAH-ree-oh", speaker: str = "") -> LexiconEntry:
        spelling = parse_spelling(said, Language.EN)
        return LexiconEntry(word=word, language=Language.EN, spelling=spelling, speaker=speaker)

    bare = key("Mario is late.")
    assert key("Mario is late.", entry("Luigi")) == bare
    assert key("Mario is late.", entry("Mario", speaker="mara")) == bare
    assert key("Mario is late.", entry("Mario")) != bare
    assert key("Ｍａｒｉｏ is late.", entry("mario")) != key("Ｍａｒｉｏ is late.")
    assert key("Mario is late.", entry("Mario", speaker="noah")) != bare
    assert key("Mario is late.", entry("Mario", "MAIR-ee-oh")) != key(
        "Mario is late.", entry("Mario")
    )
    assert key("Mario is late.", entry("*")) != bare
    assert key("Mario is late.", speaker="mara") == bare
