"""`python -m tiny STEP`: make the embedded voice model, step by step or all at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from tiny.workshop import STEPS, Making, Recipes

_CORPORA = (Path("../shared/corpus"), Path("../shared/corpus-cross"))


def main() -> None:
    """Take the steps that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tiny", description=__doc__)
    parser.add_argument("steps", nargs="*", choices=[*STEPS, []], help="default: all")
    parser.add_argument("--work", type=Path, default=Path(".tiny"), help="working folder")
    parser.add_argument("--corpus", type=Path, nargs="+", default=list(_CORPORA), help="clips")
    parser.add_argument("--out", type=Path, default=Path(".tiny/models"), help="model files")
    parser.add_argument("--jobs", type=int, default=2, help="processor cores")
    asked = parser.parse_args()
    making = Making(
        work=asked.work,
        corpora=tuple(asked.corpus),
        out=asked.out,
        jobs=asked.jobs,
        recipes=Recipes(),
    )
    making.take(asked.steps or STEPS)


if __name__ == "__main__":
    main()
