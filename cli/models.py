"""`voicepipe models`: fetch, import, check and look at the weights a project uses."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import model_trials
from cli.options import AsJson
from cli.output import answer, answer_table, emit_json, say, session_of
from voicepipe.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.model.config import Family
    from voicepipe.model_store.describe import ModelFacts
    from voicepipe.model_store.library import ModelLibrary
    from voicepipe.model_store.lock import LockedModel

app = typer.Typer(
    help="The weights a project uses: fetch, import, verify, show.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FamilyName = Annotated[
    str, typer.Option("--family", help="What the file holds, if it does not say: v3 or v4.")
]
_HASH_SHOWN = 12


def register(parent: typer.Typer) -> None:
    """Add the group."""
    model_trials.register(app)
    parent.add_typer(app, name="models")


@app.command("ls")
def list_models(
    ctx: typer.Context,
    available: Annotated[
        bool, typer.Option("--available", help="List what `pull` can fetch instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the project's models, as `models.lock` pins them."""
    if available:
        _list_available(as_json=as_json)
        return
    models = _library(ctx).models()
    if as_json:
        emit_json({"models": [_locked_json(model) for model in models]})
        return
    if not models:
        say(session_of(ctx), "no models yet: voicepipe models pull v2proplus, or models import")
        return
    rows = [
        (
            model.name,
            model.family + (f" lora {model.lora_rank}" if model.lora_rank else ""),
            _megabytes(sum(file.n_bytes for file in model.files.values())),
            model.source.trust.value,
            model.source.sha256[:_HASH_SHOWN],
        )
        for model in models
    ]
    answer_table(("model", "family", "size", "trust", "source"), rows)


@app.command()
def pull(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Models, or a family: tiny v1 v2 v2pro … v4.")],
    endpoint: Annotated[
        str, typer.Option("--endpoint", envvar="HF_ENDPOINT", help="The hub, or a mirror of it.")
    ] = "https://huggingface.co",
    revision: Annotated[
        str, typer.Option("--revision", help="Another revision; its hashes are taken on trust.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch published models by name and pin their bytes. The only command that goes online.

    `tiny` comes with voicepipe, and needs no connection.
    """
    from voicepipe.model_store.lock import Trust
    from voicepipe.model_store.pull import pull_model
    from voicepipe.model_store.registry import find_published

    session, library = session_of(ctx), _library(ctx)
    done: list[Json] = []
    for model in find_published(names):
        say(session, f"{model.name}: {model.summary}")
        pulled = pull_model(library, model, endpoint=endpoint.rstrip("/"), revision=revision)
        trust = pulled.model.source.trust
        if trust is Trust.FIRST_USE:
            say(
                session, f"  taken on the hub's word; {library.lock_path.name} holds it from now on"
            )
        done.append({**_locked_json(pulled.model), "fetched": pulled.is_new})
        if not as_json:
            state = "fetched" if pulled.is_new else "already here"
            answer(f"{model.name}: {state}, {trust.value}, {pulled.model.source.sha256}")
    if as_json:
        emit_json({"models": done})


@app.command("import")
def import_(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Weight files, or folders of them.")],
    name: Annotated[str, typer.Option("--name", help="What to call it.")] = "",
    family: FamilyName = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Also in place of another model of that name.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take files into the project: hash, convert to safetensors, pin. Runs nothing in them.

    The two halves of a voice, given together, may have one name: NAME.ckpt and NAME.pth become
    NAME-gpt and NAME-sovits.
    """
    from voicepipe.model_store.importing import import_models

    models = import_models(
        _library(ctx), *paths, name=name, family=_family(family), replace=replace
    )
    if as_json:
        emit_json({"models": [_locked_json(model) for model in models]})
        return
    for model in models:
        answer(f"{model.name}: {model.family}, {model.source.sha256}")


@app.command("rm")
def remove(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Models of the project.")],
    as_json: AsJson = False,
) -> None:
    """Remove models that no voice uses: their files, and their entries in the lock."""
    from voicepipe.pipeline.model_removal import remove_models

    removed = remove_models(session_of(ctx).root, names)
    if as_json:
        emit_json({"models": list(removed)})
        return
    for name in removed:
        answer(f"{name}: removed")


@app.command()
def verify(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Which models; all of them.")] = None,
    as_json: AsJson = False,
) -> None:
    """Hash the files again and compare them with `models.lock`."""
    verdicts = _library(ctx).verify(names or ())
    damaged = [verdict for verdict in verdicts if not verdict.is_intact]
    if as_json:
        emit_json({"files": [{**asdict(v), "state": v.state.value} for v in verdicts]})
    else:
        for verdict in verdicts:
            answer(f"{verdict.model}/{verdict.file}: {verdict.state.value}")
    if damaged:
        say(session_of(ctx), f"{len(damaged)} of {len(verdicts)} files are not those of the lock")
        raise typer.Exit(ExitCode.ENVIRONMENT)


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="A .ckpt, .pth or other weight file.")],
    folder: Annotated[Path, typer.Argument(help="Where model.safetensors and model.json go.")],
    family: FamilyName = "",
    as_json: AsJson = False,
) -> None:
    """Convert one file to safetensors, outside of any project. Runs nothing."""
    from voicepipe.model_store.convert import convert_checkpoint

    converted = convert_checkpoint(source, folder, family=_family(family))
    if as_json:
        emit_json(
            {
                "family": converted.family.value,
                "lora_rank": converted.lora_rank,
                "source_sha256": converted.source_sha256,
                "files": [file.as_posix() for file in converted.files],
            }
        )
        return
    answer(f"{converted.family.value}, {converted.source_sha256}")
    for file in converted.files:
        answer(file.as_posix())


@app.command()
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A model of the project.")],
    keys: Annotated[bool, typer.Option("--keys", help="List every weight.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a model is: family, dimensions, hash, weights."""
    from voicepipe.model_store.describe import describe_model

    library = _library(ctx)
    locked = library.find(name)
    facts = describe_model(library.weights_path(name))
    if as_json:
        emit_json({"model": _locked_json(locked), **_facts_json(facts, with_keys=keys)})
        return
    answer(f"{locked.name}: {facts.family}" + (f", LoRA {facts.lora_rank}" * bool(facts.lora_rank)))
    answer(f"source: {locked.source.file} {locked.source.sha256} ({locked.source.trust.value})")
    answer(f"weights: {len(facts.tensors)}, {facts.n_parameters / 1e6:.1f} million numbers")
    for key, value in sorted(facts.dimensions.items()):
        answer(f"  {key}: {value}")
    if keys:
        for tensor in facts.tensors:
            answer(f"  {tensor.key} {list(tensor.shape)} {tensor.dtype}")


def _library(ctx: typer.Context) -> ModelLibrary:
    from voicepipe.model_store.library import ModelLibrary

    return ModelLibrary(session_of(ctx).root)


def _family(text: str) -> Family | None:
    from voicepipe.model.config import Family

    if not text:
        return None
    by_name = {family.value.lower(): family for family in Family}
    if text.lower() in by_name:
        return by_name[text.lower()]
    raise UsageError(
        f'no family is called "{text}"', remedy="one of " + ", ".join(f.value for f in Family)
    )


def _list_available(*, as_json: bool) -> None:
    from voicepipe.model_store.registry import BUNDLES, PUBLISHED

    if as_json:
        emit_json(
            {
                "models": [
                    {
                        "name": model.name,
                        "family": model.family.value,
                        "summary": model.summary,
                        "repository": model.repository,
                        "revision": model.revision,
                        "files": [asdict(file) for file in model.files],
                    }
                    for model in PUBLISHED.values()
                ],
                "bundles": {name: list(members) for name, members in BUNDLES.items()},
            }
        )
        return
    rows = [
        (model.name, _size(model.weights.n_bytes), model.summary) for model in PUBLISHED.values()
    ]
    rows += [(name, "", "all of " + " ".join(members)) for name, members in BUNDLES.items()]
    answer_table(("name", "size", "what"), rows)


def _locked_json(model: LockedModel) -> dict[str, Json]:
    return {
        "name": model.name,
        "family": model.family,
        "lora_rank": model.lora_rank,
        "files": {name: asdict(file) for name, file in model.files.items()},
        "source": {**asdict(model.source), "trust": model.source.trust.value},
    }


def _facts_json(facts: ModelFacts, *, with_keys: bool) -> dict[str, Json]:
    document: dict[str, Json] = {
        "info": facts.info,
        "config": facts.config,
        "n_weights": len(facts.tensors),
        "n_parameters": facts.n_parameters,
    }
    if with_keys:
        document["weights"] = [asdict(tensor) for tensor in facts.tensors]
    return document


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB"


def _size(n_bytes: int | None) -> str:
    return "" if n_bytes is None else _megabytes(n_bytes)
