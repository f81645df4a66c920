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
# The encoder's compression disappears as the bottleneck grows, and by $K = 13$ most of it is gone.
# In truth it shrinks to little, too, under noise of a layer's total deviation. Under noise of one level much
# of it stays. And the curve has no corner: where compression ends depends on the rule that says so. The critical
# size agrees with the intrinsic dimension of the images, but both numbers are known only roughly.
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
import pandas as pd
import torch
import xarray as xr

from ipae_lib.data import mnist
from ipae_lib.layers import HIDDEN_LAYERS, INPUT
from study import experiments, figures, sweep
from study import intrinsic_dimension as intrinsic
from study.chapters import ch05, ch06, ch10
from study.text import say

settings = experiments.get_profile(profile)

# %% [markdown]
# ## Networks of many sizes
#
# The theory knows two kinds of bottleneck ({prf:ref}`thm-1`). One lets through less than there is,
# $\lambda < M$, and the encoder compresses down to $\lambda$. The other lets through everything, and
# every layer is at $(M, M)$. Between them lies a critical $K$, and the paper reads it off the end of
# training. Its Fig. 9 is drawn anew here ({numref}`fig-9`), with two networks or more for each $K$, all
# on the same test images. They are trained in the first of the two ways of
# [chapter 5](05_autoencoder_planes.ipynb), on the summed error and from Glorot's weights. The second way comes
# [below](another-way). First the input MI of every layer, in bits:


# %% tags=["remove-stderr"]
def result(run):
    return experiments.run_or_load(run, live, device=device)


plateau = experiments.mean_image_error(images=10_000)
cells = ch10.cells_of(
    settings, result, plateau, live, experiments.PRINCIPAL
)
every_end = {
    title: sweep.final_records(cell.sizes)
    for title, cell in cells.items()
}
ends = every_end["sum, Glorot"]
proposed = ends.sel(estimator="proposed", drop=True)
numbers = ch06.summary(proposed, ends.test_error)
ch06.table(sweep.mean(proposed.input_mi)).round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-9", "caption": "Information at the end of training against the bottleneck size, under the proposed rule. Top: input MI; bottom: output MI. Left: encoder; right: decoder. Lines and bands: means over networks and test batches with 95% intervals. This is the paper’s Fig. 9."}, "image": {"alt": "Four panels of information against bottleneck size on a logarithmic axis. Most layers rise steeply up to about K = 8 and flatten beyond. In the encoder the first layer rises little, from 3.7 to 4.2 bits, and the others rise to meet it. The bottleneck rises above them in the middle and comes down again. The output MI and the decoder’s curves rise from between 1.2 and 2.1 bits to about 4, and run close together."}}
figures.bottleneck_sweep(proposed)

# %% [markdown]
# Each point has two sources of error. The estimate differs from one batch of test images to the next.
# And another network, trained from another seed, would have ended elsewhere. The batches are the same
# for all sizes. So the first error moves whole curves, and largely cancels in their shape. The second
# does not. `sweep.replicates` draws both anew, and every interval in this chapter covers 95% of two
# thousand such draws.
#
# How much do networks differ that differ in their seed alone? The standard deviation of their input MI,
# in bits:

# %%
ch06.networks(proposed)

# %% [markdown]
# Most sizes have two networks. That tells little of how much they differ, while small
# bottlenecks seem to differ more than large ones. So a size borrows. Its spread is pooled over the nearest
# sizes in $\log K$, until it has four degrees of freedom.
#
# ## Does the information grow with K?
#
# The paper's critical size is $K = 13$. How the information of each layer changes up to there, in bits:

# %%
sizes = proposed.bottleneck_size.values.tolist()
critical = sweep.critical_size(proposed)
ch06.changes(proposed, sizes[0], critical)

# %% [markdown]
# And from there to the largest bottleneck:

# %%
ch06.changes(proposed, critical, sizes[-1])

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
Up to $K = 13$ every layer gains on both axes, by {rise_least:.2f} to {rise_most:.2f}
bits. Beyond it, the layers other than $Z$ change by at most {rest_most:.2f} bits.
"""
say(text, numbers)

# %% [markdown]
# The bottleneck itself loses beyond $K = 13$, on both axes. Its number of dimensions is $K$ itself. $T_1^E$
# stays, and the other layers still gain a little.
#
# ## Where they should be the same
#
# Two statements of the theory can be checked without knowing the truth.
#
# - All layers have the same output MI, whatever $K$ ({prf:ref}`lem-1`; Fig. 9c and d).
# - In an ideal autoencoder, all layers of the decoder know of the input what came through the bottleneck
#   (Fig. 9b).
#
# The largest difference between such layers, in bits:

# %%
ch06.differences(proposed)

# %% [markdown]
# They do differ. The paper names the bottleneck as the worst. For $K = 13$ it is, and without it half of
# the difference is gone. For $K = 2$ it is not: there the other layers of the encoder differ most.
#
# The three layers of the decoder agree for $K = 13$. For $K = 2$ they do not: their input MI rises from
# layer to layer, against the data processing inequality. In an ideal autoencoder they would be level
# with $Z$. For middle sizes they lie well below it.
#
# $Z$ is a function of $T_3^E$. Where layers pass on what is measured of them, it holds no more. Yet for
# middle sizes its estimate is far above that of $T_3^E$. Why does it rise and then fall? In rule {eq}`eq-30`, $\sigma = \gamma \sqrt{d} N^{-1/(4+d)}$,
# the width depends on the number of units $d$. All other layers keep theirs, and it is large. For $Z$,
# $d = K$. To see what that does, take variables about which everything is known
# ({numref}`fig-bottleneck-entropy`): $K$ independent normals, and $K$ random linear mixtures of eight and
# of four normals. However large $K$ is, such mixtures hold no more than the eight or the four. The entropies
# are means over twenty draws.

# %%
estimator = experiments.ESTIMATORS["proposed"]
generator = torch.Generator().manual_seed(0)


def entropy_of_normals(mixed=None):
    """Of K independent normals, or of K mixtures of so many."""
    entropies = []
    for k in sizes:
        count = mixed or k
        x = torch.randn(20, settings.samples, count, generator=generator)
        if mixed:
            x = x @ torch.randn(20, mixed, k, generator=generator)
        entropies.append(estimator.entropy(x, "Z").mean().item())
    return xr.DataArray(entropies, coords={"bottleneck_size": sizes})


controls = {
    "K independent normals": entropy_of_normals(),
    "K mixtures of 8": entropy_of_normals(8),
    "K mixtures of 4": entropy_of_normals(4),
}
entropy = proposed.entropy.sel(layer="Z")
table = {"Z of the networks": sweep.mean(entropy), **controls}
table = pd.DataFrame(table, pd.Index(sizes, name="K")).round(1)
factor = [settings.samples ** (-1 / (4 + k)) for k in sizes]
table.assign(factor=factor).round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-bottleneck-entropy", "caption": "Entropy of the bottleneck under the proposed rule at the end of training. For comparison, the same rule on as many samples of K independent standard normals, and of K random linear mixtures of eight and of four normals. These are means of twenty draws. Dotted: the upper bound, the logarithm of the number of samples."}, "image": {"alt": "Entropy in bits against bottleneck size. The dashed line of independent normals rises to nearly 8 bits and stays. The lines of mixtures of eight and of four normals bend away from it, have flat tops near K = 7 and K = 4, and fall slowly beyond. The entropy of the networks’ bottleneck rises to a maximum in the middle and then falls slowly, too."}}
figures.bottleneck_entropy(entropy, controls, settings.samples)

# %% [markdown]
# The last column of the table is the factor $N^{-1/(4+d)}$ of the rule. It grows with $K$: the kernel
# widens even relative to the distances. Independent normals make up for it, since each brings something
# new. Their entropy rises and stays. Mixtures do not make up for it. Their entropy rises until $K$ is near
# the number of normals that are mixed. Beyond, it falls slowly, although nothing was lost.
#
# Mixing has a price of its own. Eight mixtures of eight normals are as good as the normals. But their units
# are correlated, {eq}`eq-29` does not undo that ([chapter 3](03_kernel_width.ipynb)), and they are estimated
# lower.
#
# The bottleneck of the networks does much the same: its entropy rises to a maximum and then falls slowly. So
# does a layer under this rule whose units grow in number faster than in content. Such a fall alone is no sign
# of compression.
#
# ## Where compression ends
#
# The compression made by the encoder layers is what the last of them has lost of what the first had,
#
# $$
# C(K) = I(X; T_1^E) - I(X; T_3^E).
# $$
#
# From which $K$ on has it "mostly disappeared"? A number needs a rule, and a rule is fair if it is fixed
# before the numbers are seen. Ours was in the code before these networks were trained.
# It is the $K$ at which nine tenths of the change are made, from $K = 2$ to
# the largest bottleneck. $K = 2$ is the smallest size whose plane the paper shows.
#
# - The curve is first made monotone. So a network that came out badly is averaged with its neighbours.
# - Between the sizes the curve is linear in $\log K$.
# - A curve that gets there only within the last doubling of $K$ gets no number. Nothing would tell its
#   end from a slope that goes on.
#
# The same rule finds where $I(X;X')$, what gets through, stops growing.

# %%
from_two = proposed.sel(bottleneck_size=slice(2, None))
curves = {
    "C": sweep.compression(from_two),
    "compression to Z": sweep.compression(from_two, "Z"),
    "I(X;X′)": from_two.output_mi.sel(layer=INPUT),
}
found, made = {}, {}
for name in ("C", "I(X;X′)"):
    found[name] = sweep.transition(curves[name])
    share = sweep.interval(curves[name], ch06.made)
    made[name] = sweep.interval_text(share, digits=0).item()
table = {"nine tenths made at K": found, "made at K = 13 [%]": made}
pd.DataFrame(table).map(str)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-transitions", "caption": "(a) Compression from the first encoder layer to the last before the bottleneck. (b) Compression from the first encoder layer to the bottleneck. (c) The information that gets through. All under the proposed rule. Lines and bands: means and 95% intervals; dots: single networks. Orange: the K at which nine tenths of the change are made, with its interval. Dotted: K = 13."}, "image": {"alt": "Three panels against bottleneck size on a logarithmic axis. (a) Compression falls from about 1.4 bits at K = 2 to nearly zero at K = 13. (b) Compression to the bottleneck falls from about 1.1 bits to below zero in the middle and rises again to 0.1 bits. (c) What gets through rises from 2.6 to 3.7 bits and flattens. The orange line lies on the dotted line at K = 13 in (a), and to the left of it in (c)."}}
figures.transitions(curves, found)

# %% [markdown]
# $C$ falls to almost nothing ({numref}`fig-transitions`). So compression does not only shrink, it does
# disappear, nearly. By $K = 13$ most of its fall is made, and most of the rise of $I(X;X')$.
#
# Panel (b) is another matter, and the rule is not applied to it. The paper excludes the bottleneck from
# its claim "after $K = 2$", and rightly. For $K = 13$ the bottleneck is estimated above $T_1^E$, and its compression comes
# out negative. The curves in numbers, in bits:

# %%
table = {}
for name, curve in curves.items():
    table[name] = sweep.interval_text(sweep.interval(curve)).to_pandas()
pd.DataFrame(table).rename_axis("K")

# %% [markdown]
# Does the answer depend on the rule? The *hinge* is the corner of the broken line that fits best:
# straight in $\log K$ before the corner and constant after it. The exact curve $\min\{\lambda, M\}$ has
# such a corner ({numref}`fig-exact-sweep` of chapter 1). The other rows take another share of the change,
# or all sizes from the smallest.


# %%
def where_they_end(plane, **rule):
    """C and I(X;X′)."""
    curves = sweep.compression(plane), plane.output_mi.sel(layer=INPUT)
    return [str(sweep.transition(curve, **rule)) for curve in curves]


answers = {
    "the rule": where_they_end(from_two),
    "eight tenths": where_they_end(from_two, share=0.8),
    "19 twentieths": where_they_end(from_two, share=0.95),
    "hinge": where_they_end(from_two, rule="hinge"),
    f"from K = {sizes[0]}": where_they_end(proposed),
}
pd.DataFrame(answers, ["C ends at K", "I(X;X′) ends at K"]).T

# %% [markdown]
# It does. From eight tenths to 19 twentieths of the change, the end of compression moves from below
# $K = 13$ to above it. A curve that bends without a corner has no critical point for a rule to find.
# That compression "mostly disappears after $K = 13$" is compatible with these networks. That 13 is *the*
# size at which it does would need a rule, and the paper gives none.
#
# ## On the bisector?
#
# "Beyond this size, all layers are mostly stabilized in their maximum value, where the input MI and
# the output MI are equal," says the paper. The table has the distance from the bisector,
# $I(X;T) - I(T;X')$, from the paper's critical size on, in bits. Its last column is the least lower end
# of the layers' intervals.

# %%
gaps = sweep.interval(sweep.gap(proposed).sel(layer=list(HIDDEN_LAYERS)))
gaps = gaps.sel(bottleneck_size=slice(critical, None))
table = ch06.table(gaps["mean"]).round(2)
table.assign(least=gaps["low"].min("layer").round(2))

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
Averaged over the layers, the distance is {gap_critical:.2f} bits for $K = 13$ and
{gap:.2f} bits for the largest $K$.
"""
say(text, numbers)

# %% [markdown]
# It is small, but no interval reaches zero. All layers stop short of the bisector.
#
# Nor is their maximum $I(X;X)$, the column $X$ of the first table. For the largest $K$ all seven layers lie
# above it. That breaks no law: for this estimator $I(X;X)$ is not the largest $I(X;T)$
# ([chapter 2](02_estimator.ipynb)). [Chapter 5](05_autoencoder_planes.ipynb) has a control, and shows that the
# statistics of $X$ are not the cause. What no $I(X;T)$ exceeds is $\min\{S(X), S(T)\}$.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
That bound is kept. Of all layers, sizes, networks and batches, the largest share of it is {bound:.2f}. The
largest share of $I(X;X)$ is {itself:.2f}.
"""
say(text, ch05.shares_of_bounds(proposed))

# %% [markdown]
# ## What limits the reconstruction?
#
# The theory is about ideal autoencoders. How near ideal are these? There is a linear yardstick: $K$
# principal components of the training images. No linear encoder and decoder with a bottleneck of $K$ can
# do better on them.

# %%
train_images, test_images = mnist(), mnist(train=False)
centre = train_images.mean(0)
_, axes = torch.linalg.eigh((train_images - centre).T.cov())
judged = test_images - centre


def linear_error(k):
    top = axes[:, -k:]
    return ((judged - judged @ top @ top.T) ** 2).mean().item()


linear = [linear_error(k) for k in sizes]
linear = xr.DataArray(linear, coords={"bottleneck_size": sizes})
table = {"autoencoder": ends.test_error.mean("seed"), "linear": linear}
pd.DataFrame(table, sizes).round(4).rename_axis("K")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-errors", "caption": "Test error at the end of training against the bottleneck size, and that of as many principal components. Dots: single networks."}, "image": {"alt": "Test error per pixel against bottleneck size, both axes logarithmic. The autoencoders’ error falls from 0.046 at K = 1 to below 0.01. It is always below that of as many principal components, and still falls beyond K = 13."}}
figures.sweep_errors(ends.test_error, linear, plateau)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
The autoencoders are far better than linear, and their error still falls where the
information has stopped growing. From $K = 13$ to the largest $K$ the error falls by
{error_fall:.0f}%, while $I(X;X')$ rises by {through_rise:.0f}%.
"""
say(text, numbers)

# %% [markdown]
# An estimate that compares images through a kernel of fixed width does not see details much finer than
# this width. What looks like the end of a restriction is in part the end of the estimator's resolution.
#
# ## The intrinsic dimension
#
# Images of digits do not fill the space of 784 pixels. They lie near a set of far fewer dimensions, and
# their number is the *intrinsic dimension*. Around a point of a set of dimension $d$, the number of
# samples within a distance $T$ grows as $T^d$. So distances tell $d$. Let $T_j(x)$ be the distance from a
# sample $x$ to its $j$-th nearest neighbour. The estimate of {cite:t}`levina2004`, averaged as
# {cite:t}`mackay2005` advise, is
#
# $$
# \frac{1}{\hat d} = \frac{1}{N (k - 1)} \sum_{i=1}^{N} \sum_{j=1}^{k-1}
# \ln \frac{T_k(x_i)}{T_j(x_i)} .
# $$
#
# With $k = 2$ it is the TwoNN estimate of {cite:t}`facco2017`, which looks no farther than it must.
# Few neighbours are near and see noise. Many are far and see curvature and changes of density. So there
# is not one answer but a curve over $k$, and over the number of images ({numref}`fig-intrinsic`). As a
# yardstick, the last three columns have normal samples of known dimension $d$, as many as images.

# %%
neighbours = (2, 3, 5, 10, 20, 50)


def dimensions(samples):
    near = intrinsic.neighbour_distances(samples, neighbours[-1])
    return {k: intrinsic.maximum_likelihood(near, k) for k in neighbours}


n = len(test_images)
images = {
    n // step: dimensions(test_images[::step]) for step in (4, 2, 1)
}
normals = {}
for d in (10, 13, 16):
    normals[d] = dimensions(torch.randn(n, d, generator=generator))

table = {f"{count:,} images": row for count, row in images.items()}
table = pd.DataFrame(table).map(str).rename_axis("k")
for d, row in normals.items():
    table[f"d = {d}"] = [f"{row[k].value:.1f}" for k in neighbours]
table

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-intrinsic", "caption": "Estimated intrinsic dimension of MNIST’s test images against the number of neighbours, from a quarter, half and all of them, with 95% intervals over images. Grey: the same estimate from as many normal samples of 10, 13 and 16 dimensions."}, "image": {"alt": "Estimated dimension against neighbours from 2 to 50 on a logarithmic axis. Three parallel falling lines for 2,500, 5,000 and 10,000 images, the more images the higher, between 10 and 14. Grey lines of normal samples fall as well, each below its dimension; the one of 13 dimensions runs close to the line of 10,000 images."}}
figures.intrinsic_dimensions(images, normals)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
With all images the estimate falls from {two.value:.1f} for two neighbours to
{most.value:.1f} for fifty.
"""
say(text, two=images[n][2], most=images[n][50])

# %% [markdown]
# The images behave as normal samples of about 13 dimensions do. With fewer images all
# estimates are lower: they have not converged, and more images would raise them further.
#
# There are two linear counterparts, from the variances $\lambda_i$ along the principal components. One is
# the participation ratio $(\sum \lambda_i)^2 / \sum \lambda_i^2$. The other is how many components hold
# 95% of the variance.

# %%
ratio = intrinsic.participation_ratio(test_images)
components = intrinsic.principal_components(test_images, 0.95)
print(
    f"participation ratio {ratio:.1f}; components for 95%: {components}"
)

# %% [markdown]
# Both are larger, since a curved set extends into more directions than it has dimensions.
#
# So 13 agrees with 13. Does the sweep measure the intrinsic dimension? Three things speak against taking
# the agreement for more than that.
#
# - The size at which compression ends moves with the rule.
# - The dimension moves by two or three with the number of neighbours and of images.
# - The two need not be the same. A set of $d$ dimensions may need up to $2d$ coordinates to be laid out
#   without overlap, as a circle needs two. So a bottleneck of $d$ units may be too small for a perfect
#   autoencoder.
#
# {cite:t}`yu2019` postulated that the critical size is the intrinsic dimension. At this precision the data
# are compatible with that. They do not single it out.
#
# ## The previous rule
#
# The same networks, seen through the width rule {eq}`eq-27`:

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-previous", "caption": "Information at the end of training of the same networks under the previous rule, drawn as those under the proposed rule above."}, "image": {"alt": "Four panels as in Fig. 9. In the encoder the first layer is far above the others at every bottleneck size, the last and the bottleneck lie near the bottom. In the decoder the last layers rise with K to the top, far above the bottleneck."}}
previous = ends.sel(estimator="previous", drop=True)
figures.bottleneck_sweep(previous)

# %%
at = {"bottleneck_size": sorted({2, critical, sizes[-1]})}
shown = at | {"layer": ["E1", "E3", "Z", "D3"]}
inputs = sweep.mean(previous.input_mi).sel(shown)
C = sweep.compression(previous.sel(bottleneck_size=slice(2, None)))
C = sweep.interval(C).sel(at)
ch06.table(inputs).round(2).assign(C=sweep.interval_text(C))

# %% [markdown]
# Here compression does not disappear: $C$ is large for every $K$. One $\sigma$ serves layers of 1,000 and
# of 250 units, and a layer of more units is read as holding more. $T_3^E$ is said to know little, for the
# largest $K$ as for $K = 2$. Of these two layers $T_1^E$ changes more with $K$, and it falls. $T_3^D$ reads far more
# at the end than the bottleneck, from which it is computed. Layers of other sizes can be compared by the
# proposed rule, as in {numref}`fig-9`, and not by this one.
#
# (another-way)=
# ## Another way to train
#
# Half the sum and four times the weights make other networks. Loss and weights change together, so neither
# alone can be named as the cause of what differs. So many networks there are, with their mean test errors:

# %%
_, second = every_end.values()
ch06.both_ways(every_end)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
By the second way the networks of the smallest bottleneck end at errors from {least:.3f} to {most:.3f}. Each
had been at {before:.3f} or below. The error jumps in their training, so how they end is in part chance.
"""
say(text, ch06.smallest(cells["½ sum, 4 × Glorot"].sizes))

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-second", "caption": "Information at the end of training under the proposed rule, of networks that were trained on half the sum and from four times Glorot’s weights. Drawn as those of the first way to train above."}, "image": {"alt": "Four panels as in Fig. 9. The bands are wide at K = 1, and the layers rise steeply from there to K = 2. In the encoder the bottleneck rises to about 4.6 bits and stays. The first layer is nearly level from K = 4 on, and the others rise to meet it and end a little above it. In the decoder the last layer lies above the first up to about K = 24, where all meet."}}
other = second.sel(estimator="proposed", drop=True)
figures.bottleneck_sweep(other)

# %% [markdown]
# The compression $C$ of both ways, in bits:

# %%
other_from_two = other.sel(bottleneck_size=slice(2, None))
table = {}
for title, plane in zip(
    every_end, (from_two, other_from_two), strict=True
):
    found = sweep.interval(sweep.compression(plane))
    table[title] = sweep.interval_text(found).to_pandas()
pd.DataFrame(table).rename_axis("K")

# %% [markdown]
# And where it ends by the second way:

# %%
answers = {
    "the rule": where_they_end(other_from_two),
    "hinge": where_they_end(other_from_two, rule="hinge"),
}
pd.DataFrame(answers, ["C ends at K", "I(X;X′) ends at K"]).T

# %% [markdown]
# Here, too, the compression falls as the bottleneck grows, and most of its fall is made by $K = 13$. But it
# goes on below zero. $T_3^E$ is computed from $T_1^E$. Where layers pass on what is measured of them, it holds
# no more. In truth, below, the compression under noise of the total deviation stays above zero. So the
# estimate goes farther than this truth. It has a price. The rule of
# nine tenths finds no end, and the hinge puts it beyond $K = 13$. What gets through, $I(X;X')$, stops growing
# near where it does by the first way.
#
# For large $K$ the errors of the first way are higher than those of the second. So networks of this size can
# do better, and the way to train has a part in where the curves flatten. What more updates would change is
# not known.
#
# ## In truth
#
# Two rules, two answers. Which one is true? [Chapter 5](05_autoencoder_planes.ipynb) computes the
# information of a network without an estimator. Here it is done at the end of training, for the same networks
# of both ways to train. As there, noise of one level is the same for all layers, and noise
# of the total deviation follows the scale of a layer. Noise in units of the layer's deviation is in the table
# alone. It takes a copied unit for a new one.

# %% [markdown]
# The compression by the encoder is $I(X;T_1^E) - I(X;T_3^E)$ as before, now in shares of the whole. For a rule
# the whole is $S(X)$, in truth it is $M$ ({numref}`fig-sweep-truth`).

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-sweep-truth", "caption": "Two rules beside a truth that each is like, at the end of training. Top: compression by the encoder; bottom: the information that gets through; both as shares of the whole. Left and right: two ways to train. Lines: means over networks; dots: single networks. Dotted: K = 13."}, "image": {"alt": "Four panels against bottleneck size on a logarithmic axis. Top: the previous rule and the truth under noise of one level stay above two fifths for every size. The proposed rule and the truth under noise of the total deviation fall from about a fifth at K = 2 to a few hundredths or less. Bottom: all four curves rise steeply at first and flatten, in truth at nine tenths or more, by the rules lower."}}
figures.sweep_in_truth(ch06.sweeps_in_truth(cells))

# %%
ch06.compression_in_truth(cells).dropna()

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
Under noise of the total deviation the encoder of $K = 2$ loses {total_two:.0%} of the whole or more.
Beyond $K = 13$ it loses at most {total_beyond:.0%}. Under noise of one level it loses
{one_beyond:.0%} or more there.

How much is left of the compression of $K = 2$, on average over the sizes beyond $K = 13$? Under noise of
the total deviation it is {left_least:.0%} by the one way to train, and {left_most:.0%} by the other.

At $K = 13$, {through:.0%} of the whole or more gets through under noise of the total deviation.
"""
say(text, ch06.told_in_truth(cells))

# %% [markdown]
# So each rule has the course of a truth, roughly. How much the truth falls with $K$ under noise of one level,
# the previous rule misses.
#
# Of the paper's finding, one part is decided in truth under noise of the total deviation. The
# [ledger](10_claims.ipynb) finds that the compression shrinks as $K$ grows, by both ways to train. The other
# part is not decided by either: that a tenth of it or less is left beyond $K = 13$, and that more is left
# before. On average more than a tenth is left beyond. In units of the layer's deviation the compression does
# not shrink at all. What goes through grows on beyond $K = 13$ in truth.
#
# What can you do with it? To see from which size on a bottleneck is wide enough, look at a
# measure that does not depend on a layer's scale. And look at the error as well: it still falls when the
# information hardly grows.
#
# Dots are single networks here, and their spread is all that is known. The [ledger](10_claims.ipynb) decides
# the claims on the bottleneck size, from two networks or more of each.
#
# ## Recap

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
| the paper says | we find, by the first way to train |
|---|---|
| The MI grows with $K$. | Yes, up to $K = 13$. Beyond, it grows little, and $Z$ loses. |
| The MIs that should be the same for any $K$ differ, specially that of the bottleneck. \
| Yes. The bottleneck's comes from its own number of units in the width rule. |
| The compression made by the encoder layers mostly disappears after $K = 13$. \
| Yes: {compression_made:.0f}% of its fall are made there. But there is no corner, \
and other rules say other sizes. In truth it depends on the noise: under that of the total deviation it \
shrinks, and it is not decided whether a tenth or less is left. |
| Beyond this size all layers are mostly stabilised in their maximum value. \
| Within {rest_most:.2f} bits, except $Z$. The reconstruction goes on improving. |
| There, input MI and output MI are equal. | Not quite: they differ by {gap:.2f} bits. |
| $K = 13$ is an approximation of the intrinsic dimensionality of the data. \
| It agrees. Neither number is known well enough to test it. |
"""
say(text, numbers)

# %% [markdown]
# ## Exercises
#
# **1. Nine tenths.** A curve of compression has 1.4 bits at $K = 2$, then 0.6, 0.1, 0 and 0 bits at $K = 4$, 8,
# 16 and 32. At which $K$ are nine tenths of the change made?
#
# :::{dropdown} Solution
# The change is 1.4 bits, so 0.14 bits are left. The curve passes them between $K = 4$ and 8. It is linear in
# $\log K$ there, which gives $K \approx 7.6$.
#
# ```python
# import numpy as np
#
# sizes, compression = [2, 4, 8, 16, 32], [1.4, 0.6, 0.1, 0, 0]
# k = 2 ** np.interp(-0.14, np.negative(compression), np.log2(sizes))
# assert abs(k - 4 * 2**0.92) < 1e-9
# ```
# :::
#
# **2. A circle.** The images of a set show one object, turned by every angle. What is the intrinsic dimension
# of the set? How many units does the bottleneck of a perfect autoencoder need?
#
# :::{dropdown} Solution
# The set is a circle, of dimension one. But a continuous map from a circle to a line takes some value twice: on
# the way there and on the way back. So one unit of a continuous encoder gives two images the same code. Two units
# can lay out the circle. The critical size is then two, and the dimension is one.
# :::
#
# **3. A sheet in twenty dimensions.** Draw samples uniformly from a square, and place it into 20 dimensions by a
# linear map. What dimension does the maximum-likelihood estimate give with ten neighbours?
#
# :::{dropdown} Solution
# About two. Linear maps stretch the square, but at small distances it stays a sheet.
#
# ```python
# import torch
#
# from study import intrinsic_dimension as intrinsic
#
# generator = torch.Generator().manual_seed(0)
# square = torch.rand(2000, 2, generator=generator).double()
# placed = square @ torch.randn(2, 20, generator=generator).double()
# near = intrinsic.neighbour_distances(placed, 10)
# assert abs(intrinsic.maximum_likelihood(near, 10).value - 2) < 0.2
# ```
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
runs = [run for cell in cells.values() for run in cell.sizes]
print(experiments.footer(*runs))
