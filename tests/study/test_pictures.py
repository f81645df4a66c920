"""The pictures that a reader moves: their numbers are the library's, whatever is chosen."""

import html
import json
import math
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

from ipae_lib import benchmark
from ipae_lib.benchmark import problems, scores, store
from ipae_lib.entropy import mutual_information, renyi_entropy
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import ProposedWidth, SilvermanWidth, gaussian_gram
from study import pictures
from study.chapters.ch01 import convergence
from study.pictures import benchmark as of_benchmark
from study.pictures import markup, theory, width


def numbers_of(text):
    return json.loads(BeautifulSoup(text, "html.parser").select_one(".picture")["data-numbers"])


def cells_of(text):
    rows = BeautifulSoup(text, "html.parser").select("tbody tr")
    return {row.th.get_text(): [cell.get_text() for cell in row.select("td")] for row in rows}


class TestMarkup:
    def test_numbers_stand_in_an_attribute_and_nowhere_in_the_text(self):
        shown = {"a": [1.5, None], 'it\'s <b> & "c"': "d"}
        text = markup.picture("some", shown, "<p>inside</p>")
        assert numbers_of(text) == shown
        assert BeautifulSoup(text, "html.parser").get_text().strip() == "inside"
        # without a parser's help, too: no tag ends within the attribute
        attribute = re.search(r"data-numbers='([^']*)'>", text)[1]
        assert json.loads(html.unescape(attribute)) == shown
        assert "<" not in attribute

    def test_no_number_is_none_in_lists_of_any_shape(self):
        values = np.array([[1.23456, np.nan], [-0.00001, np.inf]])
        assert markup.rounded(values, 2) == [[1.23, None], [0.0, None]]
        assert math.copysign(1, markup.rounded([-0.001], 2)[0]) == 1
        assert str(markup.rounded([2.6, np.nan], 0)) == "[3, None]"

    def test_a_table_is_escaped_and_has_headings(self):
        soup = BeautifulSoup(markup.table("<i>", ["a", "b<"], [("<c>", "d&")]), "html.parser")
        assert [th["scope"] for th in soup.select("th")] == ["col", "col", "row"]
        assert soup.caption.get_text() == "<i>"
        assert [e.get_text() for e in soup.select("tbody th, td")] == ["<c>", "d&"]


class TestTheory:
    def test_the_table_is_theorem_1(self):
        cells = cells_of(pictures.theoretical_plane())
        for units in range(1, theory.MOST_UNITS + 1):
            end = convergence(5, units)
            lam, output, encoder, rest = cells[str(units)]
            assert float(lam) == units
            assert float(output) == end.output_mi[0]
            assert [float(one) for one in encoder.split(" to ")] == sorted(
                {float(end.input_mi_lower[1]), float(end.input_mi_upper[1])}
            )
            assert float(rest) == end.input_mi_lower.sel(layer="X_out")

    def test_layers_are_grouped_by_what_the_theorem_says_of_them(self):
        end = convergence(5, 2)
        span = (end.input_mi_lower, end.input_mi_upper)
        said = {}
        for layer in end.layer.values.tolist():
            key = tuple(float(bound.sel(layer=layer)) for bound in span)
            said.setdefault(key, []).append(markup.TEXT_LABELS[layer])
        assert list(said.values()) == theory.data()["layers"]


@pytest.fixture(scope="module")
def of_widths():
    return width.data()


class TestWidth:
    @pytest.mark.parametrize(("d", "at"), [(1, 10), (10, 25), (100, 30)])
    def test_curves_are_the_librarys(self, of_widths, d, at):
        own = next(one for one in of_widths["dimensions"] if one["d"] == d)
        sigma = 10 ** of_widths["log_widths"][at]
        for i, rho in enumerate(of_widths["rhos"]):
            x, y = width.samples(d, rho)
            a, b = gaussian_gram(x, sigma), gaussian_gram(y, sigma)
            assert own["entropy"][at] == pytest.approx(float(renyi_entropy(a)), abs=6e-4)
            bits = float(mutual_information(a, b))
            assert own["information"][i][at] == pytest.approx(bits, abs=6e-4)

    def test_samples_tend_to_the_estimand_where_the_kernel_is_wide(self, of_widths):
        own = of_widths["dimensions"][0]
        gap = np.subtract(own["entropy"], own["entropy_estimand"])
        assert abs(gap[-20:]).max() < 0.1
        assert own["entropy_estimand"][0] > math.log2(of_widths["samples"]) >= own["entropy"][0]
        assert own["truth"][1] == 0

    def test_distances_give_the_gram_matrix(self, of_widths):
        own, n = of_widths["dimensions"][1], of_widths["samples"]
        gram = np.eye(n)
        above = np.triu_indices(n, 1)
        gram[above] = np.exp(-np.array(own["distances"]) / 2)
        gram = np.maximum(gram, gram.T) / n
        x, _ = width.samples(own["d"], 0.9)
        np.testing.assert_allclose(gram, gaussian_gram(x, 1.0), atol=1e-5)
        assert own["points"][0] == sorted(own["points"][0])

    @pytest.mark.slow
    def test_the_table_is_what_the_rules_estimate(self):
        cells = cells_of(pictures.kernel_width())
        x, y = width.samples(width.FIRST, width.RHOS[0])
        for name, rule in (("proposed", ProposedWidth(2)), ("Silverman", SilvermanWidth())):
            estimator = MatrixRenyi(rule)
            sigma, noise, entropy, _, bits, _ = map(float, cells[name])
            assert sigma == pytest.approx(rule(width.SAMPLES, width.FIRST), abs=5e-3)
            assert noise == pytest.approx(sigma / 2, abs=5e-3)
            assert entropy == pytest.approx(float(estimator.entropy(x)), abs=6e-3)
            assert bits == pytest.approx(float(estimator(x, y)), abs=6e-3)
        assert cells["previous"] == cells["proposed"]  # they agree in ten dimensions

    @pytest.mark.slow
    def test_it_is_the_same_each_time(self):
        assert pictures.kernel_width() == pictures.kernel_width()


@pytest.fixture(scope="module")
def answers():
    names = ["KSG", "sample propagation", "log₂ N", "Gaussian (CCA)"]
    return store.load().sel(estimator=names)


@pytest.fixture(scope="module")
def table(answers):
    return benchmark.leaderboard(answers)


@pytest.fixture(scope="module")
def shown(answers, table):
    return of_benchmark.data(answers, table)


class TestBenchmark:
    def test_rows_stand_in_the_tables_order(self, shown, table):
        assert shown["rows"] == list(table.index)
        assert shown["uses"] == list(table.uses)

    @pytest.mark.parametrize(
        ("key", "n"), [("few", [problems.FEW]), ("many", [problems.MANY]), ("both", None)]
    )
    def test_scores_are_those_of_each_case(self, shown, answers, key, n):
        chosen = answers if n is None else answers.isel(question=np.isin(answers.n.values, n))
        each = scores.by_case(chosen)
        found = shown["scores"][key]
        if n is None:
            found = {
                score: cases | shown["scores"]["both"].get(score, {})
                for score, cases in shown["scores"]["few"].items()
            }
        values = [
            (name, score, case, value)
            for score, cases in found.items()
            for case, line in cases.items()
            for name, value in zip(shown["rows"], line, strict=True)
            if value is not None
        ]
        known = each.set_index(["estimator", "score", "case"]).value
        assert len(values) == len(known)
        for name, score, case, value in values:
            assert value == pytest.approx(known[name, score, case], abs=1e-6)

    def test_networks_are_the_stored_answers(self, shown, answers):
        case, layer, moment = "classifier", "T2", 200
        network = shown["networks"][case]
        question = network["questions"].index(["label_mi", layer])
        at = network["iterations"].index(moment)
        own = answers.isel(
            question=(
                (answers.case == case)
                & (answers.quantity == "label_mi")
                & (answers.layer == layer)
                & (answers.iteration == moment)
            ).values
        )
        assert network["exact"][question][at] == round(100 * float(own.exact[0]))
        for name, seen in zip(shown["rows"], network["seen"], strict=True):
            value = float(own.bits.sel(estimator=name)[0])
            expected = round(100 * value) if math.isfinite(value) else None
            assert seen[question][at] == expected

    def test_it_holds_the_table_as_it_is(self, answers, table):
        text = pictures.leaderboard(answers, table)
        assert benchmark.page.leaderboard_html(table) in text

    def test_a_table_of_other_answers_is_refused(self, answers, table):
        with pytest.raises(ValueError, match=r"table has the rows \['KSG'\]"):
            pictures.leaderboard(answers.drop_sel(estimator="KSG"), table)
