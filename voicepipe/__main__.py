"""`python -m voicepipe`: the command, where nothing is on the path.

The one module of the package that knows the command line, which lies above all rooms.
"""

from __future__ import annotations

from cli.main import run

if __name__ == "__main__":
    run()
