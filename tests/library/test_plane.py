"""The plane recorder against a naive one, and what it must leave alone."""

import doctest
import hashlib
import math
import threading
from collections import Counter

import numpy as np
import pytest
import torch
import xarray as xr
from threadpoolctl import threadpool_info, threadpool_limits
from torch import nn

from ipae_lib import plane, tridiagonal
from ipae_lib.entropy import LARGE
from ipae_lib.estimators import EntropyEstimator, MatrixRenyi
from ipae_lib.kernels import PreviousWidth, ProposedWidth
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.models import Autoencoder
from ipae_lib.plane import QUANTITIES, InformationPlane

PROPOSED = MatrixRenyi(ProposedWidth(0.8))


def table(record):
    """What is estimated, (quantity, …) in one array."""
    return record[list(QUANTITIES)].to_dataarray("quantity")


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def images(*shape, seed=0):
    """Batches of images, a list."""
    return list(torch.rand(*shape, generator=seeded(seed), dtype=torch.float64))


def small_autoencoder(seed=0):
    model = Autoencoder(2, input_size=9, hidden_sizes=(8, 6, 5), generator=seeded(seed)).double()
    with torch.no_grad():  # activations that spread over (0, 1), unlike those of a new network
        for name, layer in model.named_children():
            linear = layer if name == "Z" else layer[0]
            linear.weight.mul_(4 if name == "D1" else 10)
            linear.bias.copy_(-linear.weight.sum(dim=1) * (0 if name == "D1" else 0.5))
    return model


class Spy:
    """An entropy estimator that represents a variable by its name, and counts batches."""

    def __init__(self, value=1.0):
        self.represented = Counter()
        self.measured = Counter()
        self.value = value
        self.lock = threading.Lock()

    def __call__(self, x, y):
        raise AssertionError("an estimator with parts is asked for its parts")

    def represent(self, x, name=None):
        with self.lock:
            self.represented[name] += len(x)
        return (name,), len(x)

    def join(self, a, b):
        return a[0] + b[0], a[1]

    def entropy_of(self, representation):
        names, n_batches = representation
        with self.lock:
            self.measured[tuple(sorted(names))] += n_batches
        return torch.full((n_batches,), self.value)

    def variable_names(self):
        return frozenset()


@pytest.fixture(scope="module")
def record_and_variables():
    """What the recorder says of three batches, and the activations behind it."""
    naive = TestAgainstANaiveRecorder
    model, batches = small_autoencoder(), images(naive.BATCHES, naive.N, 9)
    estimators = {
        "previous": MatrixRenyi(
            {"Z": PreviousWidth(25), "default": PreviousWidth(5)}, standardize=False
        ),
        "proposed": MatrixRenyi(
            ProposedWidth(0.8), alpha=2, groups={"X": "all", OUTPUT: "all"}, eps=naive.EPS
        ),
        "lopsided": naive.lopsided,
    }
    record = InformationPlane(model, HIDDEN_LAYERS, batches, estimators).record()
    return record, [naive.forward(model, batch.numpy()) for batch in batches]


@pytest.fixture(scope="module")
def record():
    estimators = {"proposed": PROPOSED, "previous": MatrixRenyi(PreviousWidth(5))}
    model = small_autoencoder()
    return InformationPlane(model, ["E1", "Z", "D3"], images(2, 16, 9), estimators).record()


class TestAgainstANaiveRecorder:
    """Every number once more: own forward pass, own kernels, own spectra, pair by pair."""

    N, BATCHES, EPS = 20, 3, 1e-8

    @staticmethod
    def forward(model, x):
        """Activations of the small autoencoder by numpy, from its weights."""
        weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
        variables = {"X": x}
        for label in (*HIDDEN_LAYERS, OUTPUT):
            inner = label if label == "Z" else f"{label}.0"
            x = x @ weights[f"{inner}.weight"].T + weights[f"{inner}.bias"]
            if label != "Z":
                x = 1 / (1 + np.exp(-x))
            variables[label] = x
        return variables

    @classmethod
    def gram(cls, x, name, rule):
        n, d = x.shape
        if rule == "previous":
            sigma = (25 if name == "Z" else 5) * n ** (-1 / (4 + d))
        else:
            sigma = 0.8 * math.sqrt(d) * n ** (-1 / (4 + d))
            shared = name in ("X", OUTPUT)
            x = x / np.sqrt((x.var() if shared else x.var(axis=0)) + cls.EPS)
        gram = np.empty((n, n))
        for i in range(n):
            for j in range(n):
                gram[i, j] = math.exp(-((x[i] - x[j]) ** 2).sum() / (2 * sigma**2)) / n
        return gram

    @staticmethod
    def entropy(gram, alpha):
        # the singular values of a positive semi-definite matrix are its eigenvalues
        values = np.linalg.svd(gram / np.trace(gram), compute_uv=False)
        return np.log2((values**alpha).sum()) / (1 - alpha)

    @classmethod
    def information(cls, variables, a, b, rule, alpha):
        first, second = cls.gram(variables[a], a, rule), cls.gram(variables[b], b, rule)
        parts = [cls.entropy(gram, alpha) for gram in (first, second, first * second)]
        return parts[0] + parts[1] - parts[2]

    @staticmethod
    def lopsided(x, y):
        """A plain callable that tells its arguments apart, and the samples in them."""
        return float(x[0, 0] + 10 * x[-1, -1] + 100 * y[0, 0] + 1000 * y[-1, -1])

    @pytest.mark.parametrize(("rule", "alpha"), [("previous", 1.01), ("proposed", 2)])
    def test_matrix_estimators(self, record_and_variables, rule, alpha):
        record, variables_of_batches = record_and_variables
        ours = table(record).sel(estimator=rule)
        for batch, variables in enumerate(variables_of_batches):
            for label, values in variables.items():
                expected = [
                    self.information(variables, "X", label, rule, alpha),
                    self.information(variables, label, OUTPUT, rule, alpha),
                    self.entropy(self.gram(values, label, rule), alpha),
                ]
                found = ours.sel(layer=label, batch=batch)
                found = found.sel(quantity=["input_mi", "output_mi", "entropy"]).values
                # log over 1 − α = 0.01 costs the naive form two digits
                np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)

    def test_the_matrix_estimators_measure_something(self, record_and_variables):
        # else the agreement above would be one of zeros
        record, _ = record_and_variables
        entropy = record.entropy.sel(estimator="proposed")
        assert float(entropy.min()) > 0.5
        assert float(entropy.max()) < math.log2(self.N)

    def test_a_plain_callable(self, record_and_variables):
        record, variables_of_batches = record_and_variables
        ours = table(record).sel(estimator="lopsided")
        for batch, variables in enumerate(variables_of_batches):
            for label, values in variables.items():
                found = ours.sel(layer=label, batch=batch)
                if label != "X":
                    assert float(found.sel(quantity="input_mi")) == pytest.approx(
                        self.lopsided(variables["X"], values), rel=1e-12
                    )
                if label != OUTPUT:
                    assert float(found.sel(quantity="output_mi")) == pytest.approx(
                        self.lopsided(values, variables[OUTPUT]), rel=1e-12
                    )

    def test_what_a_plain_callable_does_not_know_is_missing(self, record_and_variables):
        ours = table(record_and_variables[0]).sel(estimator="lopsided")
        missing = {
            (quantity, layer)
            for quantity in ours.quantity.values.tolist()
            for layer in ours.layer.values.tolist()
            if bool(ours.sel(quantity=quantity, layer=layer).isnull().all())
        }
        labels = ["X", *HIDDEN_LAYERS, OUTPUT]
        assert missing == {
            ("input_mi", "X"),
            ("output_mi", OUTPUT),
            *(("entropy", label) for label in labels),
        }
        assert int(ours.isnull().sum()) == len(missing) * self.BATCHES

    def test_variances(self, record_and_variables):
        record, variables_of_batches = record_and_variables
        for batch, variables in enumerate(variables_of_batches):
            for label, values in variables.items():
                expected = np.mean([values[:, j].var() for j in range(values.shape[1])])
                found = float(record.variance.sel(layer=label, batch=batch))
                assert found == pytest.approx(expected, rel=1e-12)


class TestTheRecord:
    def test_its_dimensions_and_labels(self, record):
        assert set(record) == {*QUANTITIES, "variance", "live", "dimensions"}
        assert record.attrs == {"samples": 16}
        for name in QUANTITIES:
            assert record[name].dims == ("estimator", "layer", "batch")
            assert record[name].attrs["units"] == "bit"
        assert record.variance.dims == ("layer", "batch")
        assert record.estimator.values.tolist() == ["proposed", "previous"]
        assert record.layer.values.tolist() == ["X", "E1", "Z", "D3", OUTPUT]
        assert record.batch.values.tolist() == [0, 1]
        assert table(record).dtype == record.variance.dtype == np.float64
        assert "iteration" not in record.coords

    def test_input_and_output_are_layers_as_any(self, record):
        information = table(record)
        through = information.sel(quantity="output_mi", layer="X")
        assert through.equals(
            information.sel(quantity="input_mi", layer=OUTPUT)
            .drop_vars("layer")
            .assign_coords(through.coords)
        )
        assert not information.isnull().any()

    def test_records_of_several_iterations_join(self):
        recorder = InformationPlane(
            small_autoencoder(), ["Z"], images(1, 8, 9), {"proposed": PROPOSED}
        )
        together = xr.concat([recorder.record(iteration) for iteration in (0, 1, 10)], "iteration")
        assert together.iteration.values.tolist() == [0, 1, 10]
        assert together.input_mi.dims == ("iteration", "estimator", "layer", "batch")

    def test_batches_are_independent(self):
        model, batches = small_autoencoder(), images(3, 16, 9)
        estimators = {"proposed": PROPOSED, "plain": lambda x, y: x.sum() * y.sum()}

        def information(some):
            return table(InformationPlane(model, ["E1", "Z"], some, estimators).record())

        alone = [information(batches[i : i + 1]).values for i in range(3)]
        np.testing.assert_allclose(
            information(batches).values, np.concatenate(alone, axis=-1), rtol=1e-12, atol=1e-12
        )

    def test_numpy_as_torch(self):
        model, batches = small_autoencoder(), images(2, 8, 9)
        estimators = {"proposed": PROPOSED}
        there = InformationPlane(model, ["Z"], batches, estimators).record()
        assert (
            InformationPlane(model, ["Z"], [x.numpy() for x in batches], estimators)
            .record()
            .equals(there)
        )

    @pytest.mark.parametrize("own", [torch.float32, torch.float64])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, None])
    def test_the_pass_has_the_precision_asked_for(self, own, dtype):
        model, batches = small_autoencoder().to(own), images(2, 64, 9)
        spy = Spy()
        recorder = InformationPlane(model, ["Z"], batches, {"spy": spy}, dtype=dtype)
        expected = dtype or own
        variables = recorder.activations()
        assert {x.dtype for x in variables.values()} == {expected}
        assert torch.equal(variables["X"], torch.stack(batches).to(expected))
        naive = TestAgainstANaiveRecorder.forward(
            model.double(), torch.stack(batches).to(expected).numpy()
        )
        error = float(abs(variables["Z"].numpy() - naive["Z"]).max())
        # in single precision the last digits are wrong, in double they are not
        low, high = (1e-9, 1e-4) if expected == torch.float32 else (0, 1e-12)
        assert low <= error < high

    def test_the_models_state_now_is_recorded(self):
        model = small_autoencoder()
        recorder = InformationPlane(model, ["Z"], images(2, 16, 9), {"proposed": PROPOSED})
        before = recorder.record()
        assert recorder.record().equals(before)
        with torch.no_grad():
            model.E1[0].weight.mul_(0.1)
        after = recorder.record()
        x, rest = {"layer": "X", "quantity": ["input_mi", "entropy"]}, {"layer": ["Z", OUTPUT]}
        assert table(after).sel(x).equals(table(before).sel(x))
        assert not np.isclose(table(after).sel(rest), table(before).sel(rest)).any()

    def test_threads_change_nothing_but_rounding(self):
        model, batches = small_autoencoder(), images(3, 32, 9)
        before = torch.get_num_threads()
        records = []
        try:
            for threads in (1, 2):
                torch.set_num_threads(threads)
                recorder = InformationPlane(model, HIDDEN_LAYERS, batches, {"p": PROPOSED})
                records.append(recorder.record())
                assert torch.get_num_threads() == threads
        finally:
            torch.set_num_threads(before)
        # matrix products may add in another order
        xr.testing.assert_allclose(*records, rtol=0, atol=1e-12)

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
    def test_on_a_gpu(self):
        batches, estimators = images(2, 16, 9), {"proposed": PROPOSED}
        model = small_autoencoder().float().cuda()
        there = InformationPlane(model, ["Z"], batches, estimators).record()
        here = InformationPlane(small_autoencoder().float(), ["Z"], batches, estimators).record()
        xr.testing.assert_allclose(here, there, rtol=0, atol=1e-9)
        assert {(p.dtype, p.device.type) for p in model.parameters()} == {(torch.float32, "cuda")}

    def test_the_example_in_the_documentation_runs(self):
        result = doctest.testmod(plane)
        assert result.attempted > 0
        assert result.failed == 0


class TestEconomy:
    LAYERS = ("E1", "Z", "D3")

    def test_each_quantity_is_measured_once(self):
        spy = Spy()
        assert isinstance(spy, EntropyEstimator)
        recorder = InformationPlane(small_autoencoder(), self.LAYERS, images(2, 8, 9), {"spy": spy})
        recorder.record()
        variables = ["X", *self.LAYERS, OUTPUT]
        of_input = [("X",), ("X", "X")]
        others = [(label,) for label in variables[1:]]
        others += [tuple(sorted(("X", label))) for label in variables[1:]]
        others += [tuple(sorted((label, OUTPUT))) for label in variables[1:]]
        # of each of the two batches
        assert spy.measured == Counter(2 * (of_input + others))
        assert spy.represented == Counter(2 * variables)

        recorder.record()
        # those of the input only once in all
        assert spy.measured == Counter(2 * (of_input + 2 * others))
        assert spy.represented == Counter(2 * (variables + variables[1:]))

    @pytest.mark.parametrize(
        ("n", "module", "name"), [(8, torch.linalg, "eigvalsh"), (64, tridiagonal, "tridiagonal")]
    )
    def test_no_matrix_is_decomposed_twice(self, monkeypatch, n, module, name):
        seen, decompose = [], getattr(module, name)

        def spy(matrices):
            each = np.asarray(matrices).reshape(-1, n, n)
            seen.extend(hashlib.sha256(matrix.tobytes()).digest() for matrix in each)
            return decompose(matrices)

        monkeypatch.setattr(module, name, spy)
        model, n_batches = small_autoencoder(), 2
        estimators = {"proposed": PROPOSED, "wider": MatrixRenyi(ProposedWidth(2))}
        recorder = InformationPlane(model, self.LAYERS, images(n_batches, n, 9), estimators)
        recorder.record()
        # S of X, X′ and each T; of X,X, X′,X′, X,X′; of X,T and T,X′ for each T
        expected = n_batches * len(estimators) * (5 + 3 * len(self.LAYERS))
        assert len(set(seen)) == len(seen) == expected

        with torch.no_grad():
            model.E1[0].weight.mul_(0.5)
        recorder.record()
        expected += n_batches * len(estimators) * (3 + 3 * len(self.LAYERS))
        assert len(set(seen)) == len(seen) == expected

    @pytest.mark.parametrize("n", [8, LARGE + 1])
    def test_large_batches_are_left_to_all_threads(self, n):
        together = set()

        class Together(Spy):
            def entropy_of(self, representation):
                together.add((representation[1], torch.get_num_threads()))
                return super().entropy_of(representation)

        threads = torch.get_num_threads()
        InformationPlane(small_autoencoder(), ["Z"], images(3, n, 9), {"spy": Together()}).record()
        assert together == ({(1, 1)} if n == 8 else {(3, threads)})

    def test_a_failure_leaves_the_threads_as_they_were(self):
        class Failing(Spy):
            def join(self, a, b):
                raise ArithmeticError("on purpose")

        recorder = InformationPlane(
            small_autoencoder(), ["Z"], images(3, 8, 9), {"failing": Failing()}
        )
        before = torch.get_num_threads()
        try:
            torch.set_num_threads(2)
            with threadpool_limits(3, user_api="blas"):
                with pytest.raises(ArithmeticError, match="on purpose"):
                    recorder.record()
                blas = {i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"}
            assert torch.get_num_threads() == 2
            assert blas == {3}
        finally:
            torch.set_num_threads(before)

    def test_a_plain_callable_is_called_once_for_each_pair_and_batch(self):
        shapes = Counter()

        def count(x, y):
            shapes[tuple(x.shape), tuple(y.shape)] += 1
            return 0.0

        recorder = InformationPlane(
            small_autoencoder(), ["E1", "Z"], images(3, 7, 9), {"count": count}
        )
        recorder.record()
        x, e1, z = (7, 9), (7, 8), (7, 2)
        assert shapes == {(x, x): 3, (x, e1): 3, (e1, x): 3, (x, z): 3, (z, x): 3}


class Branches(nn.Module):
    """A model with every shape of trouble, chosen by name."""

    def __init__(self, kind="plain"):
        super().__init__()
        self.kind = kind
        self.layer = nn.Linear(4, 4)
        self.other = nn.Linear(4, 4)
        self.recurrent = nn.LSTM(4, 4)

    def forward(self, x):
        h = self.layer(x)
        if self.kind == "twice":
            h = self.layer(h)
        if self.kind == "tuple":
            h, _ = self.recurrent(h)
        if self.kind == "tuple output":
            return h, x
        if self.kind == "fewer rows":
            return h[1:]
        if self.kind == "one number":
            return h.sum()
        if self.kind == "one column":
            return h.sum(dim=-1)
        if self.kind == "fails":
            raise RuntimeError("out of luck")
        return h


def torch_plane(model, layers, *shape, estimators=None):
    batches = torch.randn(*shape, generator=seeded())
    return InformationPlane(model, layers, list(batches), estimators or {"proposed": PROPOSED})


class TestModels:
    def test_labels_of_ones_own(self):
        model = nn.Sequential(nn.Linear(6, 3), nn.Sequential(nn.Linear(3, 2), nn.Tanh()))
        layers = {"first": "0", "deep": "1.0", "after": "1.1"}
        record = torch_plane(model, layers, 2, 10, 6).record()
        assert record.layer.values.tolist() == ["X", "first", "deep", "after", OUTPUT]
        # the last module's output is the model's
        last = table(record).sel(layer=["after", OUTPUT], quantity="entropy").values
        assert np.array_equal(last[:, 0], last[:, 1])

    def test_one_module_under_two_labels(self):
        model = nn.Sequential(nn.Linear(6, 3), nn.Linear(3, 6))
        record = torch_plane(model, {"a": "0", "b": "0"}, 1, 10, 6).record()
        assert table(record).sel(layer="a").values.tolist() == (
            table(record).sel(layer="b").values.tolist()
        )

    def test_images_of_several_channels(self):
        model = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.AvgPool2d(2), nn.Conv2d(3, 2, 1))
        channels = [0] * 16 + [1] * 16
        estimators = {
            "channels": MatrixRenyi(ProposedWidth(0.8), groups={"X": channels}),
            "pixels": PROPOSED,
            "named": MatrixRenyi(ProposedWidth(0.8), groups={"X": "channel"}),
            "all named": MatrixRenyi(ProposedWidth(0.8), groups="channel"),
        }
        recorder = torch_plane(
            model, {"conv": "0", "pool": "1"}, 2, 10, 2, 4, 4, estimators=estimators
        )
        record = recorder.record()
        images_2d = torch.stack([batch.args[0] for batch in recorder.batches])
        assert images_2d.shape == (2, 10, 2, 4, 4)
        with torch.no_grad():
            conv = torch.stack([model.double()[0](batch).flatten(1) for batch in images_2d])
        expected = estimators["channels"](images_2d.flatten(2), conv, x_name="X")
        found = record.input_mi.sel(estimator="channels", layer="conv")
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
        of_x = record.entropy.sel(layer="X")
        assert not np.allclose(*of_x.sel(estimator=["channels", "pixels"]))
        assert of_x.sel(estimator="named").equals(
            of_x.sel(estimator="channels").drop_vars("estimator").assign_coords(estimator="named")
        )
        by_hand = MatrixRenyi(ProposedWidth(0.8), groups=[i // 16 for i in range(48)])
        of_conv = record.entropy.sel(layer="conv", estimator="all named")
        np.testing.assert_allclose(of_conv, by_hand.entropy(conv), rtol=0, atol=1e-9)
        assert not np.allclose(of_conv, record.entropy.sel(layer="conv", estimator="pixels"))

    def test_modules_that_write_in_place(self):
        # Tanh_ first would change the batches, after a recorded layer its recorded output
        generator = seeded(1)
        weights = [torch.randn(6, 6, generator=generator) for _ in range(2)]
        records = []
        for inplace in (False, True):
            model = nn.Sequential(
                nn.LeakyReLU(0.1, inplace=inplace),
                nn.Linear(6, 6),
                nn.LeakyReLU(0.01, inplace=inplace),
                nn.Linear(6, 6),
            )
            with torch.no_grad():
                model[1].weight.copy_(weights[0])
                model[3].weight.copy_(weights[1])
                model[1].bias.zero_()
                model[3].bias.zero_()
            recorder = torch_plane(model, {"linear": "1", "rectified": "2"}, 2, 12, 6)
            recorder.record()
            records.append(recorder.record())
        assert records[0].equals(records[1])

    def test_the_callers_batches_are_left_alone_and_copied(self):
        model = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(6, 6))
        batches = torch.randn(2, 12, 6, generator=seeded())
        before = batches.clone()
        recorder = InformationPlane(model, {"Z": "0"}, list(batches), {"proposed": PROPOSED})
        first = recorder.record()
        assert torch.equal(batches, before)
        batches.zero_()
        assert recorder.record().equals(first)

    def test_batches_that_require_gradients(self):
        model = nn.Sequential(nn.Linear(6, 6))
        batches = torch.randn(2, 12, 6, generator=seeded(), requires_grad=True)
        estimators = {"proposed": PROPOSED}
        record = InformationPlane(model, {"Z": "0"}, list(batches), estimators).record()
        assert not table(record).isnull().any()

    def test_an_output_of_one_column_without_an_axis(self):
        record = torch_plane(Branches("one column"), ["layer"], 2, 8, 4).record()
        assert not table(record).isnull().any()

    def test_a_model_without_parameters(self):
        recorder = torch_plane(nn.Sequential(nn.Tanh(), nn.ReLU()), ["0"], 2, 8, 4)
        assert not table(recorder.record()).isnull().any()
        assert recorder.activations()["0"].dtype == torch.float64

    def test_inputs_that_are_whole_numbers(self):
        model, pixels = nn.Sequential(nn.Linear(4, 4)), torch.arange(64, dtype=torch.uint8)
        for batches in (pixels.reshape(2, 8, 4), pixels.reshape(2, 8, 4).numpy().astype("int32")):
            recorder = InformationPlane(model, ["0"], list(batches), {"p": PROPOSED})
            variables = recorder.activations()
            assert torch.equal(variables["X"].flatten(), torch.arange(64.0).double())

    @pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
    def test_a_model_in_half_precision(self, kind):
        model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)).to(kind)
        torch_plane(model, ["0"], 2, 8, 4).record()
        assert {p.dtype for p in model.parameters()} == {kind}
        own = InformationPlane(model, ["0"], list(torch.rand(2, 8, 4)), {"p": PROPOSED}, dtype=None)
        assert not table(own.record()).isnull().any()

    def test_a_model_that_makes_numbers_of_its_own_precision(self):
        class Stubborn(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(4, 4)

            def forward(self, x):
                return self.layer(x.float())

        model, batches = Stubborn(), list(torch.rand(2, 8, 4))
        with pytest.raises(ValueError, match=r"does not run in torch.float64.*dtype=None"):
            InformationPlane(model, ["layer"], batches, {"p": PROPOSED}).record()
        InformationPlane(model, ["layer"], batches, {"p": PROPOSED}, dtype=None).record()

    def test_weights_that_are_made_of_parameters(self):
        inner = nn.Linear(4, 4)
        model = nn.Sequential(nn.utils.parametrizations.weight_norm(inner), nn.Linear(4, 4))
        recorder = torch_plane(model, ["0"], 2, 8, 4)
        found = recorder.activations()["0"]
        with torch.no_grad():
            expected = torch.stack([model.double()[0](*batch.args) for batch in recorder.batches])
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


class TestTheModelIsLeftAlone:
    def make(self):
        return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 6))

    def test_normalisation_and_dropout_run_in_evaluation_mode(self):
        model = self.make()
        recorder = torch_plane(model, {"norm": "1", "drop": "2"}, 2, 12, 6)
        record = recorder.record()
        assert recorder.record().equals(record)
        norm, drop = (table(record).sel(layer=label) for label in ("norm", "drop"))
        assert norm.values.tolist() == drop.values.tolist()

    @pytest.mark.parametrize("training", [True, False])
    def test_modes_are_restored_one_by_one(self, training):
        model = self.make().train(training)
        model[1].train(not training)
        torch_plane(model, ["0"], 2, 12, 6).record()
        modes = [module.training for module in model.modules()]
        assert modes == [training, training, not training, training, training]

    def test_parameters_gradients_statistics_and_randomness(self):
        model = self.make()
        model(torch.randn(12, 6, generator=seeded(3))).sum().backward()
        model[0].weight.requires_grad_(False)
        state = {name: value.clone() for name, value in model.state_dict().items()}
        gradients = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
        random = torch.get_rng_state()
        torch_plane(model, ["0", "1"], 2, 12, 6).record()
        assert torch.equal(torch.get_rng_state(), random)
        for name, value in model.state_dict().items():
            assert torch.equal(value, state[name]), name
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            assert torch.equal(parameter.grad, gradient)
        assert [p.requires_grad for p in model.parameters()] == [False] + [True] * 5
        assert torch.is_grad_enabled()

    def test_what_its_forward_pass_changes(self):
        class Restless(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(4, 4)
                self.register_buffer("passes", torch.zeros(()))
                self.register_buffer("last", torch.zeros(8, 4))

            def forward(self, x):
                self.passes += 1
                self.last = x + torch.randn(x.shape, dtype=x.dtype) + torch.rand(())
                with torch.no_grad():
                    self.layer.weight.clamp_(-0.1, 0.1)
                return self.layer(self.last)

        for dtype in (torch.float32, torch.float64):
            for asked in (torch.float64, None):
                model = Restless().to(dtype)
                state = {name: value.clone() for name, value in model.state_dict().items()}
                recorder = InformationPlane(
                    model, ["layer"], list(torch.rand(2, 8, 4)), {"p": PROPOSED}, dtype=asked
                )
                random = torch.get_rng_state()
                first = recorder.activations()["layer"]
                assert not torch.equal(first[0], first[1])
                assert torch.equal(torch.get_rng_state(), random)
                for name, value in model.state_dict().items():
                    assert torch.equal(value, state[name]), name
                    assert value.dtype == dtype

    def test_modules_and_weights_that_are_shared(self):
        first, second = nn.Linear(4, 4), nn.Linear(4, 4)
        second.weight = first.weight
        model = nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), first)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        parameters = dict(model.named_parameters(remove_duplicate=False))
        torch_plane(model, ["1"], 2, 8, 4).record()
        after = dict(model.named_parameters(remove_duplicate=False))
        assert list(after) == list(parameters)
        assert all(after[name] is parameter for name, parameter in parameters.items())
        before = first.weight.clone()
        model(torch.rand(5, 4)).sum().backward()
        optimizer.step()
        assert not torch.equal(second.weight, before)

    @pytest.mark.parametrize("kind", ["plain", "fails", "twice", "fewer rows"])
    def test_hooks_and_modes_also_after_a_failure(self, kind):
        model = Branches(kind).train()
        model.other.eval()
        recorder = torch_plane(model, ["layer"], 1, 8, 4)
        if kind == "plain":
            recorder.record()
        else:
            with pytest.raises((RuntimeError, ValueError)):
                recorder.record()
        assert all(not module._forward_hooks for module in model.modules())
        assert model.training
        assert not model.other.training
        assert {p.dtype for p in model.parameters()} == {torch.float32}


class TestBadInput:
    @pytest.mark.parametrize("dtype", [torch.float16, "float64", torch.int64])
    def test_a_precision(self, dtype):
        with pytest.raises(ValueError, match=r"dtype is .*; use torch.float64, torch.float32, or"):
            InformationPlane(
                small_autoencoder(), ["Z"], images(1, 8, 9), {"p": PROPOSED}, dtype=dtype
            )

    @pytest.mark.parametrize(
        ("layers", "message"),
        [
            (
                ["E9"],
                r"layers names 'E9', which the model lacks; did you mean 'E3' .*\? it has \['E1',",
            ),
            ({"Z": "z"}, "layers names 'z', which the model lacks"),
            ([""], "layers names '', which the model lacks"),
            ("Z", "layers is 'Z'; it must be a list"),
            ([], r"layers is empty; name at least one of \['E1',"),
            (["E1", OUTPUT], "layers names 'X_out', which stands for the model's input or output"),
            ({"X": "E1"}, "layers names 'X', which stands for the model's input or output.*label"),
        ],
    )
    def test_layers(self, layers, message):
        with pytest.raises((TypeError, ValueError), match=message):
            InformationPlane(small_autoencoder(), layers, images(1, 8, 9), {"p": PROPOSED})

    @pytest.mark.parametrize(
        ("kind", "layer", "message"),
        [
            (
                "twice",
                "layer",
                "layer 'layer' ran 2 times in one forward pass.*such as 'layer#0' or 'layer#1'",
            ),
            ("plain", "other", "layer 'other' did not run in the forward pass; name a module"),
            (
                "tuple",
                "recurrent",
                r"layer 'recurrent' gave tuple where.*'recurrent:output\[0\]' of shape \(8, 4\)",
            ),
            (
                "tuple output",
                "layer",
                r"layer 'X_out' gave tuple where.*':output\[1\]' of shape \(8, 4\)",
            ),
            ("fewer rows", "layer", r"layer 'X_out' gave \(7, 4\) for a batch of 8 samples.*a row"),
            ("one number", "layer", r"layer 'X_out' gave \(\) for a batch of 8 samples"),
        ],
    )
    def test_what_a_model_does(self, kind, layer, message):
        message = message.replace("a row", "one row a sample")
        recorder = torch_plane(Branches(kind), [layer], 1, 8, 4)
        with pytest.raises(ValueError, match=message):
            recorder.record()

    # an infinite bias of X′ would be made a number by its sigmoid
    @pytest.mark.parametrize(
        ("label", "value"), [("Z", math.nan), ("Z", -math.inf), (OUTPUT, math.nan)]
    )
    def test_activations_that_are_no_numbers_name_the_layer(self, label, value):
        model = small_autoencoder()
        layers = ["E1"] if label == OUTPUT else ["E1", label]
        with torch.no_grad():
            (model.Z if label == "Z" else getattr(model, label)[0]).bias[0] = value
        recorder = InformationPlane(model, layers, images(2, 8, 9), {"p": PROPOSED})
        message = rf"{label} holds 16 NaN or infinite .* \(0, 0, 0\).*diverged training run"
        with pytest.raises(ValueError, match=message):
            recorder.record()

    @pytest.mark.parametrize(
        ("batches", "error", "message"),
        [
            (torch.zeros(9), ValueError, r"batches has shape \(9,\); it needs \(N, ...\)"),
            (torch.zeros(8, 4, 9), ValueError, r"shape \(8, 4, 9\), which does not tell samples"),
            (torch.zeros(1, 9), ValueError, "batches have N = 1 sample each; at least 2 samples"),
            (torch.zeros(0, 9), ValueError, r"batches\[0\] has shape \(0, 9\).*at least one"),
            ([torch.full((8, 9), math.nan)], ValueError, r"batches\[0\] holds 72 NaN"),
            (np.array([["a"]]), TypeError, r"batches\[0\] has dtype <U1"),
        ],
    )
    def test_batches(self, batches, error, message):
        with pytest.raises(error, match=message):
            InformationPlane(small_autoencoder(), ["Z"], batches, {"p": PROPOSED})

    @pytest.mark.parametrize(
        ("estimators", "message"),
        [
            ({}, "estimators is empty; give for example {'proposed': MatrixRenyi"),
            ([PROPOSED], r"estimators is \[MatrixRenyi.*must be a mapping"),
            ({"p": 0.8}, r"estimators\['p'\] is 0.8; it must be callable"),
            (
                {"p": MatrixRenyi({"E9": ProposedWidth(1), "default": ProposedWidth(2)})},
                r"estimator 'p' has settings for \['E9'\].*its variables are \['X', 'Z', 'X_out'\]",
            ),
            (
                {"p": MatrixRenyi(ProposedWidth(1), groups={"X'": "all"})},
                r"estimator 'p' has settings for \[\"X'\"\], which are no layers",
            ),
        ],
    )
    def test_estimators(self, estimators, message):
        with pytest.raises((TypeError, ValueError), match=message):
            InformationPlane(small_autoencoder(), ["Z"], images(1, 8, 9), estimators)

    def test_an_estimator_without_a_width_for_a_layer(self):
        estimators = {"p": MatrixRenyi({"X": ProposedWidth(0.8)})}
        recorder = InformationPlane(small_autoencoder(), ["Z"], images(1, 8, 9), estimators)
        with pytest.raises(ValueError, match="no width is set for the variable 'X_out'"):
            recorder.record()

    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            (math.nan, r"estimator 'odd' for I\(X;Z\) gave nan; .*finite number of bits"),
            (math.inf, r"estimator 'odd' for I\(X;Z\) gave inf"),
            (torch.tensor([1.0, 2.0]), r"estimator 'odd' for I\(X;Z\) gave tensor.*one number"),
            (np.zeros(2), r"estimator 'odd' for I\(X;Z\) gave array.*one number, in bits"),
            (None, r"estimator 'odd' for I\(X;Z\) gave None; it must give one number"),
        ],
    )
    def test_answers_of_a_plain_callable(self, answer, message):
        recorder = InformationPlane(
            small_autoencoder(), ["Z"], images(1, 8, 9), {"odd": lambda x, y: answer}
        )
        with pytest.raises(ValueError, match=message):
            recorder.record()

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_entropies_that_are_no_numbers(self, value):
        recorder = InformationPlane(
            small_autoencoder(), ["Z"], images(1, 8, 9), {"odd": Spy(value)}
        )
        with pytest.raises(ValueError, match=r"estimator 'odd' gave .*finite number of bits"):
            recorder.record()


def test_the_names_of_input_and_output():
    assert INPUT == "X"
    assert OUTPUT == "X_out"
