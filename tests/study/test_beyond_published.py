"""Published code: its estimator from its formula, its networks, and the questions beside it."""

import math

import numpy as np
import pytest
import torch
import xarray as xr

from ipae_lib.activations import capture
from ipae_lib.layers import INPUT, OUTPUT
from study.beyond import criteria, published, runs
from study.beyond.networks import ACTIVITY, KINDS, SPARSITY_WEIGHT, layers_of
from study.chapters import ch13
from study.claims import freeze
from study.experiments import ROOT
from study.experiments.truth import CONVENTIONS

CRITERIA = ("study/beyond/published.py",)
OWN = [run for of in (runs.DENSE_AGAIN, runs.PUBLISHED) for each in of.values() for run in each]

RISE = np.linspace(0, 1, 10)
HUMP = np.where(RISE < 0.6, RISE, 1.2 - RISE)
UNIT = 6.0
LAYERS = [INPUT, "Z", OUTPUT]


def by_formula(x, y, gamma=2.0, alpha=1.01, added=0.0):
    """Their mutual information in bits, from its formula alone: by eigenvalues, pair by pair."""

    def gram(samples):
        n, d = samples.shape
        sigma = gamma * n ** (-1 / (4 + d))
        squares = ((samples[:, None, :] - samples[None, :, :]) ** 2).sum(-1)
        return np.exp(-squares / (2 * sigma**2)) / n

    def entropy(a):
        eigenvalues = np.clip(np.linalg.eigvalsh(a), 0, None)
        return math.log2((eigenvalues**alpha).sum() + added) / (1 - alpha)

    a, b = gram(x), gram(y)
    return entropy(a) + entropy(b) - entropy(a * b / np.trace(a * b))


@pytest.mark.parametrize(("n", "d_x", "d_y"), [(100, 784, 50), (100, 3, 10), (40, 1, 1)])
def test_their_estimator_is_the_previous_rule_with_another_gamma(n, d_x, d_y):
    random = np.random.default_rng(n + d_x)
    x = random.random((n, d_x))
    y = 1 / (1 + np.exp(-x @ random.standard_normal((d_x, d_y)) / math.sqrt(d_x)))
    ours = float(runs.PUBLISHED_ESTIMATOR(torch.from_numpy(x), torch.from_numpy(y)))
    assert ours > 0.01
    assert ours == pytest.approx(by_formula(x, y), abs=1e-10)
    assert abs(ours - by_formula(x, y, gamma=5.0)) > 0.01


def test_what_they_add_in_the_logarithm_is_a_few_millionths_of_a_bit():
    x, y = np.random.default_rng(0).random((2, 100, 20))
    ours = float(runs.PUBLISHED_ESTIMATOR(torch.from_numpy(x), torch.from_numpy(y)))
    # each entropy loses about 100 · 1e-8 / ln 2, and there is one more of them than is taken away
    assert by_formula(x, y, added=1e-8) - ours == pytest.approx(-1.44e-6, rel=0.1)


def planes(seed, of_rules, of_truth, error=0.01):
    """A run whose code has courses of its own by each rule, and one in truth, in shares of 6 bits.

    A little noise tells the seeds apart.
    """
    random = np.random.default_rng(seed)

    def values(course):
        of = np.repeat(UNIT * (course + 1e-3 * random.standard_normal(10))[:, None], 3, axis=1)
        of[:, 0] = UNIT
        return of

    by_rule = ("iteration", "estimator", "layer", "batch")
    estimates = np.stack([values(course) for course in of_rules.values()], axis=1)[..., None]
    in_truth = ("iteration", "noise", "resolution", "layer")
    truth = np.repeat(values(of_truth)[:, None, None, :], 3, axis=1)
    data = {
        "input_mi": (by_rule, estimates),
        "output_mi": (by_rule, estimates),
        "entropy": (by_rule, np.full_like(estimates, UNIT)),
        "true_input_mi": (in_truth, truth),
        "true_standard_error": (in_truth, np.full_like(truth, error)),
        "variance": (("iteration", "layer", "batch"), np.ones((10, 3, 1))),
        "test_error": ("iteration", 1 - 0.9 * RISE),
        **{name: (("iteration", "layer"), np.ones((10, 3))) for name in criteria.GEOMETRY},
    }
    coordinates = {
        "iteration": 2 ** np.arange(10),
        "layer": LAYERS,
        "estimator": list(of_rules),
        "noise": list(CONVENTIONS),
        "resolution": [0.5],
        "batch": [0],
    }
    attributes = {"seed": seed, "plateau": 1.0, "configuration": '{"name": "of a test"}'}
    return xr.Dataset(data, coordinates, attributes)


def kind(of_truth, error=0.01, **of_rules):
    names = published.RULES.values()
    courses = {name: of_rules.get(name.replace("-", "_"), of_truth) for name in names}
    return [planes(seed, courses, of_truth, error) for seed in range(3)]


class TestQuestions:
    def test_a_rule_that_orders_as_the_truth_does_and_one_that_does_not(self):
        found = published.orders({"one": kind(HUMP, previous=RISE, scale_free=1 - RISE)})
        first, second = published.rule_follows_the_truth, published.published_rule_is_nearer
        verdicts = {(one.claim.name, one.column): one.verdict for one in found}
        assert len(found) == 3 * 3 + 2 * 3
        for noise in CONVENTIONS:
            assert verdicts[first.name, f"by the published rule; {noise}"] == "holds"
            assert verdicts[first.name, f"by the scale-free rule; {noise}"] == "does not hold"
            assert verdicts[second.name, f"by the previous rule; {noise}"] == "holds"
        by_previous = next(one for one in found if one.column.startswith("by the previous"))
        assert by_previous.value < 0.8

    def test_a_rule_that_is_farther_from_the_truth(self):
        found = published.orders({"one": kind(HUMP, published=RISE)})
        of = [one for one in found if one.claim is published.published_rule_is_nearer]
        assert {one.verdict for one in of} == {"does not hold"}

    @pytest.mark.slow
    def test_a_fall_that_one_rule_shows_and_the_truth_does_not(self):
        cells = {name: kind(RISE, published=HUMP) for name in published.SAID}
        found = published.compression(cells)
        code = {
            one.column: one.verdict
            for one in found
            if one.claim is criteria.code_compresses and one.cell == "tied"
        }
        assert code.pop(published.PUBLISHED) == "holds"
        assert set(code.values()) == {"does not hold"}

    @pytest.mark.slow
    def test_a_sparse_code_that_compresses_more(self):
        cells = {name: kind(RISE) for name in published.SAID} | {"sparse": kind(HUMP)}
        found = published.compression(cells)
        more = [one for one in found if one.claim is published.sparse_compresses_more]
        assert {one.column for one in more} == published.LOOKS.keys()
        assert {one.verdict for one in more} == {"holds"}
        assert {one.estimate.own_error > 0 for one in more if "truth" in one.column} == {True}

    @pytest.mark.slow
    def test_the_error_of_the_truth_is_part_of_the_difference(self):
        cells = {name: kind(RISE) for name in published.SAID} | {"sparse": kind(HUMP, error=3.0)}
        found = published.compression(cells)
        more = [one for one in found if one.claim is published.sparse_compresses_more]
        assert {one.verdict for one in more if "truth" in one.column} == {"not decided"}


class TestWhatIsSaid:
    def test_the_order_by_each_rule_and_which_is_nearer(self):
        found = published.orders({"one": kind(HUMP, previous=RISE, scale_free=1 - RISE)})
        table = ch13.orders(found)
        assert table.index.tolist() == ["published rule", "previous rule", "scale-free rule"]
        assert table.columns.tolist() == [f"in truth, {noise}" for noise in CONVENTIONS]
        assert (table.loc["published rule"] > 0.9).all()
        assert (table.loc["scale-free rule"] < 0).all()
        counts = ch13.nearer(found)
        assert list(counts) == ["previous", "scale_free"]
        assert list(counts["previous"]) == ["one_level", "layers_deviation", "total_deviation"]
        assert counts["previous"]["layers_deviation"]["yes"] == 1

    @pytest.mark.slow
    def test_what_they_report_beside_what_is_found(self):
        cells = {
            name: kind(HUMP if said else RISE, published=RISE)
            for name, said in published.SAID.items()
        }
        found = published.compression(cells)
        table = ch13.reported(found)
        assert table["they report"].tolist() == ["●", "●", "●", "○", "○"]
        assert table["in truth, one level"].str[0].tolist() == table["they report"].tolist()
        assert table["published rule"].str[0].tolist() == ["○"] * 5
        counts = ch13.as_reported(found)
        assert counts["layers_deviation"] == {"so": 5, "otherwise": 0, "undecided": 0, "all": 5}
        assert counts["published"] == {"so": 2, "otherwise": 3, "undecided": 0, "all": 5}

    def test_bits_and_spread_at_the_highest_record_and_at_the_last(self):
        runs_of = kind(HUMP)
        for run in runs_of:
            run["total_variance"] = 4 * run.total_variance * xr.DataArray(RISE, dims="iteration")
        table = ch13.reproduced({"sparse": runs_of})
        assert table.loc["sparse", "their peak"] == 4.8
        top = int(np.argmax(HUMP))
        assert table.loc["sparse", "peak"] == pytest.approx(UNIT * HUMP[top], rel=0.01)
        assert table.loc["sparse", "end"] == pytest.approx(UNIT * HUMP[-1], abs=0.02)
        assert table.loc["sparse", "spread at the peak"] == pytest.approx(2 * RISE[top] ** 0.5)
        assert table.loc["sparse", "spread at the end"] == pytest.approx(2.0)


class TestTheirNetworks:
    @pytest.mark.parametrize("name", ["shallow", "sparse", "tied"])
    def test_one_layer_of_fifty_sigmoids(self, name):
        model = KINDS[f"lee-{name}"].build(0)
        x = torch.rand(8, 784)
        found = capture(model, layers_of(model), x)
        assert {layer: values.shape[1] for layer, values in found.items()} == {
            INPUT: 784,
            "Z": 50,
            OUTPUT: 784,
        }
        assert found["Z"].min() > 0
        assert found["Z"].max() < 1

    @pytest.mark.parametrize("name", ["deep", "label"])
    def test_the_deep_ones_have_a_code_of_fifty_too(self, name):
        model = KINDS[f"lee-{name}"].build(0)
        found = capture(model, layers_of(model), torch.rand(8, 784))
        assert [values.shape[1] for values in found.values()] == [784, 256, 128, 50, 128, 256, 784]
        sums = found["Z"].sum(1)
        assert bool(torch.allclose(sums, torch.ones(8).double())) == (name == "label")

    def test_the_sparse_loss_is_the_divergence_of_two_coins(self):
        of = KINDS["lee-sparse"]
        model, x = of.build(0), torch.rand(8, 784)
        loss = of.loss(model, x, torch.zeros(8), torch.Generator()).item()
        with torch.no_grad():
            activity = model.Z[0](x).sigmoid().mean(0)
            kl = (
                ACTIVITY * (ACTIVITY / activity).log()
                + (1 - ACTIVITY) * ((1 - ACTIVITY) / (1 - activity)).log()
            )
            expected = ((model(x) - x) ** 2).mean() + SPARSITY_WEIGHT * kl.sum()
        assert loss == pytest.approx(expected.item(), rel=1e-5)


class TestStored:
    @pytest.mark.slow
    def test_made_after_the_questions(self):
        if not freeze._git(ROOT, "rev-parse", "HEAD"):
            pytest.skip("a checkout without history cannot tell what came first")
        if freeze._git(ROOT, "rev-parse", "--is-shallow-repository") == "true":
            pytest.skip("a shallow clone does not have the history that tells what came first")
        change = freeze.last_change(CRITERIA)
        made = {run.name: runs.stored(run).attrs["commit"] for run in OWN}
        early = [
            name for name, commit in made.items() if not freeze.made_after(commit, change.commit)
        ]
        assert early == [], f"made before {change}"

    @pytest.mark.parametrize("name", runs.DENSE_AGAIN)
    def test_a_training_made_again_is_the_same(self, name):
        for run, again in zip(runs.AUTOENCODERS[name], runs.DENSE_AGAIN[name], strict=True):
            joined = runs.with_published_rule(runs.stored(run), runs.stored(again))
            assert joined.estimator.values.tolist() == ["previous", "scale-free", "published"]
            assert joined.attrs["seed"] == run.seed
            assert "true_input_mi" in joined
            assert np.isfinite(joined.input_mi).all()

    def test_another_training_is_refused(self):
        one, other = runs.AUTOENCODERS["plain"][0], runs.DENSE_AGAIN["plain"][1]
        with pytest.raises(ValueError, match=r"differ from those of result by .* bits"):
            runs.with_published_rule(runs.stored(one), runs.stored(other))
