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
# Where the truth is known, the estimate with the proposed width rule puts correlations in their
# right order in every dimension tried, but its value, its zero and its growth with the dimension
# are not those of the truth; with the previous rule even the order is lost in high dimension.
# ```
#
# **What you will learn**
#
# - how to hold an estimator against a problem with a known answer, and with which numbers;
# - what of the true mutual information survives in the estimate, and what does not;
# - why independent variables do not get 0 bits, why the range of the estimate shrinks with the
#   dimension and grows with the samples, and why its shape is that of $\rho^2$;
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

import numpy as np
import torch
import xarray as xr
from myst_nb import glue

from ipae_lib import toys
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import PreviousWidth, ProposedWidth
from study import experiments, figures

runs = experiments.get_profile(profile).runs

# %% [markdown]
# ## A problem with a known answer
#
# The problem is one that {cite:t}`belghazi2018` used to compare estimators. Let
# $X \sim \mathcal{N}(0, I)$ and $Y \sim \mathcal{N}(0, I)$ be normal vectors of $d$ dimensions with
# $\operatorname{corr}(X_i, Y_j) = \delta_{ij}\, \rho$: the $i$-th component of $X$ is correlated
# with the $i$-th of $Y$ and with nothing else. $\rho \in (-1, 1)$ is the correlation and
# $\delta_{ij}$ is 1 for $i = j$ and 0 otherwise. To draw a pair, mix $X$ with independent noise
# $\varepsilon \sim \mathcal{N}(0, I)$: $Y = \rho X + \sqrt{1 - \rho^2}\, \varepsilon$.
#
# The $d$ pairs $(X_i, Y_i)$ are independent, so their information adds up, and each contributes
# $-\frac12 \log(1 - \rho^2)$, in bits with the logarithm to base 2:
#
# $$
# I(X; Y) = -\frac{d}{2} \log(1 - \rho^2).
# \tag{31}
# $$ (eq-31)
#
# To see it, recall that a normal vector with covariance $\Sigma$ has the differential entropy
# $\frac12 \log \det(2 \pi e\, \Sigma)$, and that $I(X;Y) = h(X) + h(Y) - h(X,Y)$. The factors
# $2 \pi e$ cancel, $X$ and $Y$ have determinant 1, and what is left is minus half the logarithm of
# the determinant of the covariance of both together ({numref}`fig-gaussians-exact`):

# %%
d, rho = 3, 0.9
eye = torch.eye(d, dtype=torch.float64)
upper, lower = torch.cat([eye, rho * eye], 1), torch.cat([rho * eye, eye], 1)
nats = -torch.logdet(torch.cat([upper, lower])) / 2
print(f"by determinants {nats / math.log(2):.3f} bits")
print(f"ipae_lib        {toys.correlated_gaussians_mi(d, rho):.3f} bits")

# %% mystnb={"figure": {"name": "fig-gaussians-exact", "caption": "Exact mutual information (31) of correlated Gaussians for d = 1 (the paper's Fig. 2). Other dimensions multiply it by d."}, "image": {"alt": "A symmetric bowl over correlations from -1 to 1: 0 bits at correlation 0, one bit near 0.87 on either side, and growing without bound towards -1 and 1."}}
figures.gaussians_exact(d=1)

# %% [markdown]
# ## The experiment
#
# The estimator is that of [chapter 2](02_estimator.ipynb), with $\alpha = 1.01$ and two rules for
# its kernel width $\sigma$: the previous rule {eq}`eq-27`, $\sigma = \gamma N^{-1/(4+d)}$, with
# $\gamma = 2\sqrt{10}$; and the proposed rule {eq}`eq-30`, $\sigma = \gamma \sqrt{d} N^{-1/(4+d)}$,
# with $\gamma = 2$ and standardised samples, {eq}`eq-29`. $N$ is the number of samples, and the two
# values of the constant $\gamma$ make the rules agree for $d = 10$. One point of the paper's Fig. 3 is
# an average over runs with samples of their own:

# %%
previous = MatrixRenyi(PreviousWidth(2 * math.sqrt(10)), standardize=False)
proposed = MatrixRenyi(ProposedWidth(2))

generator = torch.Generator().manual_seed(0)
estimates = torch.zeros(runs)
for run in range(runs):
    x, y = toys.correlated_gaussians(128, 10, 0.9, generator)
    estimates[run] = proposed(x.to(device), y.to(device))
print(f"mean {estimates.mean():.3f}, deviation {estimates.std():.3f} bits")

# %% [markdown]
# `toys.estimate_correlated_gaussians` does this for every $\rho$ and for several estimators on the
# same samples. Here are all of Fig. 3 ($N = 128$; 10, 100 and 1000 dimensions) and Fig. 4
# ($d = 100$; 128, 256 and 512 samples). Estimates are rounded to $10^{-9}$ bits, so that rounding
# errors do not pass for differences. {numref}`fig-gaussians-by-dimension` is the first result.

# %%
rhos = np.linspace(-0.9, 0.9, 19).round(1)
dimensions = (10, 100, 1000)
rules = {"previous": previous, "proposed": proposed}


def estimate(estimators, n, d, rhos=rhos):
    return toys.estimate_correlated_gaussians(
        estimators, n, d, rhos=rhos, runs=runs, device=device
    ).round(9)


by_dimension = xr.concat([estimate(rules, 128, d) for d in dimensions], dim="d")
more = [estimate({"proposed": proposed}, n, 100) for n in (256, 512)]
by_samples = xr.concat([by_dimension.sel(d=100), *more], dim="n", join="inner")
by_samples = by_samples.sel(estimator="proposed")

# %% mystnb={"figure": {"name": "fig-gaussians-by-dimension", "caption": "Estimates of correlated Gaussians with N = 128 samples (left axes; mean and standard deviation of the runs) under the previous rule (a, c, e) and the proposed rule (b, d, f), and the exact information (right axes, dashed): the paper's Fig. 3. Both panels of a row span the same number of bits; the exact curve is scaled to the height of the proposed rule's."}, "image": {"alt": "Six panels in three rows for 10, 100 and 1000 dimensions. In 10 dimensions both rules give a bowl from about 0.7 to 1.1 bits, with a much wider band for the previous rule. In 100 and 1000 dimensions the previous rule is flat, at 6.6 and at 7 bits, while the proposed rule still gives a bowl, near 0.8 bits and with a band too narrow to see. Between its bottom and its ends each bowl lies above the scaled exact curve."}}
figures.gaussians_by_dimension(by_dimension)

# %% [markdown]
# ## How much of the truth is in it?
#
# Three questions, from the most to the least demanding: is the *value* right, is the *shape*
# right, is at least the *order* right? All numbers below are means over runs ± their standard
# errors. First the values: the estimate at $\rho = 0$, where the truth is 0, at
# $|\rho| = 0.9$, and their difference, which the paper calls the *resolution*.


# %%
def with_error(values):
    """Mean over runs and its standard error, as text."""

    def text(mean, error):
        digits = min(5, -math.floor(math.log10(error + 1e-9)))
        return f"{round(mean, digits) + 0.0:.{digits}f} ± {error:.{digits}f}"

    error = values.std("run", ddof=1) / math.sqrt(values.sizes["run"])
    return xr.apply_ufunc(text, values.mean("run"), error, vectorize=True)


def table(**columns):
    return xr.Dataset(columns).reset_coords(drop=True).to_dataframe()


def at(information, rho):
    return information.sel(rho=[-rho, rho]).mean("rho")


def resolution(information):
    return at(information, 0.9) - at(information, 0)


exact = [round(toys.correlated_gaussians_mi(d, 0.9), 1) for d in dimensions]
table(
    **{
        "ρ = 0": with_error(at(by_dimension, 0)),
        "|ρ| = 0.9": with_error(at(by_dimension, 0.9)),
        "resolution": with_error(resolution(by_dimension)),
        "exact at 0.9": xr.DataArray(exact, coords={"d": by_dimension.d}),
    }
)

# %% tags=["remove-cell"]
means = by_dimension.mean("run")
for d in dimensions:
    here = means.sel(d=d, estimator="proposed")
    exact = toys.correlated_gaussians_mi(d, 0.9)
    glue(f"share-{d}", round(float(at(here, 0.9) / exact * 100), 2), display=False)
    glue(f"zero-{d}", round(float(here.sel(rho=0)), 3), display=False)
    glue(f"end-{d}", round(float(at(here, 0.9)), 3), display=False)
    glue(
        f"previous-{d}", round(float(means.sel(d=d, estimator="previous", rho=0)), 3), display=False
    )
    glue(f"bound-{d}", round(math.sqrt(1 - 2 ** (-2 * 7 / d)), 2), display=False)
glue("half-10", round(float(at(means.sel(d=10, estimator="proposed"), 0.5)), 3), display=False)

# %% [markdown]
# **The values are not right, and cannot be.** At $|\rho| = 0.9$ the proposed rule gives
# {glue:text}`share-10:.1f` % of the truth in 10 dimensions, {glue:text}`share-100:.1f` % in 100 and
# {glue:text}`share-1000:.2f` % in 1000. No width could mend this: no estimate exceeds
# $\log_2 128 = 7$ bits, and the truth does from $|\rho|$ = {glue:text}`bound-10:.2f`,
# {glue:text}`bound-100:.2f` and {glue:text}`bound-1000:.2f` on. Nor does the estimate grow
# with $d$ as {eq}`eq-31` does.
#
# **The previous rule saturates**, as [chapter 3](03_kernel_width.ipynb) predicts: at $\rho = 0$ it
# gives {glue:text}`previous-100:.2f` bits in 100 dimensions and {glue:text}`previous-1000:.3f` in
# 1000, where every run at every $\rho$ gives the same. Its resolution is not different from zero
# in either.
#
# **Independent variables do not get 0.** More than that, the proposed rule gives *independent*
# vectors of 1000 dimensions ({glue:text}`zero-1000:.3f` bits) more than vectors of 10 dimensions
# with $\rho = 0.5$ ({glue:text}`half-10:.3f`), and as much as vectors of 100 dimensions with
# $|\rho| = 0.9$ ({glue:text}`end-100:.3f`). Values at different $d$ do not compare.
#
# ### Order and symmetry
#
# For the order, take all pairs of correlations with $|\rho_1| < |\rho_2|$. The share of pairs that
# one run puts in the right order, minus the share it puts in the wrong one, is Kendall's rank
# correlation $\tau$ with the truth: 1 for a perfect order, 0 for one that has nothing to do with
# it. For the symmetry, take the difference of the means at $\rho$ and $-\rho$ in units of its
# standard error. Chance alone makes the root mean square of nine such differences about 1, give or
# take a quarter.


# %%
def order(information):
    """Kendall's rank correlation with the exact information, over ρ."""
    magnitude = np.abs(information.rho.values)
    information = information.drop_vars("rho")
    low, high = (
        information.isel(rho=xr.DataArray(index, dims="pair"))
        for index in np.nonzero(magnitude[:, None] < magnitude)
    )
    return np.sign(high - low).mean("pair")


def asymmetry(information):
    """Differences of ρ and −ρ in standard errors, root mean square."""
    mirrored = information.assign_coords(rho=-information.rho)
    difference = (information - mirrored).where(information.rho > 0, drop=True)
    error = difference.std("run", ddof=1) / math.sqrt(difference.sizes["run"])
    z = difference.mean("run") / error
    return np.sqrt((z**2).mean("rho"))


table(
    **{
        "τ of one run": with_error(order(by_dimension)),
        "τ of the mean": order(by_dimension.mean("run")).round(2),
        "asymmetry": asymmetry(by_dimension).round(2),
    }
)

# %% tags=["remove-cell"]
taus = order(by_dimension).mean("run")
for rule in rules:
    for d in dimensions:
        glue(f"tau-{rule}-{d}", round(float(taus.sel(estimator=rule, d=d)), 3), display=False)
error = float(order(by_dimension).sel(estimator="previous", d=100).std(ddof=1)) / math.sqrt(runs)
glue("tau-previous-error-100", round(error, 3), display=False)
glue("tau-min", round(float(taus.sel(estimator="proposed").min()), 3), display=False)

# %% [markdown]
# **The proposed rule keeps the order.** A single run at each $\rho$ has $\tau$ =
# {glue:text}`tau-proposed-10:.2f`, {glue:text}`tau-proposed-100:.2f` and
# {glue:text}`tau-proposed-1000:.2f` in 10, 100 and 1000 dimensions. Under the previous rule it is
# {glue:text}`tau-previous-10:.2f` in 10 dimensions, where the two differ only by the
# standardisation; {glue:text}`tau-previous-100:.2f` ± {glue:text}`tau-previous-error-100:.2f` in
# 100, nothing beyond chance; and in 1000 all estimates are equal and there is no order at all. Saturation does not merely shift the values: the
# information is gone.
#
# Both rules are even in $\rho$ within chance (where all estimates are equal there is nothing to
# compare). They have to be: $(X, -Y)$ has correlation $-\rho$, and reflecting $Y$ changes no distance.
#
# ### Shape
#
# A curve with the right order can still have the wrong shape. Subtract from each run its value at
# $\rho = 0$ and divide by its resolution; then a multiple of the truth, plus a constant, would lie on
# the solid line in {numref}`fig-gaussians-shape`.


# %%
def heights(information):
    """Estimates against |ρ|, each run scaled to 0 at ρ = 0 and 1 at 0.9."""
    even = (information + information.assign_coords(rho=-information.rho)) / 2
    scaled = (even - at(information, 0)) / resolution(information)
    return scaled.sel(rho=slice(0, None))


shapes_d = heights(by_dimension.sel(estimator="proposed"))
shapes_n = heights(by_samples)
table(**{"height at |ρ| = 0.7": with_error(shapes_d.sel(rho=0.7))})

# %% mystnb={"figure": {"name": "fig-gaussians-shape", "caption": "Shape of the proposed rule's estimates (mean and one standard deviation of the runs), each run scaled to go from 0 at ρ = 0 to 1 at |ρ| = 0.9, beside the exact information scaled likewise (solid) and ρ² (dotted)."}, "image": {"alt": "Two panels of rising curves from 0 to 1 over correlation magnitudes from 0 to 0.9. Left, N = 128 and 10, 100 and 1000 dimensions; right, 100 dimensions and 128, 256 and 512 samples. All estimates lie far above the solid exact curve, close to or a little below the dotted parabola; 1000 dimensions lie on it."}}
left = {f"$d$ = {d}": shapes_d.sel(d=d) for d in dimensions}
right = {f"$N$ = {n}": shapes_n.sel(n=n) for n in shapes_n.n.values}
figures.gaussians_shape({"(a) $N$ = 128": left, "(b) $d$ = 100": right})

# %% tags=["remove-cell"]
exact_height = toys.correlated_gaussians_mi(1, 0.7) / toys.correlated_gaussians_mi(1, 0.9)
glue("height-exact", round(exact_height, 3), display=False)
glue("height-square", round(0.7**2 / 0.9**2, 3), display=False)
height = shapes_d.sel(rho=0.7)
for d in dimensions:
    glue(f"height-{d}", round(float(height.sel(d=d).mean()), 3), display=False)
error = height.std("run", ddof=1).max() / math.sqrt(runs)
glue("height-error", round(float(error), 3), display=False)

# %% [markdown]
# **The shape is not that of the truth.** At $|\rho| = 0.7$ the truth has risen by
# {glue:text}`height-exact:.3f` of what it rises up to 0.9; the estimates by
# {glue:text}`height-10:.3f`, {glue:text}`height-100:.3f` and {glue:text}`height-1000:.3f` in 10,
# 100 and 1000 dimensions, with standard errors of {glue:text}`height-error:.3f` or less. What they
# follow is the parabola $\rho^2$, which gives {glue:text}`height-square:.3f`, and the more
# dimensions, the better. So the estimate makes too much of differences between weak dependences and
# too little of those between strong ones, and nothing of the divergence at $|\rho| \to 1$.
#
# ## Why $\rho^2$, and why the resolution falls
#
# [Chapter 3](03_kernel_width.ipynb) followed the estimate to its limit for $d \to \infty$: all
# squared distances of standardised samples tend to their mean $2d\,N/(N-1)$, equation {eq}`eq-28`,
# all similarities off the diagonal of $A$ and $B$ to one number
# $c = \exp(-\frac{N}{N-1}\, d / \sigma^2)$, those of $A \circ B$ to $c^2$, and the estimate to a
# value that knows nothing of $\rho$. What it does know of $\rho$ is in the spread around the mean.
#
# Let $x_i$ and $y_i$ be the standardised samples, $x_i \cdot x_j$ their scalar product. Off its
# diagonal, $N^2 A \circ B$ fluctuates around $c^2$ by about
# $c^2\, (x_i \cdot x_j + y_i \cdot y_j) / \sigma^2$, and the variance of the bracket is
# $2d\,(1 + \rho^2)$. (The norms $\|x_i\|^2$ fluctuate too, but alike for a whole row and column,
# which moves a few eigenvalues and not the bulk.) The $N - 1$ small eigenvalues of the normalised
# joint matrix, all $(1 - c^2)/N$ without fluctuations, are spread by them to a relative variance
#
# $$
# v = \frac{2d\,(1 + \rho^2)\, N c^4}{(1 - c^2)^2\, \sigma^4},
# $$
#
# and such a spread of eigenvalues that together weigh $1 - c^2$ lowers the entropy, for $\alpha$ near
# 1, by $(1 - c^2)\, v / 2$ nats. $S(A)$ and $S(B)$ do not depend on $\rho$, so what $\rho$ takes from
# $S(A, B)$ it adds to the information:
#
# $$
# I_\alpha(\rho) - I_\alpha(0) \approx
# \frac{N d}{\sigma^4}\, \frac{c^4}{(1 - c^2) \ln 2}\; \rho^2 \quad \text{bits}, \qquad N \ll d .
# $$
#
# With the proposed rule $\sigma^4$ is nearly $\gamma^4 d^2$: the shape is $\rho^2$ and the resolution
# goes as $N/d$. With the previous rule $c$, and with it the resolution, vanishes. None of this is in
# the paper, so hold it against the measurements:


# %%
def predicted_resolution(rule, n, d, rho=0.9):
    sigma = rule(n, d)
    c = math.exp(-n / (n - 1) * d / sigma**2)
    return n * d / sigma**4 * c**4 / (1 - c**2) / math.log(2) * rho**2


def contrast(information):
    """Difference of ρ = 0.9 and 0, over the standard deviation of one run."""
    ends = information.sel(rho=[0, 0.9])
    deviation = np.sqrt(ends.var("run", ddof=1).mean("rho"))
    return ends.mean("run").diff("rho").squeeze("rho", drop=True) / deviation


under_proposed = by_dimension.sel(estimator="proposed")
cases = {(128, d): under_proposed.sel(d=d) for d in (1000, 100, 10)}
cases |= {(n, 100): by_samples.sel(n=n) for n in (256, 512)}
print("  N     d   predicted   resolution           contrast")
for (n, d), information in cases.items():
    predicted = predicted_resolution(proposed.width, n, d)
    measured = with_error(resolution(information)).item()
    ratio = float(contrast(information))
    print(f"{n}  {d:4d}   {predicted:9.4f}   {measured:<20} {ratio:.0f}")

# %% tags=["remove-cell"]
for (n, d), information in cases.items():
    glue(f"resolution-{n}-{d}", round(float(resolution(information).mean()), 4), display=False)
    glue(f"contrast-{n}-{d}", round(float(contrast(information))), display=False)
    predicted = predicted_resolution(proposed.width, n, d)
    glue(f"predicted-{n}-{d}", round(predicted, 4), display=False)
glue("contrast-error", round(100 / math.sqrt(4 * (runs - 1))), display=False)
glue("matrix-mib", round(512**2 * 8 / 2**20), display=False)

# %% [markdown]
# In 1000 dimensions the formula gives {glue:text}`predicted-128-1000:.4f` bits and the measurement
# {glue:text}`resolution-128-1000:.4f`. Where $N$ is no longer small beside $d$ it overestimates, and
# in 10 dimensions it does not apply.
#
# The last column, the contrast, is the difference between $\rho = 0$ and 0.9 in standard deviations
# of a single run (to within {glue:text}`contrast-error` %). It does *not* fall with the dimension:
# {glue:text}`contrast-128-10`, {glue:text}`contrast-128-100` and {glue:text}`contrast-128-1000` in
# 10, 100 and 1000 dimensions. The scatter shrinks along with the resolution, so a small range of
# values is not by itself weak evidence.
#
# ## More samples

# %% mystnb={"figure": {"name": "fig-gaussians-by-samples", "caption": "Estimates of the proposed rule for d = 100 and three numbers of samples: mean and one standard deviation of the runs (the paper's Fig. 4)."}, "image": {"alt": "Three bowls over correlations from -0.9 to 0.9. With 128 samples the bowl is shallow, from 0.77 to 0.85 bits; with 256 it is deeper and lower, from 0.69 to 0.82; with 512 deeper still, from 0.61 to 0.78. Error bars are smaller than the markers."}}
figures.gaussians_by_samples(by_samples)

# %% [markdown]
# From 128 to 256 and 512 samples ({numref}`fig-gaussians-by-samples`) the level sinks everywhere,
# fastest at $\rho = 0$. With $\sigma$ held and ever more samples it would sink to the truth there: the
# spectrum of $A \circ B$ for independent variables tends to the products of the two spectra, and
# entropies of products add up. That independent variables do not get 0 bits is the work of too few
# samples in too many dimensions.
#
# So the resolution grows, from {glue:text}`resolution-128-100:.3f` to
# {glue:text}`resolution-256-100:.3f` and {glue:text}`resolution-512-100:.3f` bits, and in standard
# deviations of a run from {glue:text}`contrast-128-100` to {glue:text}`contrast-256-100` and
# {glue:text}`contrast-512-100`. The shape stays ({numref}`fig-gaussians-shape`, b). The paper names
# memory as what limits $N$; but one matrix of $512 \times 512$ numbers in double precision takes
# {glue:text}`matrix-mib` MiB, and here it is time, which grows as $N^3$.
#
# ## Standardising standard Gaussians
#
# "The normalization of the variables has no effect", says the paper, "because $X$ and $Y$ are
# standard gaussians." The distribution is standard, a sample of 128 is only nearly so. The proposed
# rule with and without {eq}`eq-29`, on the same samples:

# %%
as_is = MatrixRenyi(ProposedWidth(2), standardize=False)
options = {"with": proposed, "without": as_is}
paired = [estimate(options, 128, d, rhos=[0, 0.9]) for d in dimensions]
paired = xr.concat(paired, dim="d")
standardized = paired.sel(estimator="with", drop=True)
plain = paired.sel(estimator="without", drop=True)
shift = standardized - plain

table(
    **{
        "shift [bits]": with_error(shift),
        "deviation with (29)": standardized.std("run", ddof=1).round(5),
        "without": plain.std("run", ddof=1).round(5),
    }
)

# %% tags=["remove-cell"]
for d in dimensions:
    glue(f"shift-{d}", round(float(shift.sel(d=d, rho=0).mean()), 4), display=False)
    glue(f"contrast-without-{d}", round(float(contrast(plain.sel(d=d)))), display=False)
ratio = plain.std("run", ddof=1) / standardized.std("run", ddof=1)
glue("ratio-min", round(float(ratio.min()), 1), display=False)
glue("ratio-max", round(float(ratio.max()), 1), display=False)

# %% [markdown]
# It has an effect, and not a small one. The mean squared distance of standardised samples is exactly
# $2d\,N/(N-1)$, above the $2d$ expected of samples as they are, which raises the estimate at
# $\rho = 0$ by {glue:text}`shift-10:.3f`, {glue:text}`shift-100:.3f` and {glue:text}`shift-1000:.3f`
# bits; in 1000 dimensions that is as much as the whole resolution. And since the scale of a sample no
# longer fluctuates, the runs scatter {glue:text}`ratio-min:.0f` to {glue:text}`ratio-max:.0f` times
# less. This is what keeps up the contrast in many dimensions: without {eq}`eq-29` it is
# {glue:text}`contrast-without-10`, {glue:text}`contrast-without-100` and
# {glue:text}`contrast-without-1000` for 10, 100 and 1000. It is also why panels (a) and (b) of
# {numref}`fig-gaussians-by-dimension` differ in their bands, although $\sigma$ is the same there.
#
# ```{admonition} Using the estimator: tendencies, not values
# :class: tip
# - Standardise, always.
# - Compare estimates only at the same $N$, $d$, $\gamma$ and $\alpha$: one layer over the training,
#   or one layer between networks. The level of a layer of 1000 units beside one of 10 says as much
#   about the number of units as about information.
# - Judge a difference by the scatter over repeated batches, not by its size in bits.
# - Do not read ratios or curvature: twice the bits is not twice the information, and a curve that
#   flattens need not come from information that does.
# - An estimate close to $\log_2 N$ is saturated and holds nothing: widen the kernel.
# - Take $N$ as large as time allows, and the same everywhere.
# ```
#
# ## The paper says, we find
#
# | The paper says | We find |
# |---|---|
# | Neither rule can properly approximate the theoretical value. | Yes: at $\vert\rho\vert = 0.9$ the proposed rule reports {glue:text}`share-10:.1f` %, {glue:text}`share-100:.1f` % and {glue:text}`share-1000:.2f` % of it for $d$ = 10, 100, 1000. |
# | The previous rule grows close to $\log_2 128 = 7$ for $d = 100$ and almost exactly for $d = 1000$. | Yes: {glue:text}`previous-100:.2f` and {glue:text}`previous-1000:.3f` bits. The order of the correlations is lost with it: $\tau$ = {glue:text}`tau-previous-100:.2f` ± {glue:text}`tau-previous-error-100:.2f` at $d = 100$, none at 1000. |
# | With the proposed rule the estimate does not grow linearly with $d$ and the minimum is not zero. | Yes: {glue:text}`zero-10:.2f`, {glue:text}`zero-100:.2f`, {glue:text}`zero-1000:.2f` bits at $\rho = 0$, {glue:text}`end-10:.2f`, {glue:text}`end-100:.2f`, {glue:text}`end-1000:.2f` at 0.9. |
# | It approximates the expected shape of the curve. | The order and the symmetry, yes: $\tau$ of one run is at least {glue:text}`tau-min:.2f`. The shape is that of $\rho^2$, not of {eq}`eq-31`: at 0.7 a height of {glue:text}`height-1000:.2f` for $d = 1000$ where the truth has {glue:text}`height-exact:.2f`. |
# | The resolution decreases for larger dimensions. | Yes: {glue:text}`resolution-128-10:.3f`, {glue:text}`resolution-128-100:.3f`, {glue:text}`resolution-128-1000:.4f` bits. The scatter of standardised runs decreases with it, so that correlations are told apart as well as before. |
# | The resolution increases with the samples, improving the confidence. | Yes: {glue:text}`resolution-128-100:.3f`, {glue:text}`resolution-256-100:.3f`, {glue:text}`resolution-512-100:.3f` bits for $N$ = 128, 256, 512, or {glue:text}`contrast-128-100`, {glue:text}`contrast-256-100`, {glue:text}`contrast-512-100` standard deviations of a run. |
# | Normalisation has no effect in this problem. | On the distribution. In samples it raises the estimate by about a hundredth of a bit and divides the scatter by {glue:text}`ratio-min:.0f` to {glue:text}`ratio-max:.0f`. |
# | We can expect tendencies rather than exact values. | Yes, at fixed $N$ and $d$. Across dimensions not even tendencies: independent vectors of $d = 1000$ get more than vectors of $d = 10$ with $\rho = 0.5$. |

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
