"""How fast a voice is expected to speak, by its reference clips and by what it has said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render import voice_paces
from voicepipe.pipeline.render.planning import plan_project
from voicepipe.pipeline.render.voice_paces import learned_paces

if TYPE_CHECKING:
    from voicepipe.pipeline.render.planning import Planned

ROOT = Path(__file__).parents[2]
VOICE = ("noah", "ja")


@pytest.fixture(scope="module")
def film() -> Planned:
    return plan_project(load_project(ROOT))


def _paces(film: Planned, heard: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    return learned_paces(film.project, film.clip_requests, heard)


def test_a_voice_with_a_slow_reference_clip_is_expected_to_speak_slowly(
    film: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_recorded = _paces(film, {})[VOICE]
    recorded_s = voice_paces._recorded_s
    monkeypatch.setattr(voice_paces, "_recorded_s", lambda path: 2 * recorded_s(path))
    slower = _paces(film, {})[VOICE]
    assert as_recorded * 1.4 < slower < as_recorded * 2, "part of it is what is usual"


def test_what_a_voice_has_said_weighs_more_the_more_it_was(film: Planned) -> None:
    wanted = {key: one for key, one in film.clip_requests.items() if one.clip.voice == VOICE[0]}
    lines = [key for key, one in wanted.items() if key[1] == VOICE[1] and one.request is not None]
    paces = [_paces(film, {})[VOICE]]
    for n in (2, 20):
        heard = {}
        for key in lines[:n]:
            request = wanted[key].request
            assert request is not None
            heard[key] = 3.0 * film.project.engines[request.engine].cost(request)
        paces.append(_paces(film, heard)[VOICE])
    assert paces[0] < paces[1] < paces[2] < 3.0


def test_a_clip_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "noah.ogg").write_bytes(b"OggS no sound")
    assert voice_paces._recorded_s(tmp_path / "noah.ogg") == 0
    assert voice_paces._recorded_s(tmp_path / "none.ogg") == 0
