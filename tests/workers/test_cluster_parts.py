"""The parts of a cluster that can be looked at without one."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from job_builders import job

from voicepipe import __version__
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_bytes
from voicepipe.qc.analyser import LineFacts, VoiceClip, VoiceFacts
from voicepipe.qc.examining import ExaminerSetup, Expectation
from voicepipe.qc.findings import Reason
from voicepipe.qc.stored_findings import StoredFindings
from voicepipe.qc.verdicts import Standard
from voicepipe.remote.address import parse_address
from voicepipe.remote.pull import pull
from voicepipe.remote.revocations import Revocation, Revocations
from voicepipe.remote.store import SharedStore, open_store
from voicepipe.workers.backend import Exited, Ready
from voicepipe.workers.cluster_inputs import (
    InputFile,
    files_read,
    forget_run,
    lay_out,
    node_folder,
    put_files,
)
from voicepipe.workers.cluster_node import NodeReady, NodeTask, NodeWorker, sought_of
from voicepipe.workers.jobs import ClipJob, Orders, Outcome

ENGINES = {"trouble": "trouble_engine:Engine"}


def _itself(piece: Any) -> bytes:
    assert isinstance(piece, bytes)
    return piece


def _input(path: str, content: bytes) -> InputFile:
    return InputFile(path=path, sha256=sha256_of_bytes(content), pieces=(content[:2], content[2:]))


def test_files_travel_in_pieces_and_arrive_whole(tmp_path: Path) -> None:
    (tmp_path / "a/models").mkdir(parents=True)
    (tmp_path / "a/models/x.bin").write_bytes(b"weights")
    digest = sha256_of_bytes(b"weights")
    put = put_files({"models/x.bin": digest}, tmp_path / "a", lambda piece: piece)
    assert put == [InputFile(path="models/x.bin", sha256=digest, pieces=(b"weights",))]
    for _ in range(2):
        lay_out(put, tmp_path / "b", _itself)
        assert (tmp_path / "b/models/x.bin").read_bytes() == b"weights"
    assert [path.name for path in (tmp_path / "b/models").iterdir()] == ["x.bin"]


def test_a_file_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    changed = InputFile(path="x", sha256="0" * 64, pieces=(b"other",))
    with pytest.raises(EnvironmentFault, match="changed while"):
        lay_out([changed], tmp_path, _itself)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x"])
def test_no_file_lands_outside_the_project(tmp_path: Path, path: str) -> None:
    with pytest.raises(EnvironmentFault, match="out of the project"):
        lay_out([_input(path, b"evil")], tmp_path / "in", _itself)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"gone\.bin"):
        put_files({"gone.bin": "0" * 64}, tmp_path, lambda piece: piece)


def test_jobs_name_what_they_read(tmp_path: Path) -> None:
    (tmp_path / "voicepipe.yaml").write_bytes(b"bank: x\n")
    one = job("tone", 1)
    assert one.request is not None
    files = {
        "1" * 64: "models/a/model.safetensors",
        "2" * 64: "clip.wav",
        "3" * 64: "b.safetensors",
    }
    one = replace(one, request=replace(one.request, files=files))
    (tmp_path / "models/a").mkdir(parents=True)
    (tmp_path / "models/a/model.safetensors").write_bytes(b"weights")
    (tmp_path / "models/a/config.json").write_bytes(b"{}")
    (tmp_path / "b.json").write_bytes(b"{}")
    (tmp_path / "clip.json").write_bytes(b"not read")
    named = files_read([one, job("tone", 2)], tmp_path)
    assert named == {
        "models/a/model.safetensors": "1" * 64,
        "models/a/config.json": sha256_of_bytes(b"{}"),
        "b.json": sha256_of_bytes(b"{}"),
        "clip.wav": "2" * 64,
        "b.safetensors": "3" * 64,
        "voicepipe.yaml": sha256_of_bytes(b"bank: x\n"),
    }


def test_who_listens_is_sent_models_and_clips(tmp_path: Path) -> None:
    mine, other = tmp_path / "voices/ada.wav", tmp_path / "voices/bob.wav"
    model = tmp_path / "models/ears/model.bin"
    for path in (mine, other, model):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.name.encode())
    one = held_to(job("tone", 1), mine, other)
    named = files_read([one, job("tone", 2)], tmp_path, [model])
    assert named == {
        "voices/ada.wav": sha256_of_bytes(b"ada.wav"),
        "voices/bob.wav": sha256_of_bytes(b"bob.wav"),
        "models/ears/model.bin": sha256_of_bytes(b"model.bin"),
    }


def held_to(one: ClipJob, *clips: Path) -> ClipJob:
    """Hold a line to a pitch it never has; its voice has the first clip, another the second."""
    voices = [
        VoiceFacts(
            id=path.stem,
            clips=(VoiceClip(path=path, sha256=sha256_of_bytes(path.name.encode())),),
        )
        for path in clips
    ]
    facts = LineFacts(
        line=one.line_id,
        language="en",
        text="Hello.",
        said=None,
        voice=voices[0],
        other_voices=tuple(voices[1:]),
    )
    standard = Standard(analysers=("signal", "speaker"), limits={Reason.GAP: 0.0})
    return replace(one, expected=Expectation(line=facts, standard=standard, retakes=2))


def test_a_run_leaves_nothing_and_old_ones_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    node_folder("mine")
    node_folder("theirs")
    old = node_folder("lost")
    long_ago = time.time() - 3 * 86_400
    os.utime(old, (long_ago, long_ago))
    (tmp_path / "voicepipe-other").mkdir()
    forget_run("mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "voicepipe-node-theirs",
        "voicepipe-other",
    ]


class Node:
    """A worker in this process, with a folder of its own."""

    def __init__(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        *revocations: Revocation,
        examiner: ExaminerSetup | None = None,
    ) -> None:
        (tmp_path / "node").mkdir()
        (tmp_path / "shared").mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "node"))
        self.folder = tmp_path / "node"
        self.address = parse_address((tmp_path / "shared").as_uri())
        self.worker = NodeWorker()
        self.task = NodeTask(
            run="r",
            orders=Orders(out=Path("out"), engines=ENGINES, device="cpu", examiner=examiner),
            origin=tmp_path / "project",
            store=self.address,
            revocations=revocations,
            files=(
                _input("voicepipe.yaml", b"bank: x\n"),
                _input("voices/ada.wav", b"sent"),
            ),
        )

    def start(self) -> NodeReady:
        return self.worker.start(self.task, _itself)

    def hears(self, n_outcomes: int = 0) -> list[Any]:
        """Everything until so many lines have ended, or, with 0, the worker has left."""
        heard: list[Any] = []
        deadline = time.monotonic() + 60
        kind = Outcome if n_outcomes else Exited
        while sum(isinstance(word, kind) for word in heard) < max(1, n_outcomes):
            assert time.monotonic() < deadline, heard
            heard += self.worker.reports(0.5)
        return heard

    def store(self) -> SharedStore:
        return open_store(self.address)


def test_a_node_shares_what_it_makes_before_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(tmp_path, monkeypatch)
    assert node.start() == NodeReady(version=__version__, node="")
    jobs = [job("tone", i) for i in range(3)]
    bad = job("error", 9)
    # Calls may overtake each other.
    node.worker.submit(1, ((3, bad),))
    node.worker.submit(0, tuple(enumerate(jobs)))
    heard = node.hears(4)
    node.worker.submit(2, None)
    heard += node.hears()
    assert heard[-1] == Exited()
    outcomes = {word.number: word for word in heard if isinstance(word, Outcome)}
    assert sorted(outcomes) == [0, 1, 2, 3]
    assert any(isinstance(word, Ready) for word in heard)
    made = {n for n, outcome in outcomes.items() if not outcome.failure}
    assert made == {0, 1, 2}
    assert node.store().names("clips", ".json") == {one.clip_key for one in jobs}
    assert node.store().names("takes", ".json") == {one.take_key for one in jobs}
    assert (node.folder / "voicepipe-node-r/voicepipe.yaml").is_file()
    node.worker.leave()
    assert not list(node.folder.iterdir())


EARS = (("signal", "toy_analysers:Pitch"), ("speaker", "toy_analysers:Comparer"))


def test_a_node_listens_retakes_and_shares_what_was_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = ExaminerSetup(analysers=("signal", "speaker"), root=tmp_path / "project", paths=EARS)
    node = Node(tmp_path, monkeypatch, examiner=setup)
    node.start()
    one = held_to(job("tone", 1), tmp_path / "project/voices/ada.wav")
    node.worker.submit(0, ((0, one),))
    outcome = next(word for word in node.hears(1) if isinstance(word, Outcome))
    node.worker.leave()
    assert (outcome.failure, outcome.retakes) == ("", 2)
    assert outcome.verdict is not None
    assert outcome.verdict.judged == {"signal": "failed", "speaker": "passed"}
    assert [found.heard for found in outcome.verdict.analysers] == ["", "sent"]
    # What was heard comes back with the clip, and is not listened for again.
    here = TakeStore(tmp_path / "here")
    pull(node.store(), here, [sought_of(one)], Revocations(), print)
    found = StoredFindings(here, one.clip_key).find("speaker", f"1-{'0' * 12}")
    assert found is not None
    assert found.heard == "sent"


@pytest.mark.parametrize("needs_all", [True, False])
def test_a_node_that_lacks_an_analyser_is_refused_where_all_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needs_all: bool
) -> None:
    absent = (EARS[0], ("intelligibility", "toy_analysers:NotInstalled"))
    setup = ExaminerSetup(
        analysers=("signal", "intelligibility"), paths=absent, needs_all=needs_all
    )
    node = Node(tmp_path, monkeypatch, examiner=setup)
    arrived = node.start()
    assert arrived.fault == (
        "intelligibility cannot judge here: toys are not installed" if needs_all else ""
    )
    node.worker.leave()


def test_a_store_that_fails_on_a_node_is_the_machines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(tmp_path, monkeypatch)
    node.start()

    def gone(*_: object) -> None:
        raise EnvironmentFault("the network is gone", remedy="look at it")

    monkeypatch.setattr(SharedStore, "write", gone)
    node.worker.submit(0, ((0, job("tone", 1)),))
    outcomes = [word for word in node.hears(1) if isinstance(word, Outcome)]
    assert [(one.fault, one.remedy) for one in outcomes] == [("the network is gone", "look at it")]


def test_a_node_without_the_store_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node(tmp_path, monkeypatch)
    (tmp_path / "shared").rmdir()
    arrived = node.start()
    assert "no such folder" in arrived.fault
    assert "mount it" in arrived.remedy
    node.worker.leave()


def test_a_courier_that_breaks_is_heard_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node(tmp_path, monkeypatch)
    node.start()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr("voicepipe.workers.cluster_node.push", broken)
    node.worker.submit(0, ((0, job("tone", 1)),))
    assert node.hears()[-1] == Exited(cause="ZeroDivisionError: odd")
