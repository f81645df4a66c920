"""The autoencoder of Fig. 5."""

import copy
import math
from itertools import pairwise

import pytest
import torch

from ipae_lib import native
from ipae_lib.layers import HIDDEN_LAYERS, OUTPUT
from ipae_lib.models import Autoencoder, Linear

SIZES = [784, 1000, 500, 250, 32, 250, 500, 1000, 784]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def model():
    return Autoencoder(32, generator=seeded())


def linear(model, name):
    layer = getattr(model, name)
    return layer if name == "Z" else layer[0]


def test_its_layers_by_name_and_size(model):
    names = [name for name, _ in model.named_children()]
    assert names == ["E1", "E2", "E3", "Z", "D1", "D2", "D3", "X_out"]
    assert names[:-1] == list(HIDDEN_LAYERS)
    sizes = [(linear(model, name).in_features, linear(model, name).out_features) for name in names]
    assert sizes == list(pairwise(SIZES))
    assert model.bottleneck_size == 32
    count = sum(d_in * d_out + d_out for d_in, d_out in pairwise(SIZES))
    assert sum(p.numel() for p in model.parameters()) == count == 2_838_316


def test_each_name_is_the_layers_activation(model):
    # one layer after the other by hand: sigmoid everywhere but at the bottleneck
    model = copy.deepcopy(model).double()
    x = torch.rand(5, 784, generator=seeded(1), dtype=torch.float64)
    whole = model(x)
    for name, layer in model.named_children():
        weights = linear(model, name)
        before = x @ weights.weight.T + weights.bias
        x = layer(x)
        expected = before if name == "Z" else 1 / (1 + torch.exp(-before))
        torch.testing.assert_close(x, expected, rtol=0, atol=1e-6)
        assert name == "Z" or bool(((x > 0) & (x < 1)).all())
    assert torch.equal(x, whole)
    assert whole.shape == (5, 784)


def test_the_bottleneck_is_linear(model):
    encoder = torch.nn.Sequential(*list(model.children())[:4])
    h = encoder[:3](torch.rand(6, 784, generator=seeded(1)))
    z = encoder[3]
    torch.testing.assert_close(z(2 * h) - z(h), z(h) - z(0 * h), rtol=0, atol=1e-5)
    assert bool((z(h) < 0).any())


def test_weights_are_glorot_uniform_and_biases_zero(model):
    for name in (*HIDDEN_LAYERS, OUTPUT):
        layer = linear(model, name)
        bound = math.sqrt(6 / (layer.in_features + layer.out_features))
        weights = layer.weight.detach()
        assert weights.abs().max() <= bound
        # thousands of uniform numbers come near their bounds, and near their variance
        assert weights.abs().max() > 0.99 * bound
        assert weights.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.02)
        assert weights.mean().item() == pytest.approx(0, abs=0.03 * bound)
        assert not layer.bias.any()


def test_the_generator_decides_the_weights():
    def weights(generator):
        model = Autoencoder(3, 20, (8, 7, 6), generator)
        return torch.cat([p.detach().flatten() for p in model.parameters()])

    first = weights(seeded(5))
    torch.manual_seed(123)  # which must not matter
    assert torch.equal(weights(seeded(5)), first)
    assert not torch.equal(weights(seeded(6)), first)
    torch.manual_seed(7)
    drawn = weights(None)
    torch.manual_seed(7)
    assert torch.equal(weights(None), drawn)


def test_other_sizes():
    model = Autoencoder(2, input_size=9, hidden_sizes=(8, 6, 5))
    widths = [linear(model, name).out_features for name in (*HIDDEN_LAYERS, OUTPUT)]
    assert widths == [8, 6, 5, 2, 5, 6, 8, 9]
    assert model(torch.rand(4, 9)).shape == (4, 9)


@pytest.mark.parametrize("size", [0, -1, 2.0, "2", None, True])
def test_a_bottleneck_is_a_whole_number(size):
    message = f"bottleneck_size is {size!r}; it must be a whole number of at least 1"
    with pytest.raises(ValueError, match=message):
        Autoencoder(size)


def test_other_sizes_are_whole_numbers_too():
    with pytest.raises(ValueError, match="input_size is 0; it must be a whole number"):
        Autoencoder(2, input_size=0)
    with pytest.raises(ValueError, match="hidden_sizes\\[1\\] is 0; it must be a whole number"):
        Autoencoder(2, hidden_sizes=(8, 0, 5))
    with pytest.raises(ValueError, match=r"hidden_sizes is \(8, 6\); give three widths"):
        Autoencoder(2, hidden_sizes=(8, 6))


@pytest.mark.parametrize("shape", [(7, 30), (30,), (2, 3, 30), (1, 30), (0, 30)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_linear_layers_and_their_gradients_are_torchs(shape, dtype):
    torch.manual_seed(0)
    layer = Linear(30, 20).to(dtype)
    x = torch.randn(shape, dtype=dtype, requires_grad=True)
    given = torch.randn(*shape[:-1], 20, dtype=dtype)
    inputs = [x, *layer.parameters()]
    ours = torch.autograd.grad(layer(x), inputs, given)
    plain = torch.nn.functional.linear(x, layer.weight, layer.bias)
    torchs = torch.autograd.grad(plain, inputs, given)
    torch.testing.assert_close(layer(x), plain, rtol=1e-5, atol=1e-6)
    for one, other in zip(ours, torchs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_an_input_without_gradient_gets_none():
    layer = Linear(4, 3)
    x = torch.rand(5, 4)
    layer(x).sum().backward()
    assert x.grad is None
    torch.testing.assert_close(layer.weight.grad, x.sum(0).expand(3, 4))


def test_linear_layers_do_without_onednn(monkeypatch):
    layer, x = Linear(4, 3), torch.rand(5, 4)
    fast = layer(x)
    monkeypatch.setattr(native, "onednn_linear", None)
    torch.testing.assert_close(layer(x), fast)


def test_other_processors_products_are_left_to_torch():
    layer = Linear(4, 3).to("meta")
    assert layer(torch.rand(5, 4, device="meta")).shape == (5, 3)
