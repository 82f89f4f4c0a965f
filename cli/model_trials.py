"""`voicepipe models selftest` and `formula`: trying a machine before real weights are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from cli.output import answer, answer_table, emit_json, say, session_of
from voicepipe.errors import RenderError

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.parity.replay import Measure

_DEFAULT_VECTORS = Path("..") / "shared" / "golden"


def register(models: typer.Typer) -> None:
    """Add the verbs to the `models` group."""
    models.command("selftest")(selftest)
    models.command("formula")(formula)


def selftest(
    ctx: typer.Context,
    vectors: Annotated[
        Path | None,
        typer.Option("--vectors", help="Folder of recorded vectors; ../shared/golden otherwise."),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda:0 …")] = "cpu",
    as_json: AsJson = False,
) -> None:
    """Replay recorded vectors: equal to the reference implementation on this machine, or exit 3."""
    from voicepipe.engines.gpt_sovits.renderer import require_device
    from voicepipe.model.kernels.choice import describe_kernels
    from voicepipe.parity.selftest import Coverage, replay_vectors

    session = session_of(ctx)
    require_device(device)
    folder = session.root / _DEFAULT_VECTORS if vectors is None else vectors
    kernels = dict(describe_kernels()) if device == "cpu" else {}
    coverage = Coverage()
    measures: list[Measure] = []
    for measure in replay_vectors(folder, device, coverage):
        measures.append(measure)
        say(session, _line(measure))
    missed = [measure for measure in measures if not measure.is_passed]
    if as_json:
        emit_json(
            {
                "device": device,
                "kernels": kernels,
                "passed": not missed,
                "measures": [_measure_json(measure) for measure in measures],
                "replayed": list(coverage.replayed),
                "not_covered": list(coverage.not_covered),
            }
        )
    else:
        answer_table(("vectors", "worst", "bar", "result"), _summary(measures))
        if coverage.not_covered:
            answer(f"not covered: {', '.join(coverage.not_covered)}")
        for what, kernel in kernels.items():
            answer(f"{what}: {kernel}")
        answer(f"{len(measures) - len(missed)} of {len(measures)} comparisons pass on {device}")
    if missed:
        raise RenderError(
            f"{len(missed)} of {len(measures)} comparisons miss their bar",
            remedy="compare versions of torch and of the language packages with pyproject.toml",
        )


def formula(
    ctx: typer.Context,
    family: Annotated[
        str, typer.Argument(help="The family: v1, v2, v2Pro, v2ProPlus, v3 or v4.")
    ] = "v2",
    lora: Annotated[
        bool, typer.Option("--lora", help="A LoRA over the family's base (v3, v4).")
    ] = False,
    full_depth: Annotated[
        bool,
        typer.Option("--full-depth", help="All 12 and 24 layers of HuBERT and BERT, not 4 each."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put models with weights from a formula into the project: full size, and only noise."""
    from voicepipe.formula_models.families import adopt_formula_models
    from voicepipe.formula_models.sizes import formula_sizes
    from voicepipe.model_store.library import ModelLibrary

    sizes = formula_sizes(family, is_lora=lora, is_deep=full_depth)
    session = session_of(ctx)
    models = adopt_formula_models(ModelLibrary(session.root), sizes)
    if as_json:
        emit_json(
            {
                "models": [
                    {"role": role, "name": model.name, "family": model.family}
                    for role, model in models.items()
                ]
            }
        )
        return
    for model in models.values():
        answer(f"{model.name}: {model.family}, {model.source.sha256}")
    table = ", ".join(f"{role}: {model.name}" for role, model in models.items())
    say(session, f"in a voice: model: {{{table}}}, and sampling: {{fastest: 10000}}")


def _line(measure: Measure) -> str:
    shown = f"{measure.found:.1%}" if measure.is_share else f"{measure.found:.2e}"
    state = "ok" if measure.is_passed else "MISSED"
    return f"{measure.folder}: {measure.what}: {shown} {state}"


def _summary(measures: list[Measure]) -> list[tuple[str, str, str, str]]:
    """The worst of each folder's errors, and every share of equal ids."""
    rows = []
    for folder in dict.fromkeys(measure.folder for measure in measures):
        mine = [measure for measure in measures if measure.folder == folder]
        errors = [measure for measure in mine if not measure.is_share]
        if errors:
            worst = max(errors, key=lambda measure: measure.found / measure.bar)
            rows.append(_row(f"{folder}: {worst.what}", f"{worst.found:.2e}", worst))
        rows += [
            _row(f"{folder}: {measure.what}", f"{measure.found:.1%}", measure)
            for measure in mine
            if measure.is_share
        ]
    return rows


def _row(name: str, shown: str, measure: Measure) -> tuple[str, str, str, str]:
    bar = f">= {measure.bar:.0%}" if measure.is_share else f"<= {measure.bar:g}"
    return name, shown, bar, "ok" if measure.is_passed else "MISSED"


def _measure_json(measure: Measure) -> dict[str, Json]:
    return {
        "vectors": measure.folder,
        "what": measure.what,
        "kind": "share" if measure.is_share else "relative error",
        "found": measure.found,
        "bar": measure.bar,
        "passed": measure.is_passed,
        "note": measure.note,
    }
