"""Many runs at once: each gives what it gives by itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from study import experiments
from study.experiments import Experiment, origin, results, together

pytestmark = pytest.mark.slow

RUN = Experiment(
    "first", bottleneck_size=3, epochs=3, images=300, records=5, batches=2, samples=64, truth=200
)
RUNS = [
    replace(RUN, variants=True, scan_every=2),
    replace(RUN, name="second", seed=4, bottleneck_size=5, reduction="half",
            initialisation="glorot4"),
    replace(RUN, name="third", seed=2, reduction="mean", end_only=True),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("together")
    together.run_together(RUNS, folder, device="cpu", workers=0, progress=False)
    return folder


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_each_is_the_run_by_itself(store, run):
    found, alone = results.load(store / f"{run.name}.nc"), experiments.run(run, progress=False)
    assert set(found.data_vars) == set(alone.data_vars)
    for name in alone.data_vars:
        assert found[name].dims == alone[name].dims
        # what is stored has single precision
        np.testing.assert_allclose(found[name], alone[name], rtol=1e-6, atol=2e-6, err_msg=name)
    assert found.attrs["configuration"] == alone.attrs["configuration"]
    assert found.attrs["command"] == alone.attrs["command"]
    assert found.attrs["code"] != alone.attrs["code"]  # it is other code that trained it


def test_what_is_stored_is_not_made_again(store, monkeypatch):
    def fail(*_):
        raise AssertionError("trained again")

    monkeypatch.setattr(together, "_Group", fail)
    together.run_together(RUNS, store, device="cpu", workers=0, progress=False)


def test_a_network_that_diverges_is_told_and_the_others_are_stored(tmp_path, monkeypatch):
    poisoned = replace(RUN, name="poisoned", seed=9)

    class WithPoison(together._Networks):
        def __init__(self, runs, device):
            super().__init__(runs, device)
            with torch.no_grad():
                self.weights[0][[run.name for run in runs].index("poisoned")] = torch.inf

    monkeypatch.setattr(together, "_Networks", WithPoison)
    with pytest.raises(ValueError, match=r"the training of \['poisoned'\] diverged"):
        together.run_together([RUN, poisoned], tmp_path, device="cpu", workers=0, progress=False)
    assert [path.name for path in tmp_path.glob("*.nc")] == ["first.nc"]
    other = results.load(tmp_path / "first.nc")
    assert bool(np.isfinite(other.input_mi).all())


def test_processes_measure_the_same(store, tmp_path):
    run = RUNS[2]
    together.run_together([run], tmp_path, device="cpu", workers=1, progress=False)
    here, there = (results.load(folder / f"{run.name}.nc") for folder in (store, tmp_path))
    np.testing.assert_allclose(there.input_mi, here.input_mi, rtol=1e-6, atol=2e-6)


def test_an_interrupted_call_stores_what_is_whole_and_leaves_nothing_else(tmp_path, monkeypatch):
    short = replace(RUN, name="cut-short", epochs=1, end_only=True, truth=0)

    def interrupt(self, *_, **__):
        if self.experiments[0].epochs > 1:
            raise KeyboardInterrupt
        original(self, None, False)

    original = together._Group.train
    monkeypatch.setattr(together._Group, "train", interrupt)
    with pytest.raises(KeyboardInterrupt):
        together.run_together([short, RUN], tmp_path, device="cpu", workers=0, progress=False)
    assert [path.name for path in tmp_path.glob("*.nc")] == ["cut-short.nc"]
    assert not list((origin.ROOT / "_build" / "together").glob("cut-short*"))


def test_what_is_whole_is_stored_while_others_are_trained(tmp_path, monkeypatch):
    """A machine that is taken away in the middle of the second group costs that group alone."""
    short = replace(RUN, name="short", epochs=1, end_only=True, truth=0)
    there = []

    def save(self, path):
        there.append([stored.name for stored in tmp_path.glob("*.nc")])
        original(self, path)

    original = together._Networks.save
    monkeypatch.setattr(together._Networks, "save", save)
    together.run_together([short, RUN], tmp_path, device="cpu", workers=0, progress=False)
    assert there[0] == []
    assert there[-1] == ["short.nc"]


def test_bottlenecks_of_other_sizes_leave_the_padding_as_it_is():
    networks = together._Networks([RUN, RUNS[1]], "cpu")
    x = torch.rand(2, 50, 784, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.SGD(networks.parameters(), lr=0.1, momentum=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        (networks.reconstruct(x) - x).square().sum().backward()
        optimizer.step()
    z = together.LAYERS.index("Z") - 1
    assert not networks.weights[z][0, 3:].any()
    assert not networks.biases[z][0, :, 3:].any()
    assert not networks.weights[z + 1][0, :, 3:].any()
    assert networks.variables(0, x[0])["Z"].shape == (50, 3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_an_accelerator_gives_the_same(store, tmp_path):
    together.run_together(RUNS, tmp_path, device="cuda", progress=False)
    for run in RUNS:
        here, there = (results.load(f / f"{run.name}.nc") for f in (store, tmp_path))
        for name in here.data_vars:
            np.testing.assert_allclose(there[name], here[name], rtol=1e-4, atol=2e-3)
