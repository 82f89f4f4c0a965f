"""Whatever a voice's consent does not allow is refused, by every route that leads to its sound.

Routes that make something new refuse a suspended voice as well; those that bring out what was made
before leave it as it is.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from consent_ways import ANN, HERS, HIS, override, pin, recast
from small_project import ENGINES, Bench

from voicepipe.audio.encodings import read_encoded_metadata
from voicepipe.errors import InputError
from voicepipe.pipeline.benching import BenchRequest, bench_machine
from voicepipe.pipeline.exporting import ExportRequest, prepare_export
from voicepipe.pipeline.listening import PublishedStory, clips_of_lines, takes_to_choose
from voicepipe.pipeline.play_building import build_play
from voicepipe.pipeline.production import read_production
from voicepipe.pipeline.prompting import prepare_prompts
from voicepipe.pipeline.render.comparing import render_takes
from voicepipe.pipeline.render.render_folder import render_folder
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.render.saying import SayRequest, say_line, say_text
from voicepipe.pipeline.review_building import build_review
from voicepipe.pipeline.review_session import ReviewSession
from voicepipe.pipeline.reviewing import Request, Verb, take_in
from voicepipe.pipeline.selection import EVERYTHING, Selection
from voicepipe.pipeline.suspension import Statement, suspend_voice
from voicepipe.pipeline.train.checks import load_training_voice, require_consent
from voicepipe.settings_export import ExportSettings

HER_LINE = Selection(lines=frozenset({HERS}), languages=frozenset({"en"}))
OPTIONS = RenderOptions(engines=ENGINES, jobs=1, qc="off", selection=HER_LINE)
_CODE = re.compile(r"\[(VP\d+)\]")
Route = Callable[[Bench], object]


def _suspended(bench: Bench) -> None:
    day = datetime.date(2026, 3, 1)
    suspend_voice(bench.root, bench.project().settings, "ann", Statement(by="Office"), date=day)


def _edited(old: str, new: str) -> Callable[[Bench], None]:
    return lambda bench: bench.edit(ANN, old, new)


def _other_use(bench: Bench) -> None:
    """She agreed to the other use: to training, or, where training is asked for, to banks."""
    text = (bench.root / ANN).read_text("utf-8")
    uses = "prerender" if "uses: [training]" in text else "training"
    (bench.root / ANN).write_text(text.replace("  uses: [training]\n", ""), "utf-8")
    bench.edit(ANN, "from: 2020-01-01", f"from: 2020-01-01\n  uses: [{uses}]")


STATES: dict[str, tuple[str, Callable[[Bench], None]]] = {
    "suspended": ("VP412", _suspended),
    "revoked": ("VP402", _edited("from: 2020-01-01", "from: 2020-01-01\n  revoked: 2026-01-01")),
    "expired": ("VP404", _edited("from: 2020-01-01", "from: 2020-01-01\n  until: 2021-01-01")),
    "another use": ("VP414", _other_use),
    "another territory": (
        "VP415",
        _edited("from: 2020-01-01", "from: 2020-01-01\n  territories: [DE]"),
    ),
}


def _after_an_edit(bench: Bench) -> None:
    bench.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    bench.render()


def _decided(bench: Bench) -> None:
    production = read_production(bench.root)
    retake = Request(verb=Verb.RETAKE, line=HERS, language="en")
    take_in(production, [retake], command="voicepipe decide retake")
    bench.render()


def _reviewed(bench: Bench) -> None:
    """Ask the page's server for a retake; what it says instead is the refusal."""
    session = ReviewSession(bench.root, bench.root / "review", EVERYTHING, options=OPTIONS)
    try:
        row = b'{"decision": "retake", "line": "%b", "language": "en"}' % HERS.encode()
        session.answer("decide", b'{"decisions": [%b]}' % row)
        seen, said = 0, ""
        deadline = time.monotonic() + 30
        while "no other take" not in said and time.monotonic() < deadline:
            news = session.answer("news", b'{"seen": %d}' % seen)
            seen, said = news["seen"], said + " ".join(news["said"])
            assert "there is another take" not in said
    finally:
        session.close()
    raise InputError(said)


def _benched(bench: Bench) -> None:
    text = (bench.root / ANN).read_text("utf-8").replace("engine: tone", "engine: gpt-sovits")
    model = "model: {gpt: none.ckpt, sovits: none.pth}\n"
    clip = "clips: [{path: voices/ann.wav, transcript: A., language: en}]\n"
    (bench.root / ANN).write_text(model + clip + text, "utf-8")
    (bench.root / "voices/ann.wav").write_bytes(b"")
    bench_machine(bench.root, BenchRequest(voice="ann"))


def _trained(bench: Bench) -> None:
    require_consent(load_training_voice(bench.root, "ann"), ("en",))


def _on_a_cluster(bench: Bench) -> None:
    (bench.root.parent / "store").mkdir()
    store = f"file://{bench.root.parent}/store"
    bench.render(RenderOptions(retake=True, cluster="auto", store=store), lines=[HERS])


MAKE: dict[str, Route] = {
    "render": _after_an_edit,
    "render --retake": lambda bench: bench.render(RenderOptions(retake=True), lines=[HERS]),
    "render --takes": lambda bench: render_takes(
        bench.root, OPTIONS, 2, on_event=bench.events.append
    ),
    "render on a cluster": _on_a_cluster,
    "api.render": lambda bench: render_folder(
        bench.root,
        RenderOptions(engines=ENGINES, jobs=1, retake=True, selection=HER_LINE),
        on_event=bench.events.append,
    ),
    "say": lambda bench: say_text(
        bench.root, SayRequest(text="Hello.", voice="ann"), engines=ENGINES
    ),
    "say a line": lambda bench: say_line(bench.root, HERS, language="en", engines=ENGINES),
    "voices prepare": lambda bench: list(prepare_prompts(bench.project(), voice="ann")),
    "train": _trained,
    "bench": _benched,
    "review --serve": _reviewed,
    "decide retake": _decided,
}
"""Routes that make something new in a voice."""


def _published_again(bench: Bench) -> None:
    bench.edit("scripts_in/hall.yaml", "It was.", "It is.")
    bench.render()


def _pinned(bench: Bench) -> None:
    pin(bench)
    recast(bench)
    bench.edit("scripts_in/hall.yaml", "Stay.", "Go.")
    bench.render()


def _recorded(bench: Bench) -> None:
    override(bench)
    bench.render()


def _filtered(bench: Bench) -> None:
    recast(bench)
    bench.edit("scripts_in/hall.yaml", "It was.", "It is.")
    bench.render(None, lines=[HIS])


def _refused_of(said: dict[tuple[str, str], str]) -> None:
    if said:
        raise InputError(" ".join(said.values()))


def _exported(bench: Bench) -> None:
    found = prepare_export(bench.root, ExportRequest(target=ExportSettings(target="generic")))
    _refused_of({(one.entry.line, one.entry.language): one.reason for one in found.refused})
    assert {clip.entry.voice for clip in found.export.clips} == {"ann", "bob"}


def _played(bench: Bench) -> None:
    page = bench.root / "page"
    _refused_of({**build_play(read_production(bench.root), page, on_clip=lambda _: None).refused})


def _shown(bench: Bench) -> None:
    production, page = read_production(bench.root), bench.root / "page"
    build_review(production, production.produced, page, on_lines=lambda _: None)
    said = [read_encoded_metadata(path.read_bytes()) for path in page.rglob("*.wav")]
    _require_heard({"ann"} <= {one.voice for one in said if one is not None})


def _require_heard(is_heard: bool) -> None:
    if not is_heard:
        raise InputError("her clips are not there")


def _walked(bench: Bench) -> None:
    story = PublishedStory(bench.root, bench.project().settings, language="en", values={})
    assert story.files(HIS)
    _require_heard(bool(story.files(HERS)))


BRING_OUT: dict[str, Route] = {
    "render others": _published_again,
    "pinned take": _pinned,
    "recording": _recorded,
    "filtered render": _filtered,
    "export": _exported,
    "play": _played,
    "review": _shown,
    "listen": lambda bench: clips_of_lines(bench.root, bench.project().settings, [HERS]),
    "walk": _walked,
}
"""Routes that bring out what was made before."""


@contextmanager
def _refusal() -> Iterator[list[str]]:
    """Collect the codes of what is refused; empty when nothing is."""
    codes: list[str] = []
    try:
        yield codes
    except InputError as error:
        codes += [d.code for d in error.diagnostics if d.severity.value == "error"]
        codes += _CODE.findall(error.message) or ([] if codes else ["left out"])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("route", MAKE)
def test_nothing_is_made(rendered: Bench, route: str, state: str) -> None:
    if route == "train":
        rendered.edit(ANN, "from: 2020-01-01", "from: 2020-01-01\n  uses: [training]")
    code, apply = STATES[state]
    apply(rendered)
    takes = sorted((rendered.root / "out/takes").rglob("*.json"))
    versions = sorted((rendered.root / "out/banks/small").iterdir())
    with _refusal() as codes:
        MAKE[route](rendered)
    assert set(codes) == {code}
    assert sorted((rendered.root / "out/takes").rglob("*.json")) == takes
    assert sorted((rendered.root / "out/banks/small").iterdir()) == versions


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("route", BRING_OUT)
def test_nothing_is_brought_out(rendered: Bench, route: str, state: str) -> None:
    code, apply = STATES[state]
    apply(rendered)
    with _refusal() as codes:
        BRING_OUT[route](rendered)
    if state == "suspended":
        assert not codes, "what was made before stays"
    else:
        assert set(codes) in ({code}, {"left out"})


@pytest.mark.parametrize("state", [state for state in STATES if state != "suspended"])
def test_takes_to_choose_from_are_left_out(rendered: Bench, state: str) -> None:
    render_takes(rendered.root, OPTIONS, 2, on_event=rendered.events.append)
    settings = rendered.project().settings
    assert len(takes_to_choose(rendered.root, settings)) == 2
    STATES[state][1](rendered)
    assert takes_to_choose(rendered.root, settings) == ()


@pytest.mark.parametrize("route", ["render --takes", "say", "say a line", "train", "export"])
def test_what_only_the_shared_store_knows_is_refused(
    rendered: Bench, tmp_path: Path, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine suspended or revoked her; this checkout and its output know nothing."""
    from voicepipe.remote.address import parse_address
    from voicepipe.remote.revocations import Revocation, share_revocation
    from voicepipe.remote.store import open_store

    if route == "train":
        rendered.edit(ANN, "from: 2020-01-01", "from: 2020-01-01\n  uses: [training]")
    (tmp_path / "store").mkdir()
    store = open_store(parse_address(f"file://{tmp_path}/store"))
    store.establish()
    monkeypatch.setenv("VOICEPIPE_STORE", f"file://{tmp_path}/store")
    share_revocation(store, Revocation(voice="ann", consents=("ann-consent",)))
    with _refusal() as codes:
        {**MAKE, **BRING_OUT}[route](rendered)
    assert set(codes) == {"VP402"}


def test_all_these_routes_are_open_to_whoever_agreed(rendered: Bench) -> None:
    for route in ("render --takes", "say", "say a line", "voices prepare"):
        MAKE[route](rendered)
    for route in ("export", "play", "listen", "walk"):
        BRING_OUT[route](rendered)
