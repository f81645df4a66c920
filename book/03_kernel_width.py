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
# The kernel width decides where between 0 and $\log_2 N$ an estimate lies. A width that follows
# the variance and $\sqrt d$ keeps the estimate off both ends, for any layer. The price is a range
# that becomes narrower as $d$ grows.
# ```
#
# **What you will learn**
#
# - how the width carries every estimate from $\log_2 N$ to 0, whatever the truth;
# - why a fixed width takes a larger variance, or more dimensions, for more information;
# - how the proposed rule cures both, and what it does not cure;
# - what subtracting the estimate of shuffled pairs corrects, and what it overcorrects;
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
from IPython.display import HTML

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
from study import experiments, figures, pictures
from study.chapters import ch03
from study.chapters.ch03 import mean_sd
from study.text import say

torch.set_default_dtype(torch.float64)
settings = experiments.get_profile(profile)
runs = min(settings.runs, 10)
n = 128

# %% [markdown]
# ## The width sets the working point
#
# [The previous chapter](02_estimator.ipynb) estimates entropy and information from Gram matrices.
# In the limits of a narrow and of a wide kernel, these estimates forget the data:
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
# \lim_{\sigma \to \infty} I_\alpha(A; B) = 0.
# \tag{25}
# $$ (eq-25)
#
# Here $\sigma$ is the width of the Gaussian kernel {eq}`eq-21`. $A$ and $B$ are the normalised Gram
# matrices {eq}`eq-17` of $N$ samples of two variables. $S_\alpha$ and $I_\alpha$ are {eq}`eq-18`
# and {eq}`eq-20`. For $\sigma \to 0$ all similarities off the diagonal vanish, and $A$ is the
# identity over $N$. For $\sigma \to \infty$ all are 1, and $A$ has rank one.
#
# Here are five decades of $\sigma$ for correlated Gaussians, the toy problem of
# [the next chapter](04_correlated_gaussians.ipynb). $\rho$ is the correlation of $X_j$ and $Y_j$.

# %%
sigma = torch.logspace(-2, 3, 26)


def gaussians(d, rho):
    generator = torch.Generator().manual_seed(0)
    x, y = toys.correlated_gaussians(n, d, rho, generator, (runs,))
    return x.to(device), y.to(device)


def over_widths(quantity, *variables):
    def at(width):
        return quantity(*(gaussian_gram(v, width) for v in variables))

    return torch.stack([at(width) for width in sigma.tolist()], dim=-1)


entropies, information = {}, {}
for d in (1, 10, 100, 1000):
    entropies[d] = over_widths(renyi_entropy, gaussians(d, rho=0)[0])
for d in (1, 10, 100):
    information[d] = {}
    for rho in (0.9, 0):
        x, y = gaussians(d, rho)
        information[d][rho] = over_widths(mutual_information, x, y)

# %% mystnb={"figure": {"name": "fig-width-limits", "caption": "Entropy and mutual information of correlated Gaussians against the kernel width, in standard deviations of a dimension. N = 128; mean and standard deviation of the runs; dotted: log₂ N. A correlation of 0.9 differs from none only in a window of widths. The window moves with d. Triangles: the choice of the proposed rule (30) with γ = 2, to which this chapter leads."}, "image": {"alt": "Two panels of curves that fall from 7 bits to 0 as the kernel width goes from 0.01 to 1000. Higher dimensions fall later and more steeply. On the right, solid curves for correlation 0.9 and dashed curves for correlation 0 coincide at both ends. They separate only towards the foot of the fall, widely for one dimension, hardly for a hundred. Triangles on the axis mark widths near the feet."}}
widths = {d: ProposedWidth(2)(n, d) for d in information}
figures.width_limits(sigma, entropies, information, widths, samples=n)

# %%
for end in (0, -1):
    s = entropies[10][:, end].mean()
    i = information[10][0.9][:, end].mean()
    width = f"d = 10, sigma = {sigma[end]:<6g}"
    print(f"{width}  S = {s:.3f}  I = {i:.3f} bits")

# %% [markdown]
# The limits hold for dependent and independent variables alike. Only in a window of widths can the
# estimator tell a correlation of 0.9 from none. The table shows the largest difference that any
# width gives (mean and standard deviation over runs):

# %%
ch03.windows(sigma, information)

# %% [markdown]
# In more dimensions the window lies elsewhere, and the best difference is much smaller. A rule for
# $\sigma$ has to find that window for every layer of a network, at every moment of its training.
#
# The narrow limits {eq}`eq-22` and {eq}`eq-23` need $N$ *distinct* samples. Repeated samples stay
# alike at any width. The limit is then the entropy of the frequencies of the values. With each of
# 64 values twice:

# %%
generator = torch.Generator().manual_seed(0)
twice = torch.randn(64, 10, generator=generator).repeat(2, 1)
bits = renyi_entropy(gaussian_gram(twice, sigma=0.01))
print(f"{bits:.3f} bits of log2(128) = 7")

# %% [markdown]
# ## Rules of thumb
#
# Density estimation has the same problem and a standard answer: Silverman's rule of thumb
# {cite}`henderson2012`. For dimension $j$ of $d$,
#
# $$
# \sigma_j = \left( \frac{4}{2+d} \right)^{1/(4+d)} \hat{\sigma}_j N^{-1/(4+d)},
# \tag{26}
# $$ (eq-26)
#
# where $\hat\sigma_j$ is the standard deviation of the samples in that dimension. The paper drops
# the first factor because it lies between 0.92 and 1.06:

# %%
d = torch.arange(1, 1001)
factor = (4 / (2 + d)) ** (1 / (4 + d))
print(f"largest  {factor.max():.4f} at d = {int(factor.argmax()) + 1}")
print(f"smallest {factor.min():.4f} at d = {int(factor.argmin()) + 1}")

# %% mystnb={"figure": {"name": "fig-silverman-factor", "caption": "The factor of (26) that (27) drops, for d = 1 to 1000, and the interval given in the paper (shaded)."}, "image": {"alt": "Points against the dimension on a log axis. They fall from 1.06 at one dimension through 1 at two to 0.924 at eleven. Then they rise slowly towards 1. All lie inside the shaded interval from 0.92 to 1.06."}}
figures.silverman_factor(d, factor, bounds=(0.92, 1.06))

# %% [markdown]
# So it does ({numref}`fig-silverman-factor`), and it tends to 1 for large $d$. {cite:t}`yu2019`
# drop $\hat\sigma_j$ as well and put a constant in its place. This is the *previous rule*
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
    power = PreviousWidth(1)(512, d)
    print(f"d = {d:<4} 512^(-1/(4+d)) = {power:.3f}")

# %% [markdown]
# ### Scale
#
# Shannon's information is the same for $X$ and for $aX$. The kernel {eq}`eq-21` sees distances
# relative to $\sigma$. So scaling $X$ by $a$ *is* changing $\sigma$ to $\sigma/a$:

# %%
x, y = gaussians(d=10, rho=0.9)
narrowed = gaussian_gram(x, sigma=2 / 5)
print(torch.allclose(gaussian_gram(5 * x, sigma=2), narrowed))

# %% [markdown]
# A layer whose activations grow by a factor of $a$ thus moves to the left along the curves of
# {numref}`fig-width-limits`. The cure is to standardise each dimension first,
#
# $$
# X_j \leftarrow \frac{X_j}{\sqrt{\hat{\sigma}_j^2 + \epsilon}}, \qquad j = 1, \dots, d,
# \tag{29}
# $$ (eq-29)
#
# where $\hat\sigma_j^2$ is the variance of dimension $j$ over the $N$ samples. It is the population
# variance, divided by $N$. The small $\epsilon = 10^{-8}$ keeps a constant dimension from a
# division by zero.


# %%
variance = x.var(dim=-2, correction=0, keepdim=True)
z = x / torch.sqrt(variance + 1e-8)  # (29)
# the library also subtracts the mean, which no distance feels
library = squared_distances(standardize(x))
print(torch.allclose(squared_distances(z), library))

gamma = 2 * math.sqrt(10)
previous = MatrixRenyi(PreviousWidth(gamma), standardize=False)
proposed = MatrixRenyi(ProposedWidth(2))
scale = torch.logspace(-2, 2, 17)
cases = {
    "previous rule, $X$ scaled": lambda a: previous(a * x, y),
    "previous rule, both scaled": lambda a: previous(a * x, a * y),
    "standardised": lambda a: proposed(a * x, a * y),
}
by_scale = {}
for name, estimate in cases.items():
    by_scale[name] = torch.stack([estimate(a) for a in scale], dim=-1)

# %% mystnb={"figure": {"name": "fig-scale", "caption": "The same pairs of Gaussian samples in other units (N = 128, d = 10, correlation 0.9). Mean and standard deviation of the runs; dotted: log₂ N. All three settings have the same width at a = 1."}, "image": {"alt": "Estimated mutual information against the scale from 0.01 to 100. With the previous rule it rises from 0 to 7 bits if both variables are scaled. If only X is, it rises to about 2.6 bits. Standardised, it is a horizontal line at about 1.1 bits."}}
figures.scale_dependence(scale, by_scale, samples=n)

# %%
for a in (0.5, 1, 2):
    bits = mean_sd(previous(a * x, y))
    print(f"previous rule, X times {a:<3}  I = {bits} bits")

# %% [markdown]
# In {numref}`fig-scale` the previous rule's estimate rises as $X$ grows. Doubling or halving $X$
# changes it by far more than the scatter of the runs. Layers do change their variance by such
# factors in training. Is that what was seen as "compression"?
# [Chapter 5](05_autoencoder_planes.ipynb) asks this question.
#
# ### Dimension
#
# Let $X$ have mean 0 and variance 1 in each dimension. Let $x_1$, $x_2$ be two independent samples
# of it. Then
#
# $$
# \mathbb{E}\left[ \|x_1 - x_2\|^2 \right] = 2d,
# \tag{28}
# $$ (eq-28)
#
# because each dimension adds $\operatorname{Var}(x_{1j}) + \operatorname{Var}(x_{2j}) = 2$. This
# needs no special distribution. The dimensions may even depend on one another:

# %%
pairs = 100 * settings.runs  # of samples
ratio = ch03.distance_ratios(pairs)
for kind in ratio.distribution.values:
    r = ratio.sel(distribution=kind, d=1000)
    mean = float(r.mean())
    error = float(r.std(ddof=1)) / math.sqrt(pairs)
    print(f"{kind:<19} |x1 - x2|²/2d: {mean:.4f} ± {error:.4f}")

# %% mystnb={"figure": {"name": "fig-concentration", "caption": "Squared distances between standardised samples, divided by 2d. Left: their distribution for independent Gaussian dimensions. Right: the standard deviation of the ratio for three distributions."}, "image": {"alt": "Left: histograms of the ratio centred on 1, broad and skewed for 1 and 10 dimensions, narrow for 100 and a spike for 1000. Right: on log axes the spread of Gaussian and of uniform dimensions falls along the square root of 2/d, from about 1.4 to 0.04. If all dimensions are copies of one value it stays at 1.4."}}
figures.distance_concentration(ratio)

# %% [markdown]
# So at a fixed width more dimensions look like a narrower kernel, and wide layers look informed.
# The proposed rule lets the width grow along:
#
# $$
# \sigma = \gamma \sqrt{d}\, N^{-1/(4+d)}.
# \tag{30}
# $$ (eq-30)
#
# Together with {eq}`eq-29`, one $\gamma$ is to serve all layers. On standardised samples
# {eq}`eq-28` holds for the sample itself, whatever its distribution. The mean over all pairs of
# different samples is $2d\,N/(N-1)$, up to $\epsilon$, if every dimension varies.
#
# ```{admonition} Reading γ
# :class: tip
# Put the typical squared distance $2d$ into the kernel with width {eq}`eq-30`. For large $d$ the
# similarity of two typical samples is $e^{-1/\gamma^2}$. So they are fairly alike for $\gamma = 2$
# ($e^{-1/4}$), and little alike for $\gamma = 0.8$ ($e^{-1/0.64}$).
# ```

# %%
generator = torch.Generator().manual_seed(1)
skewed = torch.empty(n, 50).exponential_(generator=generator)
mean = squared_distances(standardize(skewed)).sum() / (n * (n - 1))
expected = 2 * 50 * n / (n - 1)
print(f"measured {mean:.4f}, 2 d N / (N - 1) = {expected:.4f}")

# %% [markdown]
# How do the rules fare on correlated Gaussians? The truth is 0 bits for $\rho = 0$, and it grows in
# proportion to $d$ for $\rho = 0.9$. As in the paper, $\gamma = 2\sqrt{10}$ for {eq}`eq-27` and
# $\gamma = 2$ for {eq}`eq-30`, so that they agree at $d = 10$. Silverman's rule is {eq}`eq-29`
# followed by the same width for every dimension.

# %%
rules = {
    "Silverman": MatrixRenyi(SilvermanWidth()),
    "previous": previous,
    "proposed": proposed,
}
dimensions = [1, 2, 3, 10, 30, 100, 300, 1000]
information = ch03.by_rule(rules, gaussians, dimensions)

# %% [markdown]
# For $d \to \infty$ we can follow the last rule with a pencil. Independent dimensions make all
# distances alike ({numref}`fig-concentration`). Every similarity off the diagonal tends to the same
# $c = e^{-N/((N-1)\gamma^2)}$, for $A$ and for $B$. For $A \circ B$ it tends to $c^2$. This is so
# *whatever* the correlation.

# %%
c = math.exp(-n / (n - 1) / 2**2)
constant = (c * torch.ones(n, n) + (1 - c) * torch.eye(n)) / n
limit = float(mutual_information(constant, constant))
print(f"limit: {limit:.3f} bits")

# %% mystnb={"figure": {"name": "fig-dimensionality", "caption": "Estimates of the three rules for correlated Gaussians against the dimension (N = 128; mean and standard deviation of the runs). Dotted: log₂ N in (a), the limit of the proposed rule for d → ∞ in (b)."}, "image": {"alt": "Left: Silverman's rule reaches the 7-bit bound by ten dimensions and the previous rule by three hundred, both for correlation 0 and 0.9. The proposed rule stays near 1 bit. Right, the proposed rule alone: the estimate for correlation 0 rises from 0.1 to 0.85 bits. The one for 0.9 rises to 1.3 bits at three dimensions and falls again. From a hundred dimensions on, both close in on the dotted limit."}}
figures.dimensionality(information, samples=n, limit=limit)

# %% [markdown]
# In {numref}`fig-dimensionality` Silverman's rule reaches the upper bound at $d = 10$, the previous
# rule by a few hundred. The proposed rule saturates nowhere. It puts $\rho = 0.9$ above $\rho = 0$
# at every $d$. That is what the paper claims for it, and it is true.
#
# It is not the whole truth. The table shows the proposed rule alone, with the standard deviations
# over runs:

# %%
found = ch03.zero_and_range(information.sel(rule="proposed"))
ch03.range_table(found, (1, 10, 100, 1000))

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    **The zero moves.** Independent variables have no information at any dimension. The rule
    reports {zero_low:.2f} bits at one dimension and {zero_high:.2f} at a thousand. The rule
    compensates the dimension in the distances, not in the estimate.

    **The range shrinks.** The difference between $\\rho = 0$ and $0.9$ falls from
    {range_low:.2f} to {range_high:.3f} bits. Both estimates run into the limit of {limit:.3f}
    bits, which depends on $N$ and $\\gamma$ alone.
    """,
    {**ch03.range_summary(found), "limit": limit},
)

# %% [markdown]
# The scatter of the runs shrinks as well, so a small difference may still be significant. But in
# absolute terms you should compare only layers of similar width.
#
# Real layers are kinder than independent Gaussians. Their dimensions depend on one another. What
# makes distances alike is the number of *independent* directions. The third distribution in
# {numref}`fig-concentration` has one direction only, and its distances stay as different as ever.
#
# ### A width at work
#
# Here is all of it at once, for 32 samples. The table has three rules. On the book's page you move the
# width and the dimension. Watch the Gram matrix go from the identity to a constant, and its eigenvalues
# from level to a single one. The estimates go from $\log_2 N$ to 0. The dotted lines are the rules.
#
# A width is also a noise level, as [chapter 2](02_estimator.ipynb) found: $\sigma/2$ in each variable. So
# each sample gets a disc of that radius. "More samples" is the *estimand*, where the estimate tends to at
# this width. It does not stop at $\log_2 N$.

# %% tags=["hide-input"]
HTML(pictures.kernel_width())

# %% [markdown]
# ### Can shuffling mend the zero?
#
# Shuffle $Y$ against $X$ and estimate again. The pairs are then independent, and what is estimated
# is the moved zero. It is common to subtract it. The *estimand* of
# [chapter 2](02_estimator.ipynb) tells what the difference should be: the limit for many samples at
# this width. The table has bits for $N = 512$ and $d = 10$, mean and standard deviation over runs:

# %%
paired = ch03.shuffled(proposed, 512, 10, (0, 0.5, 0.9), runs)
ch03.shuffled_table(paired)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    **Shuffling mends the zero, and takes too much elsewhere.** Without correlation the difference
    is 0, as it should be. With $\\rho = 0.9$ too few samples add {added:.2f} bits to the estimand.
    Shuffling takes off {taken:.2f} bits.
    """,
    ch03.shuffled_summary(paired),
)

# %% [markdown]
# The reason: the samples are too few for the cells of the joint variable $(X, Y)$. So $S(A, B)$ is
# too small. Independent variables need the most cells, and lack the most. The stronger the
# correlation, the fewer are needed, and the less is missing. Neither the estimate nor the
# difference is near the truth: that is the work of the width.
#
# ### What standardising does not cure
#
# The paper's argument against {eq}`eq-27` is that it "is affected by linear transformations of $X$,
# whereas Shannon MI is not". {eq}`eq-29` undoes scalings of single dimensions. A linear map that
# mixes dimensions still changes the estimate. This one stretches along oblique directions, by
# factors from 1 to a condition number:

# %%
x, y = gaussians(d=10, rho=0.9)
generator = torch.Generator().manual_seed(0)
rotation, _ = torch.linalg.qr(torch.randn(10, 10, generator=generator))
for condition in (1, 10, 100):
    stretch = torch.logspace(0, math.log10(condition), 10)
    mixing = (rotation * stretch) @ rotation.T
    mapped = proposed(x @ mixing.to(device), y)
    print(f"condition {condition:<4} I = {mean_sd(mapped)} bits")

# %% [markdown]
# A rotation is enough. Let $Y$ be a rotation of $X$, whose dimensions have unequal variances. Each
# is a function of the other, so Shannon's information is the same for all pairs. Here are the
# estimates with the paper's $\gamma = 0.8$ and $N = 512$:

# %%
deviations = torch.linspace(1, 0.1, 16).sqrt()
rotation, _ = torch.linalg.qr(torch.randn(16, 16, generator=generator))
x = deviations * torch.randn(min(runs, 4), 512, 16, generator=generator)
y = x @ rotation
of_images = MatrixRenyi(ProposedWidth(0.8))
for name, pair in {
    "I(X;X)": (x, x),
    "I(X;Y)": (x, y),
    "I(Y;Y)": (y, y),
}.items():
    print(f"{name} = {mean_sd(of_images(*pair))} bits")

# %% [markdown]
# Take $Y$ as the input of a network and $X$ as its first layer. The layer then has more information
# than the corner $M = I(Y;Y)$ of the plane. $M$ is no maximum, as
# [chapter 2](02_estimator.ipynb) showed.
#
# ## Images: pixels that are almost always 0
#
# Standardising pixel by pixel goes wrong for images. Near the border of MNIST's digits some pixels
# are lit in one image of a batch and dark in all others. Such a pixel has a tiny variance, and
# {eq}`eq-29` makes it large. Say a dimension is $v$ in one of $N$ samples and 0 in the others. Its
# variance is $v^2 (N-1)/N^2$. Standardised and centred, that one value is
#
# $$
# \frac{v - v/N}{v \sqrt{N-1}/N} = \sqrt{N-1},
# $$
#
# *however faint $v$ was*. So the paper says to pool the statistics of components that belong
# together. Batch normalisation {cite}`ioffe2015` does this with the pixels of a channel. Here it
# means one mean and one variance for all 784 pixels. In the library that is `groups="all"`. The
# batches are of the test set, as in [chapter 5](05_autoencoder_planes.ipynb).

# %%
shape = settings.batches, settings.samples, 784
generator = torch.Generator().manual_seed(0)
order = torch.randperm(10_000, generator=generator)
images = mnist(train=False).double()[order[: shape[0] * shape[1]]]
images = images.reshape(shape).to(device)
scaled = {
    "per pixel": standardize(images, eps=1e-8),  # as the paper has it
    "shared": standardize(images, groups="all", eps=1e-8),
}
root = math.sqrt(shape[1] - 1)
print(f"batches x N x d: {shape}; sqrt(N - 1) = {root:.2f}")
for name, z in scaled.items():
    print(f"{name:<10} values from {z.min():.2f} to {z.max():.2f}")

# %% mystnb={"figure": {"name": "fig-standardised-images", "caption": "A test image with a pixel that is lit in no other image of its batch. It is shown as it is, with statistics per pixel, and with shared statistics. Each panel has its own colour scale, centred on 0."}, "image": {"alt": "The same handwritten digit three times. As it is and with shared statistics it looks the same. Standardised pixel by pixel the digit has all but faded. A few pixels at its rim stand out, with values above 20 at N = 512."}}
i = int(scaled["per pixel"][0].amax(-1).argmax())
views = {f"statistics {name}": z[0, i] for name, z in scaled.items()}
figures.pixel_images({"as it is": images[0, i], **views})

# %% [markdown]
# {numref}`fig-standardised-images` shows the image with the largest value. It reaches
# $\sqrt{N-1}$, as the formula says. For the Gram matrix it matters how much each pixel adds to the
# squared distances. The mean squared distance is twice the sum of the variances. So a pixel's share
# of the distance is that of its variance:

# %%
weights = ch03.pixel_weights(images, scaled)
never, rare = weights.lit == 0, ch03.rarely_lit(weights.lit)
for name, pixels in {"never": never, "in at most 5%": rare}.items():
    number = float(pixels.sum("pixel").mean())
    print(f"lit {name}: {number:.0f} pixels of 784")

rule = ProposedWidth(0.8)
paper = {"eps": 1e-8, "dimensions": "all"}
estimators = {
    "per pixel": MatrixRenyi(rule, **paper),
    "shared": MatrixRenyi(rule, groups="all", **paper),
}
entropies = ch03.entropies_of_images(estimators, images)

# %% mystnb={"figure": {"name": "fig-rare-pixels", "caption": "Statistics per pixel and shared statistics. (a) Share of the mean squared distance carried by pixels lit in at most so many of the images of the first batch. (b) Entropy and self-information of X with the proposed rule, γ = 0.8, a point a batch."}, "image": {"alt": "Left: with statistics per pixel the cumulative share leaps to about 30 percent within pixels lit in 5 percent of images. With shared statistics it stays near 2 percent there and rises evenly. Right: entropies near 5.4 bits per pixel against 5.7 bits shared. Self-information is near 3.7 against 3.9 bits."}}
figures.rare_pixels(weights.isel(batch=0), entropies)

# %% [markdown]
# How good is {eq}`eq-28` for images? Constant pixels add nothing to a distance. With shared
# statistics the variance also counts how the pixels' means differ. So the mean squared distance
# stays below $2d$. The kernel of rule {eq}`eq-30`, which takes $d = 784$ as it comes, is wider than
# intended.
#
# The spread of the distances tells how many independent directions they look like:
# $2/(\text{relative variance})$. For independent Gaussians this is $d$. The table sums up (mean and
# standard deviation over batches):

# %%
distances = ch03.distance_statistics(scaled)
ch03.image_table(weights, entropies, distances)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    **Rare pixels distort.** Pixels lit in at most one image of twenty carry {pixel_share:.0f}% of
    the mean squared distance when each is standardised alone. With shared statistics they carry
    {shared_share:.0f}%. A few images with such pixels end up far from all others, and the rest
    are pushed together. So the entropy falls.

    **The corner is not the entropy.** The self-information $I(X;X)$, the corner $M$ of the
    information plane, is {loss:.0f}% below $S(X)$ with shared statistics. The previous chapter
    tells why.

    **Pixels depend on one another.** With shared statistics 784 pixels behave like
    {directions:.0f} independent directions. That leaves the estimator a range that 784 independent
    dimensions would not leave. The mean squared distance is {ratio:.2f} of $2d$.
    """,
    ch03.image_summary(weights, entropies, distances),
)

# %% [markdown]
# Per pixel the number of directions is smaller still. The spread is then that of a few far-off
# images.
#
# ## The paper says, we find
#
# | The paper says | We find |
# |---|---|
# | $S_\alpha$ and $I_\alpha$ go to $\log N$ for $\sigma \to 0$ and to 0 for $\sigma \to \infty$. | Yes, with $N$ distinct samples. |
# | The dropped factor of Silverman's rule lies in [0.92, 1.06]. | Yes. |
# | Scaling $X$ by $a$ is replacing $\sigma$ by $\sigma/a$. | Yes, to rounding, and standardising cures it. It does not cure maps that mix dimensions. |
# | $\mathbb{E}\,\Vert x_1 - x_2 \Vert^2 = 2d$. | Yes, for any distribution. For standardised samples it is even exact, with a factor $N/(N-1)$. For images with shared statistics it is less. |
# | The proposed rule compensates the dimensionality dependency. | In the distances, and saturation is gone. In the estimate not: the zero still moves with $d$, and the range between no and strong correlation shrinks. |
# | (not mentioned) | Subtracting the estimate of shuffled pairs mends the zero. For dependent variables it takes off too much. |
# | Components with shared statistics should be normalised together. | They must be. Per pixel, a single faint pixel weighs $\sqrt{N-1}$ standard deviations, and $S(X)$ changes visibly. |
#
# ## Exercises
#
# **1. A layer grows.** During training a layer becomes three times as large, and nothing else about it
# changes. What does the rule {eq}`eq-27` show? What does {eq}`eq-30` show, after {eq}`eq-29`?
#
# :::{dropdown} Solution
# To {eq}`eq-27` it looks as if the kernel had become three times narrower. So entropy and information
# rise, although nothing was learned. {eq}`eq-29` divides the factor out, and {eq}`eq-30` shows no change.
#
# ```python
# import torch
#
# from ipae_lib import MatrixRenyi, toys
# from ipae_lib.kernels import PreviousWidth, ProposedWidth
#
# generator = torch.Generator().manual_seed(0)
# x, t = toys.correlated_gaussians(128, 10, 0.9, generator)
# previous = MatrixRenyi(PreviousWidth(6.0), standardize=False)
# proposed = MatrixRenyi(ProposedWidth(2.0))
# assert previous(x, 3 * t) > previous(x, t) + 0.1
# assert torch.isclose(proposed(x, 3 * t), proposed(x, t))
# ```
# :::
#
# **2. Half alike.** For which $\gamma$ are two typical samples of many independent dimensions half alike,
# so that their similarity is $1/2$?
#
# :::{dropdown} Solution
# The similarity of typical samples is $e^{-1/\gamma^2}$. So $\gamma = 1/\sqrt{\ln 2}$, about 1.2.
#
# ```python
# import math
#
# import torch
#
# from ipae_lib.kernels import ProposedWidth, gaussian_gram, standardize
#
# n, d = 128, 5000
# generator = torch.Generator().manual_seed(0)
# x = standardize(torch.randn(n, d, generator=generator).double())
# width = ProposedWidth(1 / math.sqrt(math.log(2)))(n, d)
# similarities = n * gaussian_gram(x, width)
# assert abs(float(similarities.median()) - 0.5) < 0.02
# ```
# :::
#
# **3. One faint pixel.** A pixel is lit in one image of 512, however faintly. Its statistics are its own.
# How much does it add to the squared distance of that image from any other? Compare it with the typical
# squared distance of images with 784 pixels.
#
# :::{dropdown} Solution
# With the value $v$, the standard deviation is $v\sqrt{N-1}/N$. So the standardised difference is
# $N/\sqrt{N-1}$, and its square is $N^2/(N-1) \approx 513$. The mean squared distance is at most
# $2 \cdot 784 = 1568$, up to a factor of $N/(N-1)$. One faint pixel adds a third of that.
#
# ```python
# import torch
#
# from ipae_lib.kernels import squared_distances, standardize
#
# pixel = torch.zeros(512, 1).double()
# pixel[0] = 0.01
# added = squared_distances(standardize(pixel))[0, 1]
# assert abs(float(added) - 512**2 / 511) < 1e-6
# ```
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
