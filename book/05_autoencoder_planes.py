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
# The previous kernel-width rule credits the first decoder layer with far more information about
# the input than the bottleneck it is computed from; the proposed rule, on the same network, images
# and iterations, removes most of that contradiction, though not all of it.
# ```
#
# **What you will learn**
#
# - which choices that the paper leaves open decide whether its autoencoder learns at all;
# - how the information plane of any torch model is recorded;
# - what the planes of a small and of a large bottleneck look like under both width rules, and how
#   far each is from the theory, in bits;
# - how closely the previous rule's estimates follow the variance of the layers;
# - what the bottleneck size changes at the end of training.
#
# **In the paper**: Sec. IV-B, Figs. 5 to 9.
#
# **Runs** in seconds from the stored results; training live takes some ten minutes on two CPU
# cores.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"
recompute = False

# %%
import pandas as pd
import torch
from myst_nb import glue
from torch import nn

from ipae_lib import experiments, figures, theory
from ipae_lib.data import mnist
from ipae_lib.models import HIDDEN_LAYERS, Autoencoder
from ipae_lib.plane import INPUT, InformationPlane

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
    return experiments.run_or_load(run, recompute, device=device)


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
recorded = untrained.information.sel(estimator="proposed", quantity="input_mi", layer="E3")
print(f"by hand {by_hand:.3f} bits, recorded {recorded.mean().item():.3f} bits")

# %% [markdown]
# ## The planes under the previous rule
#
# {numref}`fig-6` takes the estimator of {cite:t}`yu2019`. Each line is one layer of one network on
# its way from the start to the end of training, averaged over the test batches; the networks of
# one colour differ in their random seed alone. A large marker, with the standard deviation over
# seeds, stands at the end. The shaded area is the feasible triangle of the theory, with
# $M = I(X;X)$ as the same estimator gives it.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-6", "caption": "Information planes under the previous rule, for K = 2 (top) and K = 32 (bottom). Each line is one layer's path during training; large markers are the end, with the standard deviation over test batches. Shaded: the feasible triangle."}, "image": {"alt": "Four panels of input MI against output MI, encoder left and decoder right. All paths start near the origin and rise to the right. Within the encoder the deeper layers end further left; for K = 32 the decoder layers end near 4 bits, far to the right of the bottleneck."}}
figures.information_planes(
    {f"$K$ = {k}": run.information.sel(estimator="previous") for k, run in planes.items()}
)

# %% [markdown]
# All layers set out near the origin: before training, the layers vary so little from one image to
# the next that a width of a few units takes all images for the same one. As the network learns,
# the points move up and to the right. But look where they end for $K = 32$. The decoder's first
# layer is a function of $Z$ alone, and yet it is said to hold more about the input.
#
# ## The planes under the proposed rule
#
# {numref}`fig-7` shows the same two networks, at the same iterations and on the same images. Only
# the kernel width has changed. The dotted line marks $I(X;X')$ at the end of training with $K = 2$,
# what this bottleneck lets through.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-7", "caption": "The same networks and iterations as in the figure before, under the proposed rule. The dotted line is the information that the bottleneck of two units lets through, I(X;X′) at the end."}, "image": {"alt": "Four panels of input MI against output MI, encoder left and decoder right. Encoder paths start on the right at zero output MI, move left while the output MI is small, then turn and climb. For K = 2 they end spread out below the bisector, decoder layers together on it; for K = 32 all end close together near the bisector."}}
through = {
    k: run.information.sel(estimator="proposed", quantity="output_mi", layer=INPUT)
    .isel(iteration=-1)
    .mean()
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
# asks of a small bottleneck. For $K = 32$ the layers end close together.
#
# Where a layer ends, in bits, averaged over the batches:

# %%
ends = {
    (rule, f"K = {k}"): run.information.isel(iteration=-1)
    .sel(estimator=rule, quantity="input_mi")
    .mean(["batch", "seed"])
    .to_series()
    for rule in experiments.ESTIMATORS
    for k, run in planes.items()
}
pd.DataFrame(ends).T.round(2)

# %% tags=["remove-cell"]
for (rule, size), end in ends.items():
    key = f"{rule}-{size[4:]}"
    glue(f"first-excess-{key}", f"{end['D1'] - end['Z']:.2f}", display=False)
    glue(f"last-excess-{key}", f"{end['D3'] - end['Z']:.2f}", display=False)
    glue(f"span-{key}", f"{end['E1'] - end['E3']:.2f}", display=False)
    glue(f"bottleneck-{key}", f"{end['Z'] - end['E3']:.2f}", display=False)
    glue(f"m-{key}", f"{end[INPUT]:.2f}", display=False)

# %% [markdown]
# With $K = 32$ the previous rule puts $T_1^D$ above $Z$ by {glue:text}`first-excess-previous-32`
# bits, the proposed rule by {glue:text}`first-excess-proposed-32` bits. The theory allows nothing
# above 0. From $T_1^E$ to $T_3^E$ the proposed rule sees a fall of {glue:text}`span-proposed-2` bits
# for $K = 2$ and of {glue:text}`span-proposed-32` bits for $K = 32$: more compression in the encoder
# of the smaller bottleneck, as the theory says. The bottleneck itself is out of line. For $K = 2$ it
# is estimated {glue:text}`bottleneck-proposed-2` bits above $T_3^E$, of which it is a function. The
# paper notes the same of its Fig. 9: two dimensions and 250 do not share one scale even with
# $\sqrt{d}$ in the width.
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

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-checks", "caption": "By how many bits the recorded planes break what holds for every autoencoder: (a) sum of the rises of the input MI from one layer to the next, (b) largest minus smallest output MI, (c) distance from the feasible triangle, summed over layers."}, "image": {"alt": "Three panels against the iteration. Under the previous rule rises of the input MI and the spread of the output MI grow from zero to two or three bits; under the proposed rule they stay near or below one bit, and the layers lie outside the triangle early in training only."}}
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
# Early in training the proposed rule has a weakness of its own. It sees some encoder layers to the
# right of $M$, outside the triangle: $X$ is standardised with statistics shared by all pixels and
# the layers dimension by dimension, so the two do not share one scale of *how different is
# different*.
#
# ## Variance
#
# Why does the previous rule move at all? A width that does not follow the scale of a layer reads
# growing variance as growing information. {numref}`fig-8` shows the variance of the layers during
# training.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-8", "caption": "Variance of each layer during training, mean over its dimensions and the test batches. The bottleneck, whose variance is far larger, has an axis of its own."}, "image": {"alt": "Six panels of variance against iteration for K = 2 and K = 32. Variances stay near zero for the first thousand iterations and then rise steeply, the bottleneck's to the largest values."}}
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
# On average over layers and both networks it is {glue:text}`correlation-previous` for the previous
# rule and {glue:text}`correlation-proposed` for the proposed one. The paper traces the compression
# that {cite:t}`yu2019` report for large bottlenecks to exactly this: there the variance falls late
# in training, and the estimate with it. It also warns that a correlation is no cause. In a run as
# short as this one the variance is still rising, and so is the previous rule's estimate; the
# compression would come later.
#
# ## Compression, layer by layer
#
# A *compression phase* is a fall of $I(X;T)$ that follows the fitting. Count the time from when
# $I(X;X')$ has first reached half of its final value, and take the difference between the largest
# input MI from then on and the one at the end:

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

# %% [markdown]
# ## Does γ decide what we see?
#
# The paper tried $\gamma \in [0.1, 10]$ and says that the dynamics can be seen in most of them.
# {numref}`fig-gamma` draws the planes of one network of each size for five values.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-gamma", "caption": "Planes of one network of each size under the proposed rule for five values of γ; the shaded triangle is that of the same γ."}, "image": {"alt": "ALT"}}
scans = {
    f"$K$ = {k}": seeds[0].dropna("iteration", subset=["gamma_scan"]) for k, seeds in runs.items()
}
figures.gamma_planes(scans, (0.1, 0.32, 1, 3.2, 10))

# %% [markdown]
# ### Is α = 1.01 Shannon's?

# %%
alphas = {
    f"K = {k}": seeds[0].alpha_scan.dropna("iteration").isel(iteration=-1).mean("scan_batch")
    for k, seeds in runs.items()
}
pd.concat({k: a.sel(quantity="input_mi").to_pandas() for k, a in alphas.items()}).round(2)

# %% [markdown]
# ## Every iteration, or a few?
#
# The paper estimates at each iteration, slides a Hann window over 500 of them, and then plots a
# log-spaced subset. We record a log-spaced subset and smooth nothing.

# %%
stretch = result(settings.stretch_run())
every = stretch.information.sel(estimator="proposed").mean("batch")
window = np.hanning(min(500, every.sizes["iteration"] // 2) + 2)[1:-1]


# ## Recap
#
# | the paper says | we find, in runs of this length |
# |---|---|
# | under the previous rule $T_3^D$ lies far above $Z$ for $K = 32$, against the DPI | yes, by {glue:text}`last-excess-previous-32` bits |
# | under the proposed rule this is less significant | yes: the difference is {glue:text}`last-excess-proposed-32` bits, and {glue:text}`first-excess-proposed-32` bits for $T_1^D$ |
# | all layers have the same output MI at every iteration; measured planes violate it, most for $K = 2$ | spread of {glue:text}`output_spread-proposed-2` bits for $K = 2$ and {glue:text}`output_spread-proposed-32` for $K = 32$ |
# | for small $K$ the encoder compresses, for large $K$ it does not | the fall from $T_1^E$ to $T_3^E$ is {glue:text}`span-proposed-2` bits for $K = 2$ and still {glue:text}`span-proposed-32` for $K = 32$ |
# | the previous rule's estimates follow the variance | rank correlation {glue:text}`correlation-previous`, against {glue:text}`correlation-proposed` under the proposed rule |
# | a large $K$ shows compression under the previous rule, none under the proposed one | not decided here: it would come later in training than these runs go |
# | MI grows with $K$ | yes: $I(X;X')$ from {glue:text}`through-first` to {glue:text}`through-last` bits |
#
# ```{admonition} What these runs can and cannot tell
# :class: note
# They are one network for each $K$, trained for a fraction of the paper's hundred epochs. The
# spread over test batches that the figures show says how well the planes of *these* networks are
# known, not how much another initialisation would differ.
# ```
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*runs, *losses))
