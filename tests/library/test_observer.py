"""Planes recorded during a training: when, beside each other, into a file and on from it."""

import doctest
import time

import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from ipae_lib import InformationPlane, MatrixRenyi, ProposedWidth, observer
from ipae_lib.observer import Observer, load_records, log_spaced, save_records

RULE = {"proposed": MatrixRenyi(ProposedWidth(0.8))}


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class Training:
    """A user's own loop, which can stop and go on."""

    def __init__(self):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.model = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 6))
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.1)
        self.iteration = 0

    def plane(self, seed=0, **settings):
        return InformationPlane(
            self.model, {"code – τ": "1"}, normal(32, 6, seed=seed), RULE, batch_size=16, **settings
        )

    def run(self, observe, steps):
        while self.iteration <= steps:
            observe(self.iteration)
            x = normal(16, 6, seed=self.iteration)
            self.optimizer.zero_grad()
            ((self.model(x) - x) ** 2).mean().backward()
            self.optimizer.step()
            self.iteration += 1


def test_the_examples_in_the_documentation():
    result = doctest.testmod(observer)
    assert result.attempted > 0
    assert result.failed == 0


class TestWhen:
    @pytest.mark.parametrize(
        ("every", "expected"),
        [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 2, 4]), ([5, 1], [1, 5]), (range(2, 4), [2, 3]),
         (log_spaced(5, 3), [0, 1, 2, 5])],
    )  # fmt: skip
    def test_iterations(self, every, expected):
        training = Training()
        observe = training.plane().observer(every)
        training.run(observe, 5)
        assert observe.records.iteration.values.tolist() == expected
        assert observe.records.input_mi.dims == ("iteration", "estimator", "layer", "batch")

    def test_log_spacing(self):
        found = log_spaced(10_000)
        assert found[:11] == [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16]
        assert found[-1] == 10_000
        ratios = np.divide(found[12:], found[11:-1])
        assert ratios.max() / ratios.min() < 1.1
        assert log_spaced(1) == [0, 1]
        assert log_spaced(7)[-1] == 7

    @pytest.mark.parametrize(
        ("every", "message"),
        [
            (0, r"every is 0; it must be a whole number.*log_spaced\(1000\)"),
            ("log", "every is 'log'; it must be a whole number"),
            ([1, -2], "an iteration of every is -2; it must be a whole number of at least 0"),
            (1.5, r"every is 1\.5"),
        ],
    )
    def test_what_is_no_iteration(self, every, message):
        with pytest.raises(ValueError, match=message):
            Training().plane().observer(every)

    def test_nothing_recorded_yet(self):
        with pytest.raises(ValueError, match=r"records is empty.*observe\(0\)"):
            _ = Training().plane().observer(10).records


class TestBesideEachOther:
    def test_train_and_test(self):
        training = Training()
        planes = {"train": training.plane(), "test": training.plane(seed=1)}
        observe = Observer(planes, every=2)
        training.run(observe, 4)
        records = observe.records
        assert records.input_mi.dims == ("iteration", "set", "estimator", "layer", "batch")
        assert records.set.values.tolist() == ["train", "test"]
        assert records.sizes["iteration"] == 3
        assert not records.sel(set="train").equals(records.sel(set="test"))
        alone = Training()
        observe = alone.plane(seed=1).observer(2)
        alone.run(observe, 4)
        assert records.sel(set="test", drop=True).equals(observe.records)

    def test_planes_that_do_not_fit_each_other(self):
        training = Training()
        other = InformationPlane(training.model, ["1"], normal(16, 6), RULE)
        observe = Observer({"train": training.plane(), "test": other})
        with pytest.raises(ValueError, match=r"planes gave records that do not fit.*same layers"):
            observe(0)
        with pytest.raises(ValueError, match=r"planes is \{\}"):
            Observer({})


class TestFiles:
    def test_what_is_stored_is_read_again(self, tmp_path):
        training = Training()
        settings = {"targets": {"Y": np.array(["a", "b"] * 16)}, "null": True}
        path = tmp_path / "records.nc"
        with pytest.warns(UserWarning, match="null-like"):
            training.run(training.plane(**settings).observer(2, path), 4)
        stored = load_records(path)
        again = Training()
        observe = again.plane(**settings).observer(2)
        with pytest.warns(UserWarning, match="null-like"):
            again.run(observe, 4)
        assert stored.identical(observe.records)
        assert stored.iteration.dtype == observe.records.iteration.dtype
        assert stored.samples == 16

    def test_a_training_that_stops_and_goes_on(self, tmp_path):
        whole = Training()
        expected = whole.plane().observer(2)
        whole.run(expected, 9)

        path = tmp_path / "records.nc"
        training = Training()
        training.run(training.plane().observer(2, path), 5)
        # from a checkpoint before the last record
        resumed = Training()
        resumed.run(lambda _: None, 3)
        observe = resumed.plane().observer(2, path)
        assert observe.records.iteration.values.tolist() == [0, 2, 4]
        resumed.run(observe, 9)
        assert observe.records.equals(expected.records)
        assert load_records(path).equals(expected.records)

    def test_records_of_another_plane(self, tmp_path):
        path = tmp_path / "records.nc"
        training = Training()
        training.plane().observer(1, path)(0)
        other = InformationPlane(training.model, ["1"], normal(16, 6), RULE).observer(1, path)
        with pytest.raises(ValueError, match=r"path gave records that do not fit.*another path"):
            other(1)

    def test_a_failure_is_kept_for_all_iterations(self):
        def broken(x, y):
            if x.shape != y.shape:
                raise RuntimeError("no licence")
            return 0.0

        training = Training()
        plane = InformationPlane(training.model, ["1"], normal(16, 6), {"mine": broken, **RULE})
        observe = plane.observer()
        with pytest.warns(UserWarning, match="no licence"):
            training.run(observe, 1)
        assert observe.records.failures == "mine: no licence"

    @pytest.mark.parametrize("content", [b"", b"not netCDF", b"CDF\x02" + bytes(40)])
    def test_a_file_that_holds_none(self, tmp_path, content):
        path = tmp_path / "records.nc"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"path is .*records\.nc.*another path"):
            load_records(path)
        with pytest.raises(ValueError, match=r"path is .*records\.nc"):
            Training().plane().observer(1, path)

    def test_no_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="there is no file; see save_records"):
            load_records(tmp_path / "none.nc")

    def test_one_record_of_ones_own(self, tmp_path):
        record = Training().plane().record(3)
        save_records(record, tmp_path / "one.nc")
        assert load_records(tmp_path / "one.nc").isel(iteration=0).equals(record)


class TestCallbacks:
    """By the calls that the trainers make; their packages are not needed."""

    def test_lightning(self):
        class Callback:
            def on_fit_start(self, trainer, module):
                self.fitted = True

        training = Training()
        observe = training.plane().observer(2)
        callback = observe.callback(Callback)
        assert isinstance(callback, Callback)

        class Trainer:
            global_step = 0

        callback.on_fit_start(Trainer, training.model)
        callback.on_train_start(Trainer, training.model)
        for step in range(4):
            Trainer.global_step = step + 1
            callback.on_train_batch_end(Trainer, training.model, None, None, step)
        assert observe.records.iteration.values.tolist() == [0, 2, 4]

    def test_hugging_face(self):
        class TrainerCallback:
            def on_step_end(self, args, state, control, **kwargs):
                raise AssertionError("is overridden")

        class State:
            global_step = 0

        training = Training()
        observe = training.plane().observer(3)
        callback = observe.callback(TrainerCallback)
        callback.on_train_begin(None, State, None, model=training.model)
        for step in range(1, 7):
            State.global_step = step
            callback.on_step_end(None, State, None, model=training.model)
        assert observe.records.iteration.values.tolist() == [0, 3, 6]


@pytest.mark.slow
def test_two_hundred_records_cost_less_than_the_training():
    """Of a stranger's convolutional network, on images, in one thread."""
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 49, 10),
    )  # fmt: skip
    layers = {"first": "1|space", "second": "4|space"}
    labels = torch.arange(128) % 10
    images = normal(128, 1, 28, 28)
    plane = InformationPlane(model, layers, [images], RULE, dtype=None, targets={"Y": labels})
    observe = plane.observer(every=16)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    seconds = {"training": 0.0, "recording": 0.0}
    for iteration in range(80):  # 5 of 200 records, with as many updates between two
        started = time.perf_counter()
        observe(iteration)
        seconds["recording"] += time.perf_counter() - started
        started = time.perf_counter()
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
        seconds["training"] += time.perf_counter() - started
    assert observe.records.sizes["iteration"] == 5
    assert seconds["recording"] <= seconds["training"], seconds


def test_a_plain_concatenation_is_the_same():
    training = Training()
    plane = training.plane()
    observe = plane.observer()
    by_hand = []

    def both(iteration):
        observe(iteration)
        by_hand.append(plane.record(iteration))

    training.run(both, 2)
    assert observe.records.equals(xr.concat(by_hand, "iteration"))
