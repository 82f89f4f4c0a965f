"""Kill every command that writes, at any moment, and look at what is left.

    python -m benchmarks kills [--hits 1000] [--seed N] [--minutes M]

Commands run in processes of their own, forked from one that has loaded them (those that need torch:
in interpreters of their own, killed once it is loaded), so that most of a
command's time is its work. A hit is a command that was killed (SIGKILL) before it ended. After
each, every version is whole and `latest` names one, no take that anything needs is lost, none is
made again, and every file of the user's is the old one or the new one. In the end the same project
renders to the end, every byte is compared, and nothing is left behind.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from benchmarks.kill_processes import fork, spawn
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.layout import work_folder
from voicepipe.bank.lock import LOCK_NAME, bank_lock
from voicepipe.bank.publish import BankFacts, files_in, publish
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.verify import verify_versions
from voicepipe.bank.versions import LATEST_NAME, load_version, versions
from voicepipe.model_store.library import ModelLibrary

if TYPE_CHECKING:
    from collections.abc import Sequence

BANK = "killed"
N_LINES = 12
LINE = "dock_0010"
MODEL = "tiny-gpt"
_SETTINGS = f"bank: {BANK}\nlanguages: [en]\naudio: {{sample_rate: 16000, bit_depth: 16}}\n"
_VOICE = """\
engine: scratch
consent:
  id: {consent}
  kind: synthetic
  who: espeak-ng
  scope: ["*"]
  languages: ["*"]
  from: 2020-01-01
"""
_TABLE = ("manifest.json", "manifest.csv")
_PATIENCE_S = 60.0
"""For the workers of a killed render, which end by themselves, and for any command."""
_FIRST_S = 2.0
"""Taken for a command's length until one of its kind has ended."""

Prepare = Callable[[Path, random.Random], None]


def _nothing(root: Path, dice: random.Random) -> None:
    del root, dice


def _change_script(root: Path, dice: random.Random) -> None:
    said = [
        f"    - {{line: dock_{10 * n:04d}, who: noah, text: Watch {n} of the night.}}"
        for n in range(1, N_LINES)
    ]
    said.append(f"    - {{line: dock_9000, who: noah, text: Number {dice.randrange(1000)}.}}")
    text = "scene: dock\nnodes:\n  start:\n" + "\n".join(said) + "\n    - {goto: END}\n"
    (root / "scripts_in" / "dock.yaml").write_text(text, "utf-8")


def _lines_without_ids(root: Path, dice: random.Random) -> None:
    said = [f"    - {{who: noah, text: Word {dice.randrange(1000)}.}}" for _ in range(3)]
    text = "scene: nameless\nnodes:\n  start:\n" + "\n".join(said) + "\n    - {goto: END}\n"
    (root / "scripts_in" / "nameless.yaml").write_text(text, "utf-8")


def _voice_again(root: Path, dice: random.Random) -> None:
    text = _VOICE.format(consent=f"extra-{dice.randrange(10**9)}")
    (root / "voices" / "extra.yaml").write_text(text, "utf-8")


def _damaged(root: Path, dice: random.Random) -> None:
    there = versions(root / "out", BANK)
    files = sorted(there[-1].path.rglob("*.wav")) if there else []
    for path in dice.sample(files, min(len(files), 4)):
        path.chmod(0o644)
        path.write_bytes(b"")


def _another_version(root: Path, dice: random.Random) -> None:
    """Publish the same clips once more, so that one version can go and one stays."""
    out = root / "out"
    there = versions(out, BANK)
    if len(there) > 1:
        return
    manifest = load_version(there[-1])
    facts = BankFacts(
        bank=BANK,
        source_language=manifest.source_language,
        languages=manifest.languages,
        sample_rate=manifest.sample_rate,
        bit_depth=manifest.bit_depth,
    )
    noted = [replace(entry, note=f"{dice.randrange(1000)}") for entry in manifest.entries]
    with bank_lock(out, "benchmark"):
        publish(out, facts, noted)


def _no_models(root: Path, dice: random.Random) -> None:
    if dice.random() < 0.5:  # else what is there is replaced, or found to be there
        shutil.rmtree(root / "models", ignore_errors=True)
        (root / "models.lock").unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command that writes, and what it needs to have something to do."""

    name: str
    words: tuple[str, ...]
    share: int
    """How often it is chosen, beside the others."""
    prepare: Prepare = _nothing


_RENDER = ("-q", "render", "--jobs", "1")
COMMANDS = (
    Command(name="render", words=_RENDER, share=9, prepare=_change_script),
    Command(name="retake", words=(*_RENDER, "--retake", "--line", LINE), share=3),
    Command(name="gc", words=("bank", "gc", "--delete", "--days", "0"), share=14),
    Command(
        name="rm", words=("bank", "rm", "latest", "--latest"), share=14, prepare=_another_version
    ),
    Command(name="pin", words=("bank", "pin", LINE), share=6),
    Command(name="repair", words=("bank", "repair"), share=12, prepare=_damaged),
    Command(name="ids", words=("ids", "--write"), share=14, prepare=_lines_without_ids),
    Command(
        name="revoke",
        words=("voices", "revoke", "extra", "--confirm", "extra"),
        share=10,
        prepare=_voice_again,
    ),
    Command(name="models pull", words=("models", "pull", MODEL), share=6, prepare=_no_models),
)


@dataclass(slots=True)
class Campaign:
    """What was done and found."""

    hits: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    """Commands that were done before they could be killed."""
    lost: list[str] = field(default_factory=list)
    """Takes that something needs, and that are gone or were made again."""
    faults: list[str] = field(default_factory=list)
    """Whatever else is not as it should be."""
    left_behind: list[str] = field(default_factory=list)
    """Files that are there at the end and should not be."""

    @property
    def n_hits(self) -> int:
        """How many commands were killed."""
        return self.hits.total()


def write_project(root: Path) -> None:
    """Write a project of a few lines, and a voice nobody speaks in."""
    for folder in ("scripts_in", "voices"):
        (root / folder).mkdir(parents=True)
    (root / "voicepipe.yaml").write_text(_SETTINGS, "utf-8")
    (root / "voices" / "noah.yaml").write_text(_VOICE.format(consent="noah"), "utf-8")
    _change_script(root, random.Random(0))


def kill_commands(
    root: Path,
    *,
    hits: int,
    seed: int,
    until: float = float("inf"),
    commands: Sequence[Command] = COMMANDS,
    told: Callable[[str], None] = lambda _: None,
) -> Campaign:
    """Kill commands on a project until enough were hit, then let everything come to its end.

    Args:
        root: Of a project as `write_project` makes it.
        hits: How many.
        seed: Of what is chosen when.
        until: A moment of the monotonic clock at which to stop earlier.
        commands: Those to choose from.
        told: Hears how far it is.
    """
    _load()
    dice, campaign, length = random.Random(seed), Campaign(), dict[str, float]()
    _run(root, _RENDER)
    while campaign.n_hits < hits and time.monotonic() < until:
        (command,) = dice.choices(commands, [one.share for one in commands])
        (root / "scripts_in" / "nameless.yaml").unlink(missing_ok=True)
        if not versions(root / "out", BANK):
            _run(root, _RENDER)
        command.prepare(root, dice)
        before = _takes(root)
        usual_s = length.get(command.name, _FIRST_S)
        spent_s = _run(root, command.words, kill_after_s=dice.uniform(0.0, 1.2 * usual_s))
        if spent_s is None:
            campaign.hits[command.name] += 1
        else:
            campaign.ended[command.name] += 1
            length[command.name] = spent_s
        look(root, f"hit {campaign.n_hits} ({command.name})", campaign)
        _compare_takes(root, before, command, campaign)
        if campaign.n_hits % 50 == 0 and spent_s is None:
            told(f"{campaign.n_hits} hits, {len(campaign.lost)} lost, {campaign.faults}")
    _end(root, campaign)
    return campaign


def _load() -> None:
    """Have loaded what forked commands load late, so that blows do not fall on imports."""
    import voicepipe.bank.collect  # noqa: PLC0415
    import voicepipe.bank.repair  # noqa: PLC0415
    import voicepipe.pipeline.render.rendering  # noqa: PLC0415
    import voicepipe.pipeline.revocation  # noqa: PLC0415
    import voicepipe.screenplay.ids.files  # noqa: PLC0415
    import voicepipe.workers.pool  # noqa: F401, PLC0415


def _run(root: Path, words: Sequence[str], *, kill_after_s: float = _PATIENCE_S) -> float | None:
    """Run a command in a process of its own.

    Returns:
        Seconds it took; None when it was killed first.
    """
    child = spawn(root, words) if words[0] == "models" else fork(root, words)
    started = time.monotonic()
    while time.monotonic() < started + kill_after_s:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return time.monotonic() - started
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    _wait_for_workers(root)
    was_killed = os.WIFSIGNALED(status)
    return None if was_killed else time.monotonic() - started


def _wait_for_workers(root: Path) -> None:
    """Wait until nobody holds the lock: workers of a killed render end by themselves."""
    lock = work_folder(root / "out") / LOCK_NAME
    if not lock.exists():
        return
    try:
        with FileLock(lock, timeout=_PATIENCE_S):
            return
    except Timeout:
        raise SystemExit("the lock of a killed command was never freed") from None


def _takes(root: Path) -> dict[str, int]:
    folder = root / "out" / "takes"
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("*/*.json")}


def _compare_takes(
    root: Path, before: dict[str, int], command: Command, campaign: Campaign
) -> None:
    now = _takes(root)
    again = [key for key, stamp in before.items() if now.get(key, stamp) != stamp]
    gone = [key for key in before if key not in now]
    if again or (gone and command.name != "gc"):
        campaign.lost += [f"after {command.name}: {key}" for key in (*again, *gone)]


def look(root: Path, when: str, campaign: Campaign) -> None:
    """Look at all that must hold at any moment."""
    out = root / "out"
    there = versions(out, BANK)
    needed = set(load_decisions(root, out).pins())
    for version in there:
        manifest = load_version(version)
        needed |= {entry.take_key for entry in manifest.entries}
        wanted = {entry.file for entry in manifest.entries} | {*_TABLE}
        if files_in(version.path) != wanted:
            campaign.faults.append(f"{when}: {version.name} is not whole")
    pointer = out / "banks" / BANK / LATEST_NAME
    named = pointer.read_text("utf-8").strip() if pointer.exists() else ""
    if named and named not in {version.name for version in there}:
        campaign.faults.append(f"{when}: latest names {named}, which is not there")
    take_store = TakeStore(out)
    campaign.lost += [f"{when}: {key}" for key in needed - take_store.known_takes()]
    ModelLibrary(root).models()
    nameless = root / "scripts_in" / "nameless.yaml"
    if nameless.exists() and nameless.read_text("utf-8").count("line: ") not in (0, 3):
        campaign.faults.append(f"{when}: a script is half written")


def _end(root: Path, campaign: Campaign) -> None:
    """Let every kind of command come to its end, compare every byte and list what is left."""
    out = root / "out"
    (root / "scripts_in" / "nameless.yaml").unlink(missing_ok=True)
    for words in (
        ("models", "pull", MODEL),
        ("bank", "repair", "all"),
        ("voices", "revoke", "extra", "--confirm", "extra"),
        _RENDER,
        ("bank", "verify"),
    ):
        if words[0] == "models" and not (root / "models").exists():
            continue
        if words[0] == "voices" and not (root / "voices" / "extra.yaml").exists():
            continue
        if _run(root, words, kill_after_s=10 * _PATIENCE_S) is None:
            campaign.faults.append(f"at the end: {' '.join(words)} does not end")
    found = verify_versions(out, versions(out, BANK))
    campaign.faults += [f"at the end: {finding.message}" for finding in found.findings]
    last = versions(out, BANK)
    if not last or len(load_version(last[-1]).entries) != N_LINES:
        campaign.faults.append("at the end: the bank is not whole")
    if (root / "models").exists():
        verdicts = ModelLibrary(root).verify()
        campaign.faults += [f"at the end: {v.model} {v.file}" for v in verdicts if not v.is_intact]
    campaign.left_behind += strangers(root)


def strangers(root: Path) -> list[str]:
    """List hidden and half-written files, and all that lies where work is done."""
    found = []
    for path in sorted(path for path in root.rglob("*") if not path.is_dir()):
        inner = path.relative_to(root).as_posix()
        is_hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        is_work = inner.startswith("out/work/") and inner != f"out/work/{LOCK_NAME}"
        if is_hidden or is_work or "quarantine" in inner or path.suffix in (".part", ".tmp"):
            found.append(inner)
    return found


def run(hits: int, seed: int, minutes: float) -> None:
    """Run a campaign and print what came of it."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        write_project(root)

        def told(text: str) -> None:
            sys.stderr.write(f"{time.monotonic() - started:7.0f} s  {text}\n")

        until = started + 60 * minutes if minutes else float("inf")
        campaign = kill_commands(root, hits=hits, seed=seed, until=until, told=told)
    document = {
        "hits": campaign.n_hits,
        "by_command": dict(campaign.hits),
        "ended_first": dict(campaign.ended),
        "takes_lost": campaign.lost,
        "left_behind": campaign.left_behind,
        "faults": campaign.faults,
        "minutes": round((time.monotonic() - started) / 60, 1),
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    if campaign.lost or campaign.left_behind or campaign.faults:
        raise SystemExit(1)
