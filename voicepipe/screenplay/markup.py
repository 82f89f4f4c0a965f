"""Markup that game engines write into dialogue: `<i>`, `{b}`, `[color=red]` and ruby.

It is meant for the eye. A project that keeps it in its scripts says which kind it is
(`text: {markup: …}` in voicepipe.yaml); it is then taken out, and what can be heard of it is kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HTML = (
    "b|i|u|s|em|strong|br|font|color|size|span|p|ruby|rt|rp|rb|sprite|link|mark|sub|sup|nobr"
    "|voffset|material|style|align|alpha|cspace|mspace|indent|noparse|gradient|shake|wave|small|big"
)
_RENPY = (
    "b|i|u|s|w|p|nw|fast|a|cps|color|size|font|k|rb|rt|image|alpha|plain|vspace|space|outlinecolor"
    "|done|clear|noalt|alt|shader|art|axis|feature|instance"
)
_BBCODE = (
    "b|i|u|s|color|size|font|url|img|center|wave|shake|tornado|rainbow|fade|pulse|quote|code|bgcolor"
    "|fgcolor|outline_size|outline_color|table|cell|indent|right|left|fill|hint|ruby|p|br|lb|rb"
)
_KANA = "\u3041-\u30ff"
_HAN = "\u3005-\u3007\u3400-\u9fff"
_TAGS: Final[Mapping[str, re.Pattern[str]]] = {
    "html": re.compile(rf"<(?P<end>/?)(?P<tag>{_HTML})(?P<value>[\s=][^<>]*)?/?>", re.IGNORECASE),
    "renpy": re.compile(rf"\{{(?P<end>/?)(?P<tag>{_RENPY})(?P<value>[=:][^{{}}]*)?\}}"),
    "bbcode": re.compile(rf"\[(?P<end>/?)(?P<tag>{_BBCODE})(?P<value>[\s=][^\[\]]*)?\]"),
}
_ESCAPE = re.compile(r"\\[nrt](?![\\:])|\\[CcVvNnPpIi]\[\d+\]")
_RUBIES = (
    re.compile(
        r"<ruby>(?P<base>[^<>]*?)(?:<rp>[^<>]*</rp>)?<rt>(?P<sound>[^<>]*)</rt>"
        r"(?:<rp>[^<>]*</rp>)?</ruby>",
        re.IGNORECASE,
    ),
    re.compile(r"\{rb\}(?P<base>[^{}]*)\{/rb\}\{rt\}(?P<sound>[^{}]*)\{/rt\}"),
    re.compile(r"\[ruby=(?P<sound>[^\[\]]*)\](?P<base>[^\[\]]*)\[/ruby\]"),
    re.compile(rf"[|｜]?(?P<base>[{_HAN}]+)《(?P<sound>[{_KANA}]+)》"),
)
_UNSAID = re.compile(r"\{noalt\}.*?\{/noalt\}", re.DOTALL)
_SECONDS = re.compile(r"=\s*(\d{1,2}(?:\.\d{1,3})?)\s*")
_BREAKS: Final = frozenset({"br", "p", "w"})


def find_markup(text: str) -> str:
    """Find the first thing in a text that looks like an engine's markup; empty when none does.

    A lone `{b}` is a variable to this project; it counts when it is closed or has a value.
    """
    for kind, tags in _TAGS.items():
        for match in tags.finditer(text):
            is_closed = match["end"] or match["value"] or kind != "renpy"
            if is_closed or f"{{/{match['tag']}}}" in text:
                return match[0]
    ruby = _RUBIES[-1].search(text)
    escape = _ESCAPE.search(text)
    found = escape or ruby
    return found[0] if found else ""


def read_markup(text: str, kind: str) -> str:
    """Take an engine's markup out of a text, and keep what can be heard of it.

    Args:
        text: As written.
        kind: One of `voicepipe.settings.MARKUP_KINDS`.

    Returns:
        The text with line breaks for `<br>` and `{p}`, `[pause:…]` for Ren'Py's timed waits and
        `[say:…]` for ruby in kana; other tags are gone, and so is what Ren'Py keeps silent.
    """
    if kind == "none":
        return text
    for ruby in _RUBIES:
        text = ruby.sub(_say_ruby, text)
    if kind == "renpy":
        text = _UNSAID.sub("", text)
    text = _TAGS[kind].sub(_ANSWERS[kind], text)
    return _ESCAPE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    if match[0].endswith("]"):
        return ""
    return " " if match[0] == r"\t" else "\n"


def _say_ruby(match: re.Match[str]) -> str:
    base, sound = match["base"], match["sound"].strip()
    is_kana = re.fullmatch(f"[{_KANA}]+", sound) is not None
    return f"[say:{sound}]{base}[/say]" if is_kana and base.strip() else base


def _break_or_nothing(match: re.Match[str]) -> str:
    return "\n" if match["tag"].lower() in _BREAKS - {"w"} and not match["end"] else ""


def _wait(match: re.Match[str]) -> str:
    if match["tag"] not in {"w", "p"} or match["end"]:
        return ""
    seconds = _SECONDS.fullmatch(match["value"] or "")
    return f"[pause:{round(float(seconds[1]) * 1000)}ms]" if seconds else "\n"


_ANSWERS: Final[Mapping[str, Callable[[re.Match[str]], str]]] = {
    "html": _break_or_nothing,
    "renpy": _wait,
    "bbcode": _break_or_nothing,
}
