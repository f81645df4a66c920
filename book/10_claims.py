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
# # The claims ledger
#
# ```{admonition} Result
# :class: tip
# Every checkable statement of the paper stands here with one number and a verdict. By the paper's own
# rules most of them hold. In truth fewer do, and which ones depends on the noise. Some of them say that
# an estimate breaks the theory. Where these fail in truth, the theory is better than its estimates.
# A compression phase of the large bottleneck is real under noise of one level. Under noise that follows
# the scale of a layer, its median layer has next to none.
# ```
#
# **What you will learn**
#
# - which statements of the paper hold, by an estimator and in truth;
# - how each is decided, and what was fixed before the networks were trained;
# - whether a large bottleneck has a compression phase.
#
# **In the paper**: all of it.
#
# **Runs** in about two minutes, from the stored results.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"
live = False

# %%
from IPython.display import HTML, Markdown

from study import claims, experiments
from study.chapters import ch10
from study.experiments.truth import LEVELS
from study.text import say

settings = experiments.get_profile(profile)

# %% [markdown]
# ## How a claim is decided
#
# **One number.** Each claim is reduced to one statistic of a network, such as the fall of the input MI from
# its maximum to the end. The paper puts it on one side of a threshold.
#
# **One whole.** Information is given as a share of a whole. In truth the whole is $M$. A share can exceed 1
# there: a layer that stretches rises above the noise that is added to look. By an estimator the whole is
# $S(X)$, because $I(X;T)$ never exceeds it. The estimator's own $I(X;X)$ is no such bound: $I(A;A)$ is not
# the largest $I(A;B)$.
#
# **Two thresholds for most.** A difference of a fortieth of the whole is visible: a marker in the figures
# is as wide. What is within a tenth of the whole is small, near or approximate. All others stand with
# their claims, with the reason.
#
# **Words.** What the paper says of *all* layers, or of *no* layer, is asked of the worst one. What it says
# of *the* layers, or *mostly*, is asked of the median one.
#
# **One test.** The networks of one kind differ in their seed. Student's two-sided test asks whether their
# mean differs from the threshold. The claim
#
# - **● holds** if it does, on the claimed side,
# - **○ does not hold** if it does, on the other side,
# - **? is not decided** otherwise.
#
# **Many tests.** With so many tests, some would differ by chance alone. Holm's procedure corrects for all
# tests of one column of the ledger, of all cells of the experiment together. The smallest of $m$ p-values is
# multiplied by $m$, the next by $m - 1$, and so on. So the chance of one wrong verdict or more in a column
# is at most 5%. This takes numbers of networks that are normally distributed, and one look at them. The
# intervals are 95% each, without that correction.
#
# **What has no test.** Exact numbers decide by their value. So do the scans over $\gamma$ and $\alpha$, of
# one network of each size. Their rows say so.
#
# All networks are seen through the same test images: all of them in truth, ten batches of them by an
# estimator. What is decided holds for these.
#
# ## What was fixed, and when
#
# An earlier edition of this chapter said that all thresholds were fixed before the runs over several seeds
# were made. **That was wrong.** This is the history, and `git log` shows it:
#
# | 2026, UTC | commit | what happened |
# |---|---|---|
# | 25 November, 02:51 | | the first networks of $K = 2$ and 32, seed 0, are begun |
# | 25 November, 03:15 | `69578d5` | the first criteria, with intervals |
# | 25 November, 12:23 to 13:32 | | seeds 1 and 2 of $K = 2$ and 32 are trained |
# | 25 November, 14:05 | `f8a592a` | some fifteen criteria are rewritten, with these runs done |
# | 26 November, 13:54 | `73fc70c` | all criteria on trained networks are written anew and frozen |
#
# So the verdicts of that edition had criteria that knew their data. They are withdrawn. The networks here
# have new seeds, 3 to 7, and were trained after the criteria were frozen. A test of this project looks at
# every one: its commit has to come after the last change of the criteria. One thing stays: the criteria were
# written by people who had seen seeds 0 to 2.
#
# Not all that was planned is there yet. The planes of two sizes have all their networks. Of most other
# sizes there are two networks of three. Their verdicts were taken anew whenever networks were added, as
# `git log` shows. So the verdicts on the bottleneck size are interim ones, and the 5% above is not kept for
# them. `python -m study experiments status` tells what is stored.
#
# Exact cases, formulas and what the estimator says of Gaussian variables were known when their criteria
# were written. New samples with another seed show the same again. These rows say *after*.

# %% tags=["hide-input", "nbval-ignore-output"]
print(ch10.frozen())

# %% [markdown]
# ## A choice that the paper leaves open
#
# Is the squared error of an image summed over its pixels, halved, or averaged? Are the initial weights
# Glorot's, or four times as large, as advised for sigmoids? The paper does not say, and the answers change
# the first thousand updates ([chapter 5](05_autoencoder_planes.ipynb)). So they are a factor of the
# experiment, with six cells. Two cells are decided, with five networks each of $K = 2$ and of $K = 32$.
# In the tables the first sign is for summed error and Glorot's weights. The second sign is for half the sum and four
# times the weights. The other four cells have one network of each size: their numbers are there, without
# a verdict.
#
# ## The evidence


# %% tags=["remove-stderr"]
def result(run):
    return experiments.run_or_load(run, live, device=device)


plateau = experiments.mean_image_error(images=10_000)
cells = ch10.cells_of(settings, result, plateau, live)
exact = claims.exact_evidence()
toys = claims.toy_evidence(min(settings.runs, 20), device)

findings = claims.judge(exact, toys, cells)
ch10.counts(findings)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
There are {claims} claims and {tests} tests. For {before} claims the criterion was fixed
before its data were seen, for {after} after.

The most claims on the planes lie where the paper has them in {closest}: {share:.0%}.
"""
say(text, ch10.summary(findings))

# %% [markdown]
# That share is the stated distance from the paper's own figures. It is taken of the claims on the planes that
# were measured in all cells. It counts those with a number on the claimed side by the paper's own rule, certain
# or not:

# %%
ch10.closest(findings).to_frame().round(2)

# %% [markdown]
# How near to another verdict are they? Holm's correction grows with the number of tests. So a narrow verdict
# can be lost when other claims get their networks, although its own numbers stay. The table has, for each way to
# look, the tests, those that decide, and those of them that decide narrowly. Then come the tests that would decide
# if all ways to look were corrected together, and those that would not decide but for the correction. There more
# networks may help. What counts as narrow was chosen with these p-values known. Neither it nor the last two columns
# decide anything.

# %%
ch10.edge(findings)

# %% [markdown]
# ## Is there a compression phase of the large bottleneck?
#
# It is asked twice. Does the median layer fall by a fortieth of the whole or more, as the paper finds under
# the previous rule? And does no layer fall by so much, as it finds under the proposed rule? The table has
# the fall, and the verdict on the claim that asks for it.

# %%
ch10.phases(findings)

# %% [markdown]
# So both findings of the paper are right by their rules, and each is right in truth under a noise of its
# own. Under noise of one level the median layer falls, and the worst one falls far. Under noise of the
# layer's deviation no layer falls. Under the total deviation the median layer does not. The worst layer does
# not either after the first training, and is not decided after the second. The question "does it compress?"
# has no answer before it says which noise.
#
# The truth has errors of its own, because it is a mean over noisy queries. They enter every test. Here they
# stand beside the spread of the networks, as shares of the whole:

# %%
ch10.own_errors(findings).round(4)

# %% [markdown]
# The noise was chosen so that $M$ is half of what $n$ images can have. It could have been another one.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
more = max(LEVELS)
others = claims.judge(exact, toys, ch10.at_noise(cells, more))
same = ch10.resolved(findings, others)
text = "With $M$ at {more:.0%} of that, {same:.0%} of the numbers in truth keep their side."
say(text, more=more, same=same)

# %% [markdown]
# ## The theory
#
# Decided without an estimate, on autoencoders whose plane is known ([chapter 7](07_ground_truth.ipynb)).
# Each column is a definition of information. Where layers pass on what is measured of them, the theory
# holds. Under the simplest reading of Definition 5, the noise that is added to measure a layer is not passed on.

# %%
names = {
    name: {one.name for one in group}
    for name, group in claims.GROUPS.items()
}


def ledger(group, first, **settings):
    own = [f for f in findings if f.claim.name in names[group]]
    settings |= {"first": first, "comments": claims.COMMENTS}
    return HTML(claims.ledger_table(own, **settings))


ledger("theory", 1, across="cell")

# %% [markdown]
# ## The estimator and its kernel width

# %% tags=["hide-input"]
first = 1 + len(names["theory"])
ledger("estimator", first)

# %% [markdown]
# ## The planes of a small and a large bottleneck
#
# An empty place has a reason. In truth all layers have one output MI (Lemma 1), so claims on its differences
# are asked of estimates alone. Claims that compare the rules, or are on variances, errors, $\gamma$ or
# $\alpha$, are asked in one way only: their own.

# %% tags=["hide-input"]
first += len(names["estimator"])
ledger("planes", first, shown=ch10.SHOWN)

# %% [markdown]
# ## The bottleneck size

# %% tags=["hide-input"]
first += len(names["planes"])
ledger("bottleneck size", first, shown=ch10.SHOWN)

# %% [markdown]
# ## What is not tested here

# %% tags=["hide-input"]
items = claims.NOT_TESTED.items()
lines = [f"- “{quoted}”: {why}" for quoted, why in items]
Markdown("\n".join(lines))

# %% [markdown]
# ## Exercises
#
# **1. Three tests.** The p-values of three tests are 0.01, 0.02 and 0.04. Which are significant at 5% by Holm's
# procedure? Which are if each is multiplied by three?
#
# :::{dropdown} Solution
# By Holm's procedure all three: $3 \cdot 0.01$, $2 \cdot 0.02$ and $1 \cdot 0.04$ are all below 0.05. If each is
# multiplied by three, only the first is.
# :::
#
# **2. A fall.** In five networks a layer falls by 0.030, 0.032, 0.034, 0.036 and 0.038 of the whole. Does the claim
# hold that it falls by a fortieth of the whole or more, if this is the only test?
#
# :::{dropdown} Solution
# The mean, 0.034, is above the threshold of 0.025, and Student's test tells them apart. So the claim holds.
#
# ```python
# from scipy.stats import ttest_1samp
#
# falls = [0.030, 0.032, 0.034, 0.036, 0.038]
# test = ttest_1samp(falls, 1 / 40)
# assert test.statistic > 0
# assert test.pvalue < 0.05
# ```
# :::
#
# **3. Whose whole?** Why are shares of an estimate taken of $S(X)$, and not of the estimator's own $I(X;X)$?
#
# :::{dropdown} Solution
# $I(X;T) \leq S(X)$ always holds for estimates, so such a share does not exceed 1. But $I(X;X)$ is not the largest
# $I(X;T)$: the multiple of a variable has more ([chapter 2](02_estimator.ipynb)). So a share of $I(X;X)$ could be
# more than all.
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*ch10.decided_runs(cells)))
