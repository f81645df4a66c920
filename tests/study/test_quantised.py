"""Networks with quantised layers, counted."""

import math

import pytest
import torch

from ipae_lib import theory
from ipae_lib.benchmark.problems import THEORY
from ipae_lib.models import Autoencoder
from study import quantised


@pytest.fixture(scope="module")
def images():
    return torch.rand(300, 784, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def model():
    generator = torch.Generator().manual_seed(0)
    return Autoencoder(2, hidden_sizes=(30, 20, 10), generator=generator)


@pytest.mark.parametrize("bits", [1, 3])
def test_counted_planes_break_nothing(model, images, bits):
    plane = quantised.quantised_plane(model, images, bits)
    check = theory.check_plane(plane)
    assert float(check.m) == pytest.approx(math.log2(300))
    for name in ("forward_total", "output_spread", "outside_total"):
        assert float(check[name]) == pytest.approx(0, abs=1e-12)
    assert float(plane.input_mi.sel(layer="Z")) <= 2 * bits


def test_codes_are_passed_on(model, images):
    """One bit a unit: the layer after it sees corners alone."""
    seen = []
    hook = model.E2.register_forward_pre_hook(lambda _, x: seen.append(x[0]))
    quantised.quantised_plane(model, images, 1)
    hook.remove()
    assert len(seen[0].unique()) == 2


def test_a_constant_layer_has_no_information(images):
    dead = torch.nn.Sequential()
    dead.add_module("Z", torch.nn.Linear(784, 3))
    dead.add_module("X_out", torch.nn.Linear(3, 784))
    torch.nn.init.zeros_(dead.Z.weight)
    plane = quantised.quantised_plane(dead, images, 4)
    assert plane.input_mi.sel(layer=["Z", "X_out"]).values.tolist() == [0, 0]


class TestStored:
    def test_nothing_that_holds_for_every_autoencoder_is_broken(self):
        table = quantised.load()
        assert set(table.case) == set(THEORY)
        for _, own in table.groupby(["case", "bits"]):
            plane = own.set_index("layer")[["input_mi", "output_mi"]].to_xarray()
            check = theory.check_plane(plane.sel(layer=own.layer.tolist()))
            assert float(check.m) == pytest.approx(math.log2(10_000), abs=1e-5)
            for name in ("forward_total", "output_spread", "outside_total"):
                assert float(check[name]) == pytest.approx(0, abs=1e-4)

    def test_two_units_transfer_no_more_than_their_bits(self):
        table = quantised.load()
        for case, k in THEORY.items():
            z = table[(table.case == case) & (table.layer == "Z")]
            assert (z.input_mi <= k * z.bits + 1e-9).all()

    @pytest.mark.slow
    def test_is_made_again(self):
        case = next(iter(THEORY))
        again = quantised.planes([case], [4])
        table = quantised.load()
        kept = table[(table.case == case) & (table.bits == 4)]
        # trained in double precision, so that no processor's rounding moves a code
        assert again.input_mi.to_numpy() == pytest.approx(kept.input_mi.to_numpy(), abs=1e-6)
