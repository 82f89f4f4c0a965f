"""Say how much of the code the tests ran, and fail where it is less than asked for.

python tests/coverage_floor.py COVERAGE.json PERCENT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(report: str, floor: str) -> int:
    summary = json.loads(Path(report).read_bytes())["summary"]
    percent = float(summary["percent_covered"])
    missing = f"{summary['missing_lines']} lines and {summary['missing_branches']} branches not run"
    sys.stdout.write(f"coverage: {percent:.1f} %, {missing}; at least {floor} % is asked for\n")
    return int(percent < float(floor))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
