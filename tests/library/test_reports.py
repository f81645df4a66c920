"""Situations from public reports of peer projects: each is right, or refused by name.

Those of inputs and layers are in test_any_network, of bounds in test_targets_and_nulls, and of the
benchmark in test_benchmark_guests.
"""

import math

import pytest
import torch
from torch import nn

from ipae_lib import InformationPlane, MatrixRenyi, ProposedWidth, SilvermanWidth, diagnose
from ipae_lib.estimators.binning import EqualBins
from ipae_lib.estimators.gaussian import CanonicalCorrelations
from ipae_lib.estimators.neighbours import NearestNeighbours
from ipae_lib.estimators.pairwise import PairwiseUpper
from ipae_lib.toys import correlated_gaussians

RULE = MatrixRenyi(ProposedWidth(0.8))


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


@pytest.mark.parametrize("scale", [1e6, 1e-4, 1e-6, 1e-30])
def test_scale_changes_nothing(scale):
    """openturns#3005, NPEET#19."""
    x = normal(64, 5)
    y = x[:, :2] + 0.5 * normal(64, 2, seed=1)
    assert float(RULE(scale * x, y)) == pytest.approx(float(RULE(x, y)), abs=1e-9)


def test_constant_columns_change_nothing():
    """scikit-learn#30772."""
    x, y = normal(64, 5), normal(64, 3, seed=1)
    wide = torch.cat([x, torch.full((64, 3), 7.0)], dim=1)
    assert float(RULE(wide, y)) == pytest.approx(float(RULE(x, y)), abs=1e-9)


def test_dead_layers_codes_and_identical_rows():
    """ignite#3821, hyppo#92, DeepCCA#16."""
    x = normal(64, 6)
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    with torch.no_grad():
        model[0].bias.fill_(-1e3)
    record = InformationPlane(model, {"dead": "1"}, x, {"p": RULE}).record()
    assert abs(float(record.input_mi.sel(layer="dead").squeeze())) < 1e-9
    assert record.live.sel(layer="dead").item() == 0
    codes = torch.eye(4).double().repeat(16, 1)
    narrow = MatrixRenyi(lambda n, d: 0.01)
    assert float(narrow.entropy(codes)) == pytest.approx(2, abs=1e-6)
    rows = torch.ones(64, 4)
    # three entropies in single precision, whose rounding (18) divides by α − 1
    rounding = 3 * torch.finfo(torch.float32).eps / (0.01 * math.log(2))
    assert abs(float(RULE(rows, normal(64, 2).float()))) < rounding


def test_half_precision_that_overflows_is_told():
    model = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 3)).half()
    with torch.no_grad():
        model[0].weight.fill_(6e4)
    plane = InformationPlane(model, ["0"], normal(8, 6), {"p": RULE}, dtype=None)
    with pytest.raises(ValueError, match=r"0 holds \d+ NaN or infinite.*diverged"):
        plane.record()


def test_wrong_arguments_of_an_estimator_are_told_at_once():
    with pytest.raises(ValueError, match=r"device is 'gpu', which torch cannot use here.*'cpu'"):
        MatrixRenyi(ProposedWidth(0.8), device="gpu")
    x = normal(8, 2)
    with pytest.raises(TypeError, match=r"x_name is a Tensor of shape .*it must be a string"):
        RULE(x, x, x)


def test_estimates_of_many_dimensions_are_flagged():
    """knnie#3: 16 + 16 dimensions, and 3.32 bits in truth."""
    rho = math.sqrt(1 - 2 ** (-2 * 3.32 / 16))
    x, y = correlated_gaussians(256, 16, rho, torch.Generator().manual_seed(0))
    wide = torch.cat([x, y], dim=1).double()
    pick = {"x": lambda z: z[:, :16], "y": lambda z: z[:, 16:]}
    rules = {
        "Silverman": MatrixRenyi(SilvermanWidth()),
        "bins": EqualBins(30),
        "pairwise": PairwiseUpper(),
        "proposed": RULE,
        "correlations": CanonicalCorrelations(),
    }
    plane = InformationPlane(nn.Identity(), {"Y": pick["y"]}, wide, rules, x=pick["x"], null=True)
    # of X′, which holds X, correlations know no finite information
    with pytest.warns(UserWarning, match=r"saturated at log₂ N|canonical correlation"):
        flags = diagnose(plane.record()).sel(layer="Y").squeeze()
    saturated = flags.input_mi_saturated.sel(estimator=["Silverman", "bins", "pairwise"])
    assert saturated.all()
    # what is not saturated is null-like: most of it is there for any pairs
    assert flags.input_mi_null_like.sel(estimator="proposed")
    assert not flags.input_mi_null_like.sel(estimator="correlations")


def test_more_than_the_samples_can_show_is_impossible():
    """ibsgd#7: copies of rows, of which nearest neighbours make 6.19 bits of 64 samples."""
    x = normal(64, 3)
    copies = torch.cat([x, x])
    rules = {"ksg": NearestNeighbours(), "p": RULE}
    plane = InformationPlane(nn.Identity(), {"T": lambda x: x}, copies, rules)
    record = plane.record()
    assert float(record.input_mi.sel(layer="T", estimator="p").squeeze()) <= 6 + 1e-9
    bound = diagnose(record).input_mi_bound.sel(layer="T", estimator="p")
    assert float(bound.squeeze()) <= 6 + 1e-9
