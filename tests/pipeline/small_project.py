"""A small project, and a hand to render it with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from voicepipe.bank.versions import load_latest
from voicepipe.pipeline.project import Project, load_project
from voicepipe.pipeline.render.planning import Planned, plan_project
from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport, render_project
from voicepipe.pipeline.selection import select
from voicepipe.workers.events import RenderEvent

ENGINES = {"tone": "tone_engine:ToneEngine", "placeholder": "tone_engine:PlaceholderEngine"}

SETTINGS = """\
bank: small
languages: [en, de]
audio: {sample_rate: 16000, bit_depth: 16}
qc: {release: off}
"""
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_0010, who: ann, text: {en: Good evening., de: Guten Abend.}}
    - {line: hall_0020, who: bob, emotion: sad, text: {en: It was., de: Es war einer.}}
    - choice:
        - {line: hall_0030, who: ann, text: {en: Stay., de: Bleib.}, goto: END}
        - {text: {en: Leave, de: Gehen}, goto: END}
"""
VOICE = """\
engine: tone
consent:
  id: {name}-consent
  kind: synthetic
  who: A tone generator
  scope: ["*"]
  languages: ["*"]
  from: 2020-01-01
"""


@dataclass
class Bench:
    """A project folder and what happened in it."""

    root: Path
    events: list[RenderEvent] = field(default_factory=list)

    def project(self, *, release: bool = False) -> Project:
        return load_project(self.root, engines=ENGINES, release=release)

    def plan(self) -> Planned:
        return plan_project(self.project())

    def render(self, options: RenderOptions | None = None, **filters: list[str]) -> RenderReport:
        project = self.project(release=options is not None and options.release)
        asked = replace(options or RenderOptions(), engines=ENGINES, jobs=1)
        if filters:
            asked = replace(asked, selection=select(project, **filters))
        self.events.clear()
        return render_project(project, asked, on_event=self.events.append)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new), "utf-8")

    def entries(self) -> dict[tuple[str, str], object]:
        manifest = load_latest(self.root / "out", "small")
        assert manifest is not None
        return {(entry.line, entry.language): entry for entry in manifest.entries}


def write_small_project(root: Path) -> None:
    (root / "scripts_in").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in" / "hall.yaml").write_text(SCRIPT, "utf-8")
    for name in ("ann", "bob"):
        (root / "voices" / f"{name}.yaml").write_text(VOICE.replace("{name}", name), "utf-8")
