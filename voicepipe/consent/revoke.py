"""Writing a revocation or a suspension into a voice's file, touching nothing else in it.

The file belongs to the user: comments, order, quotation marks and line ends stay. The edit is one
line, is checked by reading the result again, and lands in one step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from voicepipe.documents.replacing import write_file
from voicepipe.documents.source import decode_source, read_source
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, parse_yaml
from voicepipe.errors import EnvironmentFault, InputError, UsageError

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode

DayKey = Literal["revoked", "suspended"]
REVOKED: Final = "revoked"
SUSPENDED: Final = "suspended"


def set_day(root: Path, path: str, key: DayKey, date: datetime.date | None) -> bool:
    """Set `revoked: <date>` or `suspended: <date>` in the consent record of a voice's file.

    Args:
        root: The project root.
        path: The voice's file, relative to the root.
        key: Which of the two.
        date: The day; None takes the day away, and leaves the key with no value.

    Returns:
        Whether the file changed: a day that is written already stays as it is.

    Raises:
        InputError: The file cannot be read, or is not a voice's.
        UsageError: The voice has no consent record that could be revoked.
        EnvironmentFault: The file cannot be written, or is laid out in a way that cannot be edited
            safely; the file is as it was.
    """
    source, problems = read_source(root, path)
    if source is None:
        raise InputError(f"{path} cannot be read", diagnostics=problems)
    edited = with_day(source, key, date)
    if edited is None:
        return False
    replace_text(root / path, edited, has_bom=source.has_bom)
    return True


def consent_id(root: Path, path: str) -> str:
    """Read the id of the consent record in a voice's file; otherwise as `set_day`."""
    source, problems = read_source(root, path)
    if source is None:
        raise InputError(f"{path} cannot be read", diagnostics=problems)
    found = _consent_of(source).get("id")
    return found.value if isinstance(found, YamlScalar) else ""


def with_day(source: SourceFile, key: DayKey, date: datetime.date | None) -> str | None:
    """Give a file's text with the day in it, or without; None when that is so already.

    Raises:
        As `set_day`.
    """
    consent = _consent_of(source)
    entry = consent.entries.get(key)
    is_written = entry is not None and not (isinstance(entry[1], YamlScalar) and entry[1].is_null)
    if is_written is (date is not None):
        return None
    lines = source.text.splitlines(keepends=True)
    if date is None:
        assert entry is not None
        _take_out(lines, entry[1])
    elif entry is not None:
        _fill_in(lines, entry[0], date)
    else:
        _insert(lines, consent, key, date)
    edited = "".join(lines)
    _verify(source, edited, key, date)
    return edited


def _consent_of(source: SourceFile) -> YamlMapping:
    documents, problems = parse_yaml(source)
    if problems or len(documents) != 1 or not isinstance(documents[0], YamlMapping):
        raise InputError(f"{source.path} is not a voice's file", diagnostics=problems)
    consent = documents[0].get("consent")
    if not isinstance(consent, YamlMapping) or not consent.entries:
        raise UsageError(
            f"{source.path} has no consent record",
            remedy="without one nothing renders in this voice; take it out of voices/cast.yaml",
        )
    return consent


def _fill_in(lines: list[str], key: YamlScalar, date: datetime.date) -> None:
    """Put the date behind a key that has no value."""
    line = lines[key.line - 1]
    # Behind the key and its quotation mark, if it has one; `~` and `null` give way.
    at = line.index(":", key.column - 1 + key.length) + 1
    rest = line[at:]
    for null in ("~", "null"):
        if rest.lstrip(" ").startswith(null):
            rest = rest.lstrip(" ")[len(null) :]
            break
    lines[key.line - 1] = f"{line[:at]} {date}{rest}"


def _take_out(lines: list[str], value: YamlNode) -> None:
    """Take a value away that stands on one line, quotation marks and all."""
    if not isinstance(value, YamlScalar):
        return  # the check of the result refuses it
    line = lines[value.line - 1]
    start, end = value.column - 1, value.column - 1 + value.length
    if start and line[start - 1] in "'\"" and line[end : end + 1] == line[start - 1]:
        start, end = start - 1, end + 1
    lines[value.line - 1] = line[:start].rstrip(" ") + line[end:]


def _insert(lines: list[str], consent: YamlMapping, key: DayKey, date: datetime.date) -> None:
    """Put the key before the record's first key, at the same depth."""
    first = next(iter(consent.entries.values()))[0]
    line = lines[first.line - 1]
    at = first.column - 1
    if line[at - 1 : at] in ("'", '"') and at:
        at -= 1
    if line[:at].strip():
        # `consent: {id: …}`: the record is written in one line, so the key goes into it.
        lines[first.line - 1] = f"{line[:at]}{key}: {date}, {line[at:]}"
        return
    ending = line[len(line.rstrip("\r\n")) :] or "\n"
    lines.insert(first.line - 1, f"{line[:at]}{key}: {date}{ending}")


def _verify(source: SourceFile, edited: str, key: DayKey, date: datetime.date | None) -> None:
    """Read the result as anybody would: the one new value, and every other one as it was."""
    again, _ = decode_source(source.path, edited.encode("utf-8"))
    before, after = scalar_values(source), {} if again is None else scalar_values(again)
    before[("consent", key)] = "" if date is None else str(date)
    if before != after:
        raise EnvironmentFault(
            f"{source.path}: the consent record is laid out in a way that cannot be edited safely",
            remedy=f"write `{key}: {date or ''}` into it by hand; the file is as it was",
        )


def scalar_values(source: SourceFile) -> dict[tuple[str | int, ...], str]:
    """Give every scalar of a YAML file by its place in it, to tell what an edit has changed."""
    documents, _ = parse_yaml(source)
    found: dict[tuple[str | int, ...], str] = {}
    pending: list[tuple[tuple[str | int, ...], object]] = [((), node) for node in documents]
    while pending:
        place, node = pending.pop()
        if isinstance(node, YamlMapping):
            pending += [((*place, name), value) for name, (_, value) in node.entries.items()]
        elif isinstance(node, YamlScalar):
            found[place] = node.value
        else:
            items = getattr(node, "items", [])
            pending += [((*place, number), item) for number, item in enumerate(items)]
    return found


def replace_text(path: Path, text: str, *, has_bom: bool) -> None:
    """Write a text file in one step; a link keeps pointing where it points.

    Raises:
        EnvironmentFault: It cannot be written; it is as it was.
    """
    content = (b"\xef\xbb\xbf" if has_bom else b"") + text.encode("utf-8")
    write_file(path, content)
