"""The exact information of a finite population: against integration, closed forms and counting."""

import doctest
import math
import re
from importlib import import_module

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy.stats import binom

from ipae_lib import exact
from ipae_lib.discrete import discrete_entropy
from ipae_lib.exact import (
    LayerDeviation,
    OneLevel,
    TotalDeviation,
    entropy_of_codes,
    exact_plane,
    information_of_population,
)

by_examples = settings(max_examples=40, deadline=None, derandomize=True)

LINE = torch.tensor([[-3.0], [-1.0], [-0.8], [0.5], [0.5], [4.0], [4.3]], dtype=torch.float64)
LINE_LABELS = [0, 1, 0, 1, 1, 0, 1]
PLANE = torch.tensor([[0, 0], [1, 0.2], [0.9, 0.1], [-2, 3], [5, 5], [0, 0]], dtype=torch.float64)
PLANE_LABELS = list("abacac")


def population(n, d, seed=0, dtype=torch.float64):
    """Rows in two clusters, one wide and one narrow."""
    generator = torch.Generator().manual_seed(seed)
    t = torch.randn(n, d, generator=generator, dtype=dtype)
    t[: n // 3] = t[: n // 3] * 0.1 + 2
    return t


def mixture_entropy(t, s, points=4001):
    """h(T + R) in bits by the trapezium rule on a grid, for one or two dimensions."""
    t = np.asarray(t, float)
    axes = [np.linspace(c.min() - 8 * s, c.max() + 8 * s, points) for c in t.T]
    steps = np.prod([axis[1] - axis[0] for axis in axes])
    kernels = [
        np.exp(-((axis - c[:, None]) ** 2) / 2 / s**2) for axis, c in zip(axes, t.T, strict=True)
    ]
    peak = len(t) * (2 * np.pi * s**2) ** (t.shape[1] / 2)
    density = (kernels[0].sum(0) if len(kernels) == 1 else kernels[0].T @ kernels[1]) / peak
    positive = density[density > 0]
    return -float((positive * np.log2(positive)).sum() * steps)


def integrated(t, s, labels=None, points=4001):
    """I(X; T+R), or I(Y; T+R) of labels, from entropies by integration."""
    rest = t.shape[1] / 2 * math.log2(2 * math.pi * math.e * s**2)
    if labels is not None:
        labels = np.asarray(labels)
        rest = sum(
            (labels == y).mean() * mixture_entropy(t[labels == y], s, points)
            for y in np.unique(labels)
        )
    return mixture_entropy(t, s, points) - rest


def asked(t, s=1.0, labels=None, **settings):
    return information_of_population(t, {"s": OneLevel(s)}, labels, **settings).squeeze()


def assert_agree(result, truth, sigmas=4.0, name="input_mi", error="standard_error"):
    gap, bar = abs(float(result[name]) - truth), float(result[error])
    assert gap <= sigmas * bar + 1e-9, (float(result[name]), truth, bar)


@pytest.mark.parametrize("s", [0.1, 0.5, 2.0, 20.0])
@pytest.mark.parametrize(
    ("t", "labels", "points"), [(LINE, LINE_LABELS, 20_001), (PLANE, PLANE_LABELS, 801)]
)
def test_numerical_integration(t, labels, points, s):
    found = asked(t, s, labels, queries=20_000)
    assert found.standard_error < 0.01
    assert found.label_standard_error < 0.01
    assert_agree(found, integrated(t, s, None, points))
    truth = integrated(t, s, labels, points)
    assert_agree(found, truth, name="label_mi", error="label_standard_error")


def test_many_levels_at_once_are_those_levels_one_by_one():
    t, levels = population(300, 3), [0.3, 1.0, 4.0]
    together = information_of_population(t, {str(s): OneLevel(s) for s in levels}, queries=100)
    for s in levels:
        alone, of_all = asked(t, s, queries=100), together.sel(noise=str(s))
        assert float(of_all.level) == s
        for name in ("input_mi", "standard_error"):
            assert float(alone[name]) == pytest.approx(float(of_all[name]), abs=1e-4)


def test_linear_gaussian_closed_form_as_the_population_grows():
    deviations, s = torch.tensor([2.0, 1.0, 0.5]), 0.8
    truth = float(torch.log2(1 + (deviations / s) ** 2).sum() / 2)
    gaps = []
    for n in (30, 1_000, 30_000):
        t = torch.randn(n, 3, generator=torch.Generator().manual_seed(1)) * deviations
        found = asked(t, s, queries=2_000)
        gaps.append(abs(float(found.input_mi) - truth))
    assert gaps[0] > 3 * gaps[1] > 3 * gaps[2]
    # a population of n has a covariance of its own, off by 1/√n or so
    assert gaps[2] <= 4 * float(found.standard_error) + 3 / math.sqrt(30_000)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_counting_is_the_limit_without_noise(dtype):
    t = torch.tensor([[0.0], [1.0], [1.0], [2.0], [0.0], [7.0]], dtype=dtype)
    found = asked(t, 1e-5, [0, 0, 1, 1, 1, 1], queries=600)
    assert float(found.input_mi) == pytest.approx(discrete_entropy(t), abs=1e-3)
    # Y is known unless T is 0 or 1, where it is a coin
    assert float(found.label_mi) == pytest.approx(discrete_entropy([0, 0, 1, 1, 1, 1]) - 4 / 6)


def test_one_image_and_images_that_are_all_the_same_have_no_information():
    for t in (torch.ones(1, 3), torch.ones(5, 3)):
        noise = {"a": OneLevel(0.1), "b": TotalDeviation(0.1)}
        found = information_of_population(t, noise, [1] * len(t), queries=7)
        assert not found.input_mi.any()
        assert not found.standard_error.any()
        assert not found.label_mi.any()


def test_repeating_the_population_changes_nothing():
    found = asked(LINE.repeat(50, 1), 0.5, LINE_LABELS * 50, queries=300)
    assert_agree(found, integrated(LINE, 0.5))
    truth = integrated(LINE, 0.5, LINE_LABELS)
    assert_agree(found, truth, name="label_mi", error="label_standard_error")


@pytest.mark.parametrize("change", ["shift", "scale", "rotation", "permutation", "copies"])
def test_invariance(change):
    t = population(400, 4)
    order = torch.randperm(400, generator=torch.Generator().manual_seed(2))
    rotation = torch.linalg.qr(population(4, 4, seed=3)).Q
    changed, factor, same = {
        "shift": (t + 100, 1, True),
        "scale": (t * 1e5, 1e5, True),
        "rotation": (t @ rotation, 1, False),
        "permutation": (t[order], 1, False),
        "copies": (torch.cat([t, t], 1), math.sqrt(2), False),
    }[change]
    a, b = asked(t, 0.6, queries=300), asked(changed, 0.6 * factor, queries=300)
    if same:
        assert float(a.input_mi) == pytest.approx(float(b.input_mi), abs=1e-4)
    bar = math.hypot(float(a.standard_error), float(b.standard_error))
    assert abs(float(a.input_mi - b.input_mi)) <= 4 * bar
    total = information_of_population(changed, {"t": TotalDeviation(0.3)}, queries=300)
    assert total.level.item() == pytest.approx(TotalDeviation(0.3)(t) * factor)


def test_single_and_double_precision_agree(monkeypatch):
    t = population(500, 20)
    labels = torch.arange(500) % 4
    noise = {"low": OneLevel(0.1), "high": OneLevel(1.0)}
    single = information_of_population(t.float(), noise, labels, queries=200)
    double = information_of_population(t, noise, labels, queries=200)
    for name in ("input_mi", "label_mi", "standard_error", "input_forms"):
        assert np.allclose(single[name], double[name], atol=1e-4)
    monkeypatch.setattr(exact, "_ROUNDING", 1e-9)
    forced = information_of_population(t, noise, labels, queries=200)
    for name in ("input_mi", "label_mi", "standard_error", "input_forms"):
        assert np.allclose(single[name], forced[name], atol=exact._ROUNDING + 1e-3)


def test_low_noise_is_computed_in_double_precision():
    """In single precision, the pairs at a distance of 2 s would vanish in rounding."""
    t = torch.linspace(0, 100, 50, dtype=torch.float64).repeat_interleave(2)[:, None]
    t[1::2] += 2e-3
    pair = torch.tensor([[0.0], [2e-3]], dtype=torch.float64)
    assert_agree(asked(t, 1e-3, queries=4_000), math.log2(50) + integrated(pair, 1e-3))


@given(arrays(float, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.floats(-9, 9)))
@by_examples
def test_information_lies_within_its_bounds(t):
    labels = np.arange(len(t)) % 3
    found = asked(t, 1.0, labels, queries=30)
    most, of_labels = math.log2(len(t)), discrete_entropy(labels)
    assert 0 <= float(found.input_mi) <= most
    assert 0 <= float(found.label_mi) <= of_labels
    for form, top in ((found.input_forms, most), (found.label_forms, of_labels)):
        assert (form <= top + 1e-6).all()
    assert np.isfinite(float(found.standard_error))
    bar = float(found.standard_error + found.label_standard_error)
    assert float(found.label_mi) <= float(found.input_mi) + 5 * bar + 0.01


def test_labels():
    t = population(600, 5)
    centres = torch.arange(600) % 3
    apart = asked(t + 100 * centres[:, None], 1.0, centres, queries=200)
    assert float(apart.label_mi) == pytest.approx(math.log2(3), abs=1e-9)
    assert apart.label_standard_error < 1e-9
    mixed = asked(t, 1.0, centres, queries=600)
    assert float(mixed.label_mi) < 0.05
    constant = asked(t, 1.0, ["a"] * 600, queries=200)
    assert float(constant.label_mi) == 0
    each = asked(t, 1.0, torch.arange(600), queries=200)
    assert float(each.label_mi) == pytest.approx(float(each.input_mi), abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "queries", "s", "landmarks"),
    [(1_500, 80, 0.05, 50), (1_500, 80, 1.0, 50), (1_500, 50, 0.3, 0), (40, 120, 0.5, 50)],
)
def test_error_bars_cover_the_truth(n, queries, s, landmarks):
    """Both quantities, 95 % bars, 300 seeds; bars without the jackknife fail."""
    t = population(n, 1)
    labels = (t[:, 0] > 0.7).long().numpy() + (np.arange(n) % 5 == 0)
    runs = 300
    found = [
        asked(t, s, labels, queries=queries, landmarks=landmarks, seed=seed) for seed in range(runs)
    ]
    for name, error, truth in (
        ("input_mi", "standard_error", integrated(t, s)),
        ("label_mi", "label_standard_error", integrated(t, s, labels)),
    ):
        gaps = np.array([float(one[name]) for one in found]) - truth
        bars = np.array([float(one[error]) for one in found])
        covered = int((abs(gaps) <= 1.96 * bars).sum())
        assert covered >= binom.ppf(1e-3, runs, 0.95), (name, covered)
        # nor are they long
        assert np.median(bars) < 1.25 * gaps.std(), name
        assert abs(gaps.mean()) <= 4 * gaps.std() / math.sqrt(runs)
    forms = np.array([one.input_forms for one in found]) - integrated(t, s)
    assert (abs(forms.mean(0)) <= 4 * forms.std(0) / math.sqrt(runs)).all()


def test_control_variates_shorten_the_bars():
    t = population(3_000, 10, dtype=torch.float32)
    without = asked(t, 0.7, queries=300, landmarks=0)
    found = asked(t, 0.7, queries=300, landmarks=250)
    assert found.standard_error < 0.8 * without.standard_error
    bar = math.hypot(float(found.standard_error), float(without.standard_error))
    assert abs(float(found.input_mi - without.input_mi)) <= 4 * bar


def test_the_number_of_threads_changes_nothing():
    t, before = population(1_500, 8), torch.get_num_threads()
    try:
        results = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            results.append(asked(t, 1.0, torch.arange(1_500) % 7, queries=400))
    finally:
        torch.set_num_threads(before)
    assert results[0].identical(results[1])
    assert not results[0].equals(asked(t, 1.0, torch.arange(1_500) % 7, queries=400, seed=1))


def test_noise_conventions():
    t = torch.tensor([[0.0, 1.0, 5.0], [2.0, 1.0, 3.0]])  # variances 1, 0, 1
    assert OneLevel(0.3)(t) == 0.3
    assert LayerDeviation(0.5)(t) == pytest.approx(0.5 * math.sqrt(2 / 3))
    assert TotalDeviation(0.5)(t) == pytest.approx(0.5 * math.sqrt(2))
    own = information_of_population(t, {"own": lambda t: float(t.max())}, queries=4)
    assert own.level.item() == 5
    assert LayerDeviation(0.5) == LayerDeviation(0.5)


def test_codes_are_counted():
    t = population(200, 3, dtype=torch.float32)
    for step in (0.01, 0.5, 3.0, 1e3):
        assert entropy_of_codes(t, step) == pytest.approx(discrete_entropy((t / step).round()))
    assert entropy_of_codes(torch.tensor([[-0.1], [0.1]]), 1.0) == 0
    assert entropy_of_codes(torch.ones(1, 2), 1.0) == 0


def test_plane_of_a_network():
    model = torch.nn.Sequential(torch.nn.Linear(6, 2), torch.nn.Tanh(), torch.nn.Linear(2, 6))
    x = population(300, 6, dtype=torch.float32)
    with torch.no_grad():
        activations = {"X": x, "Z": model[:2](x), "X_out": model(x)}
    noise = {"one": OneLevel(0.2), "total": TotalDeviation(0.1)}
    labels = torch.arange(300) % 2
    plane = exact_plane(activations, noise, labels, queries=100, progress=False)
    assert plane.input_mi.dims == plane.output_mi.dims == ("noise", "layer")
    assert plane.layer.values.tolist() == ["X", "Z", "X_out"]
    for layer, t in activations.items():
        alone = information_of_population(t, noise, labels, queries=100)
        assert plane.sel(layer=layer).drop_vars(["layer", "output_mi"]).equals(alone)
        assert (plane.output_mi.sel(layer=layer) == plane.input_mi.sel(layer="X_out")).all()


def test_progress_counts_every_query(capsys):
    done = []
    t = population(700, 2)
    information_of_population(t, {"s": OneLevel(1.0)}, queries=300, progress=done.append)
    assert sum(done) == 300
    done.clear()
    information_of_population(t[:7], {"s": OneLevel(1.0)}, queries=20, progress=done.append)
    assert sum(done) == 21  # each image three times
    exact_plane({"X": t[:7], "X_out": t[:7]}, {"s": OneLevel(1.0)}, queries=20)
    assert "/42" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"t": torch.zeros(3)}, r"t has shape \(3,\).*\(n, d\)"),
        ({"t": torch.zeros(3, 2, 2)}, r"t has shape \(3, 2, 2\).*reshape"),
        ({"t": torch.zeros(0, 2)}, "N = 0"),
        ({"t": torch.tensor([[0.0], [math.nan]])}, "t holds 1 NaN"),
        ({"noise": OneLevel(0.1)}, "noise is OneLevel.*must be a mapping"),
        ({"noise": {}}, "noise is empty"),
        ({"noise": {"a": 0.1}}, r"noise\['a'\] is 0.1; it must be callable"),
        ({"noise": {"a": lambda _: 0.0}}, "level of noise 'a' is 0.0"),
        ({"noise": {"a": lambda _: math.nan}}, "level of noise 'a' is nan"),
        (
            {"noise": {"a": OneLevel(1e-9)}},
            "'a' is 1e-09, too low.*discrete_entropy",
        ),
        ({"labels": [1, 2]}, r"labels has shape \(2,\).*\(9,\)"),
        ({"queries": 1}, "queries is 1;.*at least 2"),
        ({"queries": 2.5}, "queries is 2.5"),
        ({"landmarks": -1}, "landmarks is -1"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_bad_input_is_named(changes, message):
    arguments = {"t": population(9, 2), "noise": {"a": OneLevel(1.0)}, **changes}
    with pytest.raises((TypeError, ValueError), match=message):
        information_of_population(**arguments)


def test_bad_types_and_settings_are_named():
    t = population(9, 2)
    with pytest.raises(TypeError, match="labels has dtype float64"):
        asked(t, labels=np.arange(9.0))
    with pytest.raises(TypeError, match="t has dtype complex128"):
        asked(np.zeros((2, 2), complex))
    for make, name in ((OneLevel, "s"), (LayerDeviation, "share"), (TotalDeviation, "share")):
        with pytest.raises(ValueError, match=f"{name} is 0"):
            make(0)
    with pytest.raises(ValueError, match=r"step is 1e-30, too small.*discrete_entropy"):
        entropy_of_codes(t, 1e-30)
    with pytest.raises(ValueError, match="step is -1"):
        entropy_of_codes(t, -1)
    for activations in ({}, {"X": t, "X_out": t[:4]}):
        with pytest.raises(ValueError, match="numbers of rows"):
            exact_plane(activations, {"a": OneLevel(1.0)})


@pytest.mark.parametrize("ask", [entropy_of_codes, asked], ids=["a step", "a level"])
def test_what_a_value_that_is_too_small_advises_can_be_done(ask):
    t = population(9, 2)
    with pytest.raises(ValueError, match="too ") as refused:
        ask(t, 1e-30)
    module, name = re.search(r"(\w+)\.(\w+)\(t\)", str(refused.value)).groups()
    count = getattr(import_module(f"ipae_lib.{module}"), name)
    assert count(t) == pytest.approx(math.log2(9))


def test_examples_in_the_documentation():
    result = doctest.testmod(exact)
    assert result.failed == 0
    assert result.attempted >= 10
