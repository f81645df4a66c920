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
# # Cost and scale
#
# ```{admonition} Result
# :class: tip
# Recording the paper's two rules costs less than training the network.
# A third rule in double precision, which is the default, makes it cost more.
# The truth of a network costs less than two records of its estimates.
# All 60,000 training images fit into one estimate, without a matrix of that size. Its error bar is wide.
# More samples do not lift the planes to a higher ceiling. Their pictures stay what they were.
# The violations of the theory shrink for the large bottleneck, and grow for the small one.
# What decides is the kernel width, not the number of samples.
# ```
#
# **What you will learn**
#
# - what recording a plane costs, and what makes it cheap;
# - what the truth of a network costs beside that;
# - how the entropy of a matrix is estimated without its eigenvalues, and without the matrix;
# - why a trace that is known should never be estimated;
# - what the planes look like with up to 10,000 test images, and with all 60,000 training images.
#
# **In the paper**: Sec. IV-A and IV-B, where 512 samples are all that memory allows.
#
# **Runs** in about a minute, from stored results.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import math

import pandas as pd
import torch
import xarray as xr

from ipae_lib.data import mnist
from ipae_lib.entropy import renyi_entropy
from ipae_lib.estimators import MatrixRenyi, StochasticMatrixRenyi
from ipae_lib.kernels import ProposedWidth, gaussian_gram, standardize
from ipae_lib.layers import INPUT
from ipae_lib.stochastic import Probing
from study import experiments, figures, large
from study.chapters import ch09
from study.costs import measuring
from study.text import say

# %% [markdown]
# ## What a checkpoint costs
#
# A checkpoint is two numbers for each of nine variables, in ten batches of 512 images. The loop
# that one writes first builds two Gram matrices for each number and batch. It decomposes both
# matrices and their product.
#
# Another loop builds each matrix once. We wrote it in the way one uses
# [`repitl`](https://github.com/uk-cliplab/representation-itl), which has functions for one matrix or two.
# It takes the eigenvectors of each matrix too, so it is slower than the first loop. It decomposes the
# matrices of $X$ and $X'$ again for each layer. `repitl` itself was not timed.
#
# `InformationPlane` gives the same numbers, and works less:
#
# - it builds each matrix once, and decomposes none twice;
# - it decomposes the matrices of $X$ once in the whole training;
# - it gives each matrix one thread, and takes several matrices side by side;
# - it stops at the tridiagonal form of a matrix, half way to the eigenvalues.
#
# The three ways took turns on one machine. The table shows the median of five turns, and how many
# times as long each way takes as `InformationPlane`. `least` and `most` are over the turns.

# %%
checkpoint = measuring.load("checkpoint")
print(ch09.machine(checkpoint))
ch09.checkpoint_costs(checkpoint).round(2)

# %% [markdown]
# All ways agree, and single precision adds a small error. The largest differences, in bits:

# %%
ways = checkpoint["precisions"]["float64"]["largest_difference_bits"]
precisions = checkpoint["float32_error_bits"]
print(f"InformationPlane against the loops: {ways:.0e}")
print(f"single against double precision:    {precisions:.0e}")

# %% [markdown]
# A whole training has 100 epochs, and 200 records. They are under the paper's two rules, or under these
# and the scale-free one. Some hundred updates and a few records were timed, and multiplied:

# %%
recorded = measuring.load("recording")
print(ch09.machine(recorded))
recording = ch09.recording_costs(recorded)
recording.round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """In double precision, the default, records of two rules add {two:.0%} to the time of the
    training, and those of three {three:.0%}. In single precision three rules add {single:.0%}.""",
    two=recording.share["200 records in float64, two rules"],
    three=recording.share["200 records in float64"],
    single=recording.share["200 records in float32"],
)

# %% [markdown]
# `python -m study costs checkpoint` and `python -m study costs recording` measure your machine.
# Both take `--device cuda`. What they say there is not known yet.
#
# ## The truth at the price of an estimate
#
# The exact plane of [chapter 5](05_autoencoder_planes.ipynb) needs no matrix. It asks some hundred
# images, with noise, how far all others are from them. So its cost grows with $N$.
#
# Here all 10,000 test images stand beside a record, which is ten batches of 512 for one rule. The
# truth has three levels of noise. They leave the images a half, or nine tenths, of $\log_2 n$.
# All took turns, five times, with one thread and with all. The network has $K = 32$.

# %%
truth = measuring.load("truth")
print(ch09.machine(truth))
print("updates before: {updates:,}".format(**truth["settings"]))
ch09.truth_costs(truth).round(3)

# %% [markdown]
# `seconds` are medians, `least` and `most` are over the turns. The last column is the largest
# standard error, in bits. A last plane is that of all 60,000 training images, at nine tenths.
# Goals were set before `exact_plane` was written. Beside each is the worst of all turns:

# %%
goals = ch09.truth_goals(truth)
goals.assign(met=goals.found <= goals["at most"]).round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """These are costs of one network. In all stored runs, to the end of their training, {above}
    of {number:,} standard errors are above the goal. The largest has {largest:.2f} bits. Those are of networks with
    a bottleneck of one unit.""",
    ch09.stored_errors(),
)

# %% [markdown]
# `python -m study costs truth` measures your machine.
#
# ## Without eigenvalues
#
# The exact method decomposes three matrices for each layer, at a cost that grows with $N^3$. Its
# memory grows with $N^2$, here in double precision:

# %%
for n in (512, 10_000, 60_000):
    print(f"N = {n:>6,}: {n**2 * 8 / 1e9:7.3f} GB a matrix")

# %% [markdown]
# But {eq}`eq-18` does not need eigenvalues. It needs a trace,
#
# $$
# S_\alpha(A) = \frac{1}{1-\alpha} \log_2 \operatorname{tr} A^\alpha ,
# \qquad
# \operatorname{tr} f(A) = \mathbb{E}\left[q^\top f(A)\, q\right]
# $$
#
# for any random vector $q$ of independent entries $\pm 1$. Such a vector is a *probe*.
#
# Here it is for 512 images of MNIST and $\alpha = 1.01$. This cell takes $f(A)$ from the
# eigenvalues, to see what the *randomness* alone costs. Two ways are tried: the trace of
# $A^\alpha$, and the trace of what $A^\alpha$ has beyond $A$.

# %%
alpha, n = 1.01, 512
images = mnist(train=False)
x = standardize(images[:n].double(), "all", eps=1e-8)
gram = gaussian_gram(x, ProposedWidth(0.8)(*x.shape))
exact = float(renyi_entropy(gram, alpha))

values, vectors = torch.linalg.eigh(gram)
values = values.clamp(min=0)
generator = torch.Generator().manual_seed(0)
probes = torch.randint(0, 2, (50, n, 200), generator=generator)
probes = (2.0 * probes - 1).transpose(0, 1).reshape(n, -1).double()
weights = (vectors.T @ probes) ** 2
power = (values**alpha @ weights).reshape(50, 200).mean(0)
less = ((values**alpha - values) @ weights).reshape(50, 200).mean(0)
traces = {"tr Aᵅ": power, "1 + tr(Aᵅ − A)": 1 + less}

print(f"entropy {exact:.2f} bits; error of 50 probes:")
for name, trace in traces.items():
    error = trace.log2() / (1 - alpha) - exact
    print(f"{name:<15} {error.square().mean().sqrt():.2g} bits")

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """The first way is the obvious one, and it is useless: its error is larger than the
    entropy. The logarithm is divided by $1 - \\alpha$, so a small error of the trace comes
    back {gain:.0f} times as large.""",
    gain=1 / (abs(1 - alpha) * math.log(2)),
)

# %% [markdown]
# But $\operatorname{tr} A = 1$ is *known*, and nearly all of $A^\alpha$ is $A$. The second way
# estimates only what is left, from the same probes. *What is known should not be estimated.*
#
# {cite:t}`dong2022` approximate matrix-based entropies by random probes, too. `ipae_lib.stochastic` goes
# on from the known trace in four steps.
#
# 1. $q^\top f(A)\, q$ needs no eigenvalues of $A$. A few steps of the Lanczos recursion from $q$
#    give a small tridiagonal matrix. Its eigenvalues stand in for those of $A$
#    {cite}`ubaru2017`. The recursion needs products $A q$ alone.
# 2. These steps are Gauss's quadrature, which errs to one side. Radau's quadrature, with a node at
#    0, errs to the other {cite}`golub2010`. The truth lies between, so the cost of a short
#    recursion is bounded.
# 3. The few large eigenvalues are not left to chance. In the subspace of a few products with $A$
#    the trace is a plain sum; the probes estimate the rest {cite}`meyer2021`. The probes' lengths
#    and their forms $q^\top A\, q$ are known. They correct the estimate by regression.
# 4. $A$ is never stored. Its tiles are made from the samples, multiplied and forgotten; only those
#    above the diagonal are made. The joint matrix of {eq}`eq-19` needs no product of matrices. For
#    Gaussian kernels it is the Gram matrix of the samples side by side,
#    $[x/\sigma_x,\, y/\sigma_y]$.
#
# The three entropies of an information share their probes, so much of their errors cancels. What
# comes back is a value, its standard error, and the bound of step 2. The error bar is two standard
# errors and the bound. Here it is for the information of the images' upper halves about the lower:

# %%
settings = {
    "width": ProposedWidth(0.8),
    "groups": {INPUT: "all"},
    "eps": 1e-8,
    "dimensions": "all",
}
exact_method = MatrixRenyi(**settings)
stochastic_method = StochasticMatrixRenyi(
    **settings, probing=Probing(seed=1)
)
halves = images[:1000].double().chunk(2, dim=1)
exact = float(exact_method(*halves, INPUT, INPUT))
found = stochastic_method.estimate(*halves, INPUT, INPUT)
print(f"exact       {exact:.3f} bits")
value, bar = f"{found.value:.2f}", f"{found.error_bar:.2f}"
print(f"stochastic  {value}  bits, error bar {bar}")

# %% [markdown]
# ## Ten thousand and sixty thousand
#
# Now all 10,000 test images, and the bottleneck of a network in training:

# %%
many_samples = measuring.load("many_samples")
print(ch09.machine(many_samples))
ch09.method_costs(many_samples).round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """In single precision the exact method takes {single:.0%} of its time in double precision. The
    stochastic method takes {probes:.0%} of that again, and its error stays within its bar.""",
    ch09.method_shares(many_samples),
)

# %% [markdown]
# Each method was timed once. At $\alpha = 2$ no probe is needed: $\operatorname{tr} A^2$ is the
# squared norm. One look at each entry gives the exact value, but of another quantity.
#
# The same on a GPU:

# %%
on_gpu = measuring.load("many_samples-cuda")
print(ch09.machine(on_gpu))
ch09.method_costs(on_gpu).round(3)

# %% [markdown]
# The order of the methods is the same there, but single precision gains little.
#
# All 60,000 training images at once are out of reach of the exact method on this machine. The
# stochastic one takes them. This is the bottleneck of the network with $K = 32$ after 16,000
# updates:

# %%
everything = large.stored("all-K32")
whole = ch09.one_estimate(everything)
print("images         {n:,}".format(**whole))
print(
    "I(X;Z)         {bits:.2f} bits, error bar {bar:.2f}".format(**whole)
)
print(
    "of the probes  {standard_error:.3f}, standard error".format(**whole)
)
print("cost           {minutes:.0f} minutes, {memory}".format(**whole))

# %% [markdown]
# The bar is mostly the bound of the quadrature, not the randomness of the probes. So this shows that
# it can be done. It is no measurement of use: the bar is wider than most differences of this chapter.
# More steps would narrow it, and take longer. The machine was busy, and the memory held the images
# as well. `MatrixRenyi` refuses a size that does not fit in
# memory, and names this method.
#
# ## What many samples show
#
# ### Correlated Gaussians
#
# The paper's Fig. 4 stops at $N = 512$. {numref}`fig-gaussians-many` goes on, with 100 dimensions
# and the proposed rule with $\gamma = 2$.

# %% mystnb={"figure": {"name": "fig-gaussians-many", "caption": "Correlated Gaussians of 100 dimensions under the proposed rule, from 512 to 10,000 samples. Left: estimates against the correlation; bars are the stochastic method’s own error. Right: the resolution, which is the range of the estimates over ρ."}, "image": {"alt": "Left: five curves of estimated information against correlation from 0 to 0.95, one for each number of samples. All rise with the correlation. The more samples, the lower and the steeper is the curve. Right: the resolution rises with the number of samples."}}
gaussians = large.stored("gaussians")
figures.gaussians_many(gaussians)

# %%
resolution = ch09.gaussian_resolution(gaussians)
exact = float(gaussians.exact.max())
print(f"the most dependent pair has {exact:.0f} bits")
resolution.round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """"The resolution progressively increases", the paper says of 128 to 512 samples. It
    goes on to do so, from {least:.2f} bits at 512 samples to {most:.2f} at 10,000.""",
    least=resolution.resolution.iloc[0],
    most=resolution.resolution.iloc[-1],
)

# %% [markdown]
# But it grows because the estimate of *independent* variables falls, towards the 0 that it should
# be. The strongest dependence does not rise towards its true information. It falls too.
#
# The reason is the width. In 100 dimensions $\sigma$ hardly shrinks with $N$: by $N^{-1/104}$. With
# a fixed width the Gram matrices tend to those of a smoothed distribution, whose entropies no
# longer grow. So more samples remove the bias of few samples, and leave that of the kernel.
#
# ### The trained networks
#
# {numref}`fig-many-ends` shows two networks after 16,000 of their 60,000 updates. They were trained like
# those of [chapter 5](05_autoencoder_planes.ipynb) with the sum and Glorot's weights. But their seed is 0,
# which that chapter showed in an earlier edition. No weights of them are stored:
# `python -m study large run` trains them again. The other networks of this chapter are of that seed, too.
#
# The test images grow from the paper's 512 to all 10,000.

# %%
ends = {}
for rule, name in (("previous", "previous"), ("proposed", "end")):
    for k in (2, 32):
        result = large.stored(f"{name}-K{k:02d}")
        ends[rule, k] = result.isel(iteration=0, estimator=0)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-many-ends", "caption": "Input MI of every layer after 16,000 updates against the number of test images. Top: the previous rule; bottom: the proposed one. Bars are the stochastic method’s own error. Grey: M = I(X;X) by the same estimator."}, "image": {"alt": "Four panels of input information against the number of samples on a logarithmic axis. Under the previous rule the grey line of M rises. The layers stay level and far apart, but the bottleneck of two units rises. Under the proposed rule lines fall slightly: close together for 32 units, and far apart for two. There the bottleneck rises a little and passes an encoder layer."}}
panels = {f"$K$ = {k}, {rule}": end for (rule, k), end in ends.items()}
figures.information_by_samples(panels)

# %% [markdown]
# This is how much the input MI changes on the way, in bits. The way ends at 4,000 images under the
# previous rule, and at 10,000 under the proposed one:

# %%
ch09.changes(ends).round(2) + 0

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Under the proposed rule, twenty times the samples move no input or output MI of a
    hidden layer by more than {most:.2f} bits.""",
    most=ch09.largest_change(ends["proposed", k] for k in (2, 32)),
)

# %% [markdown]
# The ceiling does not lift the planes. $\log_2 N$ rises by more than four bits, far above all
# estimates. Under the proposed rule nearly all estimates *fall*; the bottleneck of two units
# rises. Under the previous rule $M$ rises, and so does the bottleneck of two units. The other
# layers stay about where they are. So the estimates of the paper's size are no victims of a bound.
#
# Do the violations of the theory shrink? `theory.check_plane` of
# [chapter 1](01_theory.ipynb) counts them, in bits:

# %%
violations = ch09.violations(ends)
violations.round(2)

# %% [markdown]
# Under the proposed rule, all three shrink with $K = 32$ and grow with $K = 2$. Under the previous
# rule the rises of $I(X;T)$ against the DPI become larger, for $K = 32$ by little. The spread of
# $I(T;X')$ falls for $K = 2$, and hardly changes for $K = 32$.
#
# Could this be chance? `largest bar` is that of the estimates. With many samples it is about as large
# as the changes for $K = 32$. But most of a bar is a bound, which the layers share. And for $K = 32$
# all three shrink at each step, also where samples are few and bars are narrow.
#
# The images are another source of chance. The stored networks of chapter 5 have ten batches of
# 512 images, near the same iteration. So much do their violations differ, in standard deviations:

# %%
ch09.chance(sizes=(2, 32), rules=("previous", "proposed")).round(2)

# %% [markdown]
# Under the proposed rule batches differ by less than the changes with $N$. Networks differ by more than
# batches do. The table above has one network of each size, so it tells nothing of other networks.
#
# The reason is in the exponent of the proposed rule {eq}`eq-30`.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """From 512 to 10,000 samples, $N^{{-1/(4+d)}}$ makes the width of two dimensions
    {narrower:.1f} times narrower. It leaves that of 250 dimensions as it is.""",
    narrower=(10_000 / 512) ** (1 / 6),
)

# %% [markdown]
# So $Z$ goes up with $K = 2$, and the layers that it is computed from go down. A part of what the
# paper reads as estimator error is a matter of few samples. But more samples alone do not lead to
# the theory.
#
# ### Over the training
#
# {numref}`fig-many-paths` is the paper's Fig. 7 with 4,000 test images in place of 512, at some iterations.

# %%
paths, many = {}, {}
for k in (2, 32):
    paths[k] = large.stored(f"path-K{k:02d}").sel(estimator="proposed")
    many[f"$K$ = {k}"] = (
        paths[k].isel(n=-1).expand_dims(seed=[0], batch=[0])
    )

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-many-paths", "caption": "Information planes under the proposed rule from 4,000 test images at once, at five iterations of the training: Fig. 7 of the paper with more samples."}, "image": {"alt": "Four panels of input MI against output MI, encoder left and decoder right. Encoder paths start on the right at zero output MI, move left and then climb towards the bisector. Decoder paths start further left. For K = 32 they end closer together and higher up than for K = 2."}}
figures.information_planes(many)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """It is the same picture. With 512 and with 4,000 images, points differ by
    {shift:.2f} bits on average. The input MI of a layer ranks the iterations in nearly the
    same order: the correlation of the ranks is at least {rank:.2f}.""",
    ch09.path_agreement(paths.values()),
)

# %% [markdown]
# Does a layer of the large bottleneck compress late in the training? From 4,000 to 16,000 updates,
# with few samples and with many, this is the largest fall of an input MI:

# %%
print(f"{ch09.largest_fall(paths[32], start=4000):.2f} bits")
of_z = paths[32].input_mi.sel(layer="Z").to_pandas()
of_z.rename_axis(columns="N").round(2)

# %% [markdown]
# No layer compresses there. The table shows $Z$. Its information falls before, in the first 1,000
# updates. At that time the output does not yet know the input.
#
# ### Where compression ends
#
# Compression by the encoder is the fall from $T_1^E$ to $T_3^E$, as in
# [chapter 6](06_bottleneck_sweep.ipynb). Here it is for four sizes after 16,000 updates:

# %%
sizes = pd.Index(large.TRANSITION, name="bottleneck_size")
results = [large.stored(f"size-K{k:02d}") for k in sizes]
encoders = xr.concat(results, dim=sizes)
inputs = encoders.input_mi.isel(estimator=0, iteration=0)
compression = inputs.sel(layer="E1") - inputs.sel(layer="E3")
compression.to_pandas().rename_axis(index="K", columns="N").round(2)

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-many-compression", "caption": "Compression from the first to the last encoder layer against the bottleneck size, after 16,000 updates. One line is from 512 test images, the other from all 10,000 at once. Dotted: K = 13."}, "image": {"alt": "Two lines of compression against bottleneck size on a logarithmic axis. Both fall steeply from K = 2 to K = 8 and are nearly level from there to K = 32. They lie within a tenth of a bit or so of each other at the larger sizes."}}
curves = {f"$N$ = {n:,}": compression.sel(n=n) for n in inputs.n.values}
figures.compression_by_samples(curves)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """The curve keeps its shape, and flattens between the same sizes. The bars of single
    estimates are up to {bar:.2f} bits. Most of a bar is the quadrature's bound, which the
    two share.""",
    bar=float(large.error_bar(encoders).input_mi.max()),
)

# %% [markdown]
# These are states after 27 of 100 epochs. At the end, where [chapter 6](06_bottleneck_sweep.ipynb)
# looks, the encoders of the larger bottlenecks compress by less.
#
# ## Recap
#
# | The paper says | We find |
# |---|---|
# | "the memory constraints did not allow to use more than 512 samples at a time" | All 60,000 training images fit into the memory of a small machine. The error bar of that estimate is wide. |
# | more samples raise the resolution (Fig. 4) | Up to 10,000, they do. They lower what independent variables get; they do not raise what dependent ones get. |
# | "more samples can improve the results" | Under the proposed rule the violations of the theory shrink for one network with $K = 32$. They grow for one with $K = 2$. |
#
# ## Exercises
#
# **1. What fits.** How much memory has the Gram matrix of 60,000 samples in single precision? How many samples fit
# into one gigabyte, in double precision?
#
# :::{dropdown} Solution
# $60{,}000^2 \cdot 4$ bytes are 14.4 GB. In double precision, $N^2 \cdot 8$ bytes are one gigabyte for $N \approx
# 11{,}180$. The estimate needs three such matrices.
# :::
#
# **2. A trace without chance.** For which matrices does a single probe of entries $\pm 1$ give the trace exactly,
# whatever the signs?
#
# :::{dropdown} Solution
# For diagonal ones. $q^\top D\, q = \sum_i D_{ii} q_i^2$, and each $q_i^2$ is 1. So all chance comes from the entries
# off the diagonal. In $A^\alpha - A$ these are small where $A^\alpha$ is nearly $A$.
#
# ```python
# import torch
#
# generator = torch.Generator().manual_seed(0)
# diagonal = torch.rand(50, generator=generator).double()
# q = 2.0 * torch.randint(0, 2, (50,), generator=generator).double() - 1
# assert torch.isclose(q @ (diagonal * q), diagonal.sum())
# ```
# :::
#
# **3. The width of 60,000.** By which factor does the proposed rule narrow from 512 to 60,000 samples, for two and
# for 250 dimensions?
#
# :::{dropdown} Solution
# By $(60{,}000/512)^{1/(4+d)}$: more than two for two dimensions, and two percent for 250.
#
# ```python
# from ipae_lib.kernels import ProposedWidth
#
# rule = ProposedWidth(0.8)
# factor = {d: rule(512, d) / rule(60_000, d) for d in (2, 250)}
# assert factor[2] > 2.2
# assert 1.01 < factor[250] < 1.02
# ```
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(
    experiments.footer(
        everything, *ends.values(), *paths.values(), gaussians
    )
)
