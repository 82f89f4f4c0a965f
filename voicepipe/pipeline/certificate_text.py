"""A certificate of removal as Markdown, for the person whose voice it was."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def certificate_markdown(facts: Mapping[str, Any]) -> str:
    """Write a certificate for people; the same facts give the same text."""
    log = facts["consent_log"]
    head = "none" if log.get("head") is None else f"`{log['head']}` ({_cell(log.get('file'))})"
    consents = ", ".join(map(_cell, facts["consents"])) or "none is known"
    lines = [
        f"# Certificate of removal: the voice “{_cell(facts['voice'])}”",
        "",
        f"- consent records: {consents}",
        f"- revoked on {_cell(facts['date'])}; this certificate: {_cell(facts['issued'])}",
        f"- issued by {_cell(facts.get('by'))}" + _noted(facts.get("note")),
        f"- certificate hash: `{facts['hash']}`",
        f"- certificate before it: `{facts['previous']}`",
        f"- last line of the consent log: {head}",
        "",
        "From that day nothing is rendered, said, trained or exported in this voice.",
        "",
        *_removed(facts["removed"]),
        *_remains(facts["remains"]),
        *_kept(facts["kept"]),
        *_takedown(facts["takedown"], facts["unreachable"]),
        "What backups, the history of version control, and machines that share nothing with this",
        "project hold is not known here.",
        "",
    ]
    return "\n".join(lines)


def _noted(note: object) -> str:
    return f": {_cell(note)}" if note else ""


def _removed(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["## Removed", ""]
    if not rows:
        return [*lines, "Nothing of it was stored.", ""]
    sizes: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        sizes[str(row.get("kind"))].append(int(row.get("size_bytes", 0)))
    lines += _table(
        ("kind", "files", "bytes"),
        ((kind, len(each), sum(each)) for kind, each in sorted(sizes.items())),
    )
    listed = ((r.get("kind"), r.get("where"), r.get("size_bytes"), r.get("sha256")) for r in rows)
    return [*lines, *_table(("kind", "where", "bytes", "sha256"), listed)]


def _remains(rows: Sequence[object]) -> list[str]:
    if not rows:
        return []
    return ["## Not removed yet", "", *(f"- {_cell(row)}" for row in rows), ""]


def _kept(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return []
    listed = ((row.get("where"), row.get("why"), row.get("sha256")) for row in rows)
    return ["## Kept, and why", "", *_table(("where", "why", "sha256"), listed)]


def _takedown(rows: Sequence[Mapping[str, Any]], gone: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["## To be taken down by a person", ""]
    if not rows and not gone:
        return [*lines, "No published version and no export carries it.", ""]
    if rows:
        columns = ("version", "line", "language", "path", "sha256")
        listed = (tuple(row.get(name) for name in columns) for row in rows)
        lines += _table(columns, listed)
    for one in gone:
        n_clips = f"{one['n_clips']} clips" if one.get("n_clips") else "clips, if any,"
        lines.append(
            f"- unreachable: {_cell(one.get('path'))} ({_cell(one.get('export'))}, version "
            f"{_cell(one.get('version'))}, {_cell(one.get('date'))}): {n_clips} of this voice went "
            f"there; {_cell(one.get('why'))}"
        )
    return [*lines, ""] if gone else lines


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    body = ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns), *body, ""]


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
