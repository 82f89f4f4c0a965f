"""`python -m benchmarks`: measure the pipeline at scale."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import export, scale, starting, texts
from voicepipe.voices.prosody import STANDARD


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    kinds = parser.add_subparsers(dest="kind")
    large = kinds.add_parser("scale", help="check, plan and an idle render of large projects")
    large.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000])
    large.add_argument("--keep", type=Path, help="leave the projects in this folder")
    spoken = kinds.add_parser("texts", help="check and plan of large scripts for cloned voices")
    spoken.add_argument("--lines", type=int, nargs="+", default=[10_000, 100_000])
    spoken.add_argument("--languages", nargs="+", default=["en", "zh", "ja"])
    spoken.add_argument("--keep", type=Path, help="leave the projects in this folder")
    _add_start(kinds)
    whole = kinds.add_parser("render", help="a render at full size, everything included")
    whole.add_argument("--lines", type=int, default=200)
    whole.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    whole.add_argument("--keep", type=Path, help="leave the project in this folder")
    for add in (
        _add_training,
        _add_long,
        _add_memory,
        _add_kills,
        _add_alignment,
        _add_export,
        _add_faults,
        _add_emotions,
        _add_cloning,
        _add_unheard,
        _add_reference,
    ):
        add(kinds)
    asked = parser.parse_args()
    if asked.kind in (None, "scale"):
        scale.run(getattr(asked, "lines", [10_000, 100_000]), getattr(asked, "keep", None))
    elif asked.kind == "texts":
        texts.run(asked.lines, asked.languages, asked.keep)
    elif asked.kind == "export":
        export.run(asked.lines, asked.targets, asked.keep)
    elif asked.kind == "alignment":
        from benchmarks import alignment  # noqa: PLC0415 -- torch

        alignment.run(asked.project, asked.clips, asked.lines, asked.whisper)
    elif asked.kind == "kills":
        from benchmarks import kills as campaign  # noqa: PLC0415 -- torch

        campaign.run(asked.hits, asked.seed, asked.minutes)
    else:
        _run_at_length(asked)


def _run_at_length(asked: argparse.Namespace) -> None:
    """Run one of those that compute for long."""
    if asked.kind == "reference":
        from benchmarks import reference  # noqa: PLC0415 -- torch

        reference.run(asked.checkout, asked.precision, reference.Sizes.asked(asked))
    elif asked.kind == "render":
        from benchmarks import render  # noqa: PLC0415 -- torch

        render.run(asked.lines, asked.jobs, asked.keep)
    elif asked.kind == "start":
        starting.run(asked.project, asked.voice, asked.times)
    elif asked.kind == "training":
        from benchmarks import training  # noqa: PLC0415 -- torch

        training.run(asked.stages, asked.steps, asked.minutes, asked.batch)
    elif asked.kind == "long":
        from benchmarks import long_render  # noqa: PLC0415 -- torch

        long_render.run(asked.lines, asked.every)
    elif asked.kind == "memory":
        from benchmarks import worker_memory  # noqa: PLC0415 -- torch

        worker_memory.run(asked.lines, asked.jobs, asked.slots, asked.precision, asked.keep)
    else:
        _run_by_ear(asked)


def _run_by_ear(asked: argparse.Namespace) -> None:
    """Run one of those that listen to what was said."""
    if asked.kind == "faults":
        from benchmarks import planted_faults  # noqa: PLC0415 -- torch

        planted_faults.run(
            asked.corpus,
            asked.analysers,
            asked.planted,
            asked.clean,
            held_out=asked.held_out,
            seed=asked.seed,
            faults=asked.faults,
        )
    elif asked.kind == "cloning":
        from benchmarks import cloning  # noqa: PLC0415 -- torch

        cloning.run(
            asked.data, asked.speakers, asked.seconds, asked.lines, asked.stages, asked.keep
        )
    elif asked.kind == "unheard":
        from benchmarks import unheard  # noqa: PLC0415 -- torch

        compared = unheard.Asked(asked.models, asked.learn, asked.lines, asked.crossed, asked.jobs)
        unheard.run(asked.data, compared, asked.keep)
    elif asked.kind == "emotions":
        from benchmarks import emotions  # noqa: PLC0415 -- torch

        emotions.run(asked.project, asked.emotions, asked.lines, asked.keep)


def _add_start(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    begun = kinds.add_parser("start", help="commands that have little to do")
    begun.add_argument("project", type=Path)
    begun.add_argument("--voice", default="", help="one that speaks, for `say`")
    begun.add_argument("--times", type=int, default=5)


def _add_long(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    long = kinds.add_parser("long", help="memory and pace of a long render of tiny size")
    long.add_argument("--lines", type=int, default=10_000)
    long.add_argument("--every", type=int, default=500)


def _add_memory(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    held = kinds.add_parser("memory", help="memory of a render's workers at full size")
    held.add_argument("--lines", type=int, default=16)
    held.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    held.add_argument("--slots", type=int, default=8, help="lines at once of each")
    held.add_argument("--precision", default="float32")
    held.add_argument("--keep", type=Path, help="leave the project in this folder")


def _add_export(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    large = kinds.add_parser("export", help="exports of a large bank")
    large.add_argument("--lines", type=int, default=100_000)
    large.add_argument("--targets", nargs="+", default=["generic", "unity"])
    large.add_argument("--keep", type=Path, help="leave the project in this folder")


def _add_training(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    learning = kinds.add_parser("training", help="fine-tuning both stages at full size")
    learning.add_argument("--stages", nargs="+", default=["semantic", "acoustic"])
    learning.add_argument("--steps", type=int, default=50)
    learning.add_argument("--minutes", type=float, default=0.0, help="a stage, at most")
    learning.add_argument("--batch", type=int, default=2)


def _add_reference(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    beside = kinds.add_parser("reference", help="ours beside the reference's own pipeline")
    beside.add_argument("checkout", type=Path, help="of RVC-Boss/GPT-SoVITS; its code is run")
    beside.add_argument("--precision", nargs="+", default=["float32", "bfloat16"])
    beside.add_argument("--lines", type=int, default=6, help="in the reference's batch")
    beside.add_argument("--seconds", type=float, default=4.0, help="of each of its lines")
    beside.add_argument("--rounds", type=int, default=3)
    beside.add_argument("--slots", type=int, default=32, help="lines at once of ours")


def _add_kills(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    kills = kinds.add_parser("kills", help="kill every command that writes, at any moment")
    kills.add_argument("--hits", type=int, default=1_000)
    kills.add_argument("--seed", type=int, default=2026)
    kills.add_argument("--minutes", type=float, default=0.0, help="at most; 0: as many as it takes")


def _add_faults(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    faults = kinds.add_parser("faults", help="which planted faults the analysers of clips find")
    faults.add_argument("corpus", type=Path, nargs="+", help="folders with clips-*.csv")
    faults.add_argument("--analysers", nargs="+", default=[], help="all unless given")
    faults.add_argument("--planted", type=int, default=20, help="of each fault and language")
    faults.add_argument("--clean", type=int, default=50, help="untouched clips of each language")
    faults.add_argument("--held-out", action="store_true", help="what nothing was tuned on")
    faults.add_argument("--seed", type=int, default=1)
    faults.add_argument("--faults", nargs="+", default=[], help="all, and `clean`, unless given")


def _add_cloning(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    learnt = kinds.add_parser("cloning", help="what a minute of speech does for the embedded voice")
    learnt.add_argument("data", type=Path, help="a folder a speaker, with learn/ and other/ in it")
    learnt.add_argument("--speakers", nargs="*", default=[], help="folders; all unless given")
    learnt.add_argument("--seconds", type=float, default=75.0, help="of learn/")
    learnt.add_argument("--lines", type=int, default=20)
    learnt.add_argument("--stages", nargs="*", default=[], help="semantic, acoustic")
    learnt.add_argument("--keep", type=Path, required=True, help="everything lies here")


def _add_unheard(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    heard = kinds.add_parser("unheard", help="the embedded voice as people it never heard")
    heard.add_argument("data", type=Path, help="a folder a speaker, as for `cloning`")
    heard.add_argument("--models", type=Path, nargs="*", default=[], help="other model files")
    heard.add_argument("--learn", action="store_true", help="voices trained on their clip, too")
    heard.add_argument("--lines", type=int, default=12, help="of a voice in its own language")
    heard.add_argument("--crossed", type=int, default=3, help="of a voice in each other one")
    heard.add_argument("--jobs", type=int, default=2, help="workers that render")
    heard.add_argument("--keep", type=Path, required=True, help="everything lies here")


def _add_emotions(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    heard = kinds.add_parser("emotions", help="how far voices follow the prosody table")
    heard.add_argument("--project", type=Path, default=Path(), help="whose voices speak")
    heard.add_argument("--emotions", nargs="+", default=list(STANDARD))
    heard.add_argument("--lines", type=int, default=20)
    heard.add_argument("--keep", type=Path, required=True, help="what is made; a later run goes on")


def _add_alignment(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    times = kinds.add_parser("alignment", help="times of words against other recognisers")
    times.add_argument("--project", type=Path, help="a rendered project")
    times.add_argument("--clips", type=Path, nargs="*", default=[], help="path,language,text CSVs")
    times.add_argument("--lines", type=int, default=20, help="of each language and table")
    times.add_argument("--whisper", type=Path, required=True, help="a faster-whisper model")


if __name__ == "__main__":
    main()
