"""Trained weights as the community's files, read back by the readers that render."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from golden_vectors import document, keys
from trainees import (
    acoustic_base,
    acoustic_training,
    semantic_base,
    semantic_training,
    utterances,
)

from voicepipe.errors import CheckpointError, EnvironmentFault, UsageError
from voicepipe.formula_models.weights import formula_state
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.config import Family
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model.training.discriminators import TINY_CRITICS, Discriminators
from voicepipe.model.training.weight_init import initialise
from voicepipe.model.training.weight_norm_form import to_file_names
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import Trained
from voicepipe.training.export import chosen_weights, export_weights, register_model
from voicepipe.training.loops.acoustic_trainer import AcousticSettings, AcousticTraining
from voicepipe.training.loops.loop import LoopSettings, train

if TYPE_CHECKING:
    from voicepipe.training.loops.acoustic_trainer import AcousticTraining as Training

TRAINED = Trained(
    voice="noah",
    consent="c1",
    dataset_sha256="0" * 64,
    base="v2",
    base_sha256="0" * 64,
    steps=2,
)


def acoustic(folder: Path) -> Training:
    heard = utterances(folder, 2, 1.0)
    return acoustic_training(heard, [], batch_size=1, slice_frames=8)


def test_a_trained_acoustic_stage_is_read_back_and_speaks(tmp_path: Path) -> None:
    trainee = acoustic(tmp_path)
    list(train(trainee, LoopSettings(n_steps=2), tmp_path / "run"))
    steps, weights = chosen_weights(trainee, tmp_path / "run")
    path = export_weights(weights, acoustic_base(), tmp_path / "noah.pth", info="2 steps")
    assert steps == 2
    assert path.read_bytes()[:2] == b"PK"
    found = load_checkpoint(path)
    assert (found.family, found.info) == (Family.V2, "2 steps")
    base = {name for name in acoustic_base().tensors if not name.startswith("enc_q.")}
    assert found.tensors.keys() == base
    assert {tensor.dtype for tensor in found.tensors.values()} == {torch.float16}
    moved = found.tensors["dec.conv_pre.weight"].float()
    assert not torch.equal(moved, acoustic_base().tensors["dec.conv_pre.weight"].half().float())
    stage = load_acoustic_stage(found)
    latent, style = torch.zeros(1, 8, 6), torch.zeros(1, 512, 1)
    torch.testing.assert_close(
        stage.network(latent, style), trainee.network.dec(latent, style), rtol=0, atol=1e-2
    )


def test_a_trained_semantic_stage_is_read_back_and_scores(tmp_path: Path) -> None:
    heard = utterances(tmp_path, 3, 1.0)
    trainee = semantic_training(heard[:2], heard[2:], batch_size=2)
    list(train(trainee, LoopSettings(n_steps=3, validate_every=1), tmp_path / "run"))
    steps, weights = chosen_weights(trainee, tmp_path / "run")
    assert steps in (1, 2, 3)
    path = export_weights(weights, semantic_base(), tmp_path / "noah.ckpt", info="GPT-e1")
    found = load_checkpoint(path)
    assert found.family is Family.SEMANTIC
    assert found.tensors.keys() == semantic_base().tensors.keys()
    stage = SemanticStage.from_checkpoint(found)
    scores = stage(torch.arange(5), torch.arange(4))
    assert scores.shape == (5, 1025)


def test_the_library_knows_whose_voice_a_model_is(tmp_path: Path) -> None:
    trainee = acoustic(tmp_path)
    path = export_weights(trainee.weights(), acoustic_base(), tmp_path / "noah.pth", info="")
    library = ModelLibrary(tmp_path / "project")
    model = register_model(library, path, name="noah", base=acoustic_base(), trained=TRAINED)
    assert model.trained == TRAINED
    assert library.find("noah") == model
    again = load_checkpoint(library.weights_path("noah"))
    assert again.family is Family.V2


@pytest.mark.parametrize("family", ["v1", "v2", "v2Pro", "v2ProPlus"])
@pytest.mark.parity
@pytest.mark.slow
def test_files_of_full_size_hold_the_communitys_names(tmp_path: Path, family: str) -> None:
    rows = keys(family, "s2_keys.json")
    state = formula_state(rows)
    config = document(f"{family}/s2_config.json")
    base = replace(acoustic_base(), family=Family(family), tensors=state, config=config)
    found = load_checkpoint(export_weights(state, base, tmp_path / "m.pth", info=""))
    assert found.family is Family(family)
    assert set(found.tensors) == {k for k, _, _ in rows if not k.startswith("enc_q.")}
    head = (tmp_path / "m.pth").read_bytes()[:2]
    assert head == {"v2Pro": b"05", "v2ProPlus": b"06"}.get(family, b"PK")


def test_files_hold_plain_values_and_nothing_else(tmp_path: Path) -> None:
    trainee = acoustic(tmp_path)
    path = export_weights(trainee.weights(), acoustic_base(), tmp_path / "noah.pth", info="")
    with zipfile.ZipFile(path) as archive:
        pickled = next(n for n in archive.namelist() if n.endswith("data.pkl"))
        content = archive.read(pickled)
    for word in (b"voicepipe", b"HParams", b"trainees"):
        assert word not in content
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_weights_that_readers_would_refuse_are_not_written(tmp_path: Path) -> None:
    weights = dict(acoustic(tmp_path).weights())
    path = tmp_path / "noah.pth"
    short = {k: t for k, t in weights.items() if k != "dec.conv_pre.bias"}
    with pytest.raises(CheckpointError, match="conv_pre"):
        export_weights(short, acoustic_base(), path, info="")
    loud = weights | {"dec.conv_pre.bias": torch.full((32,), 1e6)}
    with pytest.raises(CheckpointError, match="half precision"):
        export_weights(loud, acoustic_base(), path, info="")
    with pytest.raises(UsageError, match=r"\.pth"):
        export_weights(weights, acoustic_base(), tmp_path / "noah.ckpt", info="")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault):
        export_weights(weights, acoustic_base(), tmp_path / "file" / "noah.pth", info="")
    assert not path.exists()


def test_nothing_trained_is_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing was trained"):
        chosen_weights(acoustic(tmp_path), tmp_path / "run")


def test_critics_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    critics = Discriminators(TINY_CRITICS)
    initialise(critics, 3)
    path = tmp_path / "s2D.pth"
    torch.save({"weight": to_file_names(critics.state_dict())}, path)
    found = load_checkpoint(path)
    assert found.family is Family.DISCRIMINATOR
    heard = utterances(tmp_path, 1, 1.0)
    trainee = AcousticTraining(
        acoustic_base(), heard, [], AcousticSettings(batch_size=1, slice_frames=8), critics=found
    )
    for name, tensor in critics.state_dict().items():
        assert torch.equal(trainee.critics.state_dict()[name], tensor)
    assert trainee.identity["critics"] == found.sha256


def test_fresh_networks_come_from_their_seed() -> None:
    first, same, other = (Discriminators(TINY_CRITICS) for _ in range(3))
    for network, seed in ((first, 1), (same, 1), (other, 2)):
        initialise(network, seed)
    samples = torch.sin(torch.arange(700.0))[None, None]
    scores = [network(samples)[0].scores for network in (first, same, other)]
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])
    assert 0.01 < float(scores[0].detach().std()) < 10
