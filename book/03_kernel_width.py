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
# # Kernel width
#
# ```{admonition} Result
# :class: tip
# The kernel width decides where between 0 and $\log_2 N$ an estimate lies; tying it to the variance
# and to $\sqrt d$ keeps it off both ends for any layer, at the price of a range that narrows as $d$
# grows.
# ```
#
# **What you will learn**
#
# - how the width carries every estimate from $\log_2 N$ to 0, whatever the truth;
# - why a fixed width mistakes larger variance, and more dimensions, for more information;
# - how the proposed rule cures both, and what it leaves uncured;
# - why images are standardised by one shared variance and not pixel by pixel.
#
# **In the paper**: Sec. III-B and III-C, equations (22) to (30).
#
# **Runs** in well under a minute on two CPU cores, on generated data and on MNIST test images.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import math

import torch
import xarray as xr
from myst_nb import glue

from ipae_lib import toys
from ipae_lib.data import mnist
from ipae_lib.entropy import mutual_information, renyi_entropy
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import (
    PreviousWidth,
    ProposedWidth,
    SilvermanWidth,
    gaussian_gram,
    squared_distances,
    standardize,
)
from study import experiments, figures

torch.set_default_dtype(torch.float64)
settings = experiments.get_profile(profile)
runs = min(settings.runs, 10)
n = 128


def gaussians(d, rho, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x, y = toys.correlated_gaussians(n, d, rho, generator, batch_shape=(runs,))
    return x.to(device), y.to(device)


def mean_sd(values, digits=2):
    return f"{values.mean():.{digits}f} ± {values.std():.{digits}f}"


# %% [markdown]
# ## The width sets the working point
#
# In the limits of a narrow and of a wide kernel, the estimates of
# [the previous chapter](02_estimator.ipynb) forget the data:
#
# $$
# \lim_{\sigma \to 0} S_\alpha(A) = \log(N),
# \tag{22}
# $$ (eq-22)
#
# $$
# \lim_{\sigma \to 0} I_\alpha(A; B) = \log(N),
# \tag{23}
# $$ (eq-23)
#
# $$
# \lim_{\sigma \to \infty} S_\alpha(A) = 0,
# \tag{24}
# $$ (eq-24)
#
# $$
# \lim_{\sigma \to \infty} I_\alpha(A; B) = 0,
# \tag{25}
# $$ (eq-25)
#
# where $\sigma$ is the width of the Gaussian kernel {eq}`eq-21`, $A$ and $B$ are the normalised
# Gram matrices {eq}`eq-17` of $N$ samples of two variables, and $S_\alpha$ and $I_\alpha$ are
# {eq}`eq-18` and {eq}`eq-20`. With $\sigma \to 0$ all off-diagonal similarities vanish and $A$ is
# the identity over $N$; with $\sigma \to \infty$ all are 1 and $A$ has rank one. Here are five
# decades of $\sigma$ for correlated Gaussians (the toy problem of [the next
# chapter](04_correlated_gaussians.ipynb); $\rho$ is the correlation of $X_j$ and $Y_j$):

# %%
sigma = torch.logspace(-2, 3, 26)


def over_widths(quantity, *variables):
    grams = [[gaussian_gram(v, w) for v in variables] for w in sigma.tolist()]
    return torch.stack([quantity(*g) for g in grams], dim=-1)


entropies, information = {}, {}
for d in (1, 10, 100, 1000):
    entropies[d] = over_widths(renyi_entropy, gaussians(d, rho=0)[0])
for d in (1, 10, 100):
    information[d] = {}
    for rho in (0.9, 0):
        x, y = gaussians(d, rho)
        information[d][rho] = over_widths(mutual_information, x, y)

# %% mystnb={"figure": {"name": "fig-width-limits", "caption": "Entropy and mutual information of correlated Gaussians against the kernel width, in standard deviations of a dimension (N = 128; mean and standard deviation of the runs; dotted: log₂ N). Only in a window of widths, which moves with d, does a correlation of 0.9 differ from none. Triangles: the choice of the proposed rule (30), γ = 2, to which this chapter leads."}, "image": {"alt": "Two panels of curves that fall from 7 bits to 0 as the kernel width goes from 0.01 to 1000. Higher dimensions fall later and more steeply. On the right, solid curves for correlation 0.9 and dashed curves for correlation 0 coincide at both ends and separate only towards the foot of the fall, widely for one dimension, hardly for a hundred. Triangles on the axis mark widths near the feet."}}
widths = {d: ProposedWidth(2)(n, d) for d in information}
figures.width_limits(sigma, entropies, information, widths, samples=n)

# %%
for end in (0, -1):
    s, i = entropies[10][:, end].mean(), information[10][0.9][:, end].mean()
    print(f"d = 10, sigma = {sigma[end]:<6g}  S = {s:.3f}  I = {i:.3f} bits")

gap = {d: by_rho[0.9] - by_rho[0] for d, by_rho in information.items()}
for d, difference in gap.items():
    best = int(difference.mean(0).argmax())
    largest = mean_sd(difference[:, best])
    print(f"d = {d:<4} I(0.9) - I(0) <= {largest}, at sigma = {sigma[best]:.1f}")

# %% tags=["remove-cell"]
for d, difference in gap.items():
    best = int(difference.mean(0).argmax())
    glue(f"gap-{d}", round(float(difference[:, best].mean()), 2), display=False)
    glue(f"gap-{d}-sd", round(float(difference[:, best].std()), 2), display=False)
    glue(f"gap-{d}-sigma", round(float(sigma[best]), 1), display=False)

# %% [markdown]
# The limits hold for dependent and independent variables alike. Only in a window of widths can the
# estimator tell a correlation of 0.9 from none: by {glue:text}`gap-1:.2f` ±
# {glue:text}`gap-1-sd:.2f` bits for one dimension, at best, near $\sigma$ =
# {glue:text}`gap-1-sigma`; by {glue:text}`gap-100:.2f` ± {glue:text}`gap-100-sd:.2f` bits for a
# hundred, near $\sigma$ = {glue:text}`gap-100-sigma` (mean and standard deviation over runs). A
# rule for $\sigma$ has to find that window for every layer of a network, at every moment of its
# training.
#
# The narrow limits {eq}`eq-22` and {eq}`eq-23` need $N$ *distinct* samples. Repeated samples stay
# alike at any width, and the limit is the entropy of the frequencies of the values. With each of 64
# values twice:

# %%
generator = torch.Generator().manual_seed(0)
twice = torch.randn(64, 10, generator=generator).repeat(2, 1)
bits = renyi_entropy(gaussian_gram(twice, sigma=0.01))
print(f"{bits:.3f} bits of log2(128) = 7")

# %% [markdown]
# ## Rules of thumb
#
# Density estimation has the same problem and a standard answer, Silverman's rule of thumb
# {cite}`henderson2012`. For dimension $j$ of $d$,
#
# $$
# \sigma_j = \left( \frac{4}{2+d} \right)^{1/(4+d)} \hat{\sigma}_j N^{-1/(4+d)},
# \tag{26}
# $$ (eq-26)
#
# with $\hat\sigma_j$ the standard deviation of the samples in that dimension. The paper drops the
# first factor because it lies between 0.92 and 1.06:

# %%
d = torch.arange(1, 1001)
factor = (4 / (2 + d)) ** (1 / (4 + d))
lowest = int(factor.argmin())
print(f"largest  {factor.max():.4f} at d = {int(factor.argmax()) + 1}")
print(f"smallest {factor.min():.4f} at d = {lowest + 1}")

# %% tags=["remove-cell"]
glue("factor-max", round(float(factor.max()), 3), display=False)
glue("factor-min", round(float(factor.min()), 3), display=False)
glue("factor-argmin", lowest + 1, display=False)

# %% mystnb={"figure": {"name": "fig-silverman-factor", "caption": "The factor of (26) that (27) drops, for d = 1 to 1000, and the interval given in the paper (shaded)."}, "image": {"alt": "Points against the dimension on a log axis: from 1.06 at one dimension through 1 at two down to 0.924 at eleven, then rising slowly towards 1. All lie inside the shaded interval from 0.92 to 1.06."}}
figures.silverman_factor(d, factor, bounds=(0.92, 1.06))

# %% [markdown]
# So it does ({numref}`fig-silverman-factor`), and it tends to 1 for large $d$. {cite:t}`yu2019`
# drop $\hat\sigma_j$ as well and put a constant in its place: the *previous rule*
#
# $$
# \sigma = \gamma N^{-1/(4+d)}
# \tag{27}
# $$ (eq-27)
#
# with $\gamma > 0$ found by trial: 25 for the bottleneck of their autoencoders, 5 for other layers.
# The power of $N$ matters for narrow layers only:

# %%
for d in (2, 32, 784):
    print(f"d = {d:<4} 512^(-1/(4+d)) = {PreviousWidth(1)(512, d):.3f}")

# %% [markdown]
# ### Scale
#
# Shannon's information is the same for $X$ and for $aX$. The kernel {eq}`eq-21` sees distances
# relative to $\sigma$, so scaling $X$ by $a$ *is* changing $\sigma$ to $\sigma/a$:

# %%
x, y = gaussians(d=10, rho=0.9)
narrowed = gaussian_gram(x, sigma=2 / 5)
print(torch.allclose(gaussian_gram(5 * x, sigma=2), narrowed))

# %% [markdown]
# A layer whose activations grow by a factor of $a$ thus moves along the curves of
# {numref}`fig-width-limits`, to the left. The cure is to standardise each dimension first,
#
# $$
# X_j \leftarrow \frac{X_j}{\sqrt{\hat{\sigma}_j^2 + \epsilon}}, \qquad j = 1, \dots, d,
# \tag{29}
# $$ (eq-29)
#
# where $\hat\sigma_j^2$ is the variance of dimension $j$ over the $N$ samples (the population
# variance: divided by $N$) and $\epsilon = 10^{-8}$ keeps a constant dimension from a division by
# zero.


# %%
z = x / torch.sqrt(x.var(dim=-2, correction=0, keepdim=True) + 1e-8)  # (29)
# the library also subtracts the mean, which no distance feels
print(torch.allclose(squared_distances(z), squared_distances(standardize(x))))

previous = MatrixRenyi(PreviousWidth(2 * math.sqrt(10)), standardize=False)
proposed = MatrixRenyi(ProposedWidth(2))
scale = torch.logspace(-2, 2, 17)
by_scale = {
    "previous rule, $X$ scaled": [previous(a * x, y) for a in scale],
    "previous rule, both scaled": [previous(a * x, a * y) for a in scale],
    "standardised": [proposed(a * x, a * y) for a in scale],
}
by_scale = {name: torch.stack(bits, dim=-1) for name, bits in by_scale.items()}

# %% tags=["remove-cell"]
for name, a in {"half": 0.5, "one": 1, "double": 2}.items():
    glue(f"scale-{name}", round(float(previous(a * x, y).mean()), 2), display=False)
    glue(f"scale-{name}-sd", round(float(previous(a * x, y).std()), 2), display=False)

# %% mystnb={"figure": {"name": "fig-scale", "caption": "The same pairs of Gaussian samples (N = 128, d = 10, correlation 0.9) in other units: mean and standard deviation of the runs; dotted: log₂ N. All three settings have the same width at a = 1."}, "image": {"alt": "Estimated mutual information against the scale from 0.01 to 100. With the previous rule it rises from 0 to 7 bits if both variables are scaled, and from 0 to about 2.6 bits if only X is. Standardised, it is a horizontal line at about 1.1 bits."}}
figures.scale_dependence(scale, by_scale, samples=n)

# %% [markdown]
# In {numref}`fig-scale`, halving $X$ takes the previous rule's estimate from
# {glue:text}`scale-one:.2f` ± {glue:text}`scale-one-sd:.2f` bits to {glue:text}`scale-half:.2f` ±
# {glue:text}`scale-half-sd:.2f`, doubling it to {glue:text}`scale-double:.2f` ±
# {glue:text}`scale-double-sd:.2f` (mean and standard deviation over runs). Layers do change their
# variance by such factors in training. Whether that is what was seen as "compression" is a question
# for [chapter 5](05_autoencoder_planes.ipynb).
#
# ### Dimension
#
# Let $X$ have mean 0 and variance 1 in each dimension, and let $x_1$, $x_2$ be two independent
# samples of it. Then
#
# $$
# \mathbb{E}\left[ \|x_1 - x_2\|^2 \right] = 2d,
# \tag{28}
# $$ (eq-28)
#
# because each dimension adds $\operatorname{Var}(x_{1j}) + \operatorname{Var}(x_{2j}) = 2$. This
# asks nothing of the shape of the distribution, not even that the dimensions be independent of one
# another:

# %%
pairs = 100 * settings.runs  # of samples
generator = torch.Generator().manual_seed(0)


def draw(kind, d):
    if kind == "Gaussian":
        return torch.randn(pairs, d, generator=generator)
    if kind == "uniform":
        return (2 * torch.rand(pairs, d, generator=generator) - 1) * 3**0.5
    return torch.randn(pairs, 1, generator=generator).expand(pairs, d)


ratio, spread = {}, {}
for kind in ("Gaussian", "uniform", "one value, $d$ times"):
    for d in (1, 10, 100, 1000):
        squares = (draw(kind, d) - draw(kind, d)) ** 2
        r = squares.sum(-1) / (2 * d)
        ratio[kind, d], spread.setdefault(kind, {})[d] = r, float(r.std())
    error = r.std() / math.sqrt(pairs)
    print(f"{kind:<21} d = {d}, |x1 - x2|²/2d: {r.mean():.3f} ± {error:.3f}")

# %% tags=["remove-cell"]
glue("distance-mean", round(float(ratio["Gaussian", 1000].mean()), 4), display=False)
glue("similar-2", round(math.exp(-1 / 2**2), 2), display=False)
glue("similar-08", round(math.exp(-1 / 0.8**2), 2), display=False)
error = ratio["Gaussian", 1000].std() / math.sqrt(pairs)
glue("distance-error", round(float(error), 4), display=False)

# %% mystnb={"figure": {"name": "fig-concentration", "caption": "Squared distances between standardised samples, divided by 2d: their distribution for independent Gaussian dimensions, and the standard deviation of the ratio for three distributions."}, "image": {"alt": "Left: histograms of the ratio centred on 1, broad and skewed for 1 and 10 dimensions, narrow for 100 and a spike for 1000. Right: on log axes the spread of Gaussian and of uniform dimensions falls along the square root of 2/d, from about 1.4 to 0.04; if all dimensions are copies of one value it stays at 1.4."}}
gaussian_ratio = {d: r for (kind, d), r in ratio.items() if kind == "Gaussian"}
figures.distance_concentration(gaussian_ratio, spread)

# %% [markdown]
# For Gaussian samples of 1000 dimensions the mean ratio is {glue:text}`distance-mean:.4f` ±
# {glue:text}`distance-error:.4f` (standard error). So at a fixed width more dimensions look like a
# narrower kernel, and wide layers like informed ones. The proposed rule lets the width grow along:
#
# $$
# \sigma = \gamma \sqrt{d}\, N^{-1/(4+d)}.
# \tag{30}
# $$ (eq-30)
#
# Together with {eq}`eq-29`, one $\gamma$ is to serve all layers. On standardised samples
# {eq}`eq-28` holds for the sample itself, whatever its distribution: the mean over all pairs of
# different samples is $2d\,N/(N-1)$, up to $\epsilon$, provided that every dimension varies.
#
# ```{admonition} Reading γ
# :class: tip
# Put the typical squared distance $2d$ into the kernel with width {eq}`eq-30`: for large $d$ the
# similarity of two typical samples is $e^{-1/\gamma^2}$, that is {glue:text}`similar-2:.2f` for
# $\gamma = 2$ and {glue:text}`similar-08:.2f` for $\gamma = 0.8$.
# ```

# %%
skewed = torch.empty(n, 50).exponential_(generator=generator)
mean = squared_distances(standardize(skewed)).sum() / (n * (n - 1))
print(f"measured {mean:.4f}, 2 d N / (N - 1) = {100 * n / (n - 1):.4f}")

# %% [markdown]
# How do the rules fare on correlated Gaussians, where the truth is known to be 0 bits for $\rho =
# 0$ and to grow in proportion to $d$ for $\rho = 0.9$? As in the paper, $\gamma = 2\sqrt{10}$ for
# {eq}`eq-27` and $\gamma = 2$ for {eq}`eq-30`, so that they agree at $d = 10$. Silverman's rule is
# {eq}`eq-29` followed by the same width for every dimension.

# %%
rules = {
    "Silverman": MatrixRenyi(SilvermanWidth()),
    "previous": previous,
    "proposed": proposed,
}
dimensions = [1, 2, 3, 10, 30, 100, 300, 1000]
information = xr.DataArray(
    torch.empty(3, 2, len(dimensions), runs).numpy(),
    dims=("rule", "rho", "d", "run"),
    coords={"rule": list(rules), "rho": [0, 0.9], "d": dimensions},
)
for rho in (0, 0.9):
    for d in dimensions:
        x, y = gaussians(d, rho)
        for rule, estimator in rules.items():
            information.loc[rule, rho, d] = estimator(x, y).cpu()

# %% [markdown]
# For $d \to \infty$ the last rule can be followed with a pencil. Independent dimensions make all
# distances alike ({numref}`fig-concentration`), so that every off-diagonal similarity tends to the
# same $c = e^{-N/((N-1)\gamma^2)}$: for $A$, for $B$, and $c^2$ for $A \circ B$, *whatever* the
# correlation.

# %%
c = math.exp(-n / (n - 1) / 2**2)
constant = (c * torch.ones(n, n) + (1 - c) * torch.eye(n)) / n
limit = float(mutual_information(constant, constant))
print(f"limit: {limit:.3f} bits")
gap = (information.sel(rho=0.9) - information.sel(rho=0)).sel(rule="proposed")
for d in (1, 10, 100, 1000):
    bits = torch.as_tensor(gap.sel(d=d).values)
    print(f"d = {d:<5} I(0.9) - I(0) = {mean_sd(bits, 4)} bits")

# %% tags=["remove-cell"]
glue("limit", round(limit, 3), display=False)
for d in (1, 10, 100, 1000):
    glue(f"range-{d}", round(float(gap.sel(d=d).mean()), 4), display=False)
    glue(f"range-{d}-sd", round(float(gap.sel(d=d).std(ddof=1)), 4), display=False)
    independent = information.sel(d=d, rho=0)
    for rule in rules:
        glue(f"{rule}-{d}", round(float(independent.sel(rule=rule).mean()), 2), display=False)
        spread = float(independent.sel(rule=rule).std(ddof=1))
        glue(f"{rule}-{d}-sd", round(spread, 4), display=False)

# %% mystnb={"figure": {"name": "fig-dimensionality", "caption": "Estimates of the three rules for correlated Gaussians against the dimension (N = 128; mean and standard deviation of the runs). Dotted: log₂ N in (a), the limit of the proposed rule for d → ∞ in (b)."}, "image": {"alt": "Left: Silverman's rule reaches the 7-bit bound by ten dimensions and the previous rule by three hundred, both for correlation 0 and 0.9; the proposed rule stays near 1 bit. Right, the proposed rule alone: the estimate for correlation 0 rises from 0.1 to 0.85 bits, the one for 0.9 rises to 1.3 bits at three dimensions and falls again; from a hundred dimensions on, both close in on the dotted limit."}}
figures.dimensionality(information, samples=n, limit=limit)

# %% [markdown]
# In {numref}`fig-dimensionality` Silverman's rule is at the upper bound from $d = 10$ on
# ({glue:text}`Silverman-10:.2f` bits for independent variables), the previous rule by a hundred
# ({glue:text}`previous-100:.2f` bits). The proposed rule saturates nowhere, and orders $\rho = 0.9$
# above $\rho = 0$ at every $d$. That is what the paper claims for it, and it is true.
#
# It is not the whole truth. For independent variables, whose information is 0 at any dimension, the
# proposed rule reports {glue:text}`proposed-1:.2f` ± {glue:text}`proposed-1-sd:.2f` bits at $d = 1$
# and {glue:text}`proposed-1000:.2f` at $d = 1000$: the dimension is compensated in the distances,
# not in the estimate. And the range between $\rho = 0$ and $\rho = 0.9$ shrinks from
# {glue:text}`range-1:.2f` ± {glue:text}`range-1-sd:.2f` bits at $d = 1$ to
# {glue:text}`range-10:.2f` ± {glue:text}`range-10-sd:.2f` at 10 and {glue:text}`range-1000:.4f` ±
# {glue:text}`range-1000-sd:.4f` at 1000, as both run into the limit of {glue:text}`limit:.3f` bits
# that knows $N$ and $\gamma$ alone. The spread of the runs shrinks as well, so a difference may
# still be significant; but only layers of similar width should be compared in absolute terms. Real
# layers are kinder than independent Gaussians: their dimensions depend on one another, and what
# concentrates distances is the number of *independent* directions (the third distribution in
# {numref}`fig-concentration`).
#
# ### What standardising does not cure
#
# The paper's argument against {eq}`eq-27` is that it "is affected by linear transformations of $X$,
# whereas Shannon MI is not". {eq}`eq-29` undoes scalings of single dimensions. A linear map that
# mixes them, here one that stretches along oblique directions by factors from 1 to a condition
# number, still changes the estimate:

# %%
x, y = gaussians(d=10, rho=0.9)
generator = torch.Generator().manual_seed(0)
rotation, _ = torch.linalg.qr(torch.randn(10, 10, generator=generator))
mapped = {}
for condition in (1, 10, 100):
    stretch = torch.logspace(0, math.log10(condition), 10)
    mixing = (rotation * stretch) @ rotation.T
    mapped[condition] = proposed(x @ mixing.to(device), y)
    print(f"condition {condition:<4} I = {mean_sd(mapped[condition])} bits")

# %% tags=["remove-cell"]
glue("mixing-1", round(float(mapped[1].mean()), 2), display=False)
glue("mixing-100", round(float(mapped[100].mean()), 2), display=False)

# %% [markdown]
# ## Images: pixels that are almost always 0
#
# Standardising pixel by pixel goes wrong for images. Near the border of MNIST's digits there are
# pixels that are lit in one image of a batch and dark in all others. Such a pixel has a tiny
# variance, and {eq}`eq-29` blows it up. If a dimension is $v$ in one of $N$ samples and 0 in the
# others, its variance is $v^2 (N-1)/N^2$, and standardised and centred that one value is
#
# $$
# \frac{v - v/N}{v \sqrt{N-1}/N} = \sqrt{N-1},
# $$
#
# *however faint $v$ was*. The paper therefore says to aggregate the statistics of components that
# belong together, as batch normalisation {cite}`ioffe2015` does with the pixels of a channel: one
# mean and one variance for all 784 pixels. In the library that is `groups="all"`. The batches here
# are of the test set, as those of [chapter 5](05_autoencoder_planes.ipynb).

# %%
shape = settings.batches, settings.samples, 784
order = torch.randperm(10_000, generator=torch.Generator().manual_seed(0))
images = mnist(train=False).double()[order[: shape[0] * shape[1]]]
images = images.reshape(shape).to(device)
scaled = {
    "per pixel": standardize(images),
    "shared": standardize(images, groups="all"),
}
print(f"batches x N x d: {shape}; sqrt(N - 1) = {math.sqrt(shape[1] - 1):.2f}")
for name, z in scaled.items():
    print(f"{name:<10} values from {z.min():.2f} to {z.max():.2f}")

# %% mystnb={"figure": {"name": "fig-standardised-images", "caption": "A test image with a pixel that is lit in no other image of its batch: as it is, with statistics per pixel, and with shared statistics. Each panel has its own colour scale, centred on 0."}, "image": {"alt": "The same handwritten digit three times. As it is and with shared statistics it looks the same. Standardised pixel by pixel the digit has all but faded and a few pixels at its rim stand out, with values above 20 at N = 512."}}
i = int(scaled["per pixel"][0].amax(-1).argmax())
views = {f"statistics {name}": z[0, i] for name, z in scaled.items()}
figures.pixel_images({"as it is": images[0, i], **views})

# %% [markdown]
# {numref}`fig-standardised-images` shows the image with the largest value. What matters to the Gram
# matrix is how much each pixel adds to the squared distances. The mean squared distance is twice
# the sum of the variances, so a pixel's share is its variance's:

# %%
lit = (images > 0).double().mean(dim=1)  # in which share of the images
rare = (lit > 0) & (lit <= 0.05)
print(f"never lit: {(lit == 0).sum(-1).double().mean():.0f} pixels of 784")
print(f"in at most 5 %: {rare.sum(-1).double().mean():.0f} pixels")
shares, rare_shares = {}, {}
for name, z in scaled.items():
    variance = z.var(dim=1, correction=0)
    share = variance / variance.sum(-1, keepdim=True)
    rare_shares[name] = 100 * (share * rare).sum(-1)
    shares[name] = share[0][lit[0].argsort()].cumsum(0)
    print(f"{name:<10} share of the latter {mean_sd(rare_shares[name], 1)} %")

# %%
estimates = {}
for name, groups in {"per pixel": None, "shared": "all"}.items():
    estimator = MatrixRenyi(ProposedWidth(0.8), groups=groups)
    s, i = estimator.entropy(images), estimator(images, images)
    print(f"{name:<10} S(X) = {mean_sd(s)}, I(X;X) = {mean_sd(i)} bits")
    bits = {"$S(X)$": ("batch", s.cpu()), "$I(X;X)$": ("batch", i.cpu())}
    estimates[name] = xr.Dataset(bits)

# %% tags=["remove-cell"]
glue("image-root", round(math.sqrt(settings.samples - 1), 1), display=False)
glue("never-lit", round(float((lit == 0).sum(-1).double().mean())), display=False)
glue("rare-count", round(float(rare.sum(-1).double().mean())), display=False)
for name, key in {"per pixel": "pixel", "shared": "shared"}.items():
    s, i = estimates[name]["$S(X)$"], estimates[name]["$I(X;X)$"]
    for label, value in {
        "max": scaled[name].max(),
        "share": rare_shares[name].mean(),
        "share-sd": rare_shares[name].std(),
        "s": s.mean(),
        "s-sd": s.std(ddof=1),
        "self": i.mean(),
        "self-sd": i.std(ddof=1),
        "self-loss": 100 * (1 - i.mean() / s.mean()),
    }.items():
        glue(f"{key}-{label}", round(float(value), 2), display=False)

# %% mystnb={"figure": {"name": "fig-rare-pixels", "caption": "Statistics per pixel and shared statistics: (a) share of the mean squared distance carried by pixels lit in at most so many of the images of the first batch; (b) entropy and self-information of X with the proposed rule, γ = 0.8, a point a batch."}, "image": {"alt": "Left: with statistics per pixel the cumulative share leaps to about 30 percent within pixels lit in 5 percent of images; with shared statistics it stays near 2 percent there and rises evenly. Right: entropies near 5.4 bits per pixel against 5.8 bits shared, and self-information near 3.7 against 4.0."}}
figures.rare_pixels(lit[0].sort().values, shares, estimates)

# %% [markdown]
# The largest value per pixel is {glue:text}`pixel-max:.2f`, against $\sqrt{N-1}$ =
# {glue:text}`image-root:.1f`, and {glue:text}`shared-max:.2f` with shared statistics. Of the 784
# pixels {glue:text}`never-lit` are never lit in a batch, and {glue:text}`rare-count` are lit in at
# most one image of twenty. These last carry {glue:text}`pixel-share:.1f` ±
# {glue:text}`pixel-share-sd:.1f` % of the mean squared distance when standardised one by one, and
# {glue:text}`shared-share:.1f` ± {glue:text}`shared-share-sd:.1f` % when statistics are shared
# ({numref}`fig-rare-pixels`). A few images with such pixels end up far from all others, the rest
# are pushed together, and the entropy falls: $S(X)$ is {glue:text}`pixel-s:.2f` ±
# {glue:text}`pixel-s-sd:.2f` bits instead of {glue:text}`shared-s:.2f` ±
# {glue:text}`shared-s-sd:.2f` (mean and standard deviation over batches).
#
# The self-information $I(X;X)$, the corner $M$ of the information plane, is
# {glue:text}`shared-self:.2f` ± {glue:text}`shared-self-sd:.2f` bits with shared statistics:
# {glue:text}`shared-self-loss:.0f` % below $S(X)$, for the reason given in
# [the previous chapter](02_estimator.ipynb).
#
# How good is {eq}`eq-28` for images? Constant pixels add nothing to a distance, and with shared
# statistics the variance also counts how the pixels' means differ. So the mean squared distance
# stays below $2d$, and the kernel of rule {eq}`eq-30`, which takes $d = 784$ as it comes, is wider
# than intended. How many independent directions the distances look like can be read off their
# spread, $2/(\text{relative variance})$, which gives $d$ for independent Gaussians.

# %%
others = ~torch.eye(shape[1], dtype=torch.bool, device=device)
ratio, directions = {}, {}
for name, z in scaled.items():
    distances = squared_distances(z)[:, others]
    mean, variance = distances.mean(-1), distances.var(-1)
    ratio[name] = mean / (2 * 784)
    directions[name] = 2 * mean**2 / variance
    print(f"{name:<10} mean |x1 - x2|²/2d: {mean_sd(ratio[name], 3)};", end=" ")
    print(f"independent directions: {mean_sd(directions[name], 1)}")

# %% tags=["remove-cell"]
for name, key in {"per pixel": "pixel", "shared": "shared"}.items():
    glue(f"ratio-{key}", round(float(ratio[name].mean()), 2), display=False)
    glue(f"directions-{key}", round(float(directions[name].mean()), 1), display=False)
    glue(f"directions-{key}-sd", round(float(directions[name].std()), 1), display=False)

# %% [markdown]
# The mean squared distance of images is {glue:text}`ratio-shared:.2f` of $2d$ with shared
# statistics. More telling is the spread: 784 pixels behave like {glue:text}`directions-shared` ±
# {glue:text}`directions-shared-sd` independent directions, and leave the estimator a range that 784
# independent dimensions would not. (Per pixel the number is {glue:text}`directions-pixel`: the
# spread is then that of a few far-off images.)
#
# ## The paper says, we find
#
# | The paper says | We find |
# |---|---|
# | $S_\alpha$ and $I_\alpha$ go to $\log N$ for $\sigma \to 0$ and to 0 for $\sigma \to \infty$. | Yes, with $N$ distinct samples. |
# | The dropped factor of Silverman's rule lies in [0.92, 1.06]. | Yes: from {glue:text}`factor-min:.3f` at $d$ = {glue:text}`factor-argmin` to {glue:text}`factor-max:.3f` at $d = 1$. |
# | Scaling $X$ by $a$ is replacing $\sigma$ by $\sigma/a$. | Yes, to rounding; normalising cures it. Maps that mix dimensions are not cured: from {glue:text}`mixing-1:.2f` to {glue:text}`mixing-100:.2f` bits at a condition number of 100. |
# | $\mathbb{E}\,\Vert x_1 - x_2 \Vert^2 = 2d$. | Yes, for any distribution; of standardised samples even exactly, with a factor $N/(N-1)$. For images with shared statistics, {glue:text}`ratio-shared:.2f` of it. |
# | The proposed rule compensates the dimensionality dependency. | In the distances; saturation is gone. The estimate for independent variables still goes from {glue:text}`proposed-1:.2f` to {glue:text}`proposed-1000:.2f` bits, and the range between no and strong correlation shrinks to {glue:text}`range-1000:.3f`. |
# | Components with shared statistics should be normalised together. | They must be: per pixel, a single faint pixel weighs $\sqrt{N-1}$ standard deviations, and $S(X)$ changes from {glue:text}`shared-s:.2f` to {glue:text}`pixel-s:.2f` bits. |

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
