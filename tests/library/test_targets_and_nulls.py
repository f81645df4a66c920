"""What a plane holds a layer against: targets, shuffled pairs, bounds, and the truth."""

import math
import warnings

import matplotlib as mpl
import numpy as np
import pytest
import torch
import xarray as xr
from torch import nn

from ipae_lib import (
    InformationPlane,
    MatrixRenyi,
    ProposedWidth,
    check_plane,
    diagnose,
    plot_bounds,
    plot_plane,
)
from ipae_lib.diagnostics import EstimateWarning, doubtful
from ipae_lib.discrete import discrete_entropy, discrete_mutual_information
from ipae_lib.estimators import PreparedVariable, StochasticMatrixRenyi
from ipae_lib.estimators.binning import EqualBins
from ipae_lib.exact import TotalDeviation, exact_plane
from ipae_lib.layers import INPUT, OUTPUT

mpl.use("Agg")
import matplotlib.pyplot as plt

RULE = MatrixRenyi(ProposedWidth(0.8))
SHANNON = MatrixRenyi(ProposedWidth(0.8), alpha=1)


@pytest.fixture(autouse=True)
def _no_figures_left():
    yield
    plt.close("all")


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def model():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))


class TestNames:
    @pytest.mark.parametrize("alpha", [0.5, 1, 1.01, 2])
    def test_the_equality_kernel_gives_the_entropy_of_the_frequencies(self, alpha):
        codes = torch.tensor([0] * 40 + [7] * 25 + [3] * 5 + [1])
        p = np.array([40, 25, 5, 1]) / 71
        expected = (
            -(p * np.log2(p)).sum() if alpha == 1 else np.log2((p**alpha).sum()) / (1 - alpha)
        )
        rule = MatrixRenyi(ProposedWidth(0.8), alpha=alpha)
        assert float(rule.entropy_of(rule.represent_names(codes))) == pytest.approx(
            expected, abs=1e-6
        )

    def test_of_two_names_the_information_is_that_which_is_counted(self):
        generator = torch.Generator().manual_seed(0)
        a = torch.randint(4, (90,), generator=generator)
        b = (a + torch.randint(2, (90,), generator=generator)) % 4
        found = [PreparedVariable(SHANNON, codes[:, None], names=True) for codes in (a, b)]
        expected = discrete_mutual_information(a, b)
        assert float(found[0].information_with(found[1])) == pytest.approx(expected, abs=1e-9)

    def test_the_stochastic_estimator_agrees(self):
        codes = torch.arange(300) % 7
        rule = StochasticMatrixRenyi(ProposedWidth(0.8))
        found = float(rule.entropy_of(rule.represent_names(codes)))
        assert found == pytest.approx(discrete_entropy(codes), abs=0.01)

    def test_names_of_targets_in_every_form_are_the_same(self, model):
        y = np.arange(60) % 3
        words = np.array(["cat", "dog", "eel"])[y]
        forms = [y, words, words.astype(object), torch.from_numpy(y), list(y), y.reshape(2, 30),
                 [y[:30], y[30:]], y.astype(np.uint8), 5 - y]  # fmt: skip
        records = [
            InformationPlane(
                model, ["1"], normal(60, 6), {"p": RULE}, batch_size=30, targets={"Y": form}
            ).record()
            for form in forms
        ]
        assert all(record.equals(records[0]) for record in records)
        assert records[0].names == "Y"
        entropy = records[0].target_entropy.sel(target="Y", estimator="p")
        np.testing.assert_allclose(entropy, math.log2(3), atol=1e-6)

    def test_whole_numbers_can_be_declared_quantities_and_real_ones_names(self, model):
        y = np.arange(60) % 20
        x = normal(60, 6)

        def of(values, **settings):
            plane = InformationPlane(
                model, ["1"], x, {"p": RULE}, targets={"Y": values}, **settings
            )
            return float(plane.record().target_mi.sel(layer=INPUT).squeeze())

        ordinal = float(RULE(x.double(), torch.from_numpy(y)[:, None]))
        assert of(y, discrete=[]) == pytest.approx(ordinal, abs=1e-9)
        assert of(y.astype(float)) == pytest.approx(ordinal, abs=1e-9)
        assert of(y.astype(float), discrete=["Y"]) == of(y)
        assert of(y) != pytest.approx(ordinal, abs=0.01)

    @pytest.mark.parametrize(
        ("targets", "settings", "message"),
        [
            ({"Y": np.arange(59)}, {}, r"targets\['Y'\] has shape \(59,\) for 2 batches of 60"),
            ({"1": np.arange(60)}, {}, r"targets are named \['1'\].*name of its own"),
            ({"Y": np.arange(60)}, {"discrete": ["y"]}, r"discrete is \['y'\]; take names from"),
            ({"Y": 1}, {}, r"targets\['Y'\] is 1, which a batch lacks"),
            ({"Y": np.array([None, 1] * 30)}, {}, r"targets\['Y'\] has dtype object; give numbers"),
            ({"Y": np.full(60, np.nan)}, {}, r"targets\['Y'\] holds 60 NaN"),
        ],
    )
    def test_wrong_targets_are_named(self, model, targets, settings, message):
        with pytest.raises((TypeError, ValueError), match=message):
            InformationPlane(
                model, ["1"], normal(60, 6), {"p": RULE}, batch_size=30, targets=targets, **settings
            )

    def test_a_target_from_a_loader(self, model):
        x, y = normal(60, 6), torch.arange(60) % 3
        data = torch.utils.data.TensorDataset(x, y)
        settings = {"inputs": 0, "targets": {"Y": 1, "sign": lambda batch: batch[0][:, 0] > 0}}
        loader = torch.utils.data.DataLoader(data, 30)
        found = InformationPlane(model, ["1"], loader, {"p": RULE}, **settings).record()
        cut = InformationPlane(model, ["1"], data, {"p": RULE}, batch_size=30, **settings).record()
        assert found.equals(cut)
        by_hand = {"Y": y, "sign": x[:, 0] > 0}
        own = InformationPlane(model, ["1"], x, {"p": RULE}, batch_size=30, targets=by_hand)
        assert own.record().equals(found)
        assert found.target_mi.dims == ("target", "estimator", "layer", "batch")
        assert found.target.values.tolist() == ["Y", "sign"]


class TestInformationWithATarget:
    def test_every_number_by_hand(self, model):
        x, y = normal(40, 6), normal(40, 2, seed=1)
        plane = InformationPlane(
            model,
            ["1"],
            x,
            {"p": SHANNON, "bins": EqualBins(4)},
            targets={"Y": y},
            conditional=True,
        )
        record = plane.record().squeeze()
        for label, values in plane.activations().items():
            t = values[0]
            here = record.sel(layer=label)
            for name, rule in plane.estimators.items():
                expected = float(rule(t, y.double()))
                assert float(here.target_mi.sel(estimator=name)) == pytest.approx(
                    expected, abs=1e-9
                )
            grams = [SHANNON.represent(v) for v in (x.double(), t, y.double())]

            def entropy(*which, grams=grams):
                joint = grams[which[0]]
                for i in which[1:]:
                    joint = SHANNON.join(joint, grams[i])
                return float(SHANNON.entropy_of(joint))

            expected = entropy(0, 2) + entropy(1, 2) - entropy(0, 1, 2) - entropy(2)
            found = float(here.conditional_mi.sel(estimator="p"))
            assert found == pytest.approx(expected, abs=1e-9)
            assert found > 0.1

    def test_conditional_information_of_names_is_counted(self):
        a = torch.arange(32) % 8
        pair = [PreparedVariable(SHANNON, v[:, None], names=True) for v in (a, a // 2, a // 4)]
        found = float(pair[0].information_with(pair[1], given=pair[2]))
        assert found == pytest.approx(1, abs=1e-9)  # 2 bits, of which 1 is known

    def test_binary_labels_bound_what_can_be_there(self, model):
        """Report infomeasure#7: a label of one bit, latents of 100 dimensions."""
        y = torch.arange(64) % 2
        wide = nn.Sequential(nn.Linear(6, 100), nn.Linear(100, 6))

        def too_much(a, b):
            return 3.7

        rules = {"p": RULE, "cca": too_much}
        plane = InformationPlane(wide, ["0"], normal(64, 6), rules, targets={"Y": y}, null=True)
        with pytest.warns(
            EstimateWarning, match=r"target_mi.*'cca'.*above what they can be"
        ) as told:
            record = plane.record()
        assert told[0].filename == __file__
        assert (record.target_mi.sel(estimator="p") <= 1 + 1e-9).all()
        flags = diagnose(record)
        assert flags.target_mi_impossible.sel(estimator="cca").all()
        assert not flags.target_mi_impossible.sel(estimator="p").any()
        # independent of the label, and yet most of a bit: the null shows it
        assert flags.target_mi_null_like.sel(estimator="p").all()


class TestNullsAndBounds:
    def record(self, model, **settings):
        rules = {"p": RULE, "narrow": MatrixRenyi(lambda n, d: 1e-4), "negative": lambda x, y: -0.5}
        plane = InformationPlane(model, ["1"], normal(80, 6), rules, batch_size=40, **settings)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EstimateWarning)
            return plane, plane.record()

    def test_the_null_is_that_of_shuffled_pairs(self, model):
        plane, record = self.record(model, null=True, targets={"Y": torch.arange(80) % 4})
        generator = torch.Generator().manual_seed(0)
        variables = plane.activations()
        for batch in range(2):
            order = torch.randperm(40, generator=generator)
            x, t, out = (variables[name][batch] for name in (INPUT, "1", OUTPUT))
            here = record.sel(layer="1", batch=batch, estimator="p")
            assert float(here.input_mi_null) == pytest.approx(float(RULE(x[order], t)), abs=1e-9)
            assert float(here.output_mi_null) == pytest.approx(float(RULE(t, out[order])), abs=1e-9)
        assert (record.target_mi_null < record.target_mi).sel(estimator="p").any()
        _, without = self.record(model)
        assert without.input_mi.equals(record.input_mi)
        assert not any("null" in str(name) for name in without)

    def test_flags(self, model):
        _, record = self.record(model, null=True)
        flags = diagnose(record)
        ceiling = math.log2(40)
        np.testing.assert_allclose(flags.input_mi_room, ceiling - record.input_mi)
        narrow = flags.sel(estimator="narrow")
        assert narrow.input_mi_saturated.all()
        assert narrow.input_mi_null_like.all()
        assert not flags.sel(estimator="p").input_mi_saturated.any()
        hidden = flags.sel(layer=["1", OUTPUT], estimator="negative")
        assert hidden.input_mi_impossible.all()
        np.testing.assert_allclose(hidden.input_mi_bound, ceiling)
        entropies = record.entropy.sel(estimator="p")
        least = np.minimum(entropies.sel(layer="1"), entropies.sel(layer=INPUT))
        found = flags.input_mi_bound.sel(estimator="p", layer="1")
        np.testing.assert_allclose(found, least)

    def test_the_warning_names_what_is_doubtful(self, model):
        plane, record = self.record(model, null=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            plane.record()  # each is said once
        again = InformationPlane(model, ["1"], normal(40, 6), plane.estimators, null=True)
        with pytest.warns(EstimateWarning) as told:
            again.record()
        (warning,) = told
        text = str(warning.message)
        assert "(estimator 'narrow') of the layers ['1', 'X_out'] are saturated at log₂ N" in text
        assert "null-like" in text
        assert warning.filename == __file__
        assert doubtful(record.sel(estimator=["p"])) != doubtful(record)
        itself = record.sel(estimator=["narrow"], layer=["X"])[["input_mi", "input_mi_null"]]
        assert diagnose(itself).input_mi_saturated.all()
        assert doubtful(itself) == []  # I(X;X) is no finding

    def test_wide_kernels_of_related_variables_raise_no_doubt(self, model):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rule = {"wide": MatrixRenyi(ProposedWidth(3))}
            x = normal(120, 2)
            small = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
            record = InformationPlane(small, ["0"], x, rule, null=True).record()
        assert (record.input_mi > 2 * record.input_mi_null).all()

    def test_what_tells_no_samples_is_refused(self):
        for plane in (xr.Dataset(), xr.Dataset({"input_mi": 1.0})):
            with pytest.raises(ValueError, match=r"plane holds .*samples.*set plane.attrs"):
                diagnose(plane)

    def test_live_dimensions(self):
        dead = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
        with torch.no_grad():
            dead[0].bias[:2] = -1e3
        record = InformationPlane(dead, ["1"], normal(40, 6), {"p": RULE}).record()
        assert record.live.sel(layer="1").item() == 3
        assert record.dimensions.values.tolist() == [6, 5, 3]

    def test_several_iterations_are_diagnosed_at_once(self, model):
        _, record = self.record(model, null=True)
        joined = xr.concat([record.assign_coords(iteration=i) for i in (0, 1)], "iteration")
        assert diagnose(joined).input_mi_saturated.sizes["iteration"] == 2
        assert doubtful(joined) == doubtful(record)


class TestTruth:
    def test_it_is_that_of_all_samples(self, model):
        x, y = normal(60, 6), np.arange(60) % 3
        noise = {"0.3": TotalDeviation(0.3)}
        plane = InformationPlane(
            model, ["1"], x, {"p": RULE}, batch_size=30, truth=noise,
            targets={"Y": y, "value": normal(60)},
        )  # fmt: skip
        record = plane.record()
        variables = {name: v.flatten(0, 1) for name, v in plane.activations().items()}
        expected = exact_plane(variables, noise, y, progress=False)
        np.testing.assert_array_equal(record.true_input_mi, expected.input_mi)
        np.testing.assert_array_equal(record.true_output_mi, expected.output_mi)
        np.testing.assert_array_equal(record.true_standard_error, expected.standard_error)
        np.testing.assert_array_equal(record.true_target_mi.sel(target="Y"), expected.label_mi)
        assert record.true_target_mi.sel(target="value").isnull().all()
        assert record.samples == 30


class TestDrawing:
    @pytest.fixture
    def record(self, model):
        plane = InformationPlane(
            model, {"hidden": "1"}, normal(80, 6), {"p": RULE}, batch_size=40, null=True,
            targets={"Y": torch.arange(80) % 4, "Y2": torch.arange(80) % 2},
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EstimateWarning)
            return plane.record(0)

    def test_the_plane_of_definition_1(self, record):
        ax = plot_plane(record, target="Y")
        (line,) = [one for one in ax.lines if one.get_label() == "hidden"]
        here = record.sel(layer="hidden", estimator="p").mean("batch")
        assert line.get_xydata().tolist() == [
            [float(here.input_mi), float(here.target_mi.sel(target="Y"))]
        ]
        assert ax.get_ylabel() == "MI with Y, $I(T;Y)$ [bits]"
        with pytest.raises(ValueError, match=r"target is 'y'; choose from .*\['Y', 'Y2'\]"):
            plot_plane(record, target="y")

    def test_bounds(self, record):
        ax = plot_bounds(record)
        drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
        assert list(drawn) == ["value", "smallest entropy", "shuffled pairs", r"$\log_2 N$"]
        mean = record.sel(estimator="p").mean("batch")
        np.testing.assert_allclose(drawn["value"], mean.input_mi)
        np.testing.assert_allclose(drawn["shuffled pairs"], mean.input_mi_null)
        np.testing.assert_allclose(drawn[r"$\log_2 N$"], math.log2(40))
        ax = plot_bounds(record, "target_mi", target="Y2")
        np.testing.assert_allclose(ax.lines[0].get_ydata(), mean.target_mi.sel(target="Y2"))
        later = xr.concat([record, (record * 0).assign_coords(iteration=5)], "iteration")
        assert not np.any(plot_bounds(later).lines[0].get_ydata())
        with pytest.raises(ValueError, match=r"plane holds .* and no output_mi; choose"):
            plot_bounds(record.drop_vars("output_mi"), "output_mi")
        with pytest.raises(ValueError, match=r"target is None; choose from \['Y', 'Y2'\]"):
            plot_bounds(record, "target_mi")


class TestAnyChain:
    @pytest.fixture
    def record(self):
        values = [[5.0, 3, 4, 2, 1], [1.0, 1, 2, 3, 3]]
        names = ["X", "a", "side", "b", "X_out"]
        return xr.Dataset(
            {"input_mi": ("layer", values[0]), "output_mi": ("layer", values[1])}, {"layer": names}
        )

    def test_some_of_the_layers(self, record):
        whole = check_plane(record)
        assert float(whole.forward_total) == 1  # from a to the branch
        chosen = check_plane(record, ["X", "a", "b", "X_out"])
        assert float(chosen.forward_total) == 0
        assert chosen.forward_violation.pair.values.tolist() == ["X→a", "a→b", "b→X_out"]
        assert float(chosen.output_spread) == 2

    def test_without_the_ends(self, record):
        chosen = check_plane(record, ["side", "a"])
        assert chosen.backward_violation.values.tolist() == [1]
        assert math.isnan(chosen.m)
        assert chosen.outside.layer.values.tolist() == ["side", "a"]

    @pytest.mark.parametrize("chain", [["a"], [], ["a", "a"], ["a", "X"], ["a", "c"]])
    def test_what_is_no_chain(self, record, chain):
        with pytest.raises(
            ValueError, match=r"chain is \[.*name at least two layers of \['X', 'a'"
        ):
            check_plane(record, chain)
