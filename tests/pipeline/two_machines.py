"""Two checkouts of one project, and a folder that both share with."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from small_project import Bench, write_small_project

from voicepipe.pipeline.render.planning import Planned, plan_project
from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport
from voicepipe.pipeline.render.sharing import sharing_of


@dataclass
class Machines:
    """Two checkouts of one project, and a folder both see."""

    mine: Bench
    yours: Bench
    shared: Path

    @property
    def url(self) -> str:
        return self.shared.as_uri()

    def render(self, bench: Bench, **options: object) -> RenderReport:
        return bench.render(RenderOptions(**{"store": self.url, **options}))  # type: ignore[arg-type]

    def plan(self, bench: Bench) -> Planned:
        project = bench.project()
        sharing = sharing_of(project, self.url)
        assert sharing is not None
        return plan_project(project, lookup=sharing.lookup)

    def files(self, folder: str) -> list[Path]:
        return sorted(path for path in (self.shared / folder).rglob("*") if path.is_file())


def two_machines(rendered_root: Path, folder: Path) -> Machines:
    """Mine is rendered, and nothing is shared yet."""
    shutil.copytree(rendered_root, folder / "mine")
    write_small_project(folder / "yours")
    (folder / "shared").mkdir()
    return Machines(Bench(folder / "mine"), Bench(folder / "yours"), folder / "shared")
