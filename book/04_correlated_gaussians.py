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
# # Correlated Gaussians
#
# ```{admonition} Result
# :class: tip
# Here the truth is known. With the proposed width rule the estimate puts correlations in their
# right order, in every dimension tried. Its values are not those of the truth: the width takes
# information away, and too few samples add some. With the previous rule even the order is lost in
# high dimension.
# ```
#
# **What you will learn**
#
# - how to hold an estimator against a problem with a known answer, and with which numbers;
# - what of the true mutual information survives in the estimate, and what does not;
# - why independent variables do not get 0 bits;
# - how an error splits into that of the width and that of too few samples;
# - why the range of the estimate shrinks with the dimension and grows with the samples;
# - why its shape is that of $\rho^2$;
# - what standardising does to variables that are standard already.
#
# **In the paper**: Sec. IV-A, equation (31), Figs. 2, 3 and 4.
#
# **Runs** in about a minute on two idle cores, on generated data.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import math

import torch
import xarray as xr

from ipae_lib import toys
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import ProposedWidth
from study import experiments, figures, gaussians
from study.chapters import ch04
from study.text import say

runs = experiments.get_profile(profile).runs

# %% [markdown]
# ## A problem with a known answer
#
# {cite:t}`belghazi2018` used this problem to compare estimators. Let $X \sim \mathcal{N}(0, I)$ and
# $Y \sim \mathcal{N}(0, I)$ be normal vectors of $d$ dimensions with
# $\operatorname{corr}(X_i, Y_j) = \delta_{ij}\, \rho$. So the $i$-th component of $X$ is correlated
# with the $i$-th of $Y$ and with nothing else. $\rho \in (-1, 1)$ is the correlation, and
# $\delta_{ij}$ is 1 for $i = j$ and 0 otherwise.
#
# To draw a pair, mix $X$ with independent noise $\varepsilon \sim \mathcal{N}(0, I)$:
# $Y = \rho X + \sqrt{1 - \rho^2}\, \varepsilon$.
#
# The $d$ pairs $(X_i, Y_i)$ are independent, so their information adds up. Each contributes
# $-\frac12 \log(1 - \rho^2)$, in bits with the logarithm to base 2:
#
# $$
# I(X; Y) = -\frac{d}{2} \log(1 - \rho^2).
# \tag{31}
# $$ (eq-31)
#
# To see it, recall that a normal vector with covariance $\Sigma$ has the differential entropy
# $\frac12 \log \det(2 \pi e\, \Sigma)$, and that $I(X;Y) = h(X) + h(Y) - h(X,Y)$. The factors
# $2 \pi e$ cancel, and $X$ and $Y$ have determinant 1. What is left is minus half the logarithm of
# the determinant of the covariance of both together ({numref}`fig-gaussians-exact`):

# %%
d, rho = 3, 0.9
eye = torch.eye(d, dtype=torch.float64)
upper = torch.cat([eye, rho * eye], dim=1)
lower = torch.cat([rho * eye, eye], dim=1)
nats = -torch.logdet(torch.cat([upper, lower])) / 2
exact = toys.correlated_gaussians_mi(d, rho)
print(f"by determinants {nats / math.log(2):.3f} bits")
print(f"ipae_lib        {exact:.3f} bits")

# %% mystnb={"figure": {"name": "fig-gaussians-exact", "caption": "Exact mutual information (31) of correlated Gaussians for d = 1 (the paper's Fig. 2). Other dimensions multiply it by d."}, "image": {"alt": "A symmetric bowl over correlations from -1 to 1. It has 0 bits at correlation 0 and one bit near 0.87 on either side. Towards -1 and 1 it grows without bound."}}
figures.gaussians_exact(d=1)

# %% [markdown]
# ## The experiment
#
# The estimator is that of [chapter 2](02_estimator.ipynb), with $\alpha = 1.01$. Two rules give its
# kernel width $\sigma$; $N$ is the number of samples:
#
# - the previous rule {eq}`eq-27`, $\sigma = \gamma N^{-1/(4+d)}$, with $\gamma = 2\sqrt{10}$;
# - the proposed rule {eq}`eq-30`, $\sigma = \gamma \sqrt{d} N^{-1/(4+d)}$, with $\gamma = 2$ and
#   standardised samples, {eq}`eq-29`.
#
# These values of $\gamma$ make the rules agree for $d = 10$. One point of the paper's Fig. 3 is an
# average over runs with samples of their own:

# %%
proposed = MatrixRenyi(ProposedWidth(2))

generator = torch.Generator().manual_seed(0)
estimates = torch.zeros(runs)
for run in range(runs):
    x, y = toys.correlated_gaussians(128, 10, 0.9, generator)
    estimates[run] = proposed(x.to(device), y.to(device))
mean, deviation = estimates.mean(), estimates.std()
print(f"mean {mean:.3f}, deviation {deviation:.3f} bits")

# %% [markdown]
# The next cell does this for every $\rho$ and for both rules on the same samples. It makes all of
# Fig. 3 ($N = 128$; 10, 100 and 1000 dimensions) and of Fig. 4 ($d = 100$; 128, 256 and 512
# samples). {numref}`fig-gaussians-by-dimension` is the first result.

# %%
by_dimension = gaussians.by_dimension(runs, device)
by_samples = gaussians.by_samples(by_dimension, device)
under_proposed = by_dimension.sel(estimator="proposed", drop=True)
limits = gaussians.estimands(by_dimension)

# %% mystnb={"figure": {"name": "fig-gaussians-by-dimension", "caption": "The paper's Fig. 3: estimates of correlated Gaussians with N = 128 samples. The previous rule is on the left (a, d, g), the proposed one in the middle (b, e, h). Left axes: mean and standard deviation of the runs. Right axes, dashed: the exact information, scaled to the height of the proposed rule's. Both panels span the same number of bits. Right (c, f, i): the proposed rule again, its estimand and the exact information on one axis that starts at 0."}, "image": {"alt": "Nine panels in three rows for 10, 100 and 1000 dimensions. In 10 dimensions both rules give a bowl from about 0.7 to 1.1 bits, with a much wider band for the previous rule. In 100 and 1000 dimensions the previous rule is flat, at 6.6 and at 7 bits. The proposed rule still gives a bowl, near 0.8 bits and with a band too narrow to see. Between its bottom and its ends each bowl lies above the scaled exact curve. On the axis from 0 the bowls flatten with the dimension. The estimand is a bowl below them, from 0 to 0.7, 0.4 and 0.3 bits. The exact curve leaves the panels steeply."}}
figures.gaussians_by_dimension(by_dimension, limits)

# %% [markdown]
# ## How much of the truth is in it?
#
# Ask three questions, from the most to the least demanding. Is the *value* right? Is the *shape*
# right? Is at least the *order* right? All numbers below are means over runs ± their standard
# errors.
#
# First the values, in bits. The table has the estimate at $\rho = 0$, where the truth is 0, and at
# $|\rho| = 0.9$. Their difference is what the paper calls the *resolution*. The last columns are
# the estimand and the truth at $|\rho| = 0.9$. The *estimand* of
# [chapter 2](02_estimator.ipynb) is the limit for many samples at the same width.

# %%
ch04.value_table(by_dimension, limits)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    **The values are not right, and cannot be.** At $|\\rho| = 0.9$ the proposed rule gives
    {share_10:.1f}% of the truth in 10 dimensions, {share_100:.1f}% in 100 and
    {share_1000:.2f}% in 1000. No width could mend this.

    The reason: no estimate exceeds $\\log_2 128 = 7$ bits. In 1000 dimensions the truth does from
    $|\\rho| = {bound_1000:.2f}$ on. Nor does the estimate grow in proportion to $d$.

    **Independent variables do not get 0.** In 1000 dimensions they get as much as vectors of 100
    dimensions with $|\\rho| = 0.9$. Vectors of 10 dimensions with $\\rho = 0.5$ get less:
    {half_10:.2f} bits. So values at different $d$ do not compare.
    """,
    ch04.value_summary(under_proposed),
)

# %% [markdown]
# **The previous rule saturates**, as [chapter 3](03_kernel_width.ipynb) predicts. In 1000
# dimensions every run at every $\rho$ gives the same 7 bits. In 100 and in 1000 dimensions its
# resolution is not different from zero. Its estimand does grow with $d$. But 128 samples cannot
# show it, as they hold no more than $\log_2 128$ bits.
#
# ### Order and symmetry
#
# For the order, take all pairs of correlations with $|\rho_1| < |\rho_2|$. One run puts some pairs
# in the right order and some in the wrong one. The difference of the two shares is Kendall's rank
# correlation $\tau$ with the truth. It is 1 for a perfect order, and 0 for an order that has nothing
# to do with the truth.
#
# For the symmetry, take the difference of the means at $\rho$ and $-\rho$ in units of its standard
# error. Chance alone makes the root mean square of nine such differences about 1, give or take a
# quarter.

# %%
ch04.order_table(by_dimension)

# %% [markdown]
# **The proposed rule keeps the order**, even in a single run at each $\rho$. Under the previous
# rule $\tau$ is lower already in 10 dimensions, where the rules differ only by the standardisation.
# In 100 dimensions it is nothing beyond chance. In 1000 all estimates are equal, and there is no
# order at all. So saturation does more than shift the values: the information is gone.
#
# **Both rules are symmetric** within chance. (Where all estimates are equal there is nothing to
# compare.) They have to be: $(X, -Y)$ has correlation $-\rho$, and reflecting $Y$ changes no
# distance.
#
# ### Shape
#
# A curve with the right order can still have the wrong shape. Subtract from each run its value at
# $\rho = 0$ and divide by its resolution. A multiple of the truth plus a constant would then lie on
# the solid line in {numref}`fig-gaussians-shape`.

# %%
shapes_d = ch04.heights(under_proposed)
shapes_n = ch04.heights(by_samples)
ch04.shape_table(shapes_d)

# %% mystnb={"figure": {"name": "fig-gaussians-shape", "caption": "Shape of the proposed rule's estimates (mean and one standard deviation of the runs). Each run is scaled to go from 0 at ρ = 0 to 1 at |ρ| = 0.9. Beside it the exact information, scaled likewise (solid), and ρ² (dotted)."}, "image": {"alt": "Two panels of rising curves from 0 to 1 over correlation magnitudes from 0 to 0.9. Left, N = 128 and 10, 100 and 1000 dimensions. Right, 100 dimensions and 128, 256 and 512 samples. All estimates lie far above the solid exact curve, close to or a little below the dotted parabola. 1000 dimensions lie on it."}}
figures.gaussians_shape(shapes_d, shapes_n)

# %% [markdown]
# **The shape is not that of the truth.** From 0 to $|\rho| = 0.7$ the estimates have risen by much
# more than the truth, as a share of what they rise up to 0.9. They follow the parabola $\rho^2$,
# and the more dimensions, the better. So the estimate makes too much of differences between weak
# dependences, and too little of those between strong ones. It shows nothing of the divergence at
# $|\rho| \to 1$.
#
# ## Why $\rho^2$, and why the resolution falls
#
# [Chapter 3](03_kernel_width.ipynb) followed the estimate to its limit for $d \to \infty$. All
# squared distances of standardised samples tend to their mean $2d\,N/(N-1)$, equation {eq}`eq-28`.
# So all similarities off the diagonal of $A$ and $B$ tend to one number,
# $c = \exp(-\frac{N}{N-1}\, d / \sigma^2)$. Those of $A \circ B$ tend to $c^2$. The limit of the
# estimate knows nothing of $\rho$. What the estimate does know of $\rho$ is in the spread around
# the mean.
#
# Let $x_i$ and $y_i$ be the standardised samples, and $x_i \cdot x_j$ their scalar product. Off its
# diagonal, $N^2 A \circ B$ fluctuates around $c^2$ by about
# $c^2\, (x_i \cdot x_j + y_i \cdot y_j) / \sigma^2$. The variance of the bracket is
# $2d\,(1 + \rho^2)$. (The norms $\|x_i\|^2$ fluctuate too, but alike for a whole row and column.
# That moves a few eigenvalues and not the bulk.)
#
# Without fluctuations the $N - 1$ small eigenvalues of the normalised joint matrix are all
# $(1 - c^2)/N$. The fluctuations spread them to a relative variance
#
# $$
# v = \frac{2d\,(1 + \rho^2)\, N c^4}{(1 - c^2)^2\, \sigma^4}.
# $$
#
# Together these eigenvalues weigh $1 - c^2$. For $\alpha$ near 1, their spread lowers the entropy
# by $(1 - c^2)\, v / 2$ nats. $S(A)$ and $S(B)$ do not depend on $\rho$. So what $\rho$ takes from
# $S(A, B)$ it adds to the information:
#
# $$
# I_\alpha(\rho) - I_\alpha(0) \approx
# \frac{N d}{\sigma^4}\, \frac{c^4}{(1 - c^2) \ln 2}\; \rho^2 \quad \text{bits}, \qquad N \ll d .
# $$
#
# With the proposed rule $\sigma^4$ is nearly $\gamma^4 d^2$. So the shape is $\rho^2$, and the
# resolution goes as $N/d$. With the previous rule $c$ vanishes, and with it the resolution. None of
# this is in the paper, so hold it against the measurements:

# %%
ch04.resolution_table(proposed.width, under_proposed, by_samples)

# %% [markdown]
# In 1000 dimensions the formula agrees with the measurement. It overestimates where $N$ is no longer
# small beside $d$. In 10 dimensions it does not apply.
#
# The last column, the contrast, is the difference between $\rho = 0$ and 0.9 in standard deviations
# of a single run. ($R$ runs tell it to within about $50/\sqrt{R-1}$ percent.) It does *not* fall
# with the dimension. The scatter shrinks along with the resolution. So a small range of values is
# not by itself weak evidence.
#
# ## More samples

# %% mystnb={"figure": {"name": "fig-gaussians-by-samples", "caption": "Estimates of the proposed rule for d = 100 and three numbers of samples: mean and one standard deviation of the runs (the paper's Fig. 4). Without markers: what they tend to for many samples. The width hardly depends on N here, so these three coincide."}, "image": {"alt": "Three bowls over correlations from -0.9 to 0.9. With 128 samples the bowl is shallow, from 0.77 to 0.85 bits. With 256 it is deeper and lower, from 0.69 to 0.82. With 512 it is deeper still, from 0.61 to 0.78. Error bars are smaller than the markers. Far below, the estimands rise from 0 at no correlation to 0.4 bits at the ends."}}
figures.gaussians_by_samples(by_samples, gaussians.estimands(by_samples))

# %% [markdown]
# From 128 to 256 and 512 samples ({numref}`fig-gaussians-by-samples`) the level sinks everywhere,
# fastest at $\rho = 0$. With a fixed $\sigma$ and ever more samples it would sink to the estimand.
# At $\rho = 0$ that is the truth. For independent variables the spectrum of $A \circ B$ tends to the
# products of the two spectra, and entropies of products add up. So independent variables get more than 0 bits because
# there are too few samples in too many dimensions.
#
# The resolution therefore grows with the samples, in bits and in standard deviations of a run: see
# the rows of $d = 100$ in the table above. The shape stays ({numref}`fig-gaussians-shape`, b).
#
# The paper names memory as what limits $N$. But a matrix of $512 \times 512$ numbers in double
# precision takes only 2 MiB. Here the limit is time, which grows as $N^3$.
#
# ## Two errors of opposite sign
#
# The estimand splits the error of an estimate in two:
#
# - *Estimand less truth*: the width has added noise to both variables. This error is too little
#   information, and more samples do not mend it.
# - *Estimate less estimand*: the samples are too few for the joint variable. This error is too much
#   information.
#
# Here they are for the proposed rule, around $N = 128$, $d = 10$, $\rho = 0.5$ and $\gamma = 2$.
# One setting varies at a time. The table has both ends of each, in bits; its last columns are the
# errors.

# %%
splits = gaussians.splits(min(runs, 5), device)
ch04.split_table(splits)

# %% mystnb={"figure": {"name": "fig-gaussians-splits", "caption": "The error of the proposed rule in two parts: truth less estimand, and estimate less estimand (mean of the runs). In common: N = 128, d = 10, ρ = 0.5, γ = 2. Where the curves cross, the two errors cancel."}, "image": {"alt": "Four log-scaled panels with two curves each. Against the number of samples the width's error stays near 2 bits and the samples' sinks slowly below 1. Against the dimension the width's error grows from 0.04 to 200 bits, the samples' from 0.1 to 0.8. Against the correlation the width's grows to 28 bits and the samples' falls to 0.2. Against gamma the samples' error falls from 5 bits to almost nothing, and the width's rises to the whole 2 bits."}}
figures.gaussians_splits(splits)

# %% [markdown]
# **In many dimensions the width loses nearly everything** ({numref}`fig-gaussians-splits`, b). The
# truth grows in proportion to $d$, and the estimand does not. Expand the closed form for wide
# kernels. With rule {eq}`eq-30`, $\alpha \to 1$ and $d \to \infty$ the estimand tends to
#
# $$
# \frac{1}{\gamma^2} \left[ (1+\rho) \log_2 (1+\rho) + (1-\rho) \log_2 (1-\rho) \right] .
# $$
#
# What an estimate shows above it is the error of too few samples.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    **A right value may be two errors that cancel.** With $\\gamma = {gamma:g}$ the estimate is
    {estimate:.2f} bits, and the truth is {truth:.2f}.

    That is no merit. The width takes off {lost:.2f} bits, and too few samples add {samples:.2f}.
    """,
    ch04.split_summary(splits),
)

# %% [markdown]
# So do not tune a width until the estimate meets a known truth. At another $N$, $d$ or $\rho$ the
# two errors are others, and do not cancel. A narrower kernel makes the first smaller and the second
# larger (d). Only more samples make the second smaller without harm to the first.
#
# ## Standardising standard Gaussians
#
# "The normalization of the variables has no effect", says the paper, "because $X$ and $Y$ are
# standard gaussians." The distribution is standard. A sample of 128 is only nearly so. Here is the
# proposed rule with and without {eq}`eq-29` on the same samples, in bits:

# %%
rules = {
    "with": proposed,
    "without": MatrixRenyi(ProposedWidth(2), standardize=False),
}
settings = {"rhos": [0, 0.9], "runs": runs, "device": device}
paired = []
for d in gaussians.DIMENSIONS:
    paired += [gaussians.estimates(rules, 128, d, **settings)]
paired = xr.concat(paired, dim="d")
ch04.standardising_table(paired)

# %% [markdown]
# Standardising has an effect, and not a small one. The mean squared distance of standardised
# samples is exactly $2d\,N/(N-1)$. That is above the $2d$ expected of samples as they are, and it
# raises the estimate at $\rho = 0$. In 1000 dimensions the shift is as large as the whole
# resolution.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    The scale of a standardised sample no longer fluctuates. So the runs scatter {ratio_min:.0f} to
    {ratio_max:.0f} times less.

    This keeps up the contrast in many dimensions. Without (29) it is only {contrast_10:.0f},
    {contrast_100:.0f} and {contrast_1000:.0f} for $d$ = 10, 100 and 1000.
    """,
    ch04.standardising_summary(paired),
)

# %% [markdown]
# This is also why panels (a) and (b) of {numref}`fig-gaussians-by-dimension` differ in their bands,
# although $\sigma$ is the same there.
#
# ```{admonition} Using the estimator: tendencies, not values
# :class: tip
# - Standardise, always.
# - Compare estimates only at the same $N$, $d$, $\gamma$ and $\alpha$: one layer over the training,
#   or one layer between networks. A layer of 1000 units and one of 10 have different levels because
#   of their numbers of units, too.
# - Judge a difference by the scatter over repeated batches, not by its size in bits.
# - Do not read ratios or curvature. Twice the bits is not twice the information. A curve may become
#   flat while the information does not.
# - An estimate close to $\log_2 N$ is saturated and holds nothing: widen the kernel.
# - Take $N$ as large as time allows, and the same everywhere.
# ```
#
# ## The paper says, we find
#
# | The paper says | We find |
# |---|---|
# | Neither rule can properly approximate the theoretical value. | Yes. The proposed rule reports a small share of it, and less the larger $d$ is. |
# | The previous rule grows close to $\log_2 128 = 7$ for $d = 100$ and almost exactly for $d = 1000$. | Yes, and the order of the correlations is lost with it. |
# | With the proposed rule the estimate does not grow linearly with $d$ and the minimum is not zero. | Yes. |
# | It approximates the expected shape of the curve. | The order and the symmetry, yes. The shape is that of $\rho^2$, not of {eq}`eq-31`. |
# | The resolution decreases for larger dimensions. | Yes. The scatter of standardised runs decreases with it, so correlations are told apart as well as before. |
# | The resolution increases with the samples, improving the confidence. | Yes, in bits and in standard deviations of a run. |
# | Normalisation has no effect in this problem. | On the distribution. In samples it raises the estimate and makes the scatter much smaller. |
# | (not mentioned) | The estimate has two errors of opposite sign. The width takes information away, and too few samples add some. |
# | We can expect tendencies rather than exact values. | Yes, at fixed $N$ and $d$. Across dimensions not even tendencies: independent vectors of $d = 1000$ get more than vectors of $d = 10$ with $\rho = 0.5$. |
#
# ## Exercises
#
# **1. Beyond the bound.** From which $|\rho|$ on does the truth exceed what 128 samples can show, for
# $d = 100$?
#
# :::{dropdown} Solution
# The bound is $\log_2 128 = 7$ bits. By {eq}`eq-31`, $50 \log_2(1 - \rho^2) = -7$. So
# $\rho^2 = 1 - 2^{-7/50}$, and $|\rho|$ is about 0.3. All stronger correlations are out of reach.
#
# ```python
# from ipae_lib.toys import correlated_gaussians_mi
#
# rho = (1 - 2 ** (-7 / 50)) ** 0.5
# assert abs(correlated_gaussians_mi(100, rho) - 7) < 1e-9
# ```
# :::
#
# **2. Two layers.** The estimate for a layer of a thousand units is higher than that for a layer of ten.
# Which layer knows more?
#
# :::{dropdown} Solution
# That cannot be told: the zero moves with $d$. Here the thousand dimensions know nothing at all, and the
# ten have a correlation of one half.
#
# ```python
# import torch
#
# from ipae_lib import MatrixRenyi, ProposedWidth, toys
#
# generator = torch.Generator().manual_seed(0)
# nothing = toys.correlated_gaussians(128, 1000, 0.0, generator)
# something = toys.correlated_gaussians(128, 10, 0.5, generator)
# estimator = MatrixRenyi(ProposedWidth(2.0))
# assert estimator(*nothing) > estimator(*something)
# ```
#
# Ask for the estimate of shuffled pairs beside each. And even then compare only layers of the same size.
# :::
#
# **3. Half way up.** In many dimensions an estimate stands half way between its values at $\rho = 0$ and at
# $\rho = 0.9$. What is $\rho$? Which $\rho$ has half of the true information at 0.9?
#
# :::{dropdown} Solution
# The shape of the estimate is $\rho^2$, so it is half way at $\rho = 0.9/\sqrt 2 \approx 0.64$. The truth is
# half way where $1 - \rho^2 = \sqrt{1 - 0.9^2}$, at $\rho \approx 0.75$. Who takes the estimate's shape for
# that of the truth makes too much of weak dependences.
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
