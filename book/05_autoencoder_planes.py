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
# The paper's main finding holds. Under the previous kernel-width rule a large bottleneck shows a
# compression phase; under the proposed rule the same networks show none. Both are true. Computed
# without an estimator, the phase is there if the noise of *Definition 5* is the same for all layers. It
# is not there if the noise follows their scale. The previous rule follows the first truth, and the
# proposed rule the second.
# ```
#
# **What you will learn**
#
# - what is true of these networks, without any estimator;
# - which choices that the paper leaves open decide whether its autoencoder learns at all;
# - how the information plane of any torch model is recorded;
# - why the $\epsilon$ of the standardisation decides what an untrained decoder shows;
# - what the planes of a small and of a large bottleneck look like under both width rules;
# - how far each plane is from the theory, in bits;
# - how closely the previous rule's estimates follow the variance of the layers;
# - how much depends on $\gamma$, on $\alpha$ and on how often one looks.
#
# **In the paper**: Sec. IV-B, Figs. 5 to 8. Fig. 9 is in [chapter 6](06_bottleneck_sweep.ipynb).
#
# **Runs** in seconds from the stored results, which are trainings of the paper's size. Made anew,
# a plane takes half an hour on one CPU core or more.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"
live = False

# %%
import pandas as pd
import torch

from ipae_lib import theory
from ipae_lib.activations import capture
from ipae_lib.data import mnist
from ipae_lib.exact import exact_plane
from ipae_lib.layers import HIDDEN_LAYERS, INPUT, TEXT_LABELS
from ipae_lib.models import Autoencoder
from ipae_lib.plane import InformationPlane
from study import experiments, figures
from study.chapters import ch05, ch10
from study.experiments import truth
from study.experiments.schema import scan
from study.text import say
from study.trajectories import (
    compression_phase,
    fitted,
    hann_smooth,
    rank_correlation,
)

settings = experiments.get_profile(profile)

# %% [markdown]
# ## The autoencoder
#
# MNIST {cite}`lecun1998` has 60,000 training images and 10,000 test images of handwritten digits.
# Each has 28 × 28 pixels, scaled to $[0, 1]$. {numref}`fig-5` draws the autoencoder of
# {cite:t}`yu2019` and {cite:t}`tapia2020`. Three encoder layers squeeze the 784 pixels into $K$
# numbers, the bottleneck $Z$. Three decoder layers unfold them into the reconstruction $X'$.
# Each layer is a sigmoid of an affine map. Only the bottleneck is linear.

# %% mystnb={"figure": {"name": "fig-5", "caption": "The autoencoder of the experiments. Every layer is fully connected to the next. The numbers are widths; the heights are their square roots. The bottleneck size K varies."}, "image": {"alt": "Nine vertical bars in a row, joined by arrows. X has 784 units. The encoder layers have 1,000, 500 and 250. The bottleneck Z has K. The decoder layers have 250, 500 and 1,000, and X prime has 784."}}
figures.architecture(Autoencoder(bottleneck_size=32))

# %% [markdown]
# ### What the paper leaves open
#
# The network is trained on the squared error between $X$ and $X'$ by stochastic gradient descent:
# learning rate 0.1, momentum 0.5, batches of 100. The paper leaves two choices open. Is the squared
# error averaged or summed over the pixels? How are the weights drawn at the start?
#
# Both set the size of the first steps. An average makes each step 784 times smaller than a sum.
# Small weights make it smaller still. A network of sigmoids first learns to answer every image with
# the mean of all images. With small steps it stays there. {numref}`fig-loss` shows the test error of
# four networks with $K = 32$ that differ in these two choices alone.


# %% tags=["remove-stderr"]
def result(run):
    return experiments.run_or_load(run, live, device=device)


runs = {k: [] for k in settings.plane_sizes}
for run in settings.planes():  # one for each seed
    runs[run.bottleneck_size].append(result(run))
losses = [result(run) for run in settings.losses()]

# %%
plateau = experiments.mean_image_error()
names = ["mean, torch's default", "mean, Glorot", "sum, torch's default"]
errors = dict(
    zip(names, [loss.test_error for loss in losses], strict=True)
)
last = int(losses[0].iteration[-1])
errors["sum, Glorot"] = runs[32][0].test_error.sel(iteration=slice(last))
for name, error in errors.items():
    updates = int(error.iteration[-1])
    print(f"{name:<22} {error[-1].item():.4f} after {updates:,} updates")
print(f"{'mean image':<22} {plateau:.4f}")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-loss", "caption": "Test error of four networks with K = 32. The squared error is averaged or summed over pixels. The initial weights are torch's default, or Glorot-uniform with zero biases. Grey line: the error of answering with the mean image."}, "image": {"alt": "Test error per pixel against iteration. All four curves fall to the line of the mean image. Three stay on it. The one with summed error and Glorot weights leaves it near iteration one thousand and falls well below."}}
figures.learning_curves(errors, plateau)

# %% [markdown]
# With the average, neither initialisation leaves the mean image. The sum alone is not enough either.
# Only the sum together with Glorot-uniform weights {cite}`glorot2010` and zero biases learns more. The planes in the
# paper clearly belong to networks that learn. So from here on the error is summed over the pixels
# and averaged over the batch, and the weights are Glorot-uniform.
#
# ## Recording a plane
#
# *Definition 2* puts each layer at the point $(I(X;T), I(T;X'))$. To record it, run fixed test
# images through the model, read the layers, and give each pair to an estimator. `InformationPlane`
# does that for any torch module and any number of estimators. Here it looks at an untrained
# network through three rules at once. The table has the input MI in bits.

# %%
generator = torch.Generator().manual_seed(0)
model = Autoencoder(bottleneck_size=32, generator=generator)
images = mnist(train=False)[: 2 * settings.samples]
batches = images.reshape(2, settings.samples, -1)
estimators = experiments.ESTIMATORS
untrained = InformationPlane(
    model, HIDDEN_LAYERS, list(batches), estimators
).record()
table = untrained.input_mi.mean("batch").to_pandas()
table.rename(columns=TEXT_LABELS).round(2)

# %% [markdown]
# The first two estimators are those of the paper. The third is the second without what depends on
# scale:
#
# | | width | standardised | $\gamma$ |
# |---|---|---|---|
# | `previous` | {eq}`eq-27` | no | 25 for $Z$, 5 for all others |
# | `proposed` | {eq}`eq-30` | {eq}`eq-29`; $X$ and $X'$ with statistics shared by all pixels | 0.8 |
# | `scale-free` | {eq}`eq-30`, of the dimensions that vary | {eq}`eq-29` with $\epsilon = 0$; the same | 0.8 |
#
# One cell of that table, by the definitions alone:

# %%
with torch.no_grad():
    layer = model.E3(model.E2(model.E1(batches)))
by_hand = estimators["proposed"](batches, layer, x_name=INPUT).mean()
recorded = untrained.input_mi.sel(
    estimator="proposed", layer="E3"
).mean()
print(f"by hand  {by_hand.item():.3f} bits")
print(f"recorded {recorded.item():.3f} bits")

# %% [markdown]
# ### What counts as no variation
#
# In {eq}`eq-29` a small $\epsilon$ keeps a constant unit from a division by zero. It is usually
# $10^{-8}$. An untrained decoder hardly varies: how does its variance compare with that?
#
# The table also has the truth. The images are stored, so $I(X;T+R)$ of *Definition 5* is a mean over
# known Gaussians: `exact_plane` needs no estimator and gives a standard error. The noise $R$ has a
# fixed share of each layer's total variance. It leaves the images half of the information that
# tells them all apart.

# %%
population = mnist(train=False, shuffled=True)
inside = capture(model, HIDDEN_LAYERS, population)
noise = {"half": truth.noises(population)["total deviation", 0.5]}
exact = exact_plane(inside, noise, progress=False).sel(noise="half")
decoder = ch05.untrained_decoder(untrained, exact)
shown = decoder.rename(TEXT_LABELS)
shown.round(2).assign(variance=shown.variance.map("{:.1e}".format))

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    With $\\epsilon = 10^{{-8}}$ the last decoder layer seems to know {D3[proposed]:.2f} bits. Without
    it the same samples give {D3[scale-free]:.2f} bits.

    In truth that layer has {D3[share]:.0%} of what the noise leaves of the input, and $Z$ has
    {Z[share]:.0%}: the decoder loses next to nothing. The paper's setting takes a variance far
    below $\\epsilon$ for none.
    """,
    decoder.T.to_dict(),
)

# %% [markdown]
# So a decoder that rises early in a plane of the proposed rule may only grow beyond $\epsilon$. The
# library therefore takes $\epsilon = 0$ by default, and tells constant units by their rounding. Pass
# `eps=1e-8` to `MatrixRenyi` for the paper's setting. The stored planes below have the paper's.
#
# Records of several iterations join along the iteration. `plot_plane` of the library draws them for
# any network. The figures below draw the same paths in the style of the paper.
#
# ## The planes under the previous rule
#
# {numref}`fig-6` takes the estimator of {cite:t}`yu2019`. Each line is one layer of one network, on
# its way from the start to the end of training. It is the mean over the test batches. Networks of
# one size differ in their seed. A large marker stands at the mean of their ends. Its bars are
# standard deviations over seeds, or over batches where there is one seed alone. The shaded area is
# the feasible triangle of the theory, with $M = I(X;X)$ from the same estimator.

# %%
planes = {f"K = {k}": experiments.join_seeds(runs[k]) for k in runs}
for k, run in planes.items():
    networks, test_batches = run.sizes["seed"], run.sizes["batch"]
    print(f"{k}: {networks} networks, {test_batches} test batches")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-6", "caption": "Information planes under the previous rule, for K = 2 (top) and K = 32 (bottom). Each line is one layer's path during training. Large markers are the ends, with standard deviations over seeds, or over test batches where there is one seed. Shaded: the feasible triangle."}, "image": {"alt": "Four panels of input MI against output MI, encoder left and decoder right. For K = 2 all paths rise from near the origin to the right and end below the bisector, far from one another. For K = 32 they rise likewise. Then the paths of the encoder, the bottleneck and the first decoder layer turn back towards the left and end on the bisector. The last two decoder layers go on to the upper right corner."}}
previous = {
    k: run.sel(estimator="previous") for k, run in planes.items()
}
figures.information_planes(previous)

# %% [markdown]
# All layers start near the origin. Before training they vary little from one image to the next, and
# a width of a few units takes all images for the same one. As the networks learn, the points move up
# and to the right. With $K = 2$ they do so to the end, and stay away from the bisector. With
# $K = 32$ most layers turn round. Their input MI falls while the reconstruction still improves, and
# they end near the bisector. This is the *compression phase* that {cite:t}`yu2019` describe.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
numbers = ch05.summary(*planes.values())
say(
    """But look where the layers end. $T_3^D$ is a function of $Z$ alone. Yet for the
    large bottleneck it seems to hold {excess:.2f} bits more about the input than $Z$.""",
    numbers,
)

# %% [markdown]
# ## The planes under the proposed rule
#
# {numref}`fig-7` shows the same networks, at the same iterations and on the same images. Only the
# kernel width has changed. The dotted line marks $I(X;X')$ at the end of training with $K = 2$.
# That is what this bottleneck lets through.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-7", "caption": "The same networks and iterations as in the figure before, under the proposed rule. Dotted line: the information that the bottleneck of two units lets through, I(X;X′) at the end."}, "image": {"alt": "Four panels of input MI against output MI, encoder left and decoder right. Encoder paths start on the right at zero output MI, move left while the output MI is small, then turn and climb. For K = 2 they end spread out below the bisector, decoder layers close to it. For K = 32 all end close together on the bisector, to the right of the triangle's edge, and none turns back."}}
rule = {"estimator": "proposed"}
proposed = {k: run.sel(rule) for k, run in planes.items()}
small = proposed["K = 2"].sel(layer=INPUT).isel(iteration=-1)
through = {"K = 2": float(small.output_mi.mean())}
figures.information_planes(proposed, restrictions=through)

# %% [markdown]
# The picture is another one. An untrained encoder already tells the images apart once its
# activations are standardised. So its layers start far to the right. Then the network retreats to
# the mean image. Its deeper layers come to agree on one direction of variation, and their input MI
# falls. When the network starts to reconstruct, the paths turn and climb towards the bisector.
#
# For $K = 2$ the encoder layers stop at different distances from the bisector. That is the
# compression that the theory asks of a small bottleneck. For $K = 32$ all layers climb to the end,
# close together.
#
# Where each layer ends: the input MI in bits, mean over batches and seeds.

# %%
final = {
    k: run.isel(iteration=-1).mean("batch") for k, run in planes.items()
}
ch05.by_layer({k: run.input_mi for k, run in final.items()}).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """The largest standard deviation between seeds of a number in this table:
    {between_seeds}.""",
    numbers,
)

# %% [markdown]
# The differences that the theory speaks of, in bits:

# %%
ch05.ends_of(planes).round(2)

# %% [markdown]
# - *Compression in the encoder.* The theory asks for a fall from $T_1^E$ to $T_3^E$ when the
#   bottleneck is small, and for none when it is large. The proposed rule shows just that. The
#   previous rule shows a fall for both sizes.
# - *Order of the layers.* $T_3^D$ may not be above $Z$. Under the proposed rule it is not.
#
# Two things are out of line under the proposed rule.
#
# - For $K = 2$ the bottleneck is estimated above $T_3^E$, and it is a function of $T_3^E$. The paper
#   notes the same of its Fig. 9. Two dimensions and 250 do not share one scale, even with
#   $\sqrt{d}$ in the width.
# - For $K = 32$ the layers end *above* $X$ on average. Nothing can hold more about the input than
#   the input itself. $X$ is standardised with statistics shared by all pixels, and the layers
#   dimension by dimension ([chapter 3](03_kernel_width.ipynb)). So these two do not share one scale
#   either.
#
# ## Compression, layer by layer
#
# A *compression phase* is a fall of $I(X;T)$ that follows the fitting. Count the time from when
# $I(X;X')$ first reaches half of its final value. Take the largest input MI from then on, less the
# one at the end. In bits, mean over seeds:

# %%
phases = {
    k: compression_phase(run.mean("batch")).sel(
        layer=list(HIDDEN_LAYERS)
    )
    for k, run in planes.items()
}
ch05.by_layer(phases).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Under the previous rule and with the large bottleneck the fall is up to
    {phase:.2f} bits. It is none for $T_3^D$, as the paper says. For the small
    bottleneck, and under the proposed rule, it is at most {other_phases:.2f} bits in
    any network.""",
    numbers,
)

# %% [markdown]
# ## Held to the theory
#
# Three statements hold for every autoencoder at every iteration, trained or not (see
# {prf:ref}`lem-1` and {eq}`eq-13`). The input MI does not rise from one layer to the next. The
# output MI is the same for all layers. No layer leaves the triangle. `theory.check_plane` measures
# by how many bits a recorded plane breaks each of them.

# %%
checks = {
    k: theory.check_plane(run.mean("batch"))  # one network, one check
    for k, run in planes.items()
}
tests = {
    "forward_total": "(a) rises of input MI",
    "output_spread": "(b) spread of output MI",
    "outside_total": "(c) outside the triangle",
}
at_end = {
    (rule, k): check[[*tests, "m"]]
    .sel(estimator=rule, drop=True)
    .isel(iteration=-1, drop=True)
    .mean("seed")
    .to_pandas()
    for rule in ("previous", "proposed")
    for k, check in checks.items()
}
pd.DataFrame(at_end).rename({**tests, "m": "M"}).round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-checks", "caption": "By how many bits the recorded planes break what holds for every autoencoder. (a) Sum of the rises of the input MI from one layer to the next. (b) Largest minus smallest output MI. (c) Distance from the feasible triangle, summed over layers. Lines: means over seeds. Bands: from the lowest seed to the highest."}, "image": {"alt": "Three panels against the iteration. Under the previous rule the rises of the input MI and the spread of the output MI grow from zero to several bits. Under the proposed rule they fall to about one bit or less. The layers lie outside the triangle under the proposed rule early in training, and again late, most for K = 32."}}
figures.theory_violations(checks, tests)

# %% [markdown]
# Under the previous rule the input MI rises by bits from layer to layer, and the output MI differs
# by as much. Under the proposed rule both are far smaller, for both sizes. Compare the sizes with
# $M$, the range of each rule, in the last row.
#
# The proposed rule has a weakness of its own, in panel (c). Before the networks learn, it sees
# encoder layers to the right of $M$, outside the triangle. At the end it sees all layers of the
# large bottleneck there.
#
# ## In truth
#
# Both rules are estimates. What do such networks do? The images are all stored, so *Definition 5* can be
# computed at every record. {cite:t}`goldfeld2019` did so for networks that have noise of their own.
# {cite:t}`lorenzen2022` quantised whole networks and counted. Here the network is the paper's, and the
# noise is only added to look at it. {cite:t}`lee2021` recorded autoencoders of other kinds by the
# matrix-based estimator, and found the phase in some. {cite:t}`butakov2024` compress layers before they
# estimate.
#
# The definition leaves the noise open. Three kinds are followed, each Gaussian:
#
# | noise | standard deviation | what follows |
# |---|---|---|
# | one level | the same for all layers | the definition as it is written; a layer that stretches gains |
# | layer's deviation | a share of the layer's root mean variance | a copied unit counts as a new one |
# | total deviation | a share of the root of the layer's total variance | a copy, a rotation or a factor changes nothing |
#
# Each leaves the images the same information, half of what tells them all apart. The last one is the
# counterpart of $\sqrt{d}$ in {eq}`eq-30`.
#
# The networks are new. They were trained after the criteria of the [ledger](10_claims.ipynb) had been
# frozen, as part of an experiment in which the paper's open choices are factors. Two of its choices have
# five networks of each size:

# %% tags=["remove-stderr"]
factors = experiments.truth_at(settings)
all_images = experiments.mean_image_error(images=10_000)
cells = ch10.cells_of(
    factors, result, all_images, live, experiments.PRINCIPAL
)
for title, cell in cells.items():
    seeds = [str(run.attrs["seed"]) for run in cell.large]
    print(f"{title}: seed {', '.join(seeds)}")

# %% [markdown]
# {numref}`fig-truth` puts each rule beside the truth that it is most like. All shares are of the whole: of
# $S(X)$ for a rule, and of $M$ in truth.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-truth", "caption": "The same networks by the paper's two rules and in truth, as shares of the whole. Thin lines: paths of the layers. Markers: where they end. Shaded: the feasible triangle."}, "image": {"alt": "Four panels for each size. By the previous rule and in truth under noise of one level, paths begin at zero and climb to the right; for K = 32 most turn back at the end. By the proposed rule and in truth under noise of the total deviation, paths begin far to the right and fall back to the left. Then they turn, and climb to the upper right without turning back."}}
figures.planes_in_truth(
    ch05.in_truth_and_by_rule(cells, factors.plane_sizes)
)

# %% [markdown]
# How near is each rule to each truth? `course` is the rank correlation, over the iterations, of a layer's
# estimated and true input MI. `distance` is the mean absolute difference of the two, as shares of the whole.

# %%
near = ch05.nearness(cells)
near.round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    The rules do not disagree about one thing. They look at two. Under noise of one level, the previous
    rule follows the truth with a rank correlation of {previous:.3f}; the proposed rule has {other:.3f}.

    Under noise of the total deviation the previous rule has {against:.3f}. The proposed rule has
    {paper:.3f} there, and without its $\\epsilon$, as the scale-free rule, {free:.3f}.
    """,
    ch05.courses(near),
)

# %% [markdown]
# Each rule is like its own truth in the compression, too. The table has the compression phases of the
# large bottleneck's layers, measured as above, as shares of the whole:

# %%
ch05.phases_in_truth(cells).round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    Take the median layer, in any of these cells. By the previous rule it falls by {previous:.1%} of the
    whole or more, and in truth under noise of one level by {one:.1%} or more.

    By the proposed rule it falls by {proposed:.1%} or less, and in truth under noise of the total
    deviation by {total:.1%} or less.
    """,
    ch05.falls(ch05.phases_in_truth(cells)),
)

# %%
quieter = ch10.at_noise(cells, max(truth.LEVELS))
ch05.phases_in_truth(quieter).round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    The second table has less noise: it leaves the images {most:.0%} of what tells them apart. The median
    layer then falls by {one:.1%} of the whole or more under noise of one level. Under noise of the total
    deviation it falls by {total:.1%} or less.
    """,
    ch05.falls(ch05.phases_in_truth(quieter)),
    most=max(truth.LEVELS),
)

# %% [markdown]
# So both sides of the debate were right about something, in these networks. Under *Definition 5* as it is
# written, with one noise for all layers, the compression phase is real. The variance of the layers falls, and
# the noise does not. If the noise follows the scale of a layer, next to none is left: what the layer loses in
# variance, it does not lose in detail. Which of the two is *the* information of a deterministic network, no estimator can
# decide. {cite:t}`geiger2022` comes to a similar end about classifiers: what is seen is geometry as often as
# information.
#
# Also the order of the layers is broken in truth, where a layer stretches
# ([chapter 7](07_ground_truth.ipynb)). In {numref}`fig-truth` look at $T_3^E$ and $Z$, which is computed
# from it, under noise of one level.
#
# What can you do with it? Say which noise you mean before you say that a network compresses. If the scale of
# a unit has no meaning for what comes behind, as in front of a trained linear layer, take the total
# deviation. If the next step has noise of its own, take that.
#
# How sure is it? The networks of one size differ in their seed, and do alike: each has a thin line in the
# figure. The [ledger](10_claims.ipynb) tests every claim of the paper on them, by rules and in truth.
#
# ## Variance
#
# Why does the previous rule move at all? A width that does not follow the scale of a layer reads
# growing variance as growing information. {numref}`fig-8` shows the variance of the layers during
# training.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-8", "caption": "Variance of each layer during training, mean over its dimensions and the test batches. The variance of the bottleneck is far larger and has an axis of its own. Lines: means over seeds. Bands: from the lowest seed to the highest."}, "image": {"alt": "Six panels of variance against iteration for K = 2 and K = 32. Variances stay near zero for the first thousand iterations and then rise steeply, the bottleneck's to the largest values. For K = 2 they rise to the end. For K = 32 they reach a maximum near iteration ten thousand and fall, except that of the last decoder layer."}}
figures.variances({k: run.variance for k, run in planes.items()})

# %% [markdown]
# Does the estimate follow the variance? Take the rank correlation, over the iterations, of a layer's
# variance and its input MI. It is 1 where the two always rise and fall together.


# %%
def correlation(run):
    run = run.mean("batch").sel(layer=list(HIDDEN_LAYERS))
    return rank_correlation(run.input_mi, run.variance)


ch05.by_layer({k: correlation(run) for k, run in planes.items()}).round(
    2
)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Averaged over layers and both sizes it is {follows_previous:.2f} for the previous
    rule and {follows_proposed:.2f} for the proposed one. With $K = 32$ the variances
    reach a maximum and then fall by up to {variance_fall:.0%}.""",
    numbers,
)

# %% [markdown]
# For $K = 2$ all variances rise nearly to the end, with small setbacks in some networks. So does the
# previous rule's information. For $K = 32$ both rise and fall, in all layers but $T_3^D$. This is
# how the paper explains the compression that {cite:t}`yu2019` report. It also warns that a
# correlation is no cause.
#
# The two do not go together step by step. Here are the correlations under the previous rule in the
# late phase alone, from when $I(X;X')$ reaches half of its final value:

# %%
late = {}
for k, run in planes.items():
    run = run.sel(estimator=["previous"])
    in_all_networks = fitted(run.mean("batch")).all(
        ["seed", "estimator"]
    )
    late[k] = correlation(run.isel(iteration=in_all_networks.values))
ch05.by_layer(late).round(2)

# %% [markdown]
# For $K = 32$ the correlation of the first encoder layer is negative. Its variance has long been
# falling while its information still rises. So the mean variance of a layer's units is not all that
# the width is compared with.
#
# ## Does γ decide what we see?
#
# The paper tried $\gamma \in [0.1, 10]$ and says that the dynamics can be seen for most of them.
# {numref}`fig-gamma` draws the planes of one network of each size for five values.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-gamma", "caption": "Planes of one network of each size under the proposed rule for five values of γ. The shaded triangle is that of the same γ."}, "image": {"alt": "Ten small planes: K = 2 above and K = 32 below, gamma from 0.1 to 10. The paths have the same bent shape in all of them, but the axes shrink from nine bits to a hundredth of a bit. At the large gammas the bottleneck of K = 2 leaves the triangle."}}
by_gamma = {}
for k, (first, *_) in runs.items():
    paths = scan(first, "gamma").dropna("iteration")
    by_gamma[f"K = {k}"] = paths.mean("scan_batch")
figures.gamma_planes(by_gamma, (0.1, 0.32, 1, 3.2, 10))

# %% [markdown]
# The size changes by orders of magnitude, from everything to next to nothing. The course does not.
# How much alike are the courses? For each $\gamma$, take the rank correlation over the iterations of
# every layer's input and output MI with that of the paper's $\gamma = 0.8$. Then average. The result
# is 1 where all rise and fall together.

# %%
seen = {
    f"K = {k}": ch05.measure_scans(seeds[0]) for k, seeds in runs.items()
}
likeness = {k: scans.likeness.to_series() for k, scans in seen.items()}
pd.DataFrame(likeness).round(2)

# %% [markdown]
# Around the paper's value the courses hardly differ. Towards either end of the range they do. A small
# width sees every layer near the bound. A large one sees so little that what remains has another
# order.
#
# And the two findings themselves? Under the paper's $\gamma$ let a tenth of a bit count as visible.
# Under another $\gamma$ let the same share of $M$ count.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """For {compress} of {values} values the small bottleneck shows the fall from
    $T_1^E$ to $T_3^E$. For {no_phase} the large one shows no compression phase.""",
    ch05.what_gamma_shows(*seen.values()),
)

# %% [markdown]
# So the paper is right about the findings. About the whole course, count a correlation above 0.9 as
# alike. Then the paper is right about the large bottleneck, and says too much about the small one
# ([ledger](10_claims.ipynb)).
#
# ### Is α = 1.01 Shannon's?
#
# The limit $\alpha \to 1$ is Shannon's entropy. At the end of training, the input MI in bits:

# %%
by_alpha = {}
for k, seeds in runs.items():
    final = scan(seeds[0], "alpha").isel(iteration=-1).mean("scan_batch")
    shown = final.input_mi.sel(layer=[INPUT, *HIDDEN_LAYERS])
    by_alpha[f"K = {k}"] = shown.to_pandas()
pd.concat(by_alpha).rename(columns=TEXT_LABELS).round(2)

# %% [markdown]
# The paper's $\alpha = 1.01$ and the limit agree to within a tenth of a bit. Other orders give other
# values: the larger $\alpha$, the less. From 1.5 on they give another order of the layers as well.
#
# ## Every iteration, or a few?
#
# The paper estimates at every iteration, slides a Hann window over 500 of them, and plots a
# log-spaced subset. Here only a log-spaced subset is recorded, and nothing is smoothed. Does that
# lose anything? One network of $K = 32$ was recorded at every iteration where its paths turn
# ({numref}`fig-density`).

# %%
stretch = result(settings.stretch_run())
every = (
    stretch[["input_mi", "output_mi"]]
    .mean("batch")
    .sel(estimator="proposed")
)
smoothed = hann_smooth(every, min(500, every.sizes["iteration"] // 2))
spaced = every.sel(iteration=every.iteration.isin(runs[32][0].iteration))

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-density", "caption": "Estimates at every iteration (thin), under a Hann window of 500 iterations (thick), and at the log-spaced iterations that the other figures use (markers)."}, "image": {"alt": "Input and output MI of three layers between iterations 500 and 1,700. The markers lie on the thin lines of all iterations, which fall or rise steeply near iteration 1,100. The thick smoothed lines are rounder there."}}
figures.recording_density(every, smoothed, spaced, ["E3", "Z", "D1"])

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """In this stretch {records} log-spaced records stand for all. A straight line
    between two of them is never further than {missed:.2f} bits from the iterations
    between, and {missed_mean:.3f} bits on average.

    The window costs more. Where the paths turn it is up to {blurred:.2f} bits off,
    because 500 iterations are longer than the turn.""",
    ch05.recording_errors(every, smoothed, spaced),
)

# %% [markdown]
# ## Recap
#
# | the paper says | we find |
# |---|---|
# | a large $K$ shows compression under the previous rule | yes, by most of a bit after the fitting |
# | and none under the proposed rule | yes |
# | under the previous rule $T_3^D$ lies far above $Z$ for $K = 32$, against the DPI | yes, by bits |
# | under the proposed rule this is less significant | yes: $T_3^D$ is below $Z$ |
# | for small $K$ the encoder compresses, for large $K$ it does not | yes |
# | all layers have the same output MI; measured planes violate it, most for $K = 2$ | yes, and most for $K = 2$ |
# | the variance rises for $K = 2$, and rises and falls for $K = 32$ except in $T_3^D$ | yes, if "always" leaves room for setbacks |
# | the previous rule's estimates follow the variance | yes; under the proposed rule they do not |
# | the compression phase comes from the estimator | from what it measures: it is there in truth under noise of one level, and not under noise that follows the scale |
# | the proposed rule's planes are closer to the theory | in the order of the layers; but for $K = 32$ they end beyond $M$ |
# | the dynamics can be seen for most $\gamma$ in $[0.1, 10]$ | the two findings can; the whole course only around 0.8 |
#
# The [claims ledger](10_claims.ipynb) decides each of these by a number with an interval.
#
# ## Exercises
#
# **1. Is it a compression phase?** At four records $I(X;X')$ is 0, 0.5, 2 and 3 bits. A layer's input MI is
# 5, 3, 4.2 and 4 bits. How large is its compression phase?
#
# :::{dropdown} Solution
# 0.2 bits. $I(X;X')$ reaches half of its final value, 1.5 bits, at the third record. From there on the
# largest input MI is 4.2 bits, and the last is 4. The fall from 5 to 3 bits comes before the fitting and does
# not count.
# :::
#
# **2. Ten times the bottleneck.** Multiply a bottleneck by ten, and let the decoder divide by ten. The
# network gives the same answers. What do noise of one level and noise of the total deviation say of the new
# bottleneck?
#
# :::{dropdown} Solution
# Noise of one level disturbs the larger numbers less, so the information rises. Noise of the total deviation
# grows along, and nothing changes.
#
# ```python
# import torch
#
# from ipae_lib.exact import OneLevel, TotalDeviation, exact_plane
#
# generator = torch.Generator().manual_seed(0)
# x = torch.rand(200, 4, generator=generator).double()
# variables = {"X": x, "Z": x[:, :2], "10 Z": 10 * x[:, :2]}
# noise = {"one level": OneLevel(0.3), "total": TotalDeviation(0.3)}
# plane = exact_plane(variables, noise, progress=False).input_mi
# gain = plane.sel(layer="10 Z") - plane.sel(layer="Z")
# assert gain.sel(noise="one level") > 1
# assert abs(gain.sel(noise="total")) < 0.01
# ```
# :::
#
# **3. A whisper.** The units of a layer vary by a millionth. What does the proposed rule say of it with
# $\epsilon = 10^{-8}$, and with $\epsilon = 0$?
#
# :::{dropdown} Solution
# The variance is $10^{-12}$, far below $\epsilon$. So the layer counts as constant and seems to know nothing.
# With $\epsilon = 0$ the scale is divided out.
#
# ```python
# import torch
#
# from ipae_lib import MatrixRenyi, ProposedWidth, toys
#
# generator = torch.Generator().manual_seed(0)
# x, t = toys.correlated_gaussians(256, 10, 0.9, generator)
# as_in_the_paper = MatrixRenyi(ProposedWidth(0.8), eps=1e-8)
# scale_free = MatrixRenyi(ProposedWidth(0.8))
# assert as_in_the_paper(x, 1e-6 * t) < 0.01
# assert torch.isclose(scale_free(x, 1e-6 * t), scale_free(x, t))
# ```
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*runs[2], *runs[32], stretch, *losses))
