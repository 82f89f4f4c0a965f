"""The bundled screenplay through models of full size, whose weights come from the formula."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tiny_voice import VOICE, requests_of, write_clip

from voicepipe.bank.versions import load_latest
from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.formula_models.families import adopt_formula_models
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.pipeline.selection import select

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]
N_LINES = 1


@pytest.fixture(scope="module")
def screenplay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The screenplay that comes with the product, every speaker with a voice of the formula."""
    root = tmp_path_factory.mktemp("full") / "project"
    shutil.copytree(ROOT / "scripts_in", root / "scripts_in")
    shutil.copyfile(ROOT / "voicepipe.yaml", root / "voicepipe.yaml")
    if (ROOT / "lexicon.yaml").is_file():
        shutil.copyfile(ROOT / "lexicon.yaml", root / "lexicon.yaml")
    (root / "voices").mkdir()
    for name in sorted(path.stem for path in (ROOT / "voices").glob("*.yaml")):
        (root / "voices" / f"{name}.yaml").write_text(VOICE.replace("CLIP", name), "utf-8")
        write_clip(root / "voices" / f"{name}.wav", 90.0 + 10 * len(name))
    write_clip(root / "voices" / "sad.wav", 80.0)
    adopt_formula_models(ModelLibrary(root))
    return root


@pytest.mark.slow
def test_lines_of_every_language_render_once(screenplay: Path) -> None:
    project = load_project(screenplay)
    lines = [line.id for line in project.lines if line.speaker == "noah"][:N_LINES]
    n_clips = N_LINES * len(project.settings.languages)
    options = RenderOptions(selection=select(project, lines=lines), jobs=1)
    report = render_project(project, options, on_event=lambda _: None)
    assert not report.failed
    assert report.rendered == n_clips
    again = render_project(project, options, on_event=lambda _: None)
    assert again.rendered == again.post_processed == 0
    manifest = load_latest(project.out, project.settings.bank)
    assert manifest is not None
    assert len(manifest.entries) == n_clips
    assert {entry.source for entry in manifest.entries} == {"synthetic"}
    assert {entry.language for entry in manifest.entries} == set(project.settings.languages)


@pytest.mark.slow
def test_a_line_sounds_alone_as_in_a_batch_at_full_size(screenplay: Path) -> None:
    requests = requests_of(screenplay)[:3]
    renderer = GptSovitsRenderer(screenplay, screenplay / "out", "cpu", n_slots=4)
    together: dict[str, NDArray[np.float32]] = {}
    for outcome in renderer.render(requests):
        assert outcome.clip is not None, outcome.error
        together[outcome.request.line_id + outcome.request.language] = outcome.clip.samples
    for request in requests[:1]:
        (alone,) = renderer.render([request])
        assert alone.clip is not None
        name = request.line_id + request.language
        np.testing.assert_array_equal(alone.clip.samples, together[name])
