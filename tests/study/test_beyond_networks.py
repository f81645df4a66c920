"""The networks beyond the paper's: what they are, and that each learns what it is for."""

import pytest
import torch

from ipae_lib.activations import capture
from ipae_lib.layers import INPUT, OUTPUT
from study.beyond.networks import CODE, KINDS, SAXE, Tied, batches, layers_of

SMALL = ["plain", "convolutional", "variational", "denoising", "tied", "label"]
every_kind = pytest.mark.parametrize("kind", KINDS)


def images(n=8):
    return torch.rand(n, 784, generator=torch.Generator().manual_seed(0))


def widths(kind):
    model = KINDS[kind].build(0)
    inside = capture(model, layers_of(model), images())
    return {name: values.shape[1] for name, values in inside.items()}


def test_widths_of_the_classifier():
    for kind in ("tanh", "relu"):
        assert tuple(widths(kind).values()) == SAXE
        assert list(widths(kind)) == [INPUT, "T1", "T2", "T3", "T4", OUTPUT]


@pytest.mark.parametrize("kind", SMALL)
def test_an_autoencoder_has_a_code_and_gives_images(kind):
    found = widths(kind)
    assert list(found) == [INPUT, "E1", "E2", "Z", "D1", "D2", OUTPUT]
    assert found["Z"] == CODE
    assert found[INPUT] == found[OUTPUT] == 784
    assert found["E1"] == found["D2"]
    assert found["E2"] == found["D1"]


@every_kind
def test_a_seed_gives_the_same_network_and_leaves_the_random_numbers(kind):
    before = torch.get_rng_state()
    networks = [KINDS[kind].build(seed) for seed in (3, 3, 4)]
    assert torch.equal(torch.get_rng_state(), before)
    weights = [torch.cat([w.flatten() for w in model.parameters()]) for model in networks]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@every_kind
def test_a_few_updates_on_one_batch_lower_its_loss(kind):
    # one image for each of ten labels, black or white
    of, y = KINDS[kind], torch.arange(100) % 10
    x = (images(10) > 0.5).float()[y]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model, random = of.build(0), torch.Generator().manual_seed(0)
        optimizer = of.optimizer(model)
        losses = []
        for _ in range(60):
            optimizer.zero_grad()
            loss = of.loss(model, x, y, random)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert sum(losses[-5:]) < 0.98 * sum(losses[:5])


def test_tied_weights_are_the_same_tensors():
    model = KINDS["tied"].build(0)
    tied = [module for module in model.modules() if isinstance(module, Tied)]
    others = (model.Z, model.E2[0], model.E1[0])
    assert all(one.weight is two.weight for one, two in zip(tied, others, strict=True))
    free = sum(weight.numel() for weight in KINDS["plain"].build(0).parameters())
    shared = sum(one.weight.numel() for one in tied)
    assert sum(weight.numel() for weight in model.parameters()) == free - shared


def test_the_code_of_labels_is_a_distribution():
    model = KINDS["label"].build(0)
    code = capture(model, ["Z"], images())["Z"]
    assert torch.allclose(code.sum(1), torch.ones(8, dtype=torch.float64))
    assert bool((code > 0).all())


class TestVariational:
    def test_noise_is_new_in_training_and_fixed_in_evaluation(self):
        model, x = KINDS["variational"].build(0), images()
        model.train()
        assert not torch.equal(model(x), model(x))
        model.eval()
        assert torch.equal(model(x), model(x))

    def test_each_row_keeps_its_noise_whatever_the_precision(self):
        code = KINDS["variational"].build(0).get_submodule("Z").eval()
        t = torch.rand(8, code.mean.in_features)
        single = code(t)
        assert torch.allclose(code.double()(t.double()).float(), single, atol=1e-5)

    def test_its_divergence_is_that_of_two_normals(self):
        code = KINDS["variational"].build(0).get_submodule("Z")
        t = torch.rand(8, code.mean.in_features)
        code(t)
        own = torch.distributions.Normal(code.mean(t), (code.log_variance(t) / 2).exp())
        prior = torch.distributions.Normal(0.0, 1.0)
        expected = torch.distributions.kl_divergence(own, prior).sum() / 8
        assert code.divergence.item() == pytest.approx(expected.item(), rel=1e-5)


def test_denoising_is_given_noisy_images_and_judged_by_clean_ones():
    given = []

    class Model(torch.nn.Module):
        def forward(self, x):
            given.append(x)
            return torch.zeros_like(x)

    x = images()
    loss = KINDS["denoising"].loss(Model(), x, torch.zeros(8), torch.Generator().manual_seed(0))
    assert loss.item() == pytest.approx((x**2).sum().item() / 8)
    assert not torch.equal(given[0], x)
    assert given[0].min() >= 0
    assert given[0].max() <= 1


def test_an_epoch_has_each_image_once_but_what_fills_no_batch():
    chosen = list(batches(25, 10, updates=5, seed=0))
    assert [len(batch) for batch in chosen] == [10] * 5
    first = torch.cat(chosen[:2]).tolist()
    assert len({*first}) == 20
    assert torch.cat(chosen[2:4]).tolist() != first
    again = list(batches(25, 10, updates=3, seed=0))
    assert all(torch.equal(a, b) for a, b in zip(again, chosen, strict=False))
