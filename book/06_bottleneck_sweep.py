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
# In the information plane the encoder's compression disappears as the bottleneck grows, and by
# $K = 13$ nearly all of it is gone. But the curve has no corner: where compression ends depends on the
# rule that says so, and the agreement with the intrinsic dimension of the images is one of two numbers
# that are both known only roughly.
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
live = False

# %%
import numpy as np
import pandas as pd
import torch
import xarray as xr
from myst_nb import glue

from ipae_lib import intrinsic_dimension as intrinsic
from ipae_lib.data import mnist
from ipae_lib.layers import DECODER, ENCODER, HIDDEN_LAYERS, INPUT
from study import experiments, figures, sweep

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
runs = [
    experiments.run_or_load(run, live, device=device)  # one file a run
    for run in settings.sweep()
]
ends = sweep.final_information(runs)
proposed = ends.sel(estimator="proposed", drop=True)
sweep.mean(proposed).sel(quantity="input_mi").to_pandas().round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-9", "caption": "Information at the end of training against the bottleneck size under the proposed rule: input MI (top) and output MI (bottom), encoder (left) and decoder (right). Means over networks and test batches with 95 % intervals: the paper’s Fig. 9."}, "image": {"alt": "Four panels of information against bottleneck size on a logarithmic axis. All layers rise steeply up to about K = 8 and flatten beyond. In the encoder the first layer is almost level near 4.2 bits, and the others rise to meet it; the bottleneck overshoots them in the middle and comes down again. The output MI and the decoder’s curves rise from about 2.5 to 4 bits and run close together."}}
figures.bottleneck_sweep(proposed)

# %% [markdown]
# Each point has two sources of error. The estimate differs from one batch of test images to the
# next; and another network, trained from another seed, would have ended elsewhere. The batches are
# the same for all sizes, so the first error moves whole curves and largely cancels in their shape.
# The second does not. `sweep.replicates` draws both anew, and every interval in this chapter covers
# 95 % of two thousand such draws.

# %%
spread, freedom = sweep.spread_of_networks(proposed)
if freedom.any():
    print("standard deviation of the input MI between networks, in bits")
    print(spread.sel(quantity="input_mi", layer=list(HIDDEN_LAYERS)).to_pandas().round(2))
else:
    print("one network of each size: how much networks differ is not known")

# %% tags=["remove-cell"]
counts = (~ends[:, 0, 0, 0, :, 0].isnull()).sum("seed")
repeated = counts.bottleneck_size.values[(counts > 1).values].tolist()
glue("last", int(counts.bottleneck_size[-1]), display=False)
glue("size-count", len(counts), display=False)
glue("several", int((counts > 1).sum()), display=False)
glue("freedom", int(freedom.max()), display=False)
glue("repeated", ", ".join(map(str, repeated)) or "none", display=False)

# %% [markdown]
# Of the {glue:text}`size-count` sizes {glue:text}`several` have several networks ($K$ =
# {glue:text}`repeated`). Few networks tell little of how much they differ, and small bottlenecks seem to
# differ more than large ones. So the spread is pooled over the sizes with several networks that are nearest
# in $\log K$, until it has {glue:text}`freedom` degrees of freedom, and a size with one network borrows it
# from there.
#
# ## Does the information grow with K?
#
# The change of each layer's information up to $K = 13$, the paper's critical size, and beyond it:

# %%
sizes = ends.bottleneck_size.values
critical = int(sizes[abs(np.log2(sizes / 13)).argmin()])  # 13 if it is there


def up_to_critical(means):
    return means.sel(bottleneck_size=critical) - means[{"bottleneck_size": 0}]


def beyond_critical(means):
    largest = means[{"bottleneck_size": -1}]
    return largest - means.sel(bottleneck_size=critical)


def as_text(found):
    """Values with their intervals."""

    def text(mean, low, high):
        return f"{mean:.2f} [{low:.2f}, {high:.2f}]"

    columns = (found[name] for name in ("mean", "low", "high"))
    return xr.apply_ufunc(text, *columns, vectorize=True).to_pandas()


hidden = [*ENCODER, *DECODER]
others = [layer for layer in hidden if layer != "Z"]
both = proposed.sel(quantity=["input_mi", "output_mi"], layer=hidden)
rise = sweep.interval(both, up_to_critical)
after = sweep.interval(both, beyond_critical)
columns = {
    f"K = {sizes[0]} to {critical}": as_text(rise).T,
    f"{critical} to {sizes[-1]}": as_text(after).T,
}
pd.concat(columns, axis=1)

# %% tags=["remove-cell"]
glue("rise-min", f"{float(rise['mean'].min()):.2f}", display=False)
glue("rise-max", f"{float(rise['mean'].max()):.2f}", display=False)
rest = after["mean"].sel(layer=others)
glue("after-min", f"{float(rest.min()):.2f}", display=False)
glue("after-max", f"{float(rest.max()):.2f}", display=False)
for quantity in ("input_mi", "output_mi"):
    glue(f"after-z-{quantity}", as_text(after).loc[quantity, "Z"], display=False)

# %% [markdown]
# Up to $K = 13$ all layers gain, in both quantities, from {glue:text}`rise-min` to
# {glue:text}`rise-max` bits. Beyond it the layers other than $Z$ change little, by
# {glue:text}`after-min` to {glue:text}`after-max` bits. The bottleneck loses: its input MI changes by
# {glue:text}`after-z-input_mi` bits and its output MI by {glue:text}`after-z-output_mi`. So the
# information grows with $K$, everywhere but where $K$ is itself the number of dimensions.
#
# ## Where they should be the same
#
# Two statements of the theory need no knowledge of the truth. By {prf:ref}`lem-1` all layers have
# the same output MI, whatever $K$ (Fig. 9c and d). And in an ideal autoencoder the decoder's layers
# all know of the input what came through the bottleneck (Fig. 9b). The largest difference between
# layers, in bits:


# %%
def range_of(quantity, layers):
    chosen = proposed.sel(quantity=quantity, layer=layers)
    ranges = sweep.interval(chosen, lambda m: m.max("layer") - m.min("layer"))
    return as_text(ranges)


ranges = {
    "output MI": range_of("output_mi", hidden),
    "output MI, without Z": range_of("output_mi", others),
    "input MI, decoder": range_of("input_mi", list(DECODER)),
    "input MI, Z and decoder": range_of("input_mi", ["Z", *DECODER]),
}
pd.DataFrame(ranges)

# %% tags=["remove-cell"]
places = {"two": 2, "critical": critical, "last": sizes[-1]}
keys = ("all", "others", "decoder", "through")
for place, k in places.items():
    for key, column in zip(keys, ranges.values(), strict=True):
        glue(f"range-{key}-{place}", column[k], display=False)
inputs = sweep.mean(proposed).sel(quantity="input_mi", drop=True)
above = inputs.sel(layer="Z", drop=True) - inputs.sel(layer="E3", drop=True)
glue("above-two", f"{float(above.sel(bottleneck_size=2)):.2f}", display=False)
glue("above-most", f"{float(above.max()):.2f}", display=False)
glue("above-most-size", int(above.idxmax()), display=False)
glue("above-last", f"{float(above[-1]):.2f}", display=False)

# %% [markdown]
# With $K = 2$ the output MI of the layers differs by {glue:text}`range-all-two` bits, with $K = 13$ by
# {glue:text}`range-all-critical` and with the largest $K$ by {glue:text}`range-all-last`. The paper
# names the bottleneck as the worst. Without it the three numbers are {glue:text}`range-others-two`,
# {glue:text}`range-others-critical` and {glue:text}`range-others-last`: for $K = 2$ it is not the
# bottleneck, but the encoder's other layers that differ most; for $K = 13$ it is. What the decoder's
# three layers know of the input differs by {glue:text}`range-decoder-two` bits for $K = 2$, where it
# rises from layer to layer against the DPI, {glue:text}`range-decoder-critical` for $K = 13$ and
# {glue:text}`range-decoder-last` for the largest $K$. From $Z$, which they are computed from, they lie
# up to {glue:text}`range-through-critical` bits apart for $K = 13$.
#
# $Z$ is a function of $T_3^E$ and cannot know more. It is estimated {glue:text}`above-two` bits above it
# for $K = 2$, at most {glue:text}`above-most` bits (for $K$ = {glue:text}`above-most-size`), and
# {glue:text}`above-last` bits at the end. Why does its estimate rise and then fall? All other layers keep
# their number of units, and in rule {eq}`eq-30`, $\sigma = \gamma \sqrt{d} N^{-1/(4+d)}$, theirs is a
# large $d$. For $Z$, $d = K$. To see what that does, take variables about which everything is known:
# $K$ independent normals, and $K$ linear mixtures of eight and of four of them, which hold no more
# than those, however large $K$ is ({numref}`fig-bottleneck-entropy`).

# %%
estimator = experiments.ESTIMATORS["proposed"]
generator = torch.Generator().manual_seed(0)


def entropy_of_normals(rank):
    """Of K random mixtures of so many independent normals, mean of five."""
    entropies = []
    for k in sizes.tolist():
        r = min(rank, k)
        x = torch.randn(5, settings.samples, r, generator=generator)
        if r < k:
            x = x @ torch.randn(5, r, k, generator=generator)
        entropies.append(estimator.entropy(x, "Z").mean().item())
    return xr.DataArray(entropies, coords={"bottleneck_size": sizes})


controls = {
    "$K$ independent normals": entropy_of_normals(sizes[-1]),
    "$K$ mixtures of 8": entropy_of_normals(8),
    "$K$ mixtures of 4": entropy_of_normals(4),
}
entropy = proposed.sel(quantity="entropy", layer="Z")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-bottleneck-entropy", "caption": "Entropy of the bottleneck under the proposed rule at the end of training, and what the same rule gives as many samples of K independent standard normals, and of K linear mixtures of eight and of four of them. Dotted: the upper bound, the logarithm of the number of samples."}, "image": {"alt": "Entropy in bits against bottleneck size. The dashed line of independent normals rises to nearly 8 bits and stays. The lines of mixtures of eight and of four normals follow it up to K = 8 and K = 4 and then fall. The entropy of the networks’ bottleneck rises to a maximum in the middle and then falls as the mixtures do."}}
figures.bottleneck_entropy(entropy, controls, settings.samples)

# %% tags=["remove-cell"]
average = sweep.mean(entropy)
glue("entropy-most", f"{float(average.max()):.1f}", display=False)
glue("entropy-most-size", int(average.idxmax()), display=False)
glue("entropy-last", f"{float(average[-1]):.1f}", display=False)
for label, control in zip(("own", "eight", "four"), controls.values(), strict=True):
    glue(f"{label}-most", f"{float(control.max()):.1f}", display=False)
    glue(f"{label}-last", f"{float(control[-1]):.1f}", display=False)
shrink = {k: settings.samples ** (-1 / (4 + k)) for k in (2, int(sizes[-1]))}
glue("factor-two", f"{shrink[2]:.2f}", display=False)
glue("factor-last", f"{shrink[int(sizes[-1])]:.2f}", display=False)

# %% [markdown]
# The factor $N^{-1/(4+d)}$ is {glue:text}`factor-two` in two dimensions and {glue:text}`factor-last` in
# {glue:text}`last`, so the kernel widens with $K$ even relative to the distances. Independent normals
# make up for it, since each brings something new: their entropy rises to {glue:text}`own-most` bits and
# stays there ({glue:text}`own-last` at the end). Mixtures do not. As soon as $K$ exceeds what they are
# mixtures of, their entropy falls: to {glue:text}`eight-last` bits for eight and
# {glue:text}`four-last` for four, although nothing was lost. The bottleneck of the networks rises to
# {glue:text}`entropy-most` bits at $K$ = {glue:text}`entropy-most-size` and falls to
# {glue:text}`entropy-last`. That is how a layer looks under this rule whose units grow in number faster
# than in content. It is no sign of compression.
#
# ## Where compression ends
#
# The compression made by the encoder layers is what the last of them has lost of what the first had,
#
# $$
# C(K) = I(X; T_1^E) - I(X; T_3^E).
# $$
#
# From which $K$ on has it "mostly disappeared"? A number needs a rule, and a rule is fair if it is
# fixed before the numbers are seen. Ours: the $K$ at which nine tenths of the change from the smallest
# to the largest bottleneck are made. The curve is first made monotone, so that a network that came
# out badly is averaged with its neighbours, and is linear in $\log K$ between the sizes. A curve that
# gets there only within the last doubling of $K$ gets no number, because nothing would tell its end
# from a slope that goes on. The smallest bottleneck is $K = 2$, the smallest whose plane the paper
# shows. The same rule finds where $I(X;X')$, what gets through, stops growing
# ({numref}`fig-transitions`). Compression down to $Z$ itself, panel (b), is shown without it:

# %%
from_two = proposed.sel(bottleneck_size=slice(2, None))
curves = {
    "(a) $C$, to $T_3^E$": sweep.compression(from_two),
    "(b) compression to $Z$": sweep.compression(from_two, "Z"),
    "(c) $I(X;X')$": from_two.sel(quantity="output_mi", layer=INPUT),
}
found = {
    name: sweep.transition(curve) for name, curve in curves.items() if not name.startswith("(b)")
}
for name, transition in found.items():
    print(f"{name:<20} {transition}")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-transitions", "caption": "Compression (a) from the first to the last encoder layer before the bottleneck and (b) from the first encoder layer to the bottleneck, and (c) the information that gets through, under the proposed rule. Lines and bands: means and 95 % intervals; dots: single networks. Orange: the K at which nine tenths of the change are made, with its interval. Dotted: K = 13."}, "image": {"alt": "Three panels against bottleneck size on a logarithmic axis. (a) Compression falls from about 1.4 bits at K = 2 to nearly zero at K = 13. (b) Compression to the bottleneck falls from about 1.1 bits to below zero in the middle and rises again a little. (c) What gets through rises from 2.6 to 3.7 bits and flattens. Orange lines in (a) and (c) lie to the left of the dotted line at K = 13."}}
figures.transitions(curves, found)

# %% [markdown]
# $C$ falls from {glue:text}`c-two` bits for $K = 2$ to {glue:text}`c-critical` for $K = 13$ and
# {glue:text}`c-last` at the end: of the first, {glue:text}`c-left` are left. So compression does not
# only shrink, it does disappear, nearly. Nine tenths of its fall are made at $K$ =
# {glue:text}`c-ends-rule`, and at $K = 13$ it is {glue:text}`c-done`. What gets through goes from
# {glue:text}`through-two` to {glue:text}`through-last` bits, nine tenths of it by $K$ =
# {glue:text}`through-ends-rule`; at $K = 13$ it is {glue:text}`through-done`. Panel (b) is another
# matter. The paper excludes the bottleneck from its claim "after $K = 2$", and rightly: for $K = 13$ the
# bottleneck is estimated above $T_1^E$, and its compression comes out as {glue:text}`z-critical` bits.
#
# Does the answer depend on the rule? The *hinge* is the corner of the broken line that fits best,
# straight in $\log K$ before the corner and constant after it, much as $\min\{\lambda, M\}$ is in
# {numref}`fig-exact-sweep`. The other rows take another share of the change, and all sizes from the
# smallest.

# %%
compressed, _, through = curves.values()
pair = compressed, through
passed = proposed.sel(quantity="output_mi", layer=INPUT)
whole = sweep.compression(proposed), passed


def where_they_end(curves, **rule):
    return [str(sweep.transition(curve, **rule)) for curve in curves]


answers = {
    "the rule": where_they_end(pair),
    "eight tenths": where_they_end(pair, share=0.8),
    "19 twentieths": where_they_end(pair, share=0.95),
    "hinge": where_they_end(pair, rule="hinge"),
    f"from K = {sizes[0]}": where_they_end(whole),
}
pd.DataFrame(answers, ["C ends at K", "I(X;X′) ends at K"]).T

# %% tags=["remove-cell"]
rules = ("rule", "eight", "nineteen", "hinge", "all")
for name, texts in zip(rules, answers.values(), strict=True):
    for curve, text in zip(("c", "through"), texts, strict=True):
        glue(f"{curve}-ends-{name}", text, display=False)
to_z = curves["(b) compression to $Z$"]
for name, curve in {"c": compressed, "z": to_z, "through": through}.items():
    at = as_text(sweep.interval(curve))
    for place, k in places.items():
        glue(f"{name}-{place}", at[k], display=False)


def per_cent(values, statistic):
    share = 100 * sweep.interval(values, statistic)
    mean, low, high = (float(share[name]) for name in ("mean", "low", "high"))
    return f"{mean:.0f} % [{low:.0f}, {high:.0f}]"


def done(means):
    start, end = (means[{"bottleneck_size": index}] for index in (0, -1))
    return (means.sel(bottleneck_size=critical) - start) / (end - start)


def left(means):
    return means[{"bottleneck_size": -1}] / means[{"bottleneck_size": 0}]


glue("c-left", per_cent(compressed, left), display=False)
glue("c-done", per_cent(compressed, done), display=False)
glue("through-done", per_cent(through, done), display=False)

# %% [markdown]
# It does. Between eight tenths and 19 twentieths of the change, the end of
# compression moves from $K$ = {glue:text}`c-ends-eight` to {glue:text}`c-ends-nineteen`; the hinge puts
# it at {glue:text}`c-ends-hinge`. A curve that bends without a corner has no critical point for a rule
# to find. That compression "mostly disappears after $K = 13$" is compatible with these networks, of whose
# fall {glue:text}`c-done` is made there; that 13 is *the* size at which it does would need a rule, and the
# paper gives none.
#
# ## On the bisector?
#
# "Beyond this size, all layers are mostly stabilized in their maximum value, where the input MI and
# the output MI are equal." The distance from the bisector, $I(X;T) - I(T;X')$, from the paper's
# critical size on:

# %%
gaps = sweep.interval(sweep.gap(proposed).sel(layer=hidden))
as_text(gaps.sel(bottleneck_size=slice(critical, None))).T

# %% tags=["remove-cell"]
overall = sweep.gap(proposed).sel(layer=hidden)
overall = as_text(sweep.interval(overall, lambda m: m.mean("layer")))
for place, k in places.items():
    glue(f"gap-{place}", overall[k], display=False)
lows = gaps["low"].sel(bottleneck_size=slice(critical, None))
glue("gap-low", f"{float(lows.min()):.2f}", display=False)
ends_at = gaps["mean"].sel(bottleneck_size=sizes[-1])
glue("gap-min", f"{float(ends_at.min()):.2f}", display=False)
glue("gap-max", f"{float(ends_at.max()):.2f}", display=False)
m = float(inputs.sel(layer=INPUT)[-1])
glue("m", f"{m:.2f}", display=False)
glue("last-E1", f"{float(inputs.sel(layer='E1')[-1]):.2f}", display=False)
outside = (inputs.sel(layer=hidden)[-1] > m).sum()
glue("outside", int(outside), display=False)

# %% [markdown]
# Averaged over the layers, the distance is {glue:text}`gap-two` bits for $K = 2$,
# {glue:text}`gap-critical` for $K = 13$ and {glue:text}`gap-last` for the largest $K$; there, from
# {glue:text}`gap-min` to {glue:text}`gap-max` for single layers. It is small; from $K = 13$ on, the lower end
# of every interval is at or above {glue:text}`gap-low` bits. All layers stop
# short of the bisector, as they must where $X'$ is not $X$. Nor is their maximum the theory's,
# $M = I(X;X)$: that is estimated at {glue:text}`m` bits, and {glue:text}`outside` of the seven layers lie
# above it, $T_1^E$ at {glue:text}`last-E1`. $X$ is standardised with statistics shared by all pixels and
# the layers dimension by dimension, so that the two have no common scale.
#
# ## What limits the reconstruction?
#
# The theory is about ideal autoencoders. How near ideal are these? A linear yardstick is at hand:
# $K$ principal components of the training images are the best that a linear encoder and decoder with
# a bottleneck of $K$ can do on them.

# %%
train_images, test_images = mnist(), mnist(train=False)
centre = train_images.mean(0)
_, axes = torch.linalg.eigh((train_images - centre).T.cov())
judged = (test_images - centre)[: experiments.ERROR_IMAGES]
linear = []
for k in sizes.tolist():
    top = axes[:, -k:]
    linear.append(((judged - judged @ top @ top.T) ** 2).mean().item())
linear = xr.DataArray(linear, coords={"bottleneck_size": sizes})
errors = sweep.final_errors(runs)
table = {"autoencoder": errors.mean("seed"), "linear": linear}
pd.DataFrame(table, sizes).round(4).T

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-errors", "caption": "Test error at the end of training against the bottleneck size (dots: single networks), and that of as many principal components."}, "image": {"alt": "Test error per pixel against bottleneck size, both axes logarithmic. The autoencoders’ error falls from 0.035 at K = 2 to below 0.01, always below that of as many principal components, and still falls beyond K = 13."}}
figures.sweep_errors(errors, linear, (judged**2).mean().item())

# %% tags=["remove-cell"]
for place, k in places.items():
    error = float(errors.mean("seed").sel(bottleneck_size=k))
    glue(f"error-{place}", f"{error:.4f}", display=False)
    glue(f"linear-{place}", f"{float(linear.sel(bottleneck_size=k)):.4f}", display=False)
error = errors.mean("seed")
fall = 100 * (1 - float(error[-1] / error.sel(bottleneck_size=critical)))
glue("error-fall", f"{fall:.0f}", display=False)
growth = sweep.mean(through)
growth = 100 * (float(growth[-1] / growth.sel(bottleneck_size=critical)) - 1)
glue("through-rise", f"{growth:.0f}", display=False)

# %% [markdown]
# The autoencoders are far better than linear: their error is {glue:text}`error-critical` for $K = 13$
# ({glue:text}`linear-critical` with principal components) and {glue:text}`error-last` for the largest
# $K$ ({glue:text}`linear-last`). But it has not stopped falling where the information has. From
# $K = 13$ to the largest $K$ the error falls by {glue:text}`error-fall` %, and $I(X;X')$ rises by
# {glue:text}`through-rise` %. An estimate that compares images through a kernel of fixed width does not
# see details much finer than this width. What looks like the end of a restriction is in part the end
# of the estimator's resolution.
#
# ## The intrinsic dimension
#
# Images of digits do not fill the space of 784 pixels. They lie near a set of far fewer dimensions,
# and how many is their *intrinsic dimension*. Around a point of a set of dimension $d$, the number
# of samples within a distance $T$ grows as $T^d$, so distances tell $d$. If $T_j(x)$ is the distance
# from a sample $x$ to its $j$-th nearest neighbour, the estimate of {cite:t}`levina2004`, averaged
# as {cite:t}`mackay2005` advise, is
#
# $$
# \frac{1}{\hat d} = \frac{1}{N (k - 1)} \sum_{i=1}^{N} \sum_{j=1}^{k-1}
# \ln \frac{T_k(x_i)}{T_j(x_i)} .
# $$
#
# With $k = 2$ it is the TwoNN estimate of {cite:t}`facco2017`, which looks no farther than it must.
# Few neighbours are near and see noise; many are far and see curvature and changes of density. So
# there is not one answer but a curve over $k$, and over the number of images. As a yardstick,
# {numref}`fig-intrinsic` and the table have normal samples of known dimension, as many as images.

# %%
neighbours = (2, 3, 5, 10, 20, 50)


def dimensions(samples):
    distances = intrinsic.neighbour_distances(samples, neighbours[-1])
    return {k: intrinsic.maximum_likelihood(distances, k) for k in neighbours}


n = len(test_images)
images = {n // step: dimensions(test_images[::step]) for step in (4, 2, 1)}
normals = {}
for d in (10, 13, 16):
    normals[d] = dimensions(torch.randn(n, d, generator=generator))
columns = {f"{count:,} images": row for count, row in images.items()}
columns |= {f"normal, {d}": row for d, row in normals.items()}
pd.DataFrame(columns).map(str)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-intrinsic", "caption": "Estimated intrinsic dimension of MNIST’s test images against the number of neighbours, from a quarter, half and all of them, with 95 % intervals over images. Grey: the same estimate from as many normal samples of 10, 13 and 16 dimensions."}, "image": {"alt": "Estimated dimension against neighbours from 2 to 50 on a logarithmic axis. Three parallel falling lines for 2,500, 5,000 and 10,000 images, the more images the higher, between 10 and 14. Grey lines of normal samples fall as well, each below its dimension; the one of 13 dimensions runs close to the line of 10,000 images."}}
figures.intrinsic_dimensions(images, normals)

# %% [markdown]
# And two linear counterparts, from the variances $\lambda_i$ along the principal components: the
# participation ratio $(\sum \lambda_i)^2 / \sum \lambda_i^2$, and how many components hold 95 % of the
# variance.

# %%
ratio = intrinsic.participation_ratio(test_images)
components = intrinsic.principal_components(test_images, 0.95)
print(f"participation ratio: {ratio:.1f}, components for 95 %: {components}")

# %% tags=["remove-cell"]
glue("ratio", f"{ratio:.0f}", display=False)
glue("components", components, display=False)
for k in (2, 10, 50):
    glue(f"dimension-{k}", str(images[n][k]), display=False)
    glue(f"dimension-quarter-{k}", str(images[n // 4][k]), display=False)
    glue(f"normal-{k}", f"{normals[13][k].value:.1f}", display=False)

# %% [markdown]
# With all images the estimate is {glue:text}`dimension-2` for two neighbours, {glue:text}`dimension-10`
# for ten and {glue:text}`dimension-50` for fifty. Normal samples of 13 dimensions give
# {glue:text}`normal-2`, {glue:text}`normal-10` and {glue:text}`normal-50`; a set of MNIST's size behaves
# as one of 13 dimensions or a little more does. With a quarter of the images the first is
# {glue:text}`dimension-quarter-2`: the estimate has not converged, and more images would raise it
# further. The linear counterparts, {glue:text}`ratio` and {glue:text}`components`, are larger, since a
# curved set extends into more directions than it has dimensions.
#
# So 13 agrees with 13. Does the sweep measure the intrinsic dimension? Three things speak against
# taking the agreement for more than that. The size at which compression ends moves with the rule, from
# {glue:text}`c-ends-eight` to {glue:text}`c-ends-nineteen`. The dimension moves with the number of
# neighbours and of images, by two or three. And the two need not be the same: a set of $d$ dimensions
# may need up to $2d$ coordinates to be laid out without overlap, as a circle needs two, so a
# bottleneck of $d$ units may be too small for a perfect autoencoder. What {cite:t}`yu2019` postulated
# is compatible with the data at this precision; the data do not single it out.
#
# ## The previous rule
#
# The same networks, seen through the width rule {eq}`eq-27`:

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-previous", "caption": "Information at the end of training of the same networks under the previous rule, drawn as in Fig. 9."}, "image": {"alt": "Four panels as in Fig. 9. In the encoder the first layer is far above the others at every bottleneck size, the last and the bottleneck lie near the bottom; in the decoder the last layers rise with K to the top, far above the bottleneck."}}
previous = ends.sel(estimator="previous", drop=True)
figures.bottleneck_sweep(previous)

# %% tags=["remove-cell"]
before = previous.sel(bottleneck_size=slice(2, None))
at = as_text(sweep.interval(sweep.compression(before)))
was = sweep.mean(previous).sel(quantity="input_mi")
for place, k in places.items():
    glue(f"previous-c-{place}", at[k], display=False)
    for layer in ("E1", "E3", "Z", "D3"):
        value = float(was.sel(layer=layer, bottleneck_size=k))
        glue(f"previous-{layer}-{place}", f"{value:.2f}", display=False)

# %% [markdown]
# Here compression does not disappear. $C$ is {glue:text}`previous-c-two` bits for $K = 2$ and
# {glue:text}`previous-c-last` for the largest $K$: one $\sigma$ serves layers of 1,000 and of 250 units,
# and what looks like compression is their number. $T_3^E$ is said to know {glue:text}`previous-E3-two`
# bits with $K = 2$ and {glue:text}`previous-E3-last` with the largest $K$; what
# changes with $K$ is $T_1^E$, from {glue:text}`previous-E1-two` to {glue:text}`previous-E1-last`.
# $T_3^D$ reads {glue:text}`previous-D3-last` bits at the end, where the bottleneck that it is computed
# from reads {glue:text}`previous-Z-last`. Only the proposed rule makes the comparison of
# {numref}`fig-9` possible.
#
# ## Recap
#
# | the paper says | we find |
# |---|---|
# | The MI grows with $K$. | Yes, up to $K = 13$ by {glue:text}`rise-min` to {glue:text}`rise-max` bits; beyond, by at most {glue:text}`after-max`, and $Z$ loses. |
# | The MIs that should be the same for any $K$ differ, specially that of the bottleneck. | Yes: the output MI by {glue:text}`range-all-two` bits for $K = 2$ and {glue:text}`range-all-last` for $K$ = {glue:text}`last`. The bottleneck's comes from its own number of units in the width rule. |
# | The compression made by the encoder layers mostly disappears after $K = 13$. | Yes: {glue:text}`c-done` at $K = 13$; nine tenths by $K$ = {glue:text}`c-ends-rule`. There is no corner, and other rules say {glue:text}`c-ends-eight` to {glue:text}`c-ends-nineteen`. |
# | Beyond this size all layers are mostly stabilised in their maximum value. | Within {glue:text}`after-max` bits, except $Z$. The reconstruction goes on improving, by {glue:text}`error-fall` %. |
# | There, input MI and output MI are equal. | Not quite: they differ by {glue:text}`gap-last` bits on average. |
# | $K = 13$ is an approximation of the intrinsic dimensionality of the data. | It agrees with {glue:text}`dimension-50` to {glue:text}`dimension-2` by nearest neighbours; neither number is known well enough to test it. |
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*runs))
