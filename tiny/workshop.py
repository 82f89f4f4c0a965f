"""The steps that make the embedded voice model, over one working folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

import torch

from tiny import acoustic, finish, listening, semantic
from tiny.acoustic import AcousticTraining
from tiny.alignment import align, realign
from tiny.corpus import read_corpus
from tiny.export import Trained, export
from tiny.finish import HEARD_RECIPE, FinishTraining, part_of_the_way
from tiny.listening import Lessons, Listener, Listening, border_scores
from tiny.packing import Pack, pack_corpus
from tiny.semantic import Joined, SemanticTraining
from tiny.stretches import Stretches
from tiny.tokens import SpokenClips, hear_all
from voicepipe.training.loops.loop import LoopSettings, train
from voicepipe.training.loops.state import load_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from tiny.trainee import OneNetwork, Recipe

STEPS: Final = ("pack", "listen", "tokens", "semantic", "acoustic", "finish", "heard", "export")
"""In the order in which they need each other, but for two."""

_SIDE_BY_SIDE = ("semantic", "acoustic")  # neither needs the other
_LEAST_JOBS = 2
_EVERY = 200
_SAID_EVERY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipes:
    """How each network learns."""

    first_listener: Recipe = listening.FIRST_RECIPE
    listener: Recipe = listening.RECIPE
    semantic: Recipe = semantic.RECIPE
    acoustic: Recipe = acoustic.RECIPE
    finish: Recipe = finish.RECIPE
    heard: Recipe = HEARD_RECIPE


class Workshop:
    """The steps over one working folder.

    Args:
        work: Everything on the way, and running checkpoints; not for keeping.
        corpora: Folders of clips.
        out: Where the model files go.
        jobs: Processes that measure clips at once.
        recipes: How each network learns.
    """

    def __init__(
        self,
        work: Path,
        corpora: Sequence[Path],
        out: Path,
        *,
        jobs: int,
        recipes: Recipes,
    ) -> None:
        self._recipes = recipes
        self._work = work
        self._corpora = corpora
        self._out = out
        self._jobs = jobs

    def pack(self) -> None:
        """Measure the clips, and find what is said when."""
        pack_corpus(read_corpus(self._corpora), self._work / "pack", jobs=self._jobs)
        self._alignment()

    def listen(self) -> None:
        """Teach a first content encoder, draw the borders of phonemes by it, teach the real one."""
        self._train("first_listener", self._first_listening())
        self._train("listener", self._listening())

    def tokens(self) -> None:
        """Hear every clip with it."""
        lessons = self._lessons
        listener = self._listener("listener", lessons, self._listening())
        hear_all(self._pack, lessons, listener, self._work / "tokens.npz")

    def semantic(self) -> None:
        """Teach the semantic stage."""
        self._train("semantic", self._semantic())

    def acoustic(self) -> None:
        """Teach the acoustic stage."""
        self._train("acoustic", self._acoustic())

    def finish(self) -> None:
        """Take the blur off it."""
        self._train("finish", self._finish())

    def heard(self) -> None:
        """Go on among fresh critics, with the ears listening."""
        self._train("heard", self._heard())

    def export(self) -> None:
        """Write the model files."""
        trained = Trained(
            listener=self._weights("listener", self._listening()),
            phoneme_ids=self._lessons.phoneme_ids,
            semantic=self._weights("semantic", self._semantic()),
            acoustic=self._published_acoustic(),
        )
        for name, sha256 in export(trained, self._out).items():
            print(f"{name} {sha256}")

    @cached_property
    def _pack(self) -> Pack:
        return Pack(self._work / "pack")

    def _alignment(self) -> dict[str, NDArray[np.int64]]:
        return align(self._pack, self._work / "alignment.npz")

    @cached_property
    def _first_lessons(self) -> Lessons:
        return Lessons(self._pack, self._alignment())

    @cached_property
    def _lessons(self) -> Lessons:
        pack, path = self._pack, self._work / "borders.npz"
        first = self._first_lessons
        listener = self._listener("first_listener", first, self._first_listening())
        hear = border_scores(pack, first, listener)
        return Lessons(pack, realign(pack, path, first.class_of, hear))

    def _listener(self, name: str, lessons: Lessons, trainee: Listening) -> Listener:
        listener = Listener(lessons.n_classes)
        listener.load_state_dict(dict(self._weights(name, trainee)))
        return listener.eval()

    def _spoken(self) -> SpokenClips:
        return SpokenClips(self._work / "tokens.npz")

    def _first_listening(self) -> Listening:
        return Listening(self._first_lessons, self._recipes.first_listener)

    def _listening(self) -> Listening:
        return Listening(self._lessons, self._recipes.listener)

    def _semantic(self) -> SemanticTraining:
        joined = Joined(self._pack, self._spoken())
        codes = self._weights("listener", self._listening())["codes.embed"]
        return SemanticTraining(joined, codes, self._recipes.semantic)

    def _acoustic(self) -> AcousticTraining:
        pack, spoken = self._pack, self._spoken()
        return AcousticTraining(
            Stretches(pack, spoken, held_out=False),
            Stretches(pack, spoken, held_out=True),
            self._weights("listener", self._listening()),
            self._recipes.acoustic,
        )

    def _finish(self) -> FinishTraining:
        acoustic = self._acoustic()
        self._weights("acoustic", acoustic)
        return FinishTraining(acoustic, self._recipes.finish)

    def _heard(self) -> FinishTraining:
        acoustic = self._acoustic()
        self._weights("finish", FinishTraining(acoustic, self._recipes.finish))
        ears = self._listener("listener", self._lessons, self._listening())
        ears.requires_grad_(requires_grad=False)
        return FinishTraining(acoustic, self._recipes.heard, ears=ears)

    def _published_acoustic(self) -> dict[str, Tensor]:
        heard = self._heard()
        finished = heard.weights()  # what it begins with
        return part_of_the_way(finished, self._weights("heard", heard))

    def _train(self, name: str, trainee: OneNetwork) -> None:
        settings = LoopSettings(
            n_steps=trainee.recipe.total_steps, save_every=_EVERY, validate_every=_EVERY
        )
        for event in train(trainee, settings, self._work / name):
            if event.kind == "validation" or event.step % _SAID_EVERY == 0:
                said = " ".join(f"{key} {value:.3f}" for key, value in event.losses.items())
                print(
                    f"{name} {event.kind} {event.step}: {said} ({event.seconds:.1f} s)", flush=True
                )

    def _weights(self, name: str, trainee: OneNetwork) -> Mapping[str, Tensor]:
        state = load_state(self._work / name / "states", trainee.identity)
        if state is None:
            raise SystemExit(f"there is no {name} yet: python -m tiny {name}")
        trainee.restore(state.tensors)
        return trainee.weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What is made of which clips, and where."""

    work: Path
    corpora: tuple[Path, ...]
    out: Path
    jobs: int
    """Processor cores."""
    recipes: Recipes

    def take(self, steps: Sequence[str]) -> None:
        """Take steps in their order, those that may be side by side."""
        ordered = [step for step in STEPS if step in steps]
        if self.jobs < _LEAST_JOBS or not set(_SIDE_BY_SIDE) <= set(ordered):
            self.take_alone(ordered, self.jobs)
            return
        first, last = (ordered.index(step) for step in _SIDE_BY_SIDE)
        self.take_alone(ordered[:first], self.jobs)
        self._take_side_by_side()
        self.take_alone(ordered[last + 1 :], self.jobs)

    def take_alone(self, steps: Sequence[str], n_threads: int) -> None:
        """Take steps one after the other."""
        torch.set_num_threads(n_threads)
        workshop = Workshop(self.work, self.corpora, self.out, jobs=self.jobs, recipes=self.recipes)
        for step in steps:
            getattr(workshop, step)()

    def _take_side_by_side(self) -> None:
        """Teach both stages at once, each with half of the cores."""
        beside, here = _SIDE_BY_SIDE
        n_threads = self.jobs // 2
        process = get_context("spawn").Process(target=self.take_alone, args=((beside,), n_threads))
        process.start()
        try:
            self.take_alone((here,), self.jobs - n_threads)
        except BaseException:
            process.terminate()
            raise
        finally:
            process.join()
        if process.exitcode:
            raise SystemExit(f"{beside} ended with {process.exitcode}: see above")
