"""Addresses, files and faces made of marks: what English dialogue holds that is no English."""

from __future__ import annotations

import re

_TLD = "com|org|net|io|gov|edu|co|uk|us|de|fr|jp|eu|dev|app|tv|fm|me|ai|info|biz|gg|xyz|ly|ru|cn"
_MAIL = re.compile(r"\b([\w.+-]+)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\b")
_LINK = re.compile(r"\bhttps?://(?=\w)([^\s<>\"'“”()]*[\w/])", re.IGNORECASE)
_SITE = re.compile(
    rf"\b((?:www\.)?(?:[a-z0-9-]+\.)+(?:{_TLD})(?![A-Za-z0-9-])(?:/[\w./~%-]*[\w/])?)",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"\b([\w-]+)\.(txt|md|exe|zip|json|ya?ml|py|js|html?|pdf|docx?|jpe?g|png|gif|mp[34]|wav|csv|log)\b"
)
_SAID = {
    ".": " dot ",
    "/": " slash ",
    "-": " dash ",
    "_": " underscore ",
    "@": " at ",
    "+": " plus ",
    "~": " tilde ",
    "%": " percent ",
    ":": " colon ",
    "?": " question mark ",
    "=": " equals ",
    "&": " and ",
    "#": " hash ",
}
_DOT_INSIDE = re.compile(r"\.\w")
_MAY_BE_FACE = re.compile("[:;=<^_]|[xX]D")
_FACE = re.compile(
    r"(?<!\S)(?:>?[:;=]['’]?-?[)(\]\[DPpOo/\\|*3]|[xX]D|<+3+|\^[_.-]?\^|>[_.]<|-_+-|[Tt]_[Tt]"
    r"|[oO0]_[oO0]|¯\\_\(ツ\)_/¯)(?=[\s.,!?]|$)"
)


def say_addresses(text: str) -> str:
    """Spell out what is typed: `mara@harbor.com` → mara at harbor dot com.

    Links lose their `https://`, as people say them; `www` stays, letter by letter.
    """
    text = _MAIL.sub(lambda match: _say(match[0]), text) if "@" in text else text
    text = _LINK.sub(lambda match: _say(match[1]), text) if "://" in text else text
    if not _DOT_INSIDE.search(text):
        return text
    text = _SITE.sub(lambda match: _say(match[0]), text)
    return _FILE.sub(lambda match: _say(match[0]), text)


def take_faces(text: str) -> tuple[str, tuple[str, ...]]:
    """Take out faces such as `:-)` and `<3`: nobody says them.

    Returns:
        The text without them, and the faces.
    """
    if not _MAY_BE_FACE.search(text):
        return text, ()
    found = tuple(match[0] for match in _FACE.finditer(text))
    return (_FACE.sub(" ", text), found) if found else (text, ())


def _say(address: str) -> str:
    said = "".join(_SAID.get(character, character) for character in address.rstrip("/"))
    said = re.sub(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)", " ", said)
    said = re.sub(r"\bwww\b", "W W W", said, flags=re.IGNORECASE)
    return " ".join(said.split())
