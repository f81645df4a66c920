"""The theoretical plane, the checks of a recorded one, and exact information by counting."""

import math
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from ipae_lib import MatrixRenyi, capture
from ipae_lib.discrete import (
    DiscreteAutoencoder,
    Quantize,
    all_binary_images,
    discrete_entropy,
    discrete_mutual_information,
    discrete_plane,
)
from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT, OUTPUT
from ipae_lib.plane import InformationPlane
from ipae_lib.theory import check_plane, feasible_region

ALL_LAYERS = (INPUT, *HIDDEN_LAYERS, OUTPUT)
# what adding and subtracting some logarithms may leave of an exact 0
ROUNDING = 1e-12

by_examples = settings(max_examples=40, deadline=None, derandomize=True)


def make_plane(input_mi, output_mi, layers=ALL_LAYERS):
    """A plane of one estimator and one batch."""
    axes = {"input_mi": input_mi, "output_mi": output_mi}
    return xr.Dataset(
        {name: ("layer", np.array(values, float)) for name, values in axes.items()},
        coords={"layer": list(layers)},
    )


def ideal_plane(m, lam, fraction=0.5):
    """The plane of Theorem 1, the encoder's free layers part of the way from M down to λ."""
    final = float(min(m, lam))
    input_mi = np.full(len(ALL_LAYERS), final)
    input_mi[: len(ENCODER)] += (m - final) * fraction ** np.arange(len(ENCODER))
    return make_plane(input_mi, np.full(len(ALL_LAYERS), final))


def chain_plane(variables):
    """The plane of a deterministic chain X → T₁ → … → X′ by counting."""
    layers = [INPUT, *(f"T{i}" for i in range(1, len(variables) - 1)), OUTPUT]
    return discrete_plane(dict(zip(layers, variables, strict=True)))


@st.composite
def chains(draw):
    """Values of X, T₁, …, X′ for each of n inputs; each a function of the one before."""
    n = draw(st.integers(1, 24))
    variables = [np.array(draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)))]
    for _ in range(draw(st.integers(2, 6))):
        mapping = np.array(draw(st.lists(st.integers(0, 30), min_size=31, max_size=31)))
        variables.append(mapping[variables[-1]])
    return variables


class TestFeasibleRegion:
    def test_corners_with_the_input_mi_first(self):
        np.testing.assert_array_equal(feasible_region(7.5), [[0, 0], [7.5, 0], [7.5, 7.5]])

    @pytest.mark.parametrize("m", [0, -1.0, math.nan, math.inf, "5", True])
    def test_refuses_an_m_that_is_no_information(self, m):
        with pytest.raises(ValueError, match=r"m is .*above 0"):
            feasible_region(m)


class TestCheckPlane:
    @by_examples
    @given(m=st.floats(0.1, 20), lam=st.floats(0, 25), fraction=st.floats(0, 1))
    def test_finds_nothing_on_an_ideal_plane(self, m, lam, fraction):
        check = check_plane(ideal_plane(m, lam, fraction))
        for name in ("forward_total", "backward_total", "output_spread", "outside_total"):
            assert float(check[name]) == pytest.approx(0, abs=ROUNDING)
        assert float(check.m) == m

    def test_finds_nothing_at_the_start_of_a_training(self):
        check = check_plane(make_plane([9, 8, 7, 6, 5, 4, 3, 2, 1], [1] * 9))
        totals = ["forward_total", "backward_total", "output_spread", "outside_total"]
        assert all(float(check[name]) == 0 for name in totals)

    @pytest.mark.parametrize("position", range(1, 9))
    def test_a_planted_rise_of_the_input_mi(self, position):
        plane = ideal_plane(8, 3, fraction=1)  # the encoder at M, the rest at λ
        plane.input_mi.loc[{"layer": ALL_LAYERS[position]}] += 0.25
        check = check_plane(plane)
        pair = f"{ALL_LAYERS[position - 1]}→{ALL_LAYERS[position]}"
        # Z comes after a fall of 5 bits, which a quarter of a bit leaves a fall
        expected = 0 if ALL_LAYERS[position] == "Z" else 0.25
        assert float(check.forward_violation.sel(pair=pair)) == expected
        assert float(check.forward_total) == expected
        assert float(check.backward_total) == float(check.output_spread) == 0

    @pytest.mark.parametrize("position", range(8))
    def test_a_planted_excess_of_the_output_mi(self, position):
        plane = ideal_plane(8, 3)
        plane.output_mi.loc[{"layer": ALL_LAYERS[position]}] += 0.25
        check = check_plane(plane)
        pair = f"{ALL_LAYERS[position]}→{ALL_LAYERS[position + 1]}"
        assert float(check.backward_violation.sel(pair=pair)) == 0.25
        assert float(check.backward_total) == 0.25
        assert float(check.output_spread) == 0.25
        assert float(check.forward_total) == 0

    def test_the_spread_counts_both_sides(self):
        plane = ideal_plane(8, 3)
        plane.output_mi.loc[{"layer": "E2"}] += 0.5
        plane.output_mi.loc[{"layer": "D1"}] -= 0.25
        assert float(check_plane(plane).output_spread) == 0.75

    def test_the_self_information_of_the_output_is_no_part_of_the_spread(self):
        plane = ideal_plane(8, 3)
        plane.output_mi.loc[{"layer": OUTPUT}] = 7
        check = check_plane(plane)
        assert float(check.output_spread) == 0
        assert float(check.backward_total) == 0  # I(X′;X′) may well be the larger

    @pytest.mark.parametrize(
        ("point", "distance"),
        [
            ((2.0, 1.0), 0),  # inside
            ((2.0, 2.0), 0),  # on the bisector
            ((4.0, 4.0), 0),  # the corner
            ((4.0, 0.0), 0),
            ((1.0, 2.0), math.sqrt(0.5)),  # above the bisector
            ((4.5, 1.0), 0.5),  # right of M
            ((2.0, -0.25), 0.25),  # below
            ((-3.0, -4.0), 5.0),  # nearest to a corner
            ((7.0, -4.0), 5.0),
            ((4.0, 5.0), 1.0),
            ((-1.0, 0.5), math.hypot(1, 0.5)),
            ((8.0, 7.0), 5.0),
        ],
    )
    def test_distance_from_the_triangle(self, point, distance):
        plane = make_plane([4, point[0], 1], [1, point[1], 1], [INPUT, "T", OUTPUT])
        check = check_plane(plane)
        assert check.outside.layer.values.tolist() == ["T"]
        assert float(check.outside.sel(layer="T")) == pytest.approx(distance, abs=ROUNDING)
        assert float(check.outside_total) == pytest.approx(distance, abs=ROUNDING)

    @by_examples
    @given(x=st.floats(-9, 9), y=st.floats(-9, 9), m=st.floats(0.5, 6), share=st.floats(0, 1))
    def test_no_point_of_the_triangle_is_nearer_than_the_distance_found(self, x, y, m, share):
        plane = make_plane([m, x, 0], [0, y, 0], [INPUT, "T", OUTPUT])
        distance = float(check_plane(plane).outside_total)
        corners = feasible_region(m)
        for start, end in ((0, 1), (1, 2), (2, 0)):
            inside = corners[start] + share * (corners[end] - corners[start])
            assert distance <= math.hypot(x - inside[0], y - inside[1]) + ROUNDING

    def test_without_m_there_is_no_right_edge(self):
        plane = make_plane([math.nan, 9, 1], [1, 1, math.nan], [INPUT, "T", OUTPUT])
        check = check_plane(plane)
        assert math.isnan(check.m)
        assert float(check.outside_total) == 0
        plane.output_mi.loc[{"layer": "T"}] = 11
        assert float(check_plane(plane).outside_total) == pytest.approx(math.sqrt(2))

    def test_missing_self_informations_leave_out_only_what_needs_them(self):
        plane = ideal_plane(8, 3, fraction=1)
        plane.input_mi.loc[{"layer": "D2"}] += 0.25
        plane.input_mi.loc[{"layer": INPUT}] = math.nan
        plane.output_mi.loc[{"layer": OUTPUT}] = math.nan
        check = check_plane(plane)
        unknown = check.forward_violation.isnull()
        assert check.pair.values[unknown].tolist() == ["X→E1"]
        unknown = check.backward_violation.isnull()
        assert check.pair.values[unknown].tolist() == ["D3→X_out"]
        assert float(check.forward_total) == 0.25
        assert float(check.backward_total) == 0
        assert float(check.output_spread) == 0

    def test_a_negative_estimate_of_m_counts_as_0(self):
        plane = make_plane([-1, 0.0, 0], [0, 0.0, 0], [INPUT, "T", OUTPUT])
        assert float(check_plane(plane).outside_total) == 0

    def test_keeps_estimators_batches_and_iterations_apart(self):
        plane = ideal_plane(8, 3, fraction=1)
        series = plane.expand_dims(iteration=[0, 10], estimator=["a", "b"], batch=[0, 1, 2])
        series = series.copy(deep=True)
        wrong = {"iteration": 10, "estimator": "b", "batch": 1}
        series.input_mi.loc[{"layer": "D3", **wrong}] += 1
        check = check_plane(series)
        assert dict(check.forward_total.sizes) == {"iteration": 2, "estimator": 2, "batch": 3}
        expected = xr.zeros_like(check.forward_total)
        expected.loc[wrong] = 1
        xr.testing.assert_equal(check.forward_total, expected)
        xr.testing.assert_equal(check.sel(wrong), check_plane(series.sel(wrong)))

    def test_takes_what_the_recorder_gives(self):
        model = torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.Linear(2, 4))
        images = all_binary_images(4).float()
        # an estimator without entropies leaves I(X;X) and I(X′;X′) missing
        estimators = {"plain": discrete_mutual_information, "parts": MatrixRenyi(lambda n, d: 1e-3)}
        check = check_plane(InformationPlane(model, ["0"], [images], estimators).record(3))
        assert check.forward_violation.dims == ("estimator", "pair", "batch")
        assert check.outside.dims == ("estimator", "layer", "batch")
        assert check.m.sel(estimator="parts").item() == pytest.approx(4)
        assert check.m.isnull().sel(estimator="plain").item()
        assert check.iteration == 3

    def test_the_mean_over_batches_can_be_checked(self):
        plane = ideal_plane(8, 3, fraction=1).expand_dims(batch=[0, 1]).copy(deep=True)
        plane.input_mi.loc[{"layer": "D3", "batch": 0}] += 1
        plane.input_mi.loc[{"layer": "D3", "batch": 1}] -= 1
        # D3 above D2 in one batch, X′ above D3 in the other
        assert check_plane(plane).forward_total.values.tolist() == [1, 1]
        assert float(check_plane(plane.mean("batch")).forward_total) == 0

    def test_does_not_change_the_plane(self):
        plane = ideal_plane(8, 3)
        before = plane.copy(deep=True)
        check_plane(plane)
        xr.testing.assert_identical(plane, before)

    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda p: p.input_mi, "must be a Dataset"),
            (lambda p: p.rename(input_mi="bits"), "variables .*bits"),
            (lambda p: p.isel(layer=0), "needs 'layer'"),
            (lambda p: p.drop_vars("layer"), "needs 'layer'"),
            (lambda p: p.drop_vars("output_mi"), r"variables \['input_mi'\]; it must have"),
            (lambda p: p.isel(layer=slice(1, None)), "must run in order"),
            (lambda p: p.isel(layer=slice(None, -1)), "must run in order"),
            (lambda p: p.isel(layer=[0, -1]), "must run in order"),
            (lambda p: p.isel(layer=[0, 1, 1, -1]), "must run in order"),
            (lambda p: p.isel(layer=slice(None, None, -1)), "must run in order"),
            (lambda p: p.where(p.layer != "D1"), "input_mi .*1 NaN or inf.*'layer': 'D1'"),
            (
                lambda p: p.assign(output_mi=p.output_mi.where(p.layer != "D1")),
                "output_mi .*1 NaN or inf.*'layer': 'D1'",
            ),
            (lambda p: p.where(p.layer != "E1", math.inf), "NaN or infinite .*'layer': 'E1'"),
            (lambda p: p.where(p.layer != INPUT, math.inf), "NaN or infinite .*'layer': 'X'"),
            (lambda p: p.assign(output_mi=p.output_mi.where(p.layer != INPUT)), "output_mi .*'X'"),
        ],
    )
    def test_bad_input(self, spoil, message):
        with pytest.raises((TypeError, ValueError), match=message):
            check_plane(spoil(ideal_plane(8, 3)))


class TestCounting:
    def test_entropy_in_closed_form(self):
        assert discrete_entropy(np.zeros(7)) == 0
        assert discrete_entropy(np.arange(8)) == 3
        assert discrete_entropy(np.array([0, 0, 1, 2])) == 1.5
        p = np.array([3, 5]) / 8
        expected = -(p * np.log2(p)).sum()
        assert discrete_entropy(np.array([0] * 3 + [1] * 5)) == pytest.approx(expected, rel=1e-15)

    def test_rows_are_values(self):
        codes = np.array([[0, 1], [0, 1], [1, 0], [0, 0]])
        assert discrete_entropy(codes) == 1.5
        assert discrete_entropy(torch.tensor(codes)) == 1.5

    def test_values_are_compared_digit_for_digit(self):
        assert discrete_entropy(np.array([1.0, np.nextafter(1.0, 2)])) == 1
        assert discrete_entropy(np.array([[0.0, 1.0], [-0.0, 1.0]])) == 0
        assert discrete_entropy(np.array(["a", "b", "a", "b"])) == 1

    def test_mutual_information_in_closed_form(self):
        a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
        assert discrete_mutual_information(a, b) == 0
        assert discrete_mutual_information(a, a) == 1
        assert discrete_mutual_information(a, np.stack([a, b], axis=1)) == 1
        assert discrete_mutual_information(a + 2 * b, a) == 1
        # exclusive or: nothing by one variable alone, all by both
        assert discrete_mutual_information(a, a ^ b) == 0
        assert discrete_mutual_information(np.stack([a, b], axis=1), a ^ b) == 1

    @by_examples
    @given(
        codes=arrays(
            np.int64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.integers(0, 3)
        )
    )
    def test_information_is_a_difference_of_entropies_and_bounded(self, codes):
        a, b = codes.T
        information = discrete_mutual_information(a, b)
        h_a, h_b = discrete_entropy(a), discrete_entropy(b)
        assert information == pytest.approx(h_a + h_b - discrete_entropy(codes), abs=ROUNDING)
        assert -ROUNDING <= information <= min(h_a, h_b) + ROUNDING
        assert h_a <= math.log2(len(a)) + ROUNDING
        assert information == pytest.approx(discrete_mutual_information(b, a), abs=ROUNDING)
        assert discrete_mutual_information(a, a) == pytest.approx(h_a, abs=ROUNDING)

    @by_examples
    @given(
        codes=arrays(
            np.int64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.integers(0, 3)
        ),
        seed=st.integers(0, 100),
    )
    def test_order_and_names_of_values_do_not_matter(self, codes, seed):
        rng = np.random.default_rng(seed)
        shuffled, names = rng.permutation(codes), rng.permutation(4) * 0.5 - 3
        assert discrete_entropy(shuffled) == pytest.approx(discrete_entropy(codes), abs=ROUNDING)
        assert discrete_mutual_information(names[shuffled[:, 0]], shuffled[:, 1]) == pytest.approx(
            discrete_mutual_information(*codes.T), abs=ROUNDING
        )

    @pytest.mark.parametrize(
        ("codes", "error", "message"),
        [
            (np.zeros((0,)), ValueError, r"shape \(0,\)"),
            (np.zeros((2, 2, 2)), ValueError, r"shape \(2, 2, 2\)"),
            (np.float64(1), TypeError, "must be a Tensor or an array"),
            (np.zeros(()), ValueError, r"shape \(\)"),
            (np.array([0.0, math.nan]), ValueError, "NaN or infinity"),
            (np.array([0.0, -math.inf]), ValueError, "NaN or infinity"),
            (np.array([None, "a"]), TypeError, "dtype object"),
            (np.array([1j]), TypeError, "dtype complex128"),
        ],
    )
    def test_bad_codes(self, codes, error, message):
        with pytest.raises(error, match=f"codes .*{message}"):
            discrete_entropy(codes)
        with pytest.raises(error, match=f"b .*{message}"):
            discrete_mutual_information(np.zeros(2), codes)

    def test_rows_must_be_pairs(self):
        with pytest.raises(ValueError, match="a has 3 rows and b has 4"):
            discrete_mutual_information(np.zeros(3), np.zeros(4))

    def test_a_plane_of_given_values(self):
        x = np.arange(8)
        plane = discrete_plane(
            {INPUT: x, "E1": x % 4, "Z": x % 2, OUTPUT: np.stack([x % 2, x % 2], 1)}
        )
        assert plane.layer.values.tolist() == [INPUT, "E1", "Z", OUTPUT]
        assert plane.input_mi.values.tolist() == [3, 2, 1, 1]
        assert plane.output_mi.values.tolist() == [1, 1, 1, 1]
        assert plane.input_mi.attrs["units"] == plane.output_mi.attrs["units"] == "bit"

    def test_a_plane_is_that_of_the_recorder(self):
        model = DiscreteAutoencoder(2, 4, generator=torch.Generator().manual_seed(1))
        images = all_binary_images(4)
        exact = {"exact": discrete_mutual_information}
        record = InformationPlane(model, HIDDEN_LAYERS, [images], exact).record().squeeze()
        plane = discrete_plane(capture(model, HIDDEN_LAYERS, images))
        for axis, missing in (("input_mi", INPUT), ("output_mi", OUTPUT)):
            expected = record[axis].drop_sel(layer=missing)
            xr.testing.assert_equal(
                plane[axis].drop_sel(layer=missing), expected.drop_vars(["estimator", "batch"])
            )

    @pytest.mark.parametrize("layers", [(), ("X",), ("X", "Z"), ("Z", "X_out"), ("X_out", "X")])
    def test_a_plane_needs_input_and_output(self, layers):
        with pytest.raises(ValueError, match=r"variables are .* in order from 'X' to 'X_out'"):
            discrete_plane(dict.fromkeys(layers, np.arange(2)))

    def test_a_plane_needs_values_of_the_same_inputs(self):
        with pytest.raises(ValueError, match="rows"):
            discrete_plane({INPUT: np.arange(3), OUTPUT: np.arange(2)})


class TestTheoremsByCounting:
    """(7), (8), (13), Lemma 1 and the triangle hold for every chain of discrete functions."""

    @by_examples
    @given(chain=chains())
    def test_every_deterministic_chain_obeys_the_theory(self, chain):
        check = check_plane(chain_plane(chain))
        for name in ("forward_total", "backward_total", "output_spread", "outside_total"):
            assert float(check[name]) == pytest.approx(0, abs=ROUNDING)

    @by_examples
    @given(chain=chains())
    def test_the_forward_dpi_falls_by_what_a_layer_forgets(self, chain):
        # I(A;B) − I(A;C) = I(A;B|C) for a Markov chain A → B → C; here H(B|C)
        x = chain[0]
        for before, after in pairwise(chain[1:]):
            lost = discrete_mutual_information(x, before) - discrete_mutual_information(x, after)
            both = discrete_entropy(np.stack([before, after], axis=1))
            assert lost == pytest.approx(both - discrete_entropy(after), abs=ROUNDING)

    def test_quantised_for_measuring_only_they_need_not_hold(self):
        x = np.arange(4)
        chain = [x, x / 4, 4 * (x / 4)]
        measured = [np.floor(values) for values in chain]
        check = check_plane(chain_plane(measured))
        assert float(check.forward_total) == 2
        assert float(check.output_spread) == 2
        assert float(check_plane(chain_plane(chain)).forward_total) == 0

    def test_least_distance_need_not_be_most_information(self):
        x = np.array([0.0, 1, 2, 10])
        codes = [np.array([(i >> j) & 1 for j in range(4)]) for i in range(16)]

        def distance(z):
            means = np.array(
                [x[z == value].mean() if (z == value).any() else 0 for value in (0, 1)]
            )
            return ((means[z] - x) ** 2).mean()

        nearest = min(codes, key=distance)
        expected = 2 - 0.75 * math.log2(3)  # three inputs against one
        assert discrete_mutual_information(x, nearest) == pytest.approx(expected, abs=ROUNDING)
        assert max(discrete_mutual_information(x, z) for z in codes) == 1


class TestDiscreteAutoencoder:
    def test_all_images_once(self):
        x = all_binary_images(3)
        assert x.shape == (8, 3)
        assert x.dtype == torch.float64
        assert discrete_entropy(x) == 3
        assert set(x.unique().tolist()) == {-1.0, 1.0}

    @pytest.mark.parametrize("pixels", [0, 17, 2.0])
    def test_number_of_images_is_limited(self, pixels):
        with pytest.raises(ValueError, match=f"pixels is {pixels}"):
            all_binary_images(pixels)

    @pytest.mark.parametrize("levels", [2, 3, 5, 17])
    def test_quantiser_rounds_to_the_nearest_level(self, levels):
        x = torch.linspace(-1, 1, 1001, dtype=torch.float64)
        grid = torch.linspace(-1, 1, levels, dtype=torch.float64)
        rounded = Quantize(levels)(x)
        nearest = (x[:, None] - grid).abs().min(dim=1).values
        np.testing.assert_allclose((x - rounded).abs(), nearest, rtol=0, atol=1e-15)
        assert len(rounded.unique()) == levels
        np.testing.assert_array_equal(Quantize(levels)(rounded), rounded)

    def test_gradients_pass_the_quantiser(self):
        x = torch.linspace(-1, 1, 7, dtype=torch.float64, requires_grad=True)
        weights = torch.arange(7.0, dtype=torch.float64)
        (Quantize(3)(x) * weights).sum().backward()
        np.testing.assert_array_equal(x.grad, weights)

    @pytest.mark.parametrize("levels", [1, 2.5])
    def test_a_quantiser_needs_two_levels(self, levels):
        with pytest.raises(ValueError, match="levels is"):
            Quantize(levels)

    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("bottleneck_size", [1, 3, 8])
    def test_an_untrained_one_obeys_the_theory(self, bottleneck_size, seed):
        generator = torch.Generator().manual_seed(seed)
        model = DiscreteAutoencoder(bottleneck_size, input_size=4, generator=generator)
        images = all_binary_images(4)
        record = discrete_plane(capture(model, HIDDEN_LAYERS, images))
        assert record.layer.values.tolist() == list(ALL_LAYERS)
        check = check_plane(record)
        assert float(check.m) == 4
        for name in ("forward_total", "backward_total", "output_spread", "outside_total"):
            assert float(check[name]) == pytest.approx(0, abs=ROUNDING)
        information = record.input_mi.sel(layer="Z")
        assert float(information) <= bottleneck_size

    def test_layers_take_the_levels_they_were_given(self):
        model = DiscreteAutoencoder(2, 5, (9, 8, 7), (17, 5, 3))
        out, widths, levels = all_binary_images(5), [], []
        for name, layer in model.named_children():
            out = layer(out)
            widths.append(out.shape[1])
            levels.append(layer[-1].levels)
            assert len(out.unique()) <= levels[-1], name
        assert widths == [9, 8, 7, 2, 7, 8, 9, 5]
        assert levels == [17, 5, 3, 2, 3, 5, 17, 2]

    def test_the_seed_decides_the_weights(self):
        def weights(seed):
            model = DiscreteAutoencoder(2, generator=torch.Generator().manual_seed(seed))
            return torch.cat([p.flatten() for p in model.parameters()])

        assert torch.equal(weights(1), weights(1))
        assert not torch.equal(weights(1), weights(2))

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"bottleneck_size": 0}, "bottleneck_size is 0"),
            ({"bottleneck_size": 2, "input_size": 0}, "input_size is 0"),
            ({"bottleneck_size": 2, "hidden_sizes": (4, 4)}, r"hidden_sizes is \(4, 4\)"),
            ({"bottleneck_size": 2, "hidden_sizes": (4, 0, 4)}, r"hidden_sizes\[1\] is 0"),
            ({"bottleneck_size": 2, "levels": (4,)}, r"levels is \(4,\)"),
            ({"bottleneck_size": 2, "levels": (4, 1, 4)}, r"levels\[1\] is 1"),
        ],
    )
    def test_bad_input(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            DiscreteAutoencoder(**arguments)

    @pytest.mark.parametrize(("bottleneck_size", "final"), [(1, 1.0), (3, 3.0)])
    def test_trained_it_ends_where_theorem_1_says(self, bottleneck_size, final):
        images = all_binary_images(3)
        model = DiscreteAutoencoder(
            bottleneck_size, 3, (12, 12, 12), generator=torch.Generator().manual_seed(0)
        )
        optimizer = torch.optim.Adam(model.parameters(), 0.01)
        decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, 400)
        for _ in range(400):
            optimizer.zero_grad()
            ((model(images) - images) ** 2).sum(dim=1).mean().backward()
            optimizer.step()
            decay.step()
            # weights on a grid: the last digits of another processor cannot lead elsewhere
            with torch.no_grad():
                for weight in model.parameters():
                    weight.copy_(torch.round(weight * 2**20) / 2**20)
        record = discrete_plane(capture(model, HIDDEN_LAYERS, images))
        encoder = record.input_mi.sel(layer=list(ENCODER[:-1]))
        assert ((encoder >= final - ROUNDING) & (encoder <= 3 + ROUNDING)).all()
        behind = record.input_mi.sel(layer=slice("Z", None))
        np.testing.assert_allclose(behind, final, rtol=0, atol=ROUNDING)
        np.testing.assert_allclose(record.output_mi, final, rtol=0, atol=ROUNDING)


def test_the_layers_are_those_of_the_paper():
    assert ENCODER == ("E1", "E2", "E3", "Z")
    assert DECODER == ("D1", "D2", "D3")
    assert set(ENCODER).isdisjoint(DECODER)
