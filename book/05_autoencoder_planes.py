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
# compression phase; under the proposed rule the same networks show next to none. Both are true. Computed
# without an estimator, the phase is there if the noise of *Definition 5* is the same for all layers. If the
# noise follows their scale, the median layer shows next to none. The previous rule follows the first truth,
# and the proposed rule the second.
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
# - how closely the previous rule's estimates follow the variance of the layers, and what is gone when the
#   variance is held;
# - how much depends on $\gamma$, on $\alpha$ and on how often one looks.
#
# **In the paper**: Sec. IV-B, Figs. 5 to 8. Fig. 9 is in [chapter 6](06_bottleneck_sweep.ipynb).
#
# **Runs** in seconds from the stored results, which are trainings of the paper's size. Made anew,
# a plane takes some hours on one CPU core.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"
live = False

# %%
import pandas as pd
import torch

from ipae_lib import MatrixRenyi, ProposedWidth, theory
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
# error of an image summed over its pixels, halved, or averaged? How are the weights drawn at the start?
# Here they are Glorot-uniform {cite}`glorot2010`, or four times as large, as advised for sigmoids. The biases
# are zero.
#
# Both choices change the first steps. An average makes each step 784 times smaller than a sum.
# Small weights make it smaller still. A network of sigmoids first learns to answer every image with
# the mean of all images. With small steps it stays there. {numref}`fig-loss` shows the test error of
# six networks with $K = 32$ that differ in these two choices alone.


# %% tags=["remove-stderr"]
def result(run):
    return experiments.run_or_load(run, live, device=device)


plateau = experiments.mean_image_error(images=10_000)
errors = ch05.learning(settings, result)
for name, error in errors.items():
    updates = int(error.iteration[-1])
    print(f"{name:<17} {error[-1].item():.4f} after {updates:,} updates")
print(f"{'mean image':<17} {plateau:.4f}")

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-loss", "caption": "Test error of six networks with K = 32, those of some begin above the frame. The squared error of an image is summed over its pixels, halved, or averaged. The initial weights are Glorot-uniform, or four times as large. Grey line: the error of answering with the mean image."}, "image": {"alt": "Test error per pixel against iteration. All six curves fall to the line of the mean image. With the mean and Glorot weights it stays there to the end. With the mean and larger weights it crosses the line after some thousand iterations, still falling at the end. The sums with Glorot weights stay on the line to iteration one thousand or three thousand. Those with larger weights cross it before iteration one hundred. These four fall well below."}}
figures.learning_curves(errors, plateau)

# %% [markdown]
# With the average and Glorot's weights the network stays at the mean image for the whole training. With
# larger weights it passes it late. The other four learn. From Glorot's weights the sum learns sooner than
# half of it; from larger weights both learn about equally soon.
#
# The paper minimises "the MSE". Read literally, that is the average. But its planes clearly belong to networks
# that learn early in the training, so something else was meant, and it cannot be told what.
#
# So this chapter follows two of the choices, with five networks of each size. One takes the sum and Glorot's
# weights. The other takes half the sum, and four times the weights. Both were chosen before these networks
# were trained, and the criteria of the [ledger](10_claims.ipynb) were frozen before, too. The ledger tells which
# choice comes closest to the paper, and has numbers on the other four.

# %% tags=["remove-stderr"]
cells = ch10.cells_of(
    settings, result, plateau, live, experiments.PRINCIPAL
)
planes = ch05.planes_of(cells, settings.plane_sizes)
for name, plane in ch05.titled(planes).items():
    seeds = ", ".join(str(seed) for seed in plane.seed.values)
    print(f"{name}: seeds {seeds}")

# %% [markdown]
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
# standard deviations over seeds. The shaded area is the
# feasible triangle of the theory, with $M = I(X;X)$ from the same estimator.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-6", "caption": "Information planes under the previous rule, for two ways to train and two sizes of the bottleneck. Each line is one layer's path during training. Large markers are the ends, with standard deviations over seeds. Shaded: the feasible triangle."}, "image": {"alt": "Two panels of input MI against output MI in each of four rows, encoder left and decoder right. For K = 2 all paths rise to the right and end below the bisector, far from one another. For K = 32 they rise likewise. Then most paths turn back towards the left and end on the bisector. The last decoder layer goes on to the upper right corner. With Glorot weights the first encoder layer and the second decoder layer hardly turn. With four times the weights the path of the first encoder layer begins far to the right."}}
previous = ch05.titled(planes, estimator="previous")
figures.information_planes(previous)

# %% [markdown]
# With Glorot's weights all layers but the first start near the origin. Before training they vary little from
# one image to the next, and a width of a few units takes all images for the same one. Four times the weights
# spread the first two layers, which start farther to the right. As the networks learn, the points move up
# and to the right. With $K = 2$ they do so to the end, and most stay away from the bisector. With
# $K = 32$ most layers turn round. Their input MI falls while the reconstruction still improves, and
# they end near the bisector. This is the *compression phase* that {cite:t}`yu2019` describe.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
numbers = ch05.summary(planes)
say(
    """But look where the layers end. $T_3^D$ is a function of $Z$ alone. Yet for the large
    bottleneck it seems to hold at least {excess:.2f} bits more about the input than $Z$.""",
    numbers,
)

# %% [markdown]
# ## The planes under the proposed rule
#
# {numref}`fig-7` shows the same networks, at the same iterations and on the same images. Only the
# kernel width has changed. The dotted lines mark $I(X;X')$ at the end of training with $K = 2$.
# That is what this bottleneck lets through.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-7", "caption": "The same networks and iterations as in the figure before, under the proposed rule. Dotted line: the information that the bottleneck of two units lets through, I(X;X′) at the end."}, "image": {"alt": "Two panels of input MI against output MI in each of four rows, encoder left and decoder right. Encoder paths start on the right at zero output MI. With Glorot weights they move left while the output MI is small, then turn and climb. With larger weights they move left less, and climb meanwhile. For K = 2 they end spread out below the bisector, decoder layers close to it. For K = 32 all end close together on the bisector, to the right of the triangle's edge, and hardly one turns back."}}
proposed = ch05.titled(planes, estimator="proposed")
small = settings.plane_sizes[0]
through = ch05.restrictions(planes, "proposed", small)
figures.information_planes(proposed, restrictions=through)

# %% [markdown]
# The picture is another one. An untrained encoder already tells the images apart once its
# activations are standardised. So its layers start far to the right. Then the network with Glorot's weights
# retreats to the mean image. Its deeper layers come to agree on one direction of variation, and their input
# MI falls. When the network starts to reconstruct, the paths turn and climb towards the bisector. With four
# times the weights the encoder retreats less, and climbs meanwhile.
#
# For $K = 2$ the encoder layers stop at different distances from the bisector. That is the
# compression that the theory allows before a small bottleneck. For $K = 32$ all layers climb nearly to the end,
# close together.
#
# Where each layer ends: the input MI in bits, mean over batches and seeds.

# %%
final = {
    name: run.isel(iteration=-1).mean("batch")
    for name, run in planes.items()
}
inputs = {name: run.input_mi for name, run in final.items()}
ch05.by_layer(inputs).round(2)

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
# - *Compression in the encoder.* The theory {eq}`eq-14` allows a fall from $T_1^E$ to $T_3^E$ when the
#   bottleneck is small, and none when it is large. The proposed rule shows a fall for the small one alone.
#   The previous rule shows a fall for both sizes.
# - *Order of the layers.* Where layers pass on what is measured of them, $T_3^D$ is not above $Z$
#   {eq}`eq-13`. Under the proposed rule it is not, or by less than a tenth of a bit.
#
# Three things are out of line under the proposed rule.
#
# - The bottleneck is a function of $T_3^E$, and is estimated above it, but for $K = 2$ by the second training.
#   The paper notes the same of its Fig. 9. Two dimensions and 250 do not share one scale, even with
#   $\sqrt{d}$ in the width.
# - For $K = 2$ the input MI rises along the decoder.
# - For $K = 32$ the layers end *above* $X$ on average, beyond $M = I(X;X)$. Under the previous rule some
#   layers do so, too. For this estimator that breaks no law, as is shown [below](beyond-m).
#
# ## Compression, layer by layer
#
# A *compression phase* is a fall of $I(X;T)$ that follows the fitting. Count the time as the
# [ledger](10_claims.ipynb) does: from when the reconstructions first explain half of the variance that they
# explain at the end. This moment is the same for all ways to look. Take the largest input MI from then on,
# less the one at the end. Paths are averaged over three neighbouring records before. In bits, mean over
# seeds:

# %%
hidden = {"layer": list(HIDDEN_LAYERS)}
phases = {}
for name, run in planes.items():
    phase = compression_phase(
        run.mean("batch"), ch05.RECORDS, since=run.fitted
    )
    phases[name] = phase.sel(hidden)
ch05.by_layer(phases).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Under the previous rule most layers fall with the large bottleneck. The largest fall is
    {phase_least:.2f} bits by one training and {phase_most:.2f} bits by the other. $T_3^D$ does
    not fall, as the paper says.

    Under the same rule no layer of any network with the small bottleneck falls by more than
    {small_phases:.2f} bits. Under the proposed rule the large bottleneck has falls of at most
    {large_phases:.2f} bits.

    The table has one surprise. Under the proposed rule the layers of the encoder fall for the *small*
    bottleneck, by the second training alone. There the mean fall of a layer is up to
    {small_proposed:.2f} bits.""",
    numbers,
)

# %% [markdown]
# ## Held to the theory
#
# Let each layer pass on what is measured of it. Then three statements hold at every iteration, trained or
# not (see {prf:ref}`lem-1` and {eq}`eq-13`). The input MI does not rise from one layer to the next. The
# output MI is the same for all layers. No layer leaves the triangle. `theory.check_plane` measures
# by how many bits a recorded plane breaks each of them.
#
# The condition matters. Noise that is added to each layer for the look alone is not passed on. It can break
# the first statement and the last, even in exact planes ([chapter 7](07_ground_truth.ipynb)). A kernel width
# acts as such a noise ([chapter 2](02_estimator.ipynb)). So what is broken here need not be an error of the
# estimate.

# %%
checks = {
    name: theory.check_plane(run.mean("batch"))  # one check a network
    for name, run in planes.items()
}
tests = {
    "forward_total": "(a) rises of input MI",
    "output_spread": "(b) spread of output MI",
    "outside_total": "(c) outside the triangle",
}
at_end = {
    (rule, *name): check[[*tests, "m"]]
    .sel(estimator=rule, drop=True)
    .isel(iteration=-1, drop=True)
    .mean("seed")
    .to_pandas()
    for rule in ("previous", "proposed")
    for name, check in checks.items()
}
pd.DataFrame(at_end).rename({**tests, "m": "M"}).round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-checks", "caption": "By how many bits the recorded planes break what holds where layers pass on what is measured of them. (a) Sum of the rises of the input MI from one layer to the next. (b) Largest minus smallest output MI. (c) Distance from the feasible triangle, summed over layers. Top: summed error, Glorot weights; bottom: half the sum, four times the weights. Lines: means over seeds. Bands: from the lowest seed to the highest."}, "image": {"alt": "Three panels against the iteration in each of two rows. Under the previous rule the rises of the input MI and the spread of the output MI grow from zero to several bits. Under the proposed rule they end at one bit or less. The layers lie outside the triangle under the proposed rule early in training, and again late, most for K = 32."}}
figures.theory_violations(checks, tests)

# %% [markdown]
# Under the previous rule the input MI rises by bits from layer to layer, and the output MI differs
# by bits, too. Under the proposed rule both are far smaller, for both sizes. Compare the sizes with
# $M$, the range of each rule, in the last row.
#
# (beyond-m)=
# ### Beyond $M$
#
# The right edge of the triangle in panel (c) is the estimate of $M = I(X;X)$. Under the proposed rule
# encoder layers lie beyond it before the networks learn. At the end all layers of the large bottleneck do.
# Under the previous rule some layers do. Is something wrong with such a layer? No: for this estimator
# $I(X;X)$ is not the largest $I(X;T)$ ([chapter 2](02_estimator.ipynb)). What no $I(X;T)$ exceeds is
# $\min\{S(X), S(T)\}$. The table has the largest share of either that any layer reaches, at any record, on
# any batch:

# %%
ch05.against_bounds(planes).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    In every column some layer exceeds $I(X;X)$: the largest shares are {least:.2f} to {most:.2f}. No layer
    exceeds the bound. Its largest share is {bound:.2f}.
    """,
    ch05.told_of_bounds(ch05.against_bounds(planes)),
)

# %% [markdown]
# Another cause comes to mind. $X$ is standardised with statistics shared by all pixels, and the layers
# dimension by dimension. Take the untrained network, and standardise $X$ as the layers are:

# %%
alike = MatrixRenyi(ProposedWidth(0.8), eps=1e-8, dimensions="all")
two = {"shared": estimators["proposed"], "as the layers": alike}
control = InformationPlane(model, HIDDEN_LAYERS, list(batches), two)
control = control.record().mean("batch").rename(estimator="X")
shown = control.input_mi.sel(layer=[INPUT, "E1", "E2", "E3", "Z"])
shown = shown.to_pandas().rename(columns=TEXT_LABELS)
shown.assign(excess=shown["T₁ᴱ"] - shown["X"]).round(2)

# %% [markdown]
# The layers stay to the right of $X$, by as much as before. So the shared statistics are not the cause.
#
# ## In truth
#
# Both rules are estimates. What do such networks do? The images are all stored, so *Definition 5* can be
# computed at every record. {cite:t}`goldfeld2019` did so for networks that have noise of their own.
# {cite:t}`lorenzen2022` quantised whole networks and counted. Here the network is the paper's, and the
# noise is only added to look at it. {cite:t}`lee2021` recorded several types of autoencoders by the
# matrix-based estimator, and found the phase in some. {cite:t}`butakov2024` compress layers before they
# estimate.
#
# The definition leaves the noise open. Three kinds are followed, each Gaussian:
#
# | noise | standard deviation | what follows |
# |---|---|---|
# | one level | the same for all layers | the simplest reading; a layer that stretches gains |
# | layer's deviation | a share of the layer's root mean variance | a copied unit counts as a new one |
# | total deviation | a share of the root of the layer's total variance | a copy, a rotation or a factor changes nothing |
#
# Each leaves the images the same information, half of what tells them all apart. The last one is the
# counterpart of $\sqrt{d}$ in {eq}`eq-30`.
#
# {numref}`fig-truth` puts each rule beside a truth that it is like. All shares are of the whole: of
# $S(X)$ for a rule, and of $M$ in truth.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-truth", "caption": "The same networks by the paper's two rules and in truth, as shares of the whole. Thin lines: paths of the layers, one a seed. Markers: the means of their ends, with standard deviations over seeds as bars. Shaded: the feasible triangle. The third noise, the layer's deviation, is in the tables alone."}, "image": {"alt": "Four panels for each way to train and size. By the previous rule and in truth under noise of one level, paths begin on the left, but for the first layer with larger weights. They climb to the right; for K = 32 most turn back at the end. In truth many end left of the bisector. By the proposed rule and in truth under noise of the total deviation, encoder paths begin far to the right. They fall back to the left, turn, and climb without turning back."}}
figures.planes_in_truth(
    ch05.in_truth_and_by_rule(cells, settings.plane_sizes)
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

    By its course the proposed rule is about as close to the truth under the layer's deviation: {units:.3f}.
    By distance the total deviation is nearer, {apart:.2f} of the whole against {units_apart:.2f}.
    """,
    ch05.courses(near),
)

# %% [markdown]
# Each rule is like its own truth in the compression, too. The table has the compression phases of the
# large bottleneck as the ledger measures them, as shares of the whole. The whole of a rule is $S(X)$. The
# median leaves out $T_3^D$, since the paper says that it does not fall. The worst layer is that of all:

# %%
ch05.phases_in_truth(cells).round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    Take the median layer, in any of these cells. By the previous rule it falls by {previous:.1%} of the
    whole or more, and in truth under noise of one level by {one:.1%} or more.

    By the proposed rule it falls by {proposed:.1%} or less, and in truth under noise of the total
    deviation by {total:.1%} or less.

    The worst layer in truth under noise of the total deviation falls by {worst_least:.1%} by one training.
    By the other it falls by {worst_most:.1%}, where {visible:.1%} counts as visible. In the ledger the claim
    that no layer falls visibly holds by the one training, and is not decided by the other.
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
# So both sides of the debate were right about something, in these networks. Under the simplest reading of
# *Definition 5*, with one noise for all layers, the compression phase is real. The variance of the layers
# falls, and the noise does not. If the noise follows the scale of a layer, the median layer keeps nearly all.
# What it loses in variance, it does not lose in detail. Which of the two is *the* information of a
# deterministic network, no estimator can decide. {cite:t}`geiger2022` comes to a similar end about
# classifiers: what is seen is geometry as often as information.
#
# Also the order of the layers is broken in truth, under every noise here: none of them is passed on from
# layer to layer. In {numref}`fig-truth` look at $T_3^E$ and $Z$, which is computed from it, under noise of
# one level. There a layer gains where it stretches ([chapter 7](07_ground_truth.ipynb)). But stretching is
# not all of it. Noise of the total deviation takes no notice of a factor. Under it, too, the input MI rises
# along the decoder, and layers lie above the bisector. How far, in shares of the whole? The table has means
# over seeds:

# %%
ch05.broken_in_truth(cells).round(2)

# %% [markdown]
# What can you do with it? Say which noise you mean before you say that a network compresses. If the scale of
# a unit has no meaning for what comes behind, as in front of a trained linear layer, take the total
# deviation. If the next step has noise of its own, take that.
#
# How sure is it? The networks of one size differ in their seed, and do alike: each has a thin line in the
# figure. The [ledger](10_claims.ipynb) tests the claims on the planes on them, by rules and in truth.
#
# ## Variance
#
# Why does the previous rule move at all? A width that does not follow the scale of a layer reads
# growing variance as growing information. {numref}`fig-8` shows the variance of the layers during
# training.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-8", "caption": "Variance of each layer during training, mean over its dimensions and the test batches. The variance of the bottleneck is far larger and has an axis of its own. Lines: means over seeds. Bands: from the lowest seed to the highest."}, "image": {"alt": "Three panels of variance against iteration in each of four rows. With Glorot weights variances stay near zero for the first thousand iterations and then rise steeply, with larger weights they rise sooner. The bottleneck's reach the largest values. For K = 2 they rise to the end. For K = 32 they reach a maximum on the way and fall, except that of the last decoder layer."}}
shown = ch05.titled(planes).items()
figures.variances({name: run.variance for name, run in shown})

# %% [markdown]
# Does the estimate follow the variance? Take the rank correlation, over the iterations, of a layer's
# variance and its input MI. It is 1 where the two always rise and fall together.


# %%
def correlation(run):
    run = run.mean("batch").sel(hidden)
    return rank_correlation(run.input_mi, run.variance)


together = {name: correlation(run) for name, run in planes.items()}
ch05.by_layer(together).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Averaged over layers, sizes and both trainings it is {follows_previous:.2f} for the
    previous rule and {follows_proposed:.2f} for the proposed one. With $K = 32$ the variances
    reach a maximum and then fall by up to {variance_fall:.0%}.""",
    numbers,
)

# %% [markdown]
# For $K = 2$ all variances rise nearly to the end, with small setbacks in some networks. So does the
# previous rule's information. For $K = 32$ the variances rise and fall in all layers but $T_3^D$, and the
# information in most. This is how the paper explains the compression that {cite:t}`yu2019` report. It also warns that a
# correlation is no cause.
#
# Do the two go together step by step as well? Here are the correlations under the previous rule after the
# fitting alone:

# %%
late = {}
for name, run in planes.items():
    run = run.sel(estimator=["previous"])
    in_all_networks = run.fitted.all("seed").values
    late[name] = correlation(run.isel(iteration=in_all_networks))
ch05.by_layer(late).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """By the second training they do: for the large bottleneck no layer's correlation is below
    {second:.2f}. By the first training the least is {first:.2f}, of the first encoder layer. Its
    variance has long been falling while its information still rises. So the mean variance of a
    layer's units is not all that the width is compared with.""",
    ch05.least_correlations(late),
)

# %% [markdown]
# ### An intervention
#
# A correlation can be put to the test: hold the variance, and look again. Here each layer's activations are
# rescaled, so that their mean variance is always that of the images. The networks stay as they are. If the
# variance were not the cause, the fall under the previous rule would stay.
#
# From the previous rule to the proposed one there are two steps. One divides the scale of each unit out,
# {eq}`eq-29`. The other puts $\sqrt{d}$ in the width, {eq}`eq-30`. Each can be taken alone. Then $\gamma$ is
# the same for all layers, the one that leaves $X$ its width. The table has the large bottleneck in shares of
# $S(X)$, on two test batches: the fall of the median layer but $T_3^D$, of single records, and by how much
# $T_3^D$ is above $Z$ at the end.

# %%
steps = ch05.one_step_at_a_time(cells)
steps.round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    These are means over {networks} networks of each training. With the variance held, the fall is at most
    {held:.1%} of the whole.

    Two pairs of rows differ in one step and in nothing else. $\\sqrt{{d}}$ alone and both differ in (29).
    Without it the fall is {root:.1%} or more, and with it at most {both:.1%}.

    (29) alone and both differ in $\\sqrt{{d}}$. Without it $T_3^D$ is above $Z$, by {above:.1%} of the whole
    or more. With it $T_3^D$ is below $Z$, by {below:.1%} or more.
    """,
    ch05.told_of_steps(steps, cells),
)

# %% [markdown]
# So in these networks the fall under the previous rule needs the change of variance, and {eq}`eq-29` takes
# it away. The order of $T_3^D$ and $Z$ is restored by $\sqrt{d}$, and not by holding the variance. Each step
# of the paper cures one of the two. The first two rows differ in more than $\sqrt{d}$, since $Z$ loses its
# own $\gamma$ there.
#
# ## Does γ decide what we see?
#
# The paper tried $\gamma \in [0.1, 10]$ and says that the dynamics can be seen for most of them.
# {numref}`fig-gamma` draws the planes of one network of each size for five values, trained on the sum from
# Glorot's weights.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-gamma", "caption": "Planes of one network of each size under the proposed rule for five values of γ, at a quarter of the recorded iterations. The shaded triangle is that of the same γ."}, "image": {"alt": "Ten small planes: K = 2 above and K = 32 below, gamma from 0.1 to 10. The paths have the same bent shape in all of them, but the axes shrink from nine bits to a hundredth of a bit. At the large gammas paths cross the bisector, and the bottleneck of K = 2 leaves it far behind."}}
scanned = ch05.scanned(cells, settings.plane_sizes)
by_gamma = {k: ch05.by_gamma(run) for k, run in scanned.items()}
figures.gamma_planes(by_gamma, (0.1, 0.32, 1, 3.2, 10))

# %% [markdown]
# The size changes by orders of magnitude, from everything to next to nothing. The course does not.
# How much alike are the courses? For each $\gamma$, take the rank correlation over the iterations of
# every layer's input and output MI with that of the paper's $\gamma = 0.8$. Then average. The result
# is 1 where all rise and fall together.

# %%
seen = {k: ch05.measure_scans(run) for k, run in scanned.items()}
likeness = {k: scans.likeness.to_series() for k, scans in seen.items()}
pd.DataFrame(likeness).round(2)

# %% [markdown]
# Around the paper's value the courses hardly differ. For a large $\gamma$ they do: a large width sees so
# little that what remains has another order.
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
# alike. Then most of these values show it, but not the largest. The [ledger](10_claims.ipynb) decides about
# the findings.
#
# ### Is α = 1.01 Shannon's?
#
# The limit $\alpha \to 1$ is Shannon's entropy. At the end of training, the input MI in bits:

# %%
by_alpha = {}
for k, run in scanned.items():
    last = scan(run, "alpha").isel(iteration=-1).mean("scan_batch")
    shown = last.input_mi.sel(layer=[INPUT, *HIDDEN_LAYERS])
    by_alpha[k] = shown.to_pandas()
pd.concat(by_alpha).rename(columns=TEXT_LABELS).round(2)

# %% [markdown]
# The paper's $\alpha = 1.01$ and the limit agree to within a tenth of a bit. Other orders give other
# values: the larger $\alpha$, the less. They give another order of the layers as well.
#
# ## Every iteration, or a few?
#
# The paper estimates at every iteration, slides a Hann window over 500 of them, and plots a
# log-spaced subset. Here only forty log-spaced iterations are recorded, and nothing is smoothed. Does that
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
whole = cells["sum, Glorot"].large[0]
spaced = every.sel(iteration=every.iteration.isin(whole.iteration))

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-density", "caption": "Estimates on one test batch at every iteration (thin), under a Hann window of 500 iterations (thick), and at the log-spaced iterations that the other figures use (markers)."}, "image": {"alt": "Input and output MI of three layers between iterations 500 and 1,700. The markers lie on the thin lines of all iterations, which fall or rise steeply near iteration 1,100. The thick smoothed lines are rounder there."}}
figures.recording_density(every, smoothed, spaced, ["E3", "Z", "D1"])

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """In this stretch {records} log-spaced records stand for all. They keep the course
    and cut the corner. A straight line between two of them is up to {missed:.2f} bits from
    the iterations between, and {missed_mean:.3f} bits from them on average.

    The window has its price, too. Where the paths turn it is up to {blurred:.2f} bits
    off, because 500 iterations are longer than the turn.

    So read directions and ends off these planes, and not how sharp a turn is.""",
    ch05.recording_errors(every, smoothed, spaced),
)

# %% [markdown]
# ## Recap
#
# | the paper says | we find |
# |---|---|
# | a large $K$ shows compression under the previous rule | yes, in most layers |
# | and none under the proposed rule | yes, or next to none |
# | under the previous rule $T_3^D$ lies far above $Z$ for $K = 32$, against the DPI | yes, by bits; where the noise is not passed on, it may |
# | under the proposed rule this is less significant, probably because of $\sqrt{d}$ | yes: for $K = 32$ $T_3^D$ is below $Z$, and without $\sqrt{d}$ it is far above |
# | for small $K$ the encoder compresses, for large $K$ it does not | yes, under the proposed rule |
# | all layers have the same output MI; measured planes violate it, most for $K = 2$ | yes; under the proposed rule $K = 2$ is worst by the first training, $K = 32$ by the second |
# | the variance rises for $K = 2$, and rises and falls for $K = 32$ except in $T_3^D$ | yes, if "always" leaves room for setbacks |
# | the previous rule's estimates follow the variance | over the whole training, yes; under the proposed rule most encoder layers go against it |
# | the compression phase might be caused by variance changes | yes: with the variance held next to nothing is left of it |
# | the compression phase comes from the estimator | from what it measures: it is there in truth under noise of one level. Under noise of the total deviation the median layer shows next to none; that no layer does is decided by one training alone |
# | the proposed rule's planes are closer to the theory | in the order of the layers; the right edge $I(X;X)$ is no bound under either rule |
# | the dynamics can be seen for most $\gamma$ in $[0.1, 10]$ | the two findings can; the whole course up to about 1, and farther for $K = 32$ |
#
# The [claims ledger](10_claims.ipynb) has a number for each of these, and decides most by a test.
#
# ## Exercises
#
# **1. Is it a compression phase?** At four records the reconstructions explain 0, 0.1, 0.5 and 0.8 of the
# variance. A layer's input MI is 5, 3, 4.2 and 4 bits. How large is its compression phase, without averaging
# records?
#
# :::{dropdown} Solution
# 0.2 bits. Half of what is explained at the end, 0.4, is reached at the third record. From there on the
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
runs = [
    run for one in cells.values() for run in (*one.small, *one.large)
]
print(experiments.footer(*runs, stretch))
