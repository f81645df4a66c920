# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The benchmark of estimators
#
# ```{admonition} Result
# :class: tip
# The benchmark that the paper proposes, built: {glue:text}`honest` estimators and {glue:text}`cheats`
# cheats, {glue:text}`questions` questions each. On the linear planes and the bent one only the estimator that
# supposes normal variables gets the bits nearly right; others put layers and moments in the right
# order, at best with $\tau$ = {glue:text}`best-order`, and miss the amounts. On the counted plane, where it
# cannot answer, {glue:text}`counted-right` of the {glue:text}`honest` are within a quarter of a bit, the bins
# among them. {glue:text}`beaten` of the {glue:text}`honest` are no
# better overall than a cheat. What satisfies the theory on MNIST is not what is right where the truth
# is known. A kernel width from the entropy's share of $\log N$ gains {glue:text}`gain` ±
# {glue:text}`gain-error` over the proposed rule on cases that did not calibrate it, but loses on discrete
# layers and on MNIST.
# ```
#
# **What you will learn**
#
# - how to score an estimator of your own, in ten lines or from the command line;
# - what an estimator can be asked where the truth is known, and what where only the theory is;
# - how to make scores that nobody can win who does not look at the samples;
# - which estimators see the plane of an autoencoder, and which only the order in it;
# - whether the theory can stand in for the truth;
# - whether the kernel width can be chosen better than by the paper's rule.
#
# **In the paper**: Sec. V, its last sentence but one: "our theoretical IP for the autoencoder might serve
# as a benchmark to assess new approaches to estimate MI in neural networks".
#
# **Runs** in about a minute from the stored answers; the same in every profile.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import numpy as np
import pandas as pd
import torch
from IPython.display import HTML
from myst_nb import glue

from ipae_lib import EntropyShareWidth, MatrixRenyi, benchmark, toys
from ipae_lib.benchmark import page, scores, store, width_study
from study import experiments, figures

pd.set_option("display.max_colwidth", None)

# %% [markdown]
# ## Plug in an estimator
#
# An estimator is any callable that takes samples of two variables, tensors of shapes $(N, d_x)$ and
# $(N, d_y)$, and returns bits. Suppose a newcomer has read that normal variables with the correlation
# $\rho$ share $-\frac12 \log(1-\rho^2)$ bits, and adds that up over the dimensions. Here is their
# estimator and its row, on a few of the questions:


# %%
def correlation(x, y):
    """Bits of normal variables whose dimensions depend pair by pair."""
    x, y = x - x.mean(0), y - y.mean(0)
    width = min(x.shape[1], y.shape[1])
    rho = (x[:, :width] * y[:, :width]).mean(0)
    rho /= x[:, :width].std(0) * y[:, :width].std(0)
    return -torch.log2(1 - rho.clamp(-0.99, 0.99) ** 2).sum() / 2


quick = benchmark.problem_set("quick")
few = [problem for problem in quick if problem.part == "gaussians"]
table = benchmark.score_guests({"correlation": correlation}, few, progress=False)
shown = ["kind", "gaussians skill", "gaussians order"]
table = table.sort_values("gaussians skill", ascending=False)[shown]
table.head(6).round(2)

# %% tags=["remove-cell"]
glue("few", sum(len(problem.questions) for problem in few), display=False)
glue("newcomer-place", table.index.get_loc("correlation") + 1, display=False)

# %% [markdown]
# It comes out at place {glue:text}`newcomer-place` of these {glue:text}`few` questions: they are about
# normal variables whose dimensions depend pair by pair, which is just what it supposes. Ask it
# everything, and it will fare worse. That is one command, for a file `my_module.py` in the folder from
# which you call:
#
# ```bash
# python -m ipae_lib.benchmark my_module:correlation --quick
# ```
#
# It shows its progress and prints the whole table with the new row in it, in about a minute on two
# cores for an estimator that is as fast as the others. Without `--quick` it asks all questions, and
# `--html FILE` writes the page that you find below. Each estimator runs in a process of its own.
# Whatever it does there, raise an error, return nonsense, end the process or never end, its row says
# so and the others are finished. Answers are kept, so an interrupted call goes on where it was.
#
# Estimators written for the package `benchmark-mi` {cite}`czyz2023` have a method `estimate(x, y)` in
# nats. An adapter brings them here, and another takes ours there; neither needs the package.


# %%
class Theirs:
    """An estimator as benchmark-mi wants it."""

    def estimate(self, x, y):
        return -0.5 * np.log(1 - np.corrcoef(x[:, 0], y[:, 0])[0, 1] ** 2)


x, y = toys.correlated_gaussians(200, 1, 0.8, torch.Generator().manual_seed(0))
ours = MatrixRenyi(EntropyShareWidth(0.4))
print(f"theirs here:  {benchmark.FromBmi(Theirs())(x, y):.3f} bits")
print(f"ours here:    {ours(x, y):.3f} bits")
print(f"ours there:   {benchmark.ToBmi(ours).estimate(x.numpy(), y.numpy()):.3f} nats")

# %% [markdown]
# ## What is asked
#
# The questions come in three parts.
#
# - **planes**: the information planes of autoencoders that are solved in
#   [chapter 7](07_ground_truth.ipynb), early in training, in the middle and at its end: two linear ones
#   with a small and a large bottleneck, one whose variables are bent by an invertible nonlinearity, and
#   a discrete one that is counted.
# - **gaussians**: correlated Gaussians as in [chapter 4](04_correlated_gaussians.ipynb), with the same
#   0, 1, 3 or 5 bits in all, whatever the dimension, so that the dimension alone tells nothing.
# - **theory**: planes of autoencoders trained on MNIST, where nobody knows the truth. They are the
#   paper's at a fifth of its widths, so that anyone can train them in seconds; the answers are held
#   against what [the theory](01_theory.ipynb) demands and forbids.

# %%
answers = store.load()
asked = answers.isel(estimator=0, drop=True).exact.to_dataframe()
cases = asked.groupby(["part", "case"], sort=False)
in_a_case = cases[["iteration", "n", "seed"]].nunique()
summary = in_a_case.groupby("part", sort=False).max()
parts = asked.groupby("part", sort=False)
summary.insert(0, "case", parts.case.nunique())
summary["largest d"] = parts[["d_x", "d_y"]].max().max(axis=1)
summary["questions"] = parts.size()
names = {"case": "cases", "iteration": "iterations", "n": "values of N"}
summary.rename(columns=names | {"seed": "sets of samples"})

# %% tags=["remove-cell"]
sizes = sorted(set(answers.n.values.tolist()))
glue("sizes", ", ".join(map(str, sizes[:-1])) + f" and {sizes[-1]}", display=False)
glue("sets", len(set(answers.seed.values.tolist())), display=False)
glue("questions", f"{answers.sizes['question']:,}", display=False)

# %% [markdown]
# Where the truth is known, each question is asked with {glue:text}`sizes` samples; every one is asked
# {glue:text}`sets` times, each time with other samples. That makes {glue:text}`questions` questions with
# those on MNIST. What is asked of the exact planes is $M$, and $\hat{I}(X;T)$ and $\hat{I}(T;X')$ of the
# first encoder layer, the bottleneck, the last decoder layer and the output, from samples of $X$ and $T + R$
# and of $T$ and $X' + R$ ({prf:ref}`def-5`); in the discrete case of the counted values themselves.
#
# ## What an answer is worth
#
# It is easy to make a score that somebody wins who estimates nothing. The mean error in bits is small
# for a well-chosen constant. The data-processing inequality is never violated by it. The rank
# correlation over a whole plane is high for the function $\log(1 + \min\{d_x, d_y\})$, as narrow layers
# do have less information. So the scores here only compare what has the *same shapes*.
#
# **Skill**, of planes and of Gaussians, is how much of the error of not knowing is gone:
#
# $$
# 1 - \frac{\sum_q |\hat{I}_q - I_q|}{\sum_q |I_{m(q)} - I_q|},
# $$
#
# where $I_q$ is the exact answer to question $q$, $\hat{I}_q$ the estimate, and $I_{m(q)}$ the median of
# the exact answers to all questions of the same case, $d_x$ and $d_y$. **Order** is Kendall's $\tau$: of
# all pairs of questions of the same case, $N$, $d_x$ and $d_y$ whose exact answers differ by
# {glue:text}`least` bits or more, the share that comes out in the right order less the share in the
# wrong one. Equal answers count as neither. What is compared is one layer at two moments of its training, or
# two layers as wide as each other.
#
# **Theory** weighs the bits that the theory demands of planes on MNIST against those that it forbids,
#
# $$
# \frac{D}{|D| + F}.
# $$
#
# $D$ is the mean of two comparisons at the end of training: by how much the decoder and the output of
# the large network know more than those of the small one, and by how much the input MI falls in the
# small one from $T_1^E$ to $T_3^D$, which have the same width. Who misses the compression of a small
# bottleneck loses here. $F$ is the mean of four: the rises of the input MI
# against the forward DPI {eq}`eq-13`, summed along the layers; the spread of the output MI over layers,
# which {prf:ref}`lem-1` says is 0; the distance from the feasible triangle; and compression in the
# encoder of the *large* network, which should show none. Which of these statements are true depends on
# the definition of $\hat{I}$, as [chapter 7](07_ground_truth.ipynb) tells: the DPI, the lemma and the
# triangle are for layers under {prf:ref}`def-4`, and under {prf:ref}`def-5` if no layer stretches. So an
# estimator that is right about another quantity can lose bits here.
#
# Every score is 1 at best, higher is better, and 0 is what knowing nothing gets. **Overall** is the mean
# of the five, in which none counts less than −1. A failed answer is no way out: it counts as one with
# twice the error of the median, as a wrong order, or as −1 for the theory.
#
# ```{prf:proposition} No prize for not looking
# :label: prp-blind
#
# Let the answers be any function of $N$, $d_x$ and $d_y$, not of the samples. Then the skill is at most 0,
# and the order and the theory score are 0.
# ```
#
# ```{prf:proof}
# *Skill*: the answer is the same to all questions of one case and one shape. Among constants, the
# median has the least sum of distances, with each $N$ since the exact answers are the same for all of
# them; so the numerator is at least the denominator. *Order*: the two answers of each pair are equal.
# *Theory*: each comparison in $D$ is between variables of the same shapes, so $D = 0$.
# ```
#
# An estimator that answers by chance has skill below 0, and an order and a $D$ that are 0 in the mean;
# what it gets in one trial is luck. Looking at one variable alone can gain something, for $H(X)$ is a bound
# on $I(X;Y)$. So the table has five **cheats** in it: the median of all exact answers, $\log_2 N$, a
# random number, $\log_2(1 + \min\{d_x, d_y\})$ and the entropy of the first variable. The other rows
# estimate: *honest* ones, and three that were *calibrated* here.

# %%
table = benchmark.leaderboard(answers)
columns = ["overall", *scores.SCORES]
lines = {
    "best that estimates": table[table.kind == "honest"][columns].max(),
    "best cheat": table[table.kind == "cheat"][columns].max(),
    "noise level": pd.Series(table.attrs["noise"])[columns],
}
pd.DataFrame(lines).T.round(3) + 0.0

# %% tags=["remove-cell"]
glue("least", f"{scores.LEAST_DIFFERENCE:g}", display=False)

# %% [markdown]
# The **noise level** of a score is the standard error of its mean over the {glue:text}`sets` sets of
# samples, the root mean square over all rows. It does not know of other networks or other cases: they
# are the same in every set. A difference below it is none.
#
# ## The table
#
# Every estimator has the setting that its authors advise, or one that was chosen on other problems
# (the "calibrated" rows below, and the learning rate and patience of the two neural bounds).
# No setting was chosen by what this table says of it.

# %% tags=["hide-input"]
pd.DataFrame({"setting": answers.settings.to_series()})

# %% [markdown]
# The matrix-based rows are the estimator of [chapter 2](02_estimator.ipynb) with the widths of
# [chapter 3](03_kernel_width.ipynb). The bins are those of {cite:t}`shwartz-ziv2017` and
# {cite:t}`chelombiev2019`, the pairwise bounds those of {cite:t}`kolchinsky2017` as {cite:t}`saxe2018`
# use them, KSG is the estimator of {cite:t}`kraskov2004`, InfoNCE that of {cite:t}`vandenoord2018` and
# MINE follows {cite:t}`belghazi2018`, both trained and judged as {cite:t}`czyz2023` advise. All are short
# versions of our own, tested against closed forms: `benchmark-mi`, which has most of them, asks for NumPy
# below 2, and scikit-learn's nearest neighbours take one dimension only.
#
# A heading sorts, by mouse or keyboard; pressed again, the other way round. Below the table are the
# noise levels. Beside the scores stands the cost: seconds of one processor for an answer, and the peak of
# memory above that of the idle process.

# %% tags=["hide-input"]
HTML(page.leaderboard_html(table))

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-benchmark-scores", "caption": "Every row's scores beside its cost. Grey: the noise level about 0. Scores below −1 are drawn at −1. Seconds are of one processor, for one answer; MB are the peak of memory."}, "image": {"alt": "Eight panels with a point for each of 23 rows, sorted by overall score. Scores on planes and Gaussians are scattered: skill on planes is below 0 for nearly all, order on Gaussians near 1 for most. Cheats are at 0 or below nearly everywhere. Neural estimators take about ten times the seconds of the matrix-based ones, and all stay below 60 megabytes."}}
figures.benchmark_scores(table, columns, ["s", "MB"])

# %% [markdown]
# Nobody is near 1. At the top of what was not calibrated here is {glue:text}`first` with
# {glue:text}`first-overall`. Skill on planes is the hardest: {glue:text}`no-skill` of {glue:text}`honest` honest
# rows are further from the exact bits than the median that has not looked at anything. The best order
# on planes, {glue:text}`best-order`, belongs to {glue:text}`best-order-row`, whose skill there is
# {glue:text}`best-order-skill`: it knows when and where there is more, and not how much. The theory is met best by
# "{glue:text}`best-theory-row`", with {glue:text}`best-theory`.
#
# ## Failures
#
# An answer that did not come, or is no number, is a failure. Answers below 0 are none: they are what
# they are, and the table notes them.

# %%
failures = answers.failure.to_dataframe()[["part", "failure"]]
asked_of = failures.groupby(["estimator", "part"], sort=False).size()
failures = failures[failures.failure != ""]
failed = failures.groupby(["estimator", "part"], sort=False).size()
for (name, part), count in failed.items():
    print(f"{name}, {part}: {count} of {asked_of[name, part]}")
for reason in failures.failure.str.replace(r"\d+", "…", regex=True).unique():
    print(" ", reason)

# %% [markdown]
# Canonical correlations need more samples than the two ranks together, and call a layer that is a linear
# function of another infinitely informed about it: true without noise, and no number. So the estimator
# that is nearly exact on linear planes cannot be asked about the discrete one, nor about MNIST.
#
# ## No better than a cheat
#
# A row that is not above the best cheat by more than the noise level has not shown, in that score, that
# it looks at the dependence of two variables. The table says so; the scores are not bent to hide it.

# %%
worse = scores.no_better_than_a_cheat(table)
listed = {name: ", ".join(line.index[line]) for name, line in worse.iterrows()}
pd.DataFrame({"not above the best cheat in": listed})

# %% [markdown]
# {glue:text}`beaten` of {glue:text}`honest` honest rows are no better overall: {glue:text}`beaten-names`.
# Both kinds of bins count samples of continuous variables that are all different as soon as a layer has a
# few units, and answer $\log_2 N$; Silverman's width comes close to that. The pairwise bounds take the second variable to be a
# function of the first, and look at it alone. That is enough to satisfy the theory, and not to see
# how much two variables share. Rows that are above every cheat in every score: {glue:text}`all-clear`.
#
# ## The same training, seen by each
#
# {numref}`fig-benchmark-planes` shows one of the solved autoencoders. All estimators saw the same
# samples.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-benchmark-planes", "caption": "The linear autoencoder with three units early in training, in the middle and at its end (circles), exact and as eleven estimators see it from 512 samples; means over sets of samples. Shaded: the feasible triangle of the exact plane."}, "image": {"alt": "Twelve panels. Exact: encoder, bottleneck and decoder layer rise on three lines, the encoder to the right. Canonical correlations show the same. InfoNCE, MINE and KSG show the same lines, shorter and nearer to the origin. The matrix-based estimator shows clusters that hardly move: near 5 bits with the proposed rule, near 3 with the entropy share, near the origin with gamma 2 and the previous rule. The pairwise bound has an output MI near 9 bits and a bottleneck that moves from 3 to 5 bits of input MI; the bins stand at 9 bits; all are outside the triangle."}}
names = [
    "Gaussian (CCA)",
    "InfoNCE",
    "MINE",
    "KSG",
    "Rényi, proposed rule",
    "Rényi, entropy share",
    "Rényi, proposed, γ = 2",
    "Rényi, previous rule",
    "pairwise, lower",
    "bins, equal",
    "bins, adaptive",
]
figures.benchmark_planes(answers, "linear, K = 3", sizes[-1], names)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-benchmark-gaussians", "caption": "Estimates of correlated Gaussians against the exact information in four dimensions, from 512 samples; means over sets of samples. Grey: exact."}, "image": {"alt": "Four panels for 1, 4, 16 and 64 dimensions. In one dimension all but the widest kernel follow the diagonal for a while. From 16 dimensions on the matrix-based estimators and the bins are level lines at different heights, and InfoNCE and KSG fall towards 0. Canonical correlations follow the diagonal up to 16 dimensions and lie about 6 bits above it in 64."}}
names = ["Gaussian (CCA)", "InfoNCE", "KSG", "Rényi, proposed rule", "Rényi, proposed, γ = 2"]
names += ["Rényi, entropy share", "bins, equal"]
figures.benchmark_gaussians(answers, sizes[-1], names)

# %%
described = scores.described(answers)
looking = table.index[table.kind != "cheat"]
described.loc[looking, described.columns[:6]].round(2)

# %% [markdown]
# The table has what is not a score: the mean absolute error and the bias in bits, and the spread over sets
# of samples. A constant has no spread, and can choose its bias.
#
# The picture and the numbers say the same. Canonical correlations draw the exact plane: this network is
# linear, and its inputs normal. InfoNCE, MINE and KSG draw its shape,
# shrunk. The matrix-based estimator moves
# as a whole with its width. With $\gamma = 0.8$ it is in the right region, off by
# {glue:text}`proposed-error` bits on average, but the layers hardly move, and the order is poor,
# $\tau$ = {glue:text}`proposed-order`. With $\gamma = 2$ the order is {glue:text}`wide-order`, and all layers are
# within a bit of the origin. Among Gaussians ({numref}`fig-benchmark-gaussians`) its curves are nearly level
# from 16 dimensions on, at a height that is the width's choice and not the data's, as
# [chapter 3](03_kernel_width.ipynb) has it. In 64 dimensions nobody is left who sees the amount.
#
# ## Does more data help?

# %%
by_size = {}
for n in sizes:
    chosen = (answers.n == n) & (answers.part != "theory")
    own = answers.isel(question=chosen.values)
    each = scores.scores(own).mean("seed").to_pandas().drop(columns="theory")
    by_size[n] = each
by_size = pd.concat(by_size, axis=1, names=["N"]).swaplevel(axis=1)
chosen = ["Gaussian (CCA)", "InfoNCE", "KSG"]
chosen += ["Rényi, proposed rule", "Rényi, entropy share"]
by_size[["planes skill", "planes order", "gaussians skill"]].loc[chosen].round(2)

# %% [markdown]
# From {glue:text}`n-low` to {glue:text}`n-high` samples, InfoNCE and KSG come nearer to the exact bits on
# every count. So do canonical correlations once there are many more samples than dimensions (with
# 256 samples in 64 dimensions their answers are far too high). The proposed rule stays as far from the
# planes as it was and moves away from the Gaussians: from four dimensions on its answers to them grow with
# $N$, whatever the truth. (On MNIST they fall, [chapter 9](09_cost_and_scale.ipynb).)
#
# ## Can the theory stand in for the truth?
#
# That is what the paper hopes of its theoretical plane, and the rows can tell: do the estimators that
# satisfy the theory on MNIST do well where the truth is known? Here is what each has of the four forbidden
# things and of the two demanded ones, in bits:

# %%
bits = described.loc[looking, [*scores.FORBIDDEN, *scores.DEMANDED]]
bits.assign(score=table.theory).dropna().round(2)

# %%
known = [score for score in scores.SCORES if score != "theory"]
truth = table[known].clip(lower=scores.WORST).mean(axis=1)
pair = pd.DataFrame({"truth": truth, "theory": table.theory})
pair = pair[table.kind == "honest"]
rank = pair.corr(method="spearman").loc["truth", "theory"]
print(f"Spearman's rank correlation over {len(pair)} rows: {rank:.2f}")
answering = pair[pair.theory > scores.WORST]
rank_answering = answering.corr(method="spearman").loc["truth", "theory"]
print(f"over the {len(answering)} that answer on MNIST: {rank_answering:.2f}")

# %% tags=["remove-cell"]
glue("rank", f"{rank:.2f}".replace("-", "−"), display=False)
glue("rank-answering", f"{rank_answering:.2f}".replace("-", "−"), display=False)
glue("pairwise-theory", f"{pair.theory['pairwise, upper']:.2f}", display=False)
glue("pairwise-truth", f"{pair.truth['pairwise, upper']:.2f}".replace("-", "−"), display=False)
glue("ksg-theory", f"{pair.theory['KSG']:.2f}".replace("-", "−"), display=False)
glue("ksg-truth", f"{pair.truth['KSG']:.2f}", display=False)

# %% [markdown]
# Not by these rows: the rank correlation of the theory score with the mean of the other four is
# {glue:text}`rank`, and {glue:text}`rank-answering` without canonical correlations, which fail on MNIST. The
# upper pairwise bound is among the best for the theory ({glue:text}`pairwise-theory`)
# though it never looks at the first variable, and among the worst for the truth ({glue:text}`pairwise-truth`); KSG is the
# other way round ({glue:text}`ksg-theory` and {glue:text}`ksg-truth`). MNIST has 784 dimensions and the exact
# cases few, so an estimator may be good at one and bad at the other. But a plane that looks as the
# theory says is no evidence by itself that its estimator measures information.
#
# ## Can a better kernel width be found?
#
# The paper's rule {eq}`eq-30` was found by reasoning, and its $\gamma$ by hand. With exact planes both can
# be measured. Three families of rules are calibrated here:
#
# 1. **$\gamma$** of the proposed rule {eq}`eq-30`, by its scores;
# 2. **effective dimension**: the same rule with the participation ratio of the layer in place of $d$,
#    $(\sum \lambda_i)^2 / \sum \lambda_i^2$ for the eigenvalues $\lambda_i$ of its covariance, which is $d$ if
#    all directions vary alike and 1 if only one does;
# 3. **entropy share**: the $\sigma$ at which the variable's own entropy is a given share of $\log_2 N$, its
#    order being 2, so that no eigenvalues are needed:
#
# $$
# -\log_2 \sum_{i,j} A_{ij}^2 = q \log_2 N
# \tag{G5}
# $$ (eq-g5)
#
# for the Gram matrix $A$ of {eq}`eq-17` and {eq}`eq-21`.
#
# What calibrates them is not asked by the benchmark: two linear autoencoders with inputs of other
# dimensions and spectra and other bottlenecks, and Gaussians of other dimensions, {glue:text}`calibration-n`
# samples each. The setting with the best mean of skill and order is taken
# ({numref}`fig-width-calibration`).

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-width-calibration", "caption": "Skill and order, each the mean of planes and Gaussians, on the calibration problems. Dotted: the setting taken. Values below −1 are drawn at −1."}, "image": {"alt": "Three panels. For gamma, skill peaks at 1.2 near 0 while order goes on rising to 0.9. For the effective dimension skill rises to 0 at 2, the largest gamma tried, and order is best at 1.2. For the entropy share order is level near 0.9 up to 0.6, skill is near 0 up to 0.4, and both fall beyond."}}
calibration = width_study.load()
figures.width_calibration(calibration)

# %% tags=["remove-cell"]
best = calibration.groupby("family", sort=False).both.idxmax()
for key, (_, setting) in zip(("gamma", "effective", "share"), best, strict=True):
    glue(f"best-{key}", f"{setting:g}", display=False)
glue("calibration-n", width_study.SAMPLES, display=False)
glue("clearly", f"{width_study.CLEARLY}", display=False)

# %% [markdown]
# The criterion: a calibrated rule *wins clearly* if its overall score on the benchmark is above that of
# each row of the proposed rule, whether with $\gamma = 0.8$ per dimension or with shared statistics or
# with $\gamma = 2$, by more than {glue:text}`clearly` standard errors. The differences are taken on the
# same sets of samples, and the error is that of their mean.

# %%
proposed = width_study.PROPOSED
differences = {
    (family, against): width_study.compared(answers, family, against)
    for family in width_study.FAMILIES
    for against in proposed
}
overall = {
    family: {
        f"less {against}": "{difference:+.3f} ± {error:.3f}".format(
            **differences[family, against].loc["overall"]
        )
        for against in proposed
    }
    | {"wins clearly": width_study.wins_clearly(answers, family)}
    for family in width_study.FAMILIES
}
pd.DataFrame(overall).T

# %% [markdown]
# And score by score, against the proposed rule with $\gamma = 0.8$ per dimension:

# %%
single = {
    family: {
        score: f"{line.difference:+.2f} ± {line.error:.2f}"
        for score, line in differences[family, proposed[0]].iloc[1:].iterrows()
    }
    for family in width_study.FAMILIES
}
pd.DataFrame(single).T

# %% [markdown]
# {glue:text}`winners` of {glue:text}`families` win clearly. The entropy share, with {glue:text}`best-share` of $\log_2 N$, gains
# {glue:text}`gain` ± {glue:text}`gain-error` over the proposed rule per dimension. It wins where that rule is
# weakest: the order on planes ({glue:text}`gain-planes-order`) and the skill on Gaussians
# ({glue:text}`gain-gaussians-skill`). It *loses* the skill on planes ({glue:text}`gain-planes-skill`) and the
# theory score ({glue:text}`gain-theory`). The proposed rule itself with $\gamma$ = {glue:text}`best-gamma` gains
# more than half of that ({glue:text}`gamma-gain`), and loses more of the same. The effective dimension does
# not help at $\gamma$ = {glue:text}`best-effective`, the largest that was tried: a layer with a small ratio gets a kernel so narrow that it stands higher than the layers it
# is computed from.
#
# And how far does a win carry? All that calibrated it is normal. The benchmark also asks about
# layers of another kind.

# %%
where = {}
truth_known = answers.isel(question=(answers.part != "theory").values)
cases = list(dict.fromkeys(truth_known.case.values.tolist()))
for case in cases:
    own = truth_known.isel(question=(truth_known.case == case).values)
    for name in ("Rényi, proposed rule", "Rényi, entropy share"):
        line = scores.question_table(own, name)
        where["skill", name, case] = scores.skill(line)
        where["order", name, case] = scores.order(line)
where = pd.Series(where).unstack([0, 1])
where.loc[cases].round(2)

# %% [markdown]
# On the discrete autoencoder the proposed rule has a skill of {glue:text}`discrete-proposed`, and the entropy
# share of {glue:text}`discrete-share`: of few different values with few bits, a narrow kernel is right. So is
# counting: the bins have {glue:text}`discrete-bins` there.

# %% tags=["remove-cell"]
honest = table[table.kind == "honest"]
cheats = table[table.kind == "cheat"]
best_order, best_theory = honest["planes order"].idxmax(), honest["theory"].idxmax()
beaten = [name for name in honest.index if worse.overall[name]]
share, rule, shared = "Rényi, entropy share", *width_study.PROPOSED[:2]
gain = differences[share, rule]
is_unlike = (answers.case == "discrete, K = 3") | (answers.part == "theory")
counted_case = answers.isel(question=(answers.case == "discrete, K = 3").values)
counted_error = abs(counted_case.bits - counted_case.exact).mean("question", skipna=False)
unlike = scores.scores(answers.isel(question=is_unlike.values)).mean(["score", "seed"]).to_series()
for name, value in {
    "best-order-skill": honest.loc[best_order, "planes skill"],
    "best-theory": honest["theory"].max(),
    "first-overall": honest.overall.iloc[0],
    "gain-error": gain.error["overall"],
    "proposed-order": table.loc[rule, "planes order"],
    "wide-order": table.loc["Rényi, proposed, γ = 2", "planes order"],
    "previous-order": table.loc["Rényi, previous rule", "planes order"],
    "proposed-error": described.loc[rule, "planes error"],
    "previous-error": described.loc["Rényi, previous rule", "planes error"],
    "discrete-proposed": where.loc["discrete, K = 3", ("skill", rule)],
    "discrete-share": where.loc["discrete, K = 3", ("skill", share)],
    "discrete-bins": scores.skill(scores.question_table(counted_case, "bins, equal")),
    "mnist-share": table.theory[share],
    "mnist-proposed": table.theory[rule],
    "mnist-shared": table.theory[shared],
    "mnist-previous": table.theory["Rényi, previous rule"],
    "unlike-share": unlike[share],
    "unlike-proposed": unlike[rule],
    "cheat-theory": cheats.theory.max(),
}.items():
    glue(name, f"{value:.2f}".replace("-", "−"), display=False)
gamma_gain = differences["Rényi, calibrated γ", rule].difference["overall"]
glue("gamma-gain", f"{gamma_gain:+.2f}", display=False)
for name, score in {
    "gain": "overall",
    "gain-planes-order": "planes order",
    "gain-gaussians-skill": "gaussians skill",
    "gain-planes-skill": "planes skill",
    "gain-theory": "theory",
}.items():
    glue(name, f"{gain.difference[score]:+.2f}".replace("-", "−"), display=False)
for name, value in {
    "best-order": f"{honest['planes order'].max():.3f}",
    "winners": sum(row["wins clearly"] for row in overall.values()),
    "families": len(overall),
    "first": honest.index[0],
    "best-order-row": best_order,
    "best-theory-row": best_theory,
    "beaten-names": ", ".join(beaten),
    "honest": len(honest),
    "cheats": len(cheats),
    "beaten": len(beaten),
    "counted-right": int((counted_error.to_series()[honest.index] < 0.25).sum()),
    "no-skill": int((honest["planes skill"] < 0).sum()),
    "all-clear": int((~worse).all(axis=1).sum()),
    "n-low": sizes[0],
    "n-high": sizes[-1],
}.items():
    glue(name, value, display=False)

# %% [markdown]
# On MNIST, in the table of the section before, the entropy share sees about as much of what the theory
# forbids, and much less of what it demands. Its score is {glue:text}`mnist-share`, beside
# {glue:text}`mnist-proposed` of the proposed rule with statistics per dimension as well, and
# {glue:text}`mnist-shared` with shared ones. On discrete and MNIST planes alone, the mean of the three
# scores is {glue:text}`unlike-share` against {glue:text}`unlike-proposed`: *what wins on normal variables
# loses here.* So the rule gets a name, and no recommendation beyond its ground. For planes like the
# paper's we stay with the paper's rule.
#
# ### The rule by the entropy's share
#
# The third family is a named rule of the library. Unlike {eq}`eq-26`, {eq}`eq-27` and {eq}`eq-30` it looks
# at the samples, after {eq}`eq-29`, in which directions they vary and how:

# %%
estimator = MatrixRenyi(EntropyShareWidth(0.4))
by_two = MatrixRenyi(EntropyShareWidth(0.4), alpha=2)
generator = torch.Generator().manual_seed(0)
widths = {}
for d in (1, 10, 100, 1000):
    x, y = toys.correlated_gaussians(256, d, 0.9, generator)
    dull = x * torch.logspace(0, -2, d).double()  # few directions carry the distances
    widths[d] = {
        "σ, Gaussian": float(estimator.width.of_samples(x)),
        "σ, few directions": float(estimator.width.of_samples(dull)),
        "H(X), α = 2": float(by_two.entropy(x)),
        "H(X), α = 1.01": float(estimator.entropy(x)),
        "I(X;Y), ρ = 0.9": float(estimator(x, y)),
        "I(X;Y), ρ = 0": float(estimator(x, y[torch.arange(-1, len(y) - 1)])),
    }
widths = pd.DataFrame(widths).T.rename_axis("d")
widths.round(2)

# %% tags=["remove-cell"]
moved = widths["I(X;Y), ρ = 0.9"] - widths["I(X;Y), ρ = 0"]
glue("range-1000", f"{moved[1000]:.2f}", display=False)

# %% [markdown]
# The entropy of order 2 is {glue:text}`best-share` of $\log_2 256 = 8$ bits in every dimension, by
# construction; that of order 1.01, which estimates are made of, still grows. And the range stays narrow:
# in a thousand dimensions a correlation of 0.9 moves the estimate by {glue:text}`range-1000` bits.
#
# ## Recap
#
# | The paper says | We find |
# |---|---|
# | The theoretical plane might serve as a benchmark of estimators. | A score made of it cannot be won by a constant or a random number, and the best cheat gets {glue:text}`cheat-theory` where the best estimator gets {glue:text}`best-theory`. But it does not rank estimators as the truth does: rank correlation {glue:text}`rank`. |
# | The proposed rule brings the planes closer to the theory (Sec. IV). | Yes: {glue:text}`mnist-shared` against {glue:text}`mnist-previous` of the previous rule. It is closer to exact planes, too, by {glue:text}`proposed-error` against {glue:text}`previous-error` bits; but its order there is {glue:text}`proposed-order`, behind the previous rule's {glue:text}`previous-order`. |
# | $\gamma$ was chosen by hand. | Calibrated on exact cases it would be {glue:text}`best-gamma`. A width by the entropy's share does better still there, and worse on discrete layers and MNIST. |
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(f"{answers.attrs['command']}, {answers.attrs['date']}, {answers.attrs['device']}")
print(f"networks: {answers.attrs['networks']}")
print(experiments.footer())
