"""Writing a revocation into a voice's file, touching nothing else in it.

The file belongs to the user: comments, order, quotation marks and line ends stay. The edit is one
line, is checked by reading the result again, and lands in one step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.documents.replacing import replace_file
from voicepipe.documents.source import decode_source, read_source
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, parse_yaml
from voicepipe.errors import EnvironmentFault, InputError, UsageError

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from voicepipe.documents.source import SourceFile

_KEY = "revoked"


def revoke_consent(root: Path, path: str, *, date: datetime.date) -> bool:
    """Set `revoked: <date>` in the consent record of a voice's file.

    Args:
        root: The project root.
        path: The voice's file, relative to the root.
        date: Day of the revocation.

    Returns:
        Whether the file changed: a revocation already written stays as it is.

    Raises:
        InputError: The file cannot be read, or is not a voice's.
        UsageError: The voice has no consent record that could be revoked.
        EnvironmentFault: The file cannot be written, or is laid out in a way that cannot be edited
            safely; the file is as it was.
    """
    source, problems = read_source(root, path)
    if source is None:
        raise InputError(f"{path} cannot be read", diagnostics=problems)
    edited = with_revocation(source, date)
    if edited is None:
        return False
    replace_text(root / path, edited, has_bom=source.has_bom)
    return True


def consent_id(root: Path, path: str) -> str:
    """Read the id of the consent record in a voice's file; otherwise as `revoke_consent`."""
    source, problems = read_source(root, path)
    if source is None:
        raise InputError(f"{path} cannot be read", diagnostics=problems)
    found = _consent_of(source).get("id")
    return found.value if isinstance(found, YamlScalar) else ""


def with_revocation(source: SourceFile, date: datetime.date) -> str | None:
    """Give a file's text with the revocation in it; None when one is there already.

    Raises:
        As `revoke_consent`.
    """
    consent = _consent_of(source)
    entry = consent.entries.get(_KEY)
    if entry is not None and not (isinstance(entry[1], YamlScalar) and entry[1].is_null):
        return None
    lines = source.text.splitlines(keepends=True)
    if entry is not None:
        _fill_in(lines, entry[0], date)
    else:
        _insert(lines, consent, date)
    edited = "".join(lines)
    _verify(source, edited, date)
    return edited


def _consent_of(source: SourceFile) -> YamlMapping:
    documents, problems = parse_yaml(source)
    if problems or len(documents) != 1 or not isinstance(documents[0], YamlMapping):
        raise InputError(f"{source.path} is not a voice's file", diagnostics=problems)
    consent = documents[0].get("consent")
    if not isinstance(consent, YamlMapping) or not consent.entries:
        raise UsageError(
            f"{source.path} has no consent record to revoke",
            remedy="without one nothing renders in this voice; take it out of voices/cast.yaml",
        )
    return consent


def _fill_in(lines: list[str], key: YamlScalar, date: datetime.date) -> None:
    """Put the date behind a `revoked:` that has no value."""
    line = lines[key.line - 1]
    # Behind the key and its quotation mark, if it has one; `~` and `null` give way.
    at = line.index(":", key.column - 1 + key.length) + 1
    rest = line[at:]
    for null in ("~", "null"):
        if rest.lstrip(" ").startswith(null):
            rest = rest.lstrip(" ")[len(null) :]
            break
    lines[key.line - 1] = f"{line[:at]} {date}{rest}"


def _insert(lines: list[str], consent: YamlMapping, date: datetime.date) -> None:
    """Put `revoked` before the record's first key, at the same depth."""
    first = next(iter(consent.entries.values()))[0]
    line = lines[first.line - 1]
    at = first.column - 1
    if line[at - 1 : at] in ("'", '"') and at:
        at -= 1
    if line[:at].strip():
        # `consent: {id: …}`: the record is written in one line, so the key goes into it.
        lines[first.line - 1] = f"{line[:at]}{_KEY}: {date}, {line[at:]}"
        return
    ending = line[len(line.rstrip("\r\n")) :] or "\n"
    lines.insert(first.line - 1, f"{line[:at]}{_KEY}: {date}{ending}")


def _verify(source: SourceFile, edited: str, date: datetime.date) -> None:
    """Read the result as anybody would: the one new value, and every other one as it was."""
    again, _ = decode_source(source.path, edited.encode("utf-8"))
    before, after = scalar_values(source), {} if again is None else scalar_values(again)
    before[("consent", _KEY)] = str(date)
    if before != after:
        raise EnvironmentFault(
            f"{source.path}: the consent record is laid out in a way that cannot be edited safely",
            remedy=f"write `{_KEY}: {date}` into it by hand; the file is as it was",
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
    try:
        replace_file(path, content)
    except OSError as error:
        raise EnvironmentFault(
            f"{path.name} cannot be written: {error.strerror}",
            remedy="the file is as it was; check its folder's permissions and the disk",
        ) from error
