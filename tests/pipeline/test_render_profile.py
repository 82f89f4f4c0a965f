"""Where the time of a render went."""

from __future__ import annotations

import pytest

from cli.times import show_times
from voicepipe.pipeline.render.profiling import RenderProfile
from voicepipe.workers.events import ClipDone, LineFailed, RenderStarted


class ManualClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def done(line: str, audio_s: float, **seconds: float) -> ClipDone:
    spent = {stage.replace("_", " "): s for stage, s in seconds.items()}
    return ClipDone(line_id=line, language="en", audio_s=audio_s, was_rendered=True, seconds=spent)


@pytest.fixture
def profile() -> RenderProfile:
    clock = ManualClock()
    profile = RenderProfile(clock)
    clock.s = 1.0
    profile.note(RenderStarted(lines=3, workers=2))
    clock.s = 7.0
    profile.note(done("a", 2.0, decoder=3.0, front_end=1.0, odd=0.5))
    clock.s = 9.0
    profile.note(LineFailed(line_id="b", language="en", script="x:1:1", reason="no"))
    clock.s = 11.0
    profile.note(done("c", 2.0, decoder=3.0, waiting=2.5))
    clock.s = 12.0
    return profile


def test_stages_add_up_in_the_order_of_a_line(profile: RenderProfile) -> None:
    times = profile.times()
    assert [(each.stage, each.worker_s) for each in times.stages] == [
        ("front end", 1.0),
        ("decoder", 6.0),
        ("waiting", 2.5),
        ("odd", 0.5),
    ]
    assert sum(each.share for each in times.stages) == pytest.approx(1.0)
    assert (times.wall_s, times.working_s, times.lines) == (12.0, 10.0, 2)
    assert times.elsewhere_s == 2 * 10.0 - 10.0


def test_the_document_says_what_a_second_of_speech_took(profile: RenderProfile) -> None:
    document = profile.times().document()
    assert document["workers"] == 2
    stages = document["stages"]
    assert isinstance(stages, dict)
    assert stages["decoder"] == {"worker_s": 6.0, "share": 0.6, "s_per_audio_s": 1.5}


def test_a_person_sees_a_table(profile: RenderProfile, capsys: pytest.CaptureFixture[str]) -> None:
    show_times(profile.times())
    out = capsys.readouterr().out
    assert "decoder" in out
    assert "60.0%" in out
    assert "all stages" in out
    assert "12.0 s in all, 10.0 s of them with 2 workers" in out
    show_times(None)
    show_times(RenderProfile().times())
    assert capsys.readouterr().out.startswith("no line was made")


def test_recordings_that_were_silent_divide_by_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    profile = RenderProfile()
    profile.note(RenderStarted(lines=1, workers=1))
    profile.note(done("a", 0.0, post=1.0))
    document = profile.times().document()
    stages = document["stages"]
    assert isinstance(stages, dict)
    assert stages["post"] == {"worker_s": 1.0, "share": 1.0, "s_per_audio_s": None}
    show_times(profile.times())
    assert "1 worker," in capsys.readouterr().out
