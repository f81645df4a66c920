"""Planes and Gaussians from many samples, against the exact method and the stored results."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from ipae_lib.estimators import MatrixRenyi
from ipae_lib.files import read_sealed
from ipae_lib.kernels import ProposedWidth
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.plane import InformationPlane
from ipae_lib.stochastic import Probing, probed_entropy
from study import experiments, large
from study.__main__ import main
from study.experiments import ESTIMATORS, Experiment
from study.large import EntropyStore, LargePlane

TRAINING = Experiment("small", bottleneck_size=2, epochs=1, images=500)
SMALL = LargePlane(
    "small", TRAINING, samples=(60, 120), iterations=(0, 3, 5), estimators=tuple(ESTIMATORS)
)
STORED = sorted(path.stem for path in large.STORED.glob("*.nc"))
EXACT = Path(__file__).with_name("exact_at_512.csv")
"""What the exact method told of the same networks: see the head of the file."""


@pytest.fixture(autouse=True)
def _scratch(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "_weights", lambda run: tmp_path / "networks" / run.name)
    monkeypatch.setattr(large, "_KEPT", tmp_path / "entropies")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("large")
        patch.setattr(large, "_weights", lambda _: folder / "networks")
        patch.setattr(large, "_KEPT", folder / "entropies")
        yield large.run(SMALL, progress=False), large.network(TRAINING, (0, 3, 5), False)


def test_every_state_rule_and_number_of_samples_is_there(small):
    result, _ = small
    assert dict(result.sizes) == {"estimator": 3, "iteration": 3, "n": 2, "layer": 9}
    assert result.layer.values.tolist() == [INPUT, *HIDDEN_LAYERS, OUTPUT]
    assert result.estimator.values.tolist() == list(ESTIMATORS)
    for suffix in ("", "_standard_error", "_quadrature_error"):
        assert bool(result[f"input_mi{suffix}"].notnull().all())
        missing = result[f"output_mi{suffix}"].isnull()
        assert bool(missing.sel(layer=OUTPUT).all())
        assert int(missing.sum()) == 3 * 3 * 2


def test_estimates_are_those_of_the_exact_method_within_their_bars(small):
    result, states = small
    images = large._images(SMALL)
    for iteration, model in states.items():
        plane = InformationPlane(model, HIDDEN_LAYERS, [images], ESTIMATORS)
        exact = plane.record().isel(batch=0)
        found = result.sel(iteration=iteration, n=120)
        for quantity, off in off_exact(found, exact).items():
            # what single precision leaves of an entropy of 0
            agree = off <= wide_bar(found, quantity) + 2e-3
            assert bool(agree.where(off.notnull(), other=True).all()), quantity


def off_exact(found, exact):
    """Distance of the stochastic estimates from exact ones, by quantity."""
    return {name: abs(found[name] - exact[name]) for name in ("input_mi", "output_mi")}


def wide_bar(result, quantity):
    """Three standard errors and the bound."""
    errors = (result[f"{quantity}_{error}"] for error in ("standard_error", "quadrature_error"))
    standard, quadrature = errors
    return 3 * standard + quadrature


def test_error_bars_are_two_standard_errors_and_the_bound(small):
    result, _ = small
    bars = large.error_bar(result)
    assert set(bars) == {"input_mi", "output_mi"}
    chosen = {"layer": "Z", "n": 60, "iteration": 3, "estimator": "previous"}
    one = result.sel(chosen)
    expected = 2 * one.output_mi_standard_error + one.output_mi_quadrature_error
    assert float(bars.output_mi.sel(chosen)) == pytest.approx(float(expected))
    assert float(expected) > 0


def test_fewer_layers_leave_the_others_alone(small):
    result, _ = small
    fewer = replace(SMALL, layers=("Z",), ends=False, estimators=("proposed",), samples=(60,))
    found = large.run(fewer, progress=False)
    assert found.layer.values.tolist() == [INPUT, "Z"]
    assert "output_mi" not in found
    assert bool(found.input_mi.sel(layer=INPUT).isnull().all())
    whole = result.input_mi.sel(n=60, layer="Z", estimator="proposed")
    np.testing.assert_allclose(found.input_mi.sel(layer="Z").squeeze(), whole, atol=1e-5)


def test_an_interrupted_run_loses_one_entropy_at_most(tmp_path, monkeypatch):
    asked = []

    def counted(points, *arguments):
        asked.append(points.shape)
        if len(asked) == 8:
            raise KeyboardInterrupt
        return probed_entropy(points, *arguments)

    monkeypatch.setattr(large, "probed_entropy", counted)
    one = replace(SMALL, iterations=(0,), samples=(60,), estimators=("proposed",))
    with pytest.raises(KeyboardInterrupt):
        large.run(one, progress=False)
    kept = len(list((tmp_path / "entropies").glob("*.npz")))
    assert kept == 7
    large.run(one, progress=False)
    entropies = len(list((tmp_path / "entropies").glob("*.npz")))
    assert len(asked) == entropies + 1


def test_a_network_is_kept_and_its_training_goes_on(monkeypatch):
    states = large.network(TRAINING, (0, 5), progress=False)
    monkeypatch.setattr(large, "train", None)  # not needed any more
    again = large.network(TRAINING, (0, 5), progress=False)
    x = torch.rand(3, 784)
    assert torch.equal(states[5](x), again[5](x))
    assert not torch.equal(again[0](x), again[5](x))


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damaged", ["000000.pt", "000005.pt"])
def test_a_damaged_network_is_trained_again(monkeypatch, tmp_path, capsys, damaged):
    states = large.network(TRAINING, (0, 5), progress=False)
    folder = large._weights(TRAINING)
    flip(folder / damaged)
    again = large.network(TRAINING, (0, 5), progress=False)
    assert f"{folder / damaged} is damaged" in capsys.readouterr().err
    for iteration, model in states.items():
        expected = model.state_dict().items()
        assert all(torch.equal(v, again[iteration].state_dict()[k]) for k, v in expected)


def test_a_checkpoint_past_a_damaged_network_or_damaged_itself_is_not_gone_on_from(capsys):
    steps = TRAINING.training.iterations(TRAINING.images)
    states = large.network(TRAINING, (0, steps), progress=False)
    folder = large._weights(TRAINING)
    checkpoint = folder / f"until-{steps:06d}.pt"
    for damage in (False, True):
        flip(folder / "000000.pt")
        large.train(
            TRAINING.model(),
            large.mnist()[: TRAINING.images],
            TRAINING.training,
            checkpoint=checkpoint,
            progress=False,
        )
        if damage:
            flip(checkpoint)
        again = large.network(TRAINING, (0, steps), progress=False)
        assert torch.equal(again[0].Z.weight, states[0].Z.weight)
        assert torch.equal(again[steps].Z.weight, states[steps].Z.weight)
        assert (f"{checkpoint} is no whole checkpoint" in capsys.readouterr().err) == damage
        assert not checkpoint.exists()


def test_a_damaged_entropy_is_computed_again(tmp_path, capsys):
    store = large.EntropyStore(tmp_path)
    points = torch.rand(40, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    estimator = large.estimator_of("proposed", Probing(4, 4, 4))
    first = store.entropy(points, estimator)
    (path,) = tmp_path.glob("*.npz")
    for damage in (flip, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"PK")):
        damage(path)
        assert torch.equal(store.entropy(points, estimator).values, first.values)
        assert f"{path} is damaged" in capsys.readouterr().err
    # those of before seals are read
    path.write_bytes(read_sealed(path))
    assert torch.equal(store.entropy(points, estimator).values, first.values)
    assert not capsys.readouterr().err


def test_gaussians_are_those_of_the_exact_method():
    found = large.gaussians(samples=(200,), rhos=(0.0, 0.75), progress=False).isel(n=0)
    exact = MatrixRenyi(ProposedWidth(2))
    for rho in (0.0, 0.75):
        pair = large.correlated_gaussians(200, 100, rho, torch.Generator().manual_seed(200))
        assert float(found.mi.sel(rho=rho)) == pytest.approx(float(exact(*pair)), abs=0.01)
    assert float(found.exact.sel(rho=0.75)) == pytest.approx(59.63, abs=0.01)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_square_of_the_samples():
    # in a process of its own, as a peak of memory is never given back; A would be 1.6 GB
    code = (
        "import resource, torch; from ipae_lib.stochastic import Probing, probed_entropy;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "x = torch.randn(20_000, 2); probed_entropy(x[:500], probing=Probing(4, 4, 2)).estimate();"
        "before = peak(); probed_entropy(x, probing=Probing(4, 4, 2)).estimate();"
        "print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert int(done.stdout) < 600 * 1024, "KiB"


@pytest.mark.parametrize("name", STORED)
def test_stored_results_are_of_the_planes_that_there_are(name):
    result = large.stored(name)
    for key in ("versions", "device", "date", "commit", "seed", "command", "seconds"):
        assert str(result.attrs[key]), key
    assert name in result.attrs["command"]
    planes = {plane.name: plane for plane in large.planes()}
    if name in planes:
        plane = planes[name]
        assert json.loads(result.attrs["configuration"]) == json.loads(json.dumps(asdict(plane)))
        assert result.n.values.tolist() == list(plane.samples)
        assert result.iteration.values.tolist() == list(plane.states())
    estimates = result[list(large.error_bar(result))].to_array()
    assert float(estimates.max()) <= np.log2(float(result.n.max()))


@pytest.mark.parametrize("name", [n for n in STORED if n == "gaussians" or n.startswith("path")])
def test_what_is_stored_can_be_made_again(name):
    # a path begins before the training
    assert large.verify(name) < 0.01


@pytest.mark.parametrize("name", [n for n in STORED if n.startswith(("end", "previous"))])
def test_at_the_paper_s_size_both_methods_agree_on_the_trained_network(name):
    ours = large.stored(name).sel(n=512).isel(iteration=0)
    plane = next(plane for plane in large.planes() if plane.name == name)
    known = pd.read_csv(EXACT, comment="#")
    known = known[known.bottleneck_size == plane.experiment.bottleneck_size]
    near = known.set_index(["iteration", "estimator", "layer"])[["input_mi", "output_mi"]]
    near = near.to_xarray().reindex_like(ours[["estimator", "layer"]])
    # between two records of a noisy training, in which rounding makes the same noise another one
    at = int(ours.iteration)
    assert near.sizes["iteration"] >= 5
    for quantity, off in off_exact(ours, near.interp(iteration=at)).items():
        allowed = wide_bar(ours, quantity) + 4 * near[quantity].std("iteration")
        assert bool(off.sel(layer="Z").notnull().all()), "nothing is compared"
        agree = (off <= allowed).where(off.notnull(), other=True)
        assert bool(agree.all()), f"off by {off.values} where {allowed.values} is allowed"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: large.stored("nothing"), "nothing is stored at"),
        (
            lambda: large.run(replace(SMALL, samples=(10_001,)), progress=False),
            r"up to 10,001; there are 10,000 test images",
        ),
        (
            lambda: large.information({}, [], MatrixRenyi(ProposedWidth(1)), EntropyStore("x")),
            "give a StochasticMatrixRenyi",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_command_tells_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(large, "STORED", tmp_path)
    for command in ("status", "verify"):
        assert main(["large", command, "--only", "path-K02", "all-K32"]) == 0
        told = capsys.readouterr().out.splitlines()
        assert told == ["path-K02: missing", "all-K32: missing"]


def test_the_commands_make_a_result_and_check_it(tmp_path, monkeypatch, capsys):
    plane = replace(SMALL, iterations=(0,), samples=(60,), estimators=("proposed",))
    monkeypatch.setattr(large, "STORED", tmp_path)
    monkeypatch.setattr(large, "planes", lambda: [plane])
    assert main(["large", "run", "--only", "small"]) == 0
    assert capsys.readouterr().out.startswith("small: made 20")
    made = experiments.load(tmp_path / "small.nc")
    assert made.attrs["command"] == "python -m study large run --only small"
    assert main(["large", "verify", "--only", "small"]) == 0
    assert "small: as stored" in capsys.readouterr().out

    made["output_mi"][0, 0, 0, 4] += 0.5
    experiments.save(made, tmp_path / "small.nc")
    assert main(["large", "verify", "--only", "small"]) == 1
    told = capsys.readouterr()
    assert "small: DIFFERS, largest difference 0.5 bits" in told.out
    assert "['small'] differ from a fresh computation" in told.err
