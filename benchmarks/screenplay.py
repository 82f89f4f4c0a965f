"""A large, plausible screenplay project, always the same for the same size."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LINES_A_NODE = 20
NODES_A_SCENE = 10
LINES_A_SCENE = LINES_A_NODE * NODES_A_SCENE
SPEAKERS = ("noah", "mara", "wei", "commander")
EMOTIONS = ("", "sad", "calm", "angry")
TALE = "the ark keeps its own time and nobody counts the windows twice on a quiet night"
WORDS = tuple(TALE.split())

SETTINGS = "bank: large\nsource_language: en\nlanguages: [en]\n"
STORY = """\
start: s00000
speakers:
  noah: {name: {en: Noah}}
  mara: {name: {en: Mara}}
  wei: {name: {en: Wei}}
  commander: {name: {en: Commander}}
variables:
  trust: {type: int, min: 0, max: 5, start: 2}
  met: {type: bool, start: false}
"""
VOICE = """\
engine: scratch
consent:
  id: bench-{name}
  kind: synthetic
  who: Formant synthesis
  scope: ["*"]
  languages: ["*"]
  from: 2026-01-01
"""


def write_project(root: Path, n_lines: int, *, form: str = "yaml", files: int = 0) -> None:
    """Write a project of `n_lines` spoken lines.

    Args:
        root: Made if missing.
        n_lines: Spoken lines, a multiple of 200.
        form: `yaml` or `csv`.
        files: Script files to spread the scenes over; 0: one a scene.
    """
    (root / "scripts_in").mkdir(parents=True, exist_ok=True)
    (root / "voices").mkdir(exist_ok=True)
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in" / "000_story.yaml").write_text(STORY, "utf-8")
    for name in SPEAKERS:
        (root / "voices" / f"{name}.yaml").write_text(VOICE.format(name=name), "utf-8")
    n_scenes = max(1, n_lines // LINES_A_SCENE)
    write = _yaml_scene if form == "yaml" else _csv_scene
    bodies = [write(scene, n_scenes) for scene in range(n_scenes)]
    n_files = min(files or n_scenes, n_scenes)
    joiner = "---\n" if form == "yaml" else ""
    header = "" if form == "yaml" else _csv_row(CSV_COLUMNS)
    for index in range(n_files):
        part = joiner.join(bodies[index::n_files])
        (root / "scripts_in" / f"part_{index:05d}.{form}").write_text(header + part, "utf-8")


def sentence(scene: int, node: int, line: int) -> str:
    """Give the line's text: of natural length, and different everywhere."""
    at = scene * 31 + node * 7 + line
    words = [WORDS[(at + step * (1 + line % 3)) % len(WORDS)] for step in range(6 + at % 9)]
    return f"{' '.join(words).capitalize()}, {scene} {node} {line}."


def _exits(scene: int, node: int, n_scenes: int) -> tuple[str, str, str]:
    here = f"n{node + 1}" if node + 1 < NODES_A_SCENE else ""
    onward = f"s{scene + 1:05d}" if scene + 1 < n_scenes else "END"
    skip = f"n{node + 2}" if node + 2 < NODES_A_SCENE else onward
    return here or onward, skip, "trust >= 1" if node % 2 else "not met or trust < 4"


def _yaml_scene(scene: int, n_scenes: int) -> str:
    out = [f"scene: s{scene:05d}\nnodes:\n"]
    for node in range(NODES_A_SCENE):
        out.append(f"  n{node}:\n")
        for line in range(LINES_A_NODE):
            emotion = EMOTIONS[(node + line) % len(EMOTIONS)]
            out.append(
                f"    - line: s{scene:05d}_n{node}_{line:04d}\n"
                f"      who: {SPEAKERS[(line + node) % len(SPEAKERS)]}\n"
                + (f"      emotion: {emotion}\n" if emotion else "")
                + f"      text: {sentence(scene, node, line)}\n"
            )
        near, far, when = _exits(scene, node, n_scenes)
        out.append(
            "    - choice:\n"
            f"        - text: Go on\n          goto: {near}\n          set: trust += 1\n"
            f"        - text: Turn away\n          goto: {far}\n          when: {when}\n"
        )
    return "".join(out)


CSV_COLUMNS = ("kind", "scene", "node", "line", "who", "emotion", "goto", "when", "set", "text:en")


def _csv_row(cells: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


def _csv_scene(scene: int, n_scenes: int) -> str:
    name = f"s{scene:05d}"
    out = []
    for node in range(NODES_A_SCENE):
        where = (name, f"n{node}")
        for line in range(LINES_A_NODE):
            speaker = SPEAKERS[(line + node) % len(SPEAKERS)]
            emotion = EMOTIONS[(node + line) % len(EMOTIONS)]
            ident = f"{name}_n{node}_{line:04d}"
            text = sentence(scene, node, line)
            out.append(_csv_row(("line", *where, ident, speaker, emotion, "", "", "", text)))
        near, far, when = _exits(scene, node, n_scenes)
        out.append(_csv_row(("option", *where, "", "", "", near, "", "trust += 1", "Go on")))
        out.append(_csv_row(("option", *where, "", "", "", far, when, "", "Turn away")))
    return "".join(out)
