"""What `voicepipe check --json` found, as a build server shows it beside the changed lines.

    voicepipe check --json > check.json || true
    python annotations.py github check.json                 # workflow commands, on stdout
    python annotations.py gitlab check.json > quality.json  # a Code Quality report

Needs Python alone. Ends with 1 when there are errors.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

_GITLAB = {"error": "blocker", "warning": "minor", "note": "info"}
_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def github(found: dict[str, Any]) -> str:
    """Write a diagnostic as a workflow command; what would end one is escaped."""
    where = f"file={_property(found['path'])},line={found['line']},col={found['column']}"
    said = _escaped(_words(found))
    return f"::{_GITHUB[found['severity']]} {where},title={_property(found['code'])}::{said}"


def gitlab(found: dict[str, Any]) -> dict[str, Any]:
    """Give a diagnostic as an issue of a Code Quality report."""
    whole = json.dumps([found[key] for key in ("code", "path", "line", "column", "message")])
    return {
        "description": _words(found),
        "check_name": found["code"],
        "fingerprint": hashlib.sha256(whole.encode()).hexdigest(),
        "severity": _GITLAB[found["severity"]],
        "location": {"path": found["path"], "lines": {"begin": found["line"]}},
    }


def _words(found: dict[str, Any]) -> str:
    return f"{found['message']} ({found['help']})" if found["help"] else str(found["message"])


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def main(kind: str, path: str) -> int:
    """Write what a file of `check --json` holds for one kind of server."""
    found = json.loads(Path(path).read_bytes())["diagnostics"]
    if kind == "github":
        sys.stdout.writelines(f"{github(one)}\n" for one in found)
    else:
        sys.stdout.write(json.dumps([gitlab(one) for one in found], indent=2) + "\n")
    return int(any(one["severity"] == "error" for one in found))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("github", "gitlab"):
        sys.exit("usage: annotations.py github|gitlab check.json")
    sys.exit(main(*sys.argv[1:]))
