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
# # Autoencoder planes
#
# ```{admonition} Result
# :class: tip
# Trained to the end, a large bottleneck shows a compression phase under the previous kernel-width
# rule and none under the proposed one, on the same networks, images and iterations: the paper's
# main finding holds. What the previous rule calls compression is the variance of the layers, which
# falls; it also puts layers of the decoder bits above the bottleneck they are computed from. The
# proposed rule removes that, but ends with all layers of the large one to the right of $M$, which is as
# impossible.
# ```
#
# **What you will learn**
#
# - which choices that the paper leaves open decide whether its autoencoder learns at all;
# - how the information plane of any torch model is recorded;
# - what the planes of a small and of a large bottleneck look like under both width rules, and how
#   far each is from the theory, in bits;
# - how closely the previous rule's estimates follow the variance of the layers;
# - how much of what one sees depends on $\gamma$, on $\alpha$ and on how often one looks.
#
# **In the paper**: Sec. IV-B, Figs. 5 to 8; Fig. 9 is in [chapter 6](06_bottleneck_sweep.ipynb).
#
# **Runs** in seconds from the stored results, which are trainings of the paper's size; made anew,
# a plane takes half an hour on one CPU core or more.

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
from torch import nn

from ipae_lib import theory
from ipae_lib.data import mnist
from ipae_lib.layers import HIDDEN_LAYERS, INPUT
from ipae_lib.models import Autoencoder
from ipae_lib.plane import InformationPlane
from study import experiments, figures
from study.claims.planes import (
    alike_dynamics,
    compression_phase,
    plane_evidence,
    seen_dynamics,
)
from study.claims.statistics import rank_correlation

settings = experiments.get_profile(profile)

# %% [markdown]
# ## The autoencoder
#
# MNIST {cite}`lecun1998` has 60,000 training and 10,000 test images of handwritten digits, with
# 28 × 28 pixels scaled to $[0, 1]$. The autoencoder of {cite:t}`yu2019` and {cite:t}`tapia2020`,
# drawn in {numref}`fig-5`, squeezes the 784 pixels through three encoder layers into $K$ numbers,
# the bottleneck $Z$, and unfolds them through three decoder layers into the reconstruction $X'$.
# Each layer is a sigmoid of an affine map; only the bottleneck is linear.

# %% mystnb={"figure": {"name": "fig-5", "caption": "The autoencoder of the experiments. Every layer is fully connected to the next; the numbers are widths, and the heights their square roots. The bottleneck size K varies."}, "image": {"alt": "Nine vertical bars in a row joined by arrows: X with 784 units, encoder layers of 1,000, 500 and 250, the bottleneck Z with K units, decoder layers of 250, 500 and 1,000, and X prime with 784."}}
figures.architecture(Autoencoder(bottleneck_size=32))

# %% [markdown]
# ### What the paper leaves open
#
# The network is trained on the squared error between $X$ and $X'$ by stochastic gradient descent:
# learning rate 0.1, momentum 0.5, batches of 100. Two choices are not stated: whether the squared
# error is averaged or summed over the pixels, and how the weights are drawn at the start. An
# average makes each step 784 times smaller than a sum, and small weights make it smaller still; and
# a network of sigmoids with small steps stays where it goes first, which is to answer each image
# with the mean of all images. {numref}`fig-loss` shows the test error of four networks with $K = 32$
# that differ in these two choices alone.


# %% tags=["remove-stderr"]
def result(run):
    return experiments.run_or_load(run, live, device=device)


runs = {
    k: [result(run) for run in settings.planes() if run.bottleneck_size == k]
    for k in settings.plane_sizes
}
planes = {k: experiments.join_seeds(seeds) for k, seeds in runs.items()}
losses = [result(run) for run in settings.losses()]

# %%
test_images = mnist(train=False)
judged = test_images[: experiments.ERROR_IMAGES]
plateau = nn.functional.mse_loss(mnist().mean(0).expand_as(judged), judged).item()
names = ["mean, torch's default", "mean, Glorot", "sum, torch's default"]
errors = {name: loss.test_error for name, loss in zip(names, losses, strict=True)}
last = int(losses[0].iteration[-1])
errors["sum, Glorot"] = runs[32][0].test_error.sel(iteration=slice(last))
for name, error in errors.items():
    updates = int(error.iteration[-1])
    print(f"{name:<22} {float(error[-1]):.4f} after {updates:,} updates")
print(f"{'mean image':<22} {plateau:.4f}")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-loss", "caption": "Test error of four networks with K = 32: the squared error averaged or summed over pixels, and torch's default or Glorot-uniform initial weights with zero biases. The grey line is the error of answering with the mean image."}, "image": {"alt": "Test error per pixel against iteration. All four curves fall to the line of the mean image. Three stay on it; the one with summed error and Glorot weights leaves it near iteration one thousand and falls well below."}}
figures.learning_curves(errors, plateau)

# %% tags=["remove-cell"]
glue("mean-default", f"{float(errors[names[0]][-1]):.3f}", display=False)
glue("mean-glorot", f"{float(errors[names[1]][-1]):.3f}", display=False)
glue("sum-default", f"{float(errors[names[2]][-1]):.3f}", display=False)
glue("sum-glorot", f"{float(errors['sum, Glorot'][-1]):.3f}", display=False)
glue("plateau", f"{plateau:.3f}", display=False)
glue("loss-updates", f"{int(losses[0].iteration[-1]):,}", display=False)
glue("seeds", planes[32].sizes["seed"], display=False)
glue("batches", planes[32].sizes["batch"], display=False)

# %% [markdown]
# The mean image has an error of {glue:text}`plateau` a pixel. With the average, neither
# initialisation has left it after {glue:text}`loss-updates` updates: {glue:text}`mean-default` and
# {glue:text}`mean-glorot`. The sum alone is not enough either, {glue:text}`sum-default` with torch's
# default weights; together with Glorot-uniform weights and zero biases it is at
# {glue:text}`sum-glorot`. The planes in the paper clearly belong to networks that learn, so from
# here on the error is summed over the pixels and averaged over the batch, and the weights are
# Glorot-uniform.
#
# ## Recording a plane
#
# *Definition 2* puts each layer at the point $(I(X;T), I(T;X'))$. To record it, run fixed test
# images through the model, read the layers, and give each pair to an estimator. `InformationPlane`
# does that for any torch module and any number of estimators. Here it looks at an untrained
# network, through both rules at once:

# %%
model = Autoencoder(bottleneck_size=32, generator=torch.Generator().manual_seed(0))
batches = test_images[: 2 * settings.samples].reshape(2, settings.samples, -1)
plane = InformationPlane(model, HIDDEN_LAYERS, batches, experiments.ESTIMATORS)
untrained = plane.record()
untrained.information.mean("batch").sel(quantity="input_mi").to_pandas().round(2)

# %% [markdown]
# The two estimators are those of the paper:
#
# | | width | standardised | $\gamma$ |
# |---|---|---|---|
# | `previous` | {eq}`eq-27` | no | 25 for $Z$, 5 for all others |
# | `proposed` | {eq}`eq-30` | {eq}`eq-29`; $X$ and $X'$ with statistics shared by all pixels | 0.8 |
#
# One cell of that table, by the definitions alone:

# %%
estimator = experiments.ESTIMATORS["proposed"]
with torch.no_grad():
    layer = model.E3(model.E2(model.E1(batches)))
by_hand = estimator(batches, layer, x_name=INPUT).mean().item()
recorded = untrained.input_mi.sel(estimator="proposed", layer="E3")
print(f"by hand {by_hand:.3f} bits, recorded {recorded.mean().item():.3f} bits")

# %% [markdown]
# ## The planes under the previous rule
#
# {numref}`fig-6` takes the estimator of {cite:t}`yu2019`. Each line is one layer of one network on
# its way from the start to the end of training, averaged over the {glue:text}`batches` test batches;
# number of networks of each size, from different seeds: {glue:text}`seeds`. A large marker stands at the
# mean of their ends, with the standard deviation over seeds, or of a single one over its batches. The
# shaded area
# is the feasible triangle of the theory, with $M = I(X;X)$ as the same estimator gives it.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-6", "caption": "Information planes under the previous rule, for K = 2 (top) and K = 32 (bottom). Each line is one layer's path during training; large markers are the end, with the standard deviation over seeds, or of a single one over its test batches. Shaded: the feasible triangle."}, "image": {"alt": "Four panels of input MI against output MI, encoder left and decoder right. For K = 2 all paths rise from near the origin to the right and end below the bisector, far from one another. For K = 32 they rise likewise, then the paths of the encoder, the bottleneck and the first decoder layer turn back towards the left and end on the bisector, while the last two decoder layers go on to the upper right corner."}}
figures.information_planes(
    {f"$K$ = {k}": run.information.sel(estimator="previous") for k, run in planes.items()}
)

# %% [markdown]
# All layers set out near the origin: before training, the layers vary so little from one image to
# the next that a width of a few units takes all images for the same one. As the networks learn, the
# points move up and to the right. With $K = 2$ they do so to the end, and stay
# {glue:text}`distance-previous-2` bits from the bisector on average. With $K = 32$ most layers turn
# round. Their input MI falls while the reconstruction still improves, and they end on the bisector,
# {glue:text}`distance-previous-32` bits from it on average: the *compression phase* that
# {cite:t}`yu2019` describe. But look where the layers end. $T_3^D$ is a function of $Z$ alone, and
# yet it is said to hold {glue:text}`last-excess-previous-32` bits more about the input.
#
# ## The planes under the proposed rule
#
# {numref}`fig-7` shows the same networks, at the same iterations and on the same images. Only
# the kernel width has changed. The dotted line marks $I(X;X')$ at the end of training with $K = 2$,
# what this bottleneck lets through.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-7", "caption": "The same networks and iterations as in the figure before, under the proposed rule. The dotted line is the information that the bottleneck of two units lets through, I(X;X′) at the end."}, "image": {"alt": "Four panels of input MI against output MI, encoder left and decoder right. Encoder paths start on the right at zero output MI, move left while the output MI is small, then turn and climb. For K = 2 they end spread out below the bisector, decoder layers close to it; for K = 32 all end close together on the bisector, to the right of the triangle's edge, and none turns back."}}
through = {
    k: run.output_mi.sel(estimator="proposed", layer=INPUT).isel(iteration=-1).mean()
    for k, run in planes.items()
}
figures.information_planes(
    {f"$K$ = {k}": run.information.sel(estimator="proposed") for k, run in planes.items()},
    restrictions={"$K$ = 2": float(through[2])},
)

# %% [markdown]
# The picture is another one. An untrained encoder already tells the images apart once its
# activations are standardised, so its layers start far to the right. While the network retreats to
# the mean image, its deeper layers come to agree on one direction of variation and their input MI
# falls; when it starts to reconstruct, the paths turn and climb towards the bisector. For $K = 2$
# the encoder layers stop at different distances from it, which is the compression that the theory
# asks of a small bottleneck. For $K = 32$ all layers climb to the end, close together.
#
# Where a layer ends, in bits, averaged over batches and seeds:

# %%
networks = {
    (rule, f"K = {k}"): run.information.isel(iteration=-1)
    .sel(estimator=rule, quantity="input_mi")
    .mean("batch")
    for rule in experiments.ESTIMATORS
    for k, run in planes.items()
}
ends = {name: network.mean("seed").to_series() for name, network in networks.items()}
pd.DataFrame(ends).T.round(2)

# %% tags=["remove-cell"]
for (rule, size), end in ends.items():
    key = f"{rule}-{size[4:]}"
    glue(f"last-excess-{key}", f"{end['D3'] - end['Z']:.2f}", display=False)
    glue(f"span-{key}", f"{end['E1'] - end['E3']:.2f}", display=False)
    glue(f"bottleneck-{key}", f"{end['Z'] - end['E3']:.2f}", display=False)
    glue(f"m-{key}", f"{end[INPUT]:.2f}", display=False)
    beyond = end[list(HIDDEN_LAYERS)].mean() - end[INPUT]
    glue(f"beyond-{key}", f"{beyond:.2f}", display=False)
    run = planes[int(size[4:])].information.isel(iteration=-1).sel(estimator=rule)
    gap = run.sel(quantity="input_mi") - run.sel(quantity="output_mi")
    distance = float(gap.sel(layer=list(HIDDEN_LAYERS)).mean())
    glue(f"distance-{key}", f"{distance:.2f}", display=False)
deviations = [float(network.std("seed", ddof=1).max()) for network in networks.values()]
several = planes[32].sizes["seed"] > 1
between = f"{max(deviations):.2f} bits" if several else "not known from one seed"
glue("between-seeds", between, display=False)

# %% [markdown]
# The largest standard deviation between seeds of any number in this table:
# {glue:text}`between-seeds`.
#
# With $K = 32$ the previous rule puts $T_3^D$ above $Z$ by {glue:text}`last-excess-previous-32` bits;
# the theory allows nothing above 0, and under the proposed rule the difference is
# {glue:text}`last-excess-proposed-32` bits. From $T_1^E$ to $T_3^E$ the proposed rule sees a fall of
# {glue:text}`span-proposed-2` bits for $K = 2$ and of {glue:text}`span-proposed-32` bits for
# $K = 32$: compression in the encoder of the small bottleneck and none in that of the large one, as
# the theory says.
#
# Two things are out of line. For $K = 2$ the bottleneck is estimated
# {glue:text}`bottleneck-proposed-2` bits above $T_3^E$, of which it is a function; the paper notes
# the same of its Fig. 9: two dimensions and 250 do not share one scale even with $\sqrt{d}$ in the
# width. And for $K = 32$ the layers end {glue:text}`beyond-proposed-32` bits *above* $M$ on
# average, although nothing can hold more about the input than the input: $X$ is standardised with
# statistics shared by all pixels and the layers dimension by dimension
# ([chapter 3](03_kernel_width.ipynb)), so the two do not share one scale either.
#
# ## Compression, layer by layer
#
# A *compression phase* is a fall of $I(X;T)$ that follows the fitting. Count the time from when
# $I(X;X')$ has first reached half of its final value, and take the difference between the largest
# input MI from then on and the one at the end, in bits:

# %%
phases = {
    (rule, f"K = {k}"): xr.concat(
        [compression_phase(run.mean("batch"), rule, layer) for layer in HIDDEN_LAYERS],
        dim=pd.Index(HIDDEN_LAYERS, name="layer"),
    )
    for rule in experiments.ESTIMATORS
    for k, run in planes.items()
}
pd.DataFrame({name: fall.mean("seed").to_series() for name, fall in phases.items()}).T.round(2)

# %% tags=["remove-cell"]
fall = phases["previous", "K = 32"].mean("seed")
glue("fall-most", f"{float(fall.max()):.2f}", display=False)
glue("fall-last", f"{float(fall.sel(layer='D3')):.2f}", display=False)
others = [f for name, f in phases.items() if name != ("previous", "K = 32")]
glue("fall-others", f"{max(float(f.max()) for f in others):.2f}", display=False)

# %% [markdown]
# Under the previous rule and for the large bottleneck the fall is up to {glue:text}`fall-most` bits,
# on average over the networks, and {glue:text}`fall-last` for $T_3^D$, as the paper says of it. Everywhere
# else, for the small bottleneck and under the proposed rule, it is at most {glue:text}`fall-others` bits in
# any network.
#
# ## Held to the theory
#
# Three statements hold for every autoencoder at every iteration, trained or not (see
# {prf:ref}`lem-1` and {eq}`eq-13`): the input MI does not rise from one layer to the next, the
# output MI is the same for all layers, and no layer leaves the triangle. `theory.check_plane`
# measures by how many bits a recorded plane breaks each of them.

# %%
checks = {k: theory.check_plane(run.mean("batch")) for k, run in planes.items()}
tests = {
    "forward_total": "(a) rises of input MI",
    "output_spread": "(b) spread of output MI",
    "outside_total": "(c) outside the triangle",
}
pd.DataFrame(
    {
        (f"K = {k}", test): check[test].isel(iteration=-1).mean("seed").to_series()
        for k, check in checks.items()
        for test in tests
    }
).T.round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-checks", "caption": "By how many bits the recorded planes break what holds for every autoencoder: (a) sum of the rises of the input MI from one layer to the next, (b) largest minus smallest output MI, (c) distance from the feasible triangle, summed over layers. Lines: means over seeds; bands: from the least seed to the most."}, "image": {"alt": "Three panels against the iteration. Under the previous rule the rises of the input MI and the spread of the output MI grow from zero to several bits; under the proposed rule they fall to about one bit or less. The layers lie outside the triangle under the proposed rule early in training, and again late, most for K = 32."}}
figures.theory_violations({f"K = {k}": check for k, check in checks.items()}, tests)

# %% tags=["remove-cell"]
for k, check in checks.items():
    for rule in experiments.ESTIMATORS:
        end = check.isel(iteration=-1).mean("seed").sel(estimator=rule)
        for test in tests:
            glue(f"{test}-{rule}-{k}", f"{float(end[test]):.2f}", display=False)

# %% [markdown]
# At the end of training with $K = 32$, the rises of the input MI add up to
# {glue:text}`forward_total-previous-32` bits under the previous rule and
# {glue:text}`forward_total-proposed-32` under the proposed one, and the output MI differs between
# layers by up to {glue:text}`output_spread-previous-32` and {glue:text}`output_spread-proposed-32`
# bits. For $K = 2$ the same numbers are {glue:text}`forward_total-previous-2` and
# {glue:text}`forward_total-proposed-2`, and {glue:text}`output_spread-previous-2` and
# {glue:text}`output_spread-proposed-2`. The absolute sizes compare fairly only together with the
# range: $M$ is {glue:text}`m-previous-32` bits for the previous rule and
# {glue:text}`m-proposed-32` for the proposed one.
#
# The proposed rule has a weakness of its own, panel (c): it sees encoder layers outside the
# triangle, to the right of $M$, before the networks learn, and all layers of the large bottleneck at
# the end, there by {glue:text}`outside_total-proposed-32` bits together. Under the previous rule
# that sum is {glue:text}`outside_total-previous-32` bits.
#
# ## Variance
#
# Why does the previous rule move at all? A width that does not follow the scale of a layer reads
# growing variance as growing information. {numref}`fig-8` shows the variance of the layers during
# training.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-8", "caption": "Variance of each layer during training, mean over its dimensions and the test batches. The bottleneck, whose variance is far larger, has an axis of its own. Lines: means over seeds; bands: from the least seed to the most."}, "image": {"alt": "Six panels of variance against iteration for K = 2 and K = 32. Variances stay near zero for the first thousand iterations and then rise steeply, the bottleneck's to the largest values. For K = 2 they rise to the end; for K = 32 they reach a maximum near iteration ten thousand and fall, except that of the last decoder layer."}}
figures.variances({f"$K$ = {k}": run.variance for k, run in planes.items()})

# %% [markdown]
# Does the estimate follow the variance? The rank correlation, over the iterations, between a
# layer's variance and its input MI tells; 1 means that the two always rise and fall together.


# %%
def correlation(run, rule):
    information = run.information.sel(
        estimator=rule, quantity="input_mi", layer=list(HIDDEN_LAYERS)
    ).mean("batch")
    variance = run.variance.sel(layer=list(HIDDEN_LAYERS)).mean("batch")
    return rank_correlation(information, variance)


correlations = {
    (rule, f"K = {k}"): correlation(run, rule)
    for rule in experiments.ESTIMATORS
    for k, run in planes.items()
}
pd.DataFrame(
    {name: values.mean("seed").to_series() for name, values in correlations.items()}
).T.round(2)

# %% tags=["remove-cell"]
for rule in experiments.ESTIMATORS:
    both = [float(v.mean()) for (r, _), v in correlations.items() if r == rule]
    glue(f"correlation-{rule}", f"{sum(both) / len(both):.2f}", display=False)

# %% [markdown]
# On average over layers and both sizes it is {glue:text}`correlation-previous` for the previous rule
# and {glue:text}`correlation-proposed` for the proposed one. For $K = 2$ all variances rise nearly to the
# end, with small setbacks in some networks, and so does the previous rule's information. For $K = 32$ they reach a maximum and fall by up
# to {glue:text}`variance-fall` %, all but that of $T_3^D$, and so does the information, all but that
# of $T_3^D$. This is how the paper explains the compression that {cite:t}`yu2019` report; it also
# warns that a correlation is no cause. And the two do not go together step by step: in the late
# phase alone, from when half the final $I(X;X')$ is reached, the correlations are

# %%
from_half = {}
for k, run in planes.items():
    through_all = run.output_mi.sel(estimator="previous", layer=INPUT).mean("batch")
    late = (through_all >= through_all.isel(iteration=-1) / 2).all("seed")
    from_half[f"K = {k}"] = correlation(run.isel(iteration=late.values), "previous")
pd.DataFrame({k: v.mean("seed").to_series() for k, v in from_half.items()}).T.round(2)

# %% tags=["remove-cell"]
variance = planes[32].variance.mean(["batch", "seed"]).sel(layer=list(HIDDEN_LAYERS))
lost = 1 - variance.isel(iteration=-1) / variance.max("iteration")
glue("variance-fall", f"{float(lost.max()) * 100:.0f}", display=False)
glue("late-first", f"{float(from_half['K = 32'].sel(layer='E1').mean()):.2f}", display=False)

# %% [markdown]
# In the first encoder layer the variance has long been falling while the information still rises
# ({glue:text}`late-first`): the mean variance of a layer's units is not all that the width is
# compared with.
#
# ## Does γ decide what we see?
#
# The paper tried $\gamma \in [0.1, 10]$ and says that the dynamics can be seen in most of them.
# {numref}`fig-gamma` draws the planes of one network of each size for five values.

# %%
scans = {
    f"$K$ = {k}": seeds[0][["gamma_scan", "alpha_scan"]].dropna("iteration")
    for k, seeds in runs.items()
}

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-gamma", "caption": "Planes of one network of each size under the proposed rule for five values of γ; the shaded triangle is that of the same γ."}, "image": {"alt": "Ten small planes: K = 2 above and K = 32 below, gamma from 0.1 to 10. The paths have the same bent shape in all of them, but the axes shrink from nine bits to a hundredth of a bit; at the large gammas the bottleneck of K = 2 leaves the triangle."}}
figures.gamma_planes(scans, (0.1, 0.32, 1, 3.2, 10))

# %% [markdown]
# The size changes by orders of magnitude, from everything to next to nothing; the course does not.
# How much alike are they? Take, for each $\gamma$, the rank correlation over the iterations of every
# layer's input and output MI with that of the paper's $\gamma = 0.8$, and average; 1 means that all
# rise and fall together.

# %%
evidence = plane_evidence(runs[2], runs[32], settings.plane_sizes, plateau)
pd.DataFrame(
    {
        f"K = {k}": alike_dynamics(scan).to_series()
        for k, scan in zip(runs, evidence.scans.values(), strict=True)
    }
).T.round(2)

# %% tags=["remove-cell"]
seen_small, seen_large = (seen_dynamics(scan) for scan in evidence.scans.values())
glue("gammas", seen_small.sizes["gamma"], display=False)
glue("seen-compression", int((seen_small.compression > 0).sum()), display=False)
glue("seen-none", int((seen_large.phase <= 0).sum()), display=False)

# %% [markdown]
# Around the paper's value the courses hardly differ. Towards either end of the range they do: a
# small width sees every layer near the bound, a large one sees so little that what remains has
# another order. And the two findings themselves? Let what counts as visible be the share of $M$ that a
# tenth of a bit is under the paper's $\gamma$. Then the fall from $T_1^E$ to $T_3^E$ of the small bottleneck
# can be seen for {glue:text}`seen-compression` of the {glue:text}`gammas` values, and no compression phase of
# the large one for {glue:text}`seen-none`. So *in most of them* is right of the findings; of the whole
# course, if alike means a correlation above 0.9, it is right for the large bottleneck and too much for the
# small one ([ledger](10_claims.ipynb)).
#
# ### Is α = 1.01 Shannon's?
#
# The limit $\alpha \to 1$ is Shannon's entropy. At the end of training, the input MI in bits:

# %%
pd.concat(
    {
        title: scan.alpha_scan.isel(iteration=-1)
        .mean("scan_batch")
        .sel(quantity="input_mi", layer=[INPUT, *HIDDEN_LAYERS])
        .to_pandas()
        for title, scan in scans.items()
    }
).round(2)

# %% [markdown]
# The paper's $\alpha = 1.01$ and the limit agree to within a tenth of a bit. Other orders give other
# values, the larger $\alpha$ the less, and from 1.5 on another order of the layers as well.
#
# ## Every iteration, or a few?
#
# The paper estimates at every iteration, slides a Hann window over 500 of them, and plots a
# log-spaced subset. Here nothing is recorded but a log-spaced subset, and nothing is smoothed. To
# see whether that loses anything, one network of $K = 32$ was recorded at every iteration where its
# paths turn ({numref}`fig-density`).

# %%
stretch = result(settings.stretch_run())
every = stretch.information.sel(estimator="proposed").mean("batch")
width = min(500, every.sizes["iteration"] // 2)
window = np.hanning(width + 2)[1:-1]
smoothed = xr.dot(
    every.rolling(iteration=width, center=True).construct("lag"),
    xr.DataArray(window / window.sum(), dims="lag"),
).dropna("iteration", how="all")
recorded = [i for i in runs[32][0].iteration.values if i in every.iteration]
spaced = every.sel(iteration=recorded)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-density", "caption": "Estimates at every iteration (thin), under a Hann window of 500 iterations (thick), and at the log-spaced iterations that the other figures use (markers)."}, "image": {"alt": "Input and output MI of three layers between iterations 500 and 1,700. The markers lie on the thin lines of all iterations, which fall or rise steeply near iteration 1,100; the thick smoothed lines are rounder there."}}
figures.recording_density(every, smoothed, spaced, ["E3", "Z", "D1"])

# %% tags=["remove-cell"]
hidden = {"layer": list(HIDDEN_LAYERS), "quantity": ["input_mi", "output_mi"]}
between = np.log(every.iteration.sel(iteration=slice(recorded[0], recorded[-1])))
interpolated = spaced.assign_coords(iteration=np.log(spaced.iteration)).interp(
    iteration=between.values
)
truth = every.sel(iteration=slice(recorded[0], recorded[-1]))
missed = abs(interpolated.assign_coords(iteration=truth.iteration) - truth).sel(hidden)
blurred = abs(smoothed - every).sel(hidden)
glue("missed", f"{float(missed.max()):.2f}", display=False)
glue("missed-mean", f"{float(missed.mean()):.3f}", display=False)
glue("blurred", f"{float(blurred.max()):.2f}", display=False)
glue("stretch-start", int(every.iteration[0]), display=False)
glue("stretch-end", f"{int(every.iteration[-1]):,}", display=False)
glue("stretch-records", len(recorded), display=False)

# %% [markdown]
# Between iteration {glue:text}`stretch-start` and {glue:text}`stretch-end`,
# {glue:text}`stretch-records` log-spaced records stand for all. A straight line between two of them
# is never further than {glue:text}`missed` bits from what the iterations between give, and
# {glue:text}`missed-mean` bits on average. The window costs more: where the paths turn it is up to
# {glue:text}`blurred` bits off, because 500 iterations are longer than the turn.
#
# ## Recap
#
# | the paper says | we find |
# |---|---|
# | a large $K$ shows compression under the previous rule | yes: the input MI falls by up to {glue:text}`fall-most` bits after the fitting |
# | and none under the proposed rule | yes: at most {glue:text}`fall-others` bits |
# | under the previous rule $T_3^D$ lies far above $Z$ for $K = 32$, against the DPI | yes, by {glue:text}`last-excess-previous-32` bits |
# | under the proposed rule this is less significant | yes: {glue:text}`last-excess-proposed-32` bits |
# | for small $K$ the encoder compresses, for large $K$ it does not | yes: the fall from $T_1^E$ to $T_3^E$ is {glue:text}`span-proposed-2` bits for $K = 2$ and {glue:text}`span-proposed-32` for $K = 32$ |
# | all layers have the same output MI at every iteration; measured planes violate it, most for $K = 2$ | spread of {glue:text}`output_spread-proposed-2` bits for $K = 2$ and {glue:text}`output_spread-proposed-32` for $K = 32$ |
# | the variance rises for $K = 2$, and rises and falls for $K = 32$ except in $T_3^D$ | yes, if "always" leaves room for setbacks |
# | the previous rule's estimates follow the variance | rank correlation {glue:text}`correlation-previous`, against {glue:text}`correlation-proposed` under the proposed rule |
# | the proposed rule's planes are closer to the theory | in the order of the layers; but for $K = 32$ they end {glue:text}`beyond-proposed-32` bits beyond $M$ |
# | the dynamics can be seen for most $\gamma$ in $[0.1, 10]$ | the two findings can, for {glue:text}`seen-compression` and {glue:text}`seen-none` of {glue:text}`gammas` values; the whole course only around 0.8 |
#
# Each of these is decided by a number with an interval in the [claims ledger](10_claims.ipynb).
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*runs[2], *runs[32], stretch, *losses))
