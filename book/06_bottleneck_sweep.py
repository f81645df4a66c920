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
# # The bottleneck size
#
# ```{admonition} Result
# :class: tip
# RESULT
# ```
#
# **What you will learn**
#
# - what the size $K$ of the bottleneck changes at the end of training, and how surely that is known
#   from few networks;
# - how to say *from which $K$ on* a curve has stopped changing, by a rule and with an interval;
# - what the intrinsic dimension of a set of images is, and how it is estimated from distances;
# - why agreement of two numbers is not yet a measurement of one by the other.
#
# **In the paper**: Sec. IV-B, Fig. 9.
#
# **Runs** in a minute from the stored results.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"
recompute = False

# %%
import numpy as np
import pandas as pd
import torch
import xarray as xr
from myst_nb import glue

from ipae_lib import experiments, figures, sweep
from ipae_lib import intrinsic_dimension as intrinsic
from ipae_lib.data import mnist
from ipae_lib.plane import INPUT
from ipae_lib.theory import DECODER, ENCODER

settings = experiments.get_profile(profile)

# %% [markdown]
# ## Networks of many sizes
#
# {prf:ref}`thm-1` knows two regimes. A bottleneck that lets through less than there is,
# $\lambda < M$, makes the encoder compress down to $\lambda$; one that lets through all of it has
# every layer at $(M, M)$. Between them lies a critical $K$, and the paper reads it off the end of
# training: {numref}`fig-9` is its Fig. 9, one network or more for each $K$, all on the same test
# images.

# %% tags=["remove-stderr"]
runs = [experiments.run_or_load(run, recompute, device=device) for run in settings.sweep()]
ends = sweep.final_information(runs)
proposed = ends.sel(estimator="proposed", drop=True)
sweep.mean(proposed).sel(quantity="input_mi").to_pandas().round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-9", "caption": "Information at the end of training against the bottleneck size under the proposed rule: input MI (top) and output MI (bottom), encoder (left) and decoder (right). Means over networks and test batches with 95 % intervals: the paper’s Fig. 9."}, "image": {"alt": "ALT"}}
figures.bottleneck_sweep(proposed)

# %% [markdown]
# Each point has two sources of error. The estimate differs from one batch of test images to the
# next; and another network, trained from another seed, would have ended elsewhere. The batches are
# the same for all sizes, so the first error moves whole curves and largely cancels in their shape.
# The second does not. It is estimated from the sizes that have several networks and holds for all;
# `sweep.replicates` draws both anew, and every interval in this chapter covers 95 % of two thousand
# such draws.

# %%
spread, freedom = sweep.spread_of_networks(proposed)
spread.sel(quantity=["input_mi", "output_mi"]).to_pandas().round(3)

# %% tags=["remove-cell"]
counts = ends.isel(estimator=0, quantity=0, layer=0, batch=0).notnull().sum("seed")
spreads = spread.sel(quantity=["input_mi", "output_mi"])
glue("networks", len(runs), display=False)
glue("several", int((counts > 1).sum()), display=False)
glue("freedom", freedom, display=False)
glue("spread-min", f"{float(spreads.min()):.2f}", display=False)
glue("spread-max", f"{float(spreads.max()):.2f}", display=False)

# %% [markdown]
# The table is the standard deviation between networks of one size, in bits, pooled over the
# {glue:text}`several` sizes that have more than one ({glue:text}`freedom` degrees of freedom). It
# lies between {glue:text}`spread-min` and {glue:text}`spread-max` bits. All {glue:text}`networks`
# networks together are still few: an interval that rests on {glue:text}`freedom` degrees of freedom
# is itself uncertain.
#
# ## Does the information grow with K?
#
# The change of each layer's information up to $K = 13$, the paper's critical size, and beyond it:

# %%
sizes = ends.bottleneck_size.values
critical = int(sizes[abs(np.log2(sizes / 13)).argmin()])  # 13 if it is there


def up_to_critical(means):
    return means.sel(bottleneck_size=critical) - means.isel(bottleneck_size=0)


def beyond_critical(means):
    return means.isel(bottleneck_size=-1) - means.sel(bottleneck_size=critical)


def as_text(found, style=".2f"):
    """Values with their intervals."""

    def text(*numbers):
        mean, low, high = (f"{x:{style}}" for x in numbers)
        return f"{mean} [{low}, {high}]"

    columns = (found[name] for name in ("mean", "low", "high"))
    return xr.apply_ufunc(text, *columns, vectorize=True).to_pandas()


hidden = [*ENCODER, *DECODER]
both = proposed.sel(quantity=["input_mi", "output_mi"], layer=hidden)
pd.concat(
    {
        f"K = {sizes[0]} to {critical}": as_text(sweep.interval(both, up_to_critical)).T,
        f"{critical} to {sizes[-1]}": as_text(sweep.interval(both, beyond_critical)).T,
    },
    axis=1,
)

# %% [markdown]
# GROWTH
#
# ## Where they should be the same
#
# Two statements of the theory need no estimate of the truth. By {prf:ref}`lem-1` all layers have
# the same output MI, for any $K$ (Fig. 9c and d). And what the decoder's layers know of the input
# is what came through the bottleneck (Fig. 9b), the same for all of them in an ideal autoencoder.
# How far apart are the layers?


# %%
def range_of(quantity, layers):
    def statistic(means):
        chosen = means.sel(quantity=quantity, layer=layers)
        return chosen.max("layer") - chosen.min("layer")

    return as_text(sweep.interval(proposed, statistic))


pd.DataFrame(
    {
        "output MI, all": range_of("output_mi", hidden),
        "output MI, without Z": range_of("output_mi", [layer for layer in hidden if layer != "Z"]),
        "input MI, decoder": range_of("input_mi", list(DECODER)),
        "input MI, Z and decoder": range_of("input_mi", ["Z", *DECODER]),
    }
)

# %% [markdown]
# SAME

# %%
estimator = experiments.ESTIMATORS["proposed"]
generator = torch.Generator().manual_seed(0)


def entropy_of_normals(rank):
    """Of K random mixtures of some independent normals, mean of 5."""
    entropies = []
    for k in sizes.tolist():
        shape = (5, settings.samples, min(rank, k))
        normals = torch.randn(shape, generator=generator)
        mixing = torch.randn(5, min(rank, k), k, generator=generator)
        mixed = normals if rank >= k else normals @ mixing
        entropies.append(estimator.entropy(mixed, "Z").mean().item())
    return xr.DataArray(entropies, coords={"bottleneck_size": sizes})


controls = {
    "$K$ independent normals": entropy_of_normals(sizes[-1]),
    "$K$ mixtures of 8": entropy_of_normals(8),
    "$K$ mixtures of 4": entropy_of_normals(4),
}
entropy = proposed.sel(quantity="entropy", layer="Z")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-bottleneck-entropy", "caption": "Entropy of the bottleneck under the proposed rule at the end of training, and what the same rule gives as many samples of K independent standard normals, and of K linear mixtures of eight and of four of them. Dotted: the upper bound, the logarithm of the number of samples."}, "image": {"alt": "ALT"}}
figures.bottleneck_entropy(entropy, controls, settings.samples)

# %% [markdown]
# BOTTLENECK
#
# ## Where compression ends
#
# The compression made by the encoder layers is what its last layer lost of what its first one had,
#
# $$
# C(K) = I(X; T_1^E) - I(X; T_3^E).
# $$
#
# From which $K$ on has it "mostly disappeared"? A number needs a rule, and the rule should be fixed
# before one looks. Ours is the $K$ at which nine tenths of the change from the smallest to the
# largest bottleneck are made. The curve is first made monotone, so that a network that came out
# badly is averaged with its neighbours, and is taken as linear in $\log K$ between the sizes. A
# curve that gets there only within the last doubling of $K$ gets no number: nothing would tell its
# end from a slope that goes on. The smallest bottleneck is $K = 2$ here, the smallest whose plane
# the paper shows.

# %%
from_two = proposed.sel(bottleneck_size=slice(2, None))
curves = {
    "(a) $C$, to $T_3^E$": sweep.compression(from_two),
    "(b) compression to $Z$": sweep.compression(from_two, "Z"),
    "(c) $I(X;X')$": from_two.sel(quantity="output_mi", layer=INPUT, drop=True),
}
found = {name: sweep.transition(curve) for name, curve in curves.items()}
for name, transition in found.items():
    print(f"{name:<24} {transition}")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-transitions", "caption": "Compression (a) from the first to the last encoder layer before the bottleneck, (b) from the first encoder layer to the bottleneck, and (c) the information that gets through, against the bottleneck size, under the proposed rule. Lines and bands: means and 95 % intervals; dots: single networks. Orange: the K at which nine tenths of the change are made, with its interval. Dotted: K = 13."}, "image": {"alt": "ALT"}}
figures.transitions(curves, found)

# %% [markdown]
# TRANSITION
#
# Does the number depend on the rule? The *hinge* is the corner of the broken line that fits best,
# straight in $\log K$ before the corner and constant after it: the shape that $\min\{\lambda, M\}$
# has in {numref}`fig-exact-sweep`. The other rows take another share of the change, another
# smallest bottleneck, and the other width rule:

# %%
C, through = curves["(a) $C$, to $T_3^E$"], curves["(c) $I(X;X')$"]
previous = ends.sel(estimator="previous", drop=True).sel(bottleneck_size=slice(2, None))
variants = {
    "the rule": (C, through, {}),
    "eight tenths": (C, through, {"share": 0.8}),
    "19 twentieths": (C, through, {"share": 0.95}),
    "hinge": (C, through, {"rule": "hinge"}),
    f"from K = {sizes[0]}": (
        sweep.compression(proposed),
        proposed.sel(quantity="output_mi", layer=INPUT, drop=True),
        {},
    ),
    "previous width rule": (
        sweep.compression(previous),
        previous.sel(quantity="output_mi", layer=INPUT, drop=True),
        {},
    ),
}
pd.DataFrame(
    {
        name: {
            "C ends at K": str(sweep.transition(compressed, **options)),
            "I(X;X′) ends at K": str(sweep.transition(passed, **options)),
        }
        for name, (compressed, passed, options) in variants.items()
    }
).T

# %% [markdown]
# VARIANTS
#
# ## On the bisector?
#
# "Beyond this size", says the paper, all layers are at their maximum, "where the input MI and the
# output MI are equal". The distance from the bisector, $I(X;T) - I(T;X')$, is a difference of two
# estimates that share one layer:

# %%
gaps = sweep.interval(sweep.gap(proposed).sel(layer=hidden))
as_text(gaps.sel(bottleneck_size=[k for k in sizes if k >= critical])).T

# %% [markdown]
# GAP
#
# ## What limits the reconstruction?
#
# The theory is about ideal autoencoders. How near ideal are these? A linear yardstick is at hand:
# $K$ principal components of the training images are the best that any linear encoder and decoder
# with a bottleneck of $K$ can do.

# %%
train_images, test_images = mnist().double(), mnist(train=False).double()
centre = train_images.mean(0)
_, axes = torch.linalg.eigh((train_images - centre).T.cov())
judged = (test_images - centre)[: experiments.ERROR_IMAGES]
linear = []
for k in sizes:
    top = axes[:, -int(k) :]
    linear.append(((judged - judged @ top @ top.T) ** 2).mean().item())
linear = xr.DataArray(linear, coords={"bottleneck_size": sizes})
errors = sweep.final_errors(runs)
pd.DataFrame({"autoencoder": errors.mean("seed"), "linear": linear}, sizes).round(4).T

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-errors", "caption": "Test error at the end of training against the bottleneck size (dots: single networks), and that of as many principal components."}, "image": {"alt": "ALT"}}
figures.sweep_errors(errors, linear, (judged**2).mean().item())

# %% [markdown]
# ERRORS
#
# ## The intrinsic dimension
#
# Images of digits do not fill the space of 784 pixels; they lie near a set of far fewer dimensions,
# and how many is their *intrinsic dimension*. Around a point of a set of dimension $d$, the number
# of samples within a distance $T$ grows as $T^d$. So distances tell $d$: if $T_j$ is the distance
# from a sample to its $j$-th nearest neighbour, the estimate of {cite:t}`levina2004`, averaged as
# {cite:t}`mackay2005` advise, is
#
# $$
# \frac{1}{\hat d} = \frac{1}{N (k - 1)} \sum_{i=1}^{N} \sum_{j=1}^{k-1}
# \log \frac{T_k(x_i)}{T_j(x_i)} .
# $$
#
# With $k = 2$ it is the TwoNN estimate of {cite:t}`facco2017`, which looks no farther than it must.

# %%
neighbours = (2, 3, 5, 10, 20, 50)


def dimensions(samples):
    distances = intrinsic.neighbour_distances(samples, neighbours[-1])
    return {k: intrinsic.maximum_likelihood(distances, k) for k in neighbours}


images = {10_000 // s: dimensions(test_images[::s]) for s in (4, 2, 1)}
normals = {
    d: dimensions(torch.randn(len(test_images), d, generator=generator)) for d in (10, 13, 16)
}
pd.DataFrame(images | {f"normal, {d}": row for d, row in normals.items()}).map(str)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-intrinsic", "caption": "Estimated intrinsic dimension of MNIST’s test images against the number of neighbours, from 2,500, 5,000 and 10,000 images, with 95 % intervals over images. Grey: the same estimate from 10,000 normal samples of 10, 13 and 16 dimensions."}, "image": {"alt": "ALT"}}
figures.intrinsic_dimensions(images, normals)

# %% [markdown]
# INTRINSIC
#
# The linear counterparts are of another order:

# %%
ratio = intrinsic.participation_ratio(test_images)
components = intrinsic.principal_components(test_images, 0.95)
print(f"participation ratio of the covariance: {ratio:.1f}")
print(f"principal components for 95 % of the variance: {components}")

# %% [markdown]
# COMPARE
#
# ## The previous rule
#
# PREVIOUS

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-previous", "caption": "As Fig. 9, under the previous rule."}, "image": {"alt": "ALT"}}
figures.bottleneck_sweep(ends.sel(estimator="previous"))

# %% [markdown]
# ## Recap
#
# | the paper says | we find |
# |---|---|
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*runs))
