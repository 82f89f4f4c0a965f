"""The solver around the transformer, and lines longer than one chunk."""

from __future__ import annotations

import pytest
import torch
from acoustic_tiny import loaded
from tiny_decoders import mel_decoder

from voicepipe.model.acoustic.dit import ConditionEmbedding
from voicepipe.model.acoustic.flow_matching import FlowMatching, denormalise_mel, normalise_mel
from voicepipe.model.config import Family

SIZES = mel_decoder(Family.V4).transformer
WIDTH, BANDS = SIZES.condition_width, SIZES.n_mels


@pytest.fixture(scope="module")
def flow() -> FlowMatching:
    made: FlowMatching = loaded(lambda: FlowMatching(SIZES))
    return made


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_normalised_mels_span_the_unit_range() -> None:
    mel = torch.tensor([-12.0, -5.0, 2.0])
    assert normalise_mel(mel).tolist() == [-1.0, 0.0, 1.0]
    torch.testing.assert_close(denormalise_mel(normalise_mel(mel)), mel)


@torch.inference_mode()
def test_one_step_is_noise_plus_velocity(flow: FlowMatching) -> None:
    features, prompt, start = noise(1, WIDTH, 14), noise(1, BANDS, 4), noise(1, BANDS, 10)
    made = flow(features, prompt, start, n_steps=1)
    noisy = torch.cat((torch.zeros_like(prompt), start), 2).transpose(1, 2)
    known = torch.cat((prompt, torch.zeros_like(start)), 2).transpose(1, 2)
    condition = flow.estimator.text_embed(features.transpose(1, 2))
    time = flow.estimator.embed_time(torch.zeros(1), torch.ones(1))
    velocity = flow.estimator(noisy, known, condition, time)[:, 4:].transpose(1, 2)
    torch.testing.assert_close(made, start + velocity)


@torch.inference_mode()
def test_the_prompt_and_guidance_matter(flow: FlowMatching) -> None:
    features, prompt, start = noise(1, WIDTH, 14), noise(1, BANDS, 4), noise(1, BANDS, 10)
    plain = flow(features, prompt, start, n_steps=2)
    assert not torch.allclose(plain, flow(features, -prompt, start, n_steps=2), atol=1e-3)
    guided = flow(features, prompt, start, n_steps=2, guidance=0.5)
    assert not torch.allclose(plain, guided, atol=1e-3)
    faint = flow(features, prompt, start, n_steps=2, guidance=1e-7)
    torch.testing.assert_close(plain, faint, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_a_short_line_is_one_chunk(flow: FlowMatching) -> None:
    features, prompt_features = noise(1, WIDTH, 20), noise(1, WIDTH, 10, seed=2)
    mel, start = noise(1, BANDS, 10), noise(1, BANDS, 20)
    made = flow.extend(features, (prompt_features, mel), start, chunk_frames=30, n_steps=2)
    whole = flow(torch.cat((prompt_features, features), 2), mel, start, n_steps=2)
    assert torch.equal(made, whole)


@pytest.mark.parametrize(("n_prompt", "size"), [(10, 20), (20, 10), (15, 15)])
@torch.inference_mode()
def test_a_long_line_prompts_itself(flow: FlowMatching, n_prompt: int, size: int) -> None:
    """Each chunk is prompted by the last frames before it, as many as the prompt had."""
    features, mel = noise(1, WIDTH, 47), noise(1, BANDS, n_prompt)
    prompt_features, start = noise(1, WIDTH, n_prompt, seed=2), noise(1, BANDS, 47)
    made = flow.extend(
        features, (prompt_features, mel), start, chunk_frames=n_prompt + size, n_steps=2
    )
    known_features, known_mel, pieces = prompt_features, mel, []
    for begin in range(0, 47, size):
        end = min(begin + size, 47)
        piece = flow(
            torch.cat((known_features, features[:, :, begin:end]), 2),
            known_mel,
            start[:, :, begin:end],
            n_steps=2,
        )
        pieces.append(piece)
        first = max(begin, end - n_prompt)
        known_features, known_mel = features[:, :, first:end], piece[:, :, first - begin :]
    torch.testing.assert_close(made, torch.cat(pieces, 2))
    assert made.shape == (1, BANDS, 47)


@torch.inference_mode()
def test_positions_end_where_the_table_of_upstream_ends() -> None:
    """Frames from 4,096 on share a position, so nothing is refused for its length."""
    embedding = loaded(lambda: ConditionEmbedding(SIZES))
    blocks, embedding.text_blocks = embedding.text_blocks, torch.nn.Sequential()
    placed = embedding(torch.zeros(1, 4100, WIDTH))[0]
    embedding.text_blocks = blocks
    assert torch.equal(placed[4095], placed[4099])
    assert not torch.allclose(placed[4094], placed[4095])
    torch.testing.assert_close(placed[3, 0], torch.tensor(3.0).cos())
    torch.testing.assert_close(placed[3, WIDTH // 2], torch.tensor(3.0).sin())
