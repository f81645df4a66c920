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
# # Does a classifier compress?
#
# ```{admonition} Result
# :class: tip
# With tanh, no layer behind the first is seen to compress after the fitting, by the estimator or in truth.
# With ReLU, the first two layers lose information if the noise is the same for all layers: they shrink, and
# the noise does not. With noise that follows their scale they do not. The last layer, which is to compress,
# is never seen to. Before the fitting, layers first forget, if the noise follows their scale.
#
# So tell the noise with every plane: the same network compresses or not by that choice.
# ```
#
# **What you will learn**
#
# - what the debate on compression is about;
# - how the true plane of a classifier is computed, with what each layer knows of the label;
# - whether layers of tanh and of ReLU compress, in truth and by the estimator;
# - how much of the estimates is there for shuffled pairs, too.
#
# **In the paper**: Secs. I and V. The debate is its reason to look at autoencoders.
#
# **Runs** in less than a minute from the stored results.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import pandas as pd
from IPython.display import HTML

from study import claims, experiments, figures
from study.beyond import answers, criteria, runs
from study.chapters import ch12
from study.text import say

# %% [markdown]
# ## The debate
#
# {cite:t}`shwartz-ziv2017` found two phases in the training of a classifier. First the layers learn
# of the label, and of the input on the way. Then they forget the input: $I(X;T)$ falls, while
# $I(T;Y)$ stays. They called the second phase compression, and saw in it why networks generalise.
#
# {cite:t}`saxe2018` found compression for tanh and none for ReLU. By their account it comes from the
# units that saturate, and has nothing to do with generalisation.
#
# Both sides estimated $I(X;T)$. In a network without noise its true value says little: it is infinite,
# or all that tells the stored inputs apart. So each estimate answers for the noise or the bins that it
# brings along. Here the kinds of noise stand side by side, and nothing needs to be estimated.
#
# ## The networks
#
# The network is that of {cite:t}`saxe2018` for MNIST, 784–1024–20–20–20–10, after the code that they
# published. It is trained on the cross entropy by plain stochastic gradient descent. Their learning
# rate of 0.001 takes ten thousand epochs. Here it is 0.1, for twelve epochs of batches of 128.
# There are three networks with tanh and three with ReLU. They differ in their seed.

# %%
groups = runs.all_stored(runs.CLASSIFIERS)
answers.learned(groups).map("{:.1%}".format)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Each of the networks names at least {least:.1%} of the test images rightly.""",
    ch12.quality(groups),
)

# %% [markdown]
# ## Five ways to look
#
# At twenty moments of the training each network is seen in five ways.
#
# | way to look | what is taken |
# |---|---|
# | previous rule | the matrix-based estimator with {eq}`eq-27`, $\gamma = 5$ |
# | scale-free rule | the proposed rule, {eq}`eq-29` and {eq}`eq-30`, without what depends on scale |
# | in truth, one level | $I(X;T+R)$ exactly, with the same noise for every layer |
# | in truth, layer's deviation | the same, with noise in units of the layer's mean deviation |
# | in truth, total deviation | the same, with noise in units of the root of its total variance |
#
# The estimates are of 512 test images, as in the paper. The truth is over all 10,000 test images:
# $X$ is one of them, and each is as likely as any other. We take test images for two reasons. The
# other chapters do, so that numbers compare. And what a layer knows of their labels is not what was
# learned by heart.
#
# The noise leaves the images half of what tells them all apart. That was fixed before any network
# was seen, as in [chapter 5](05_autoencoder_planes.ipynb). So were the questions below, their
# statistics and their thresholds: every stored network was made from a commit that comes after them,
# and a test holds that.
#
# ## The planes
#
# $H(Y)$ is what there is to know of the label, nearly $\log_2 10$ bits. The whole is what there is to know of the
# input: $S(X)$ by an estimator, $M$ in truth.

# %%
seen = {
    name: {
        column.removeprefix("by the "): criteria.seen(of, look)
        for column, look in criteria.COLUMNS.items()
    }
    for name, of in groups.items()
}

# %% mystnb={"figure": {"name": "fig-classifier-planes", "caption": "Planes of classifiers with tanh (above) and ReLU (below). The columns are five ways to look. Thin lines are the paths of three networks, from the start to the marker at the mean of their ends."}, "image": {"alt": "Ten panels. With tanh the paths of one level and of the previous rule rise to the right without turning. With noise that follows the scale all paths first run left and then rise."}}
figures.planes_beyond(seen, vertical="label_mi")

# %% mystnb={"figure": {"name": "fig-classifier-courses", "caption": "What each layer knows of the input during the training, as a share of the whole. Lines are means over three networks, bands go from the least to the most. Grey: the fitting has come half of its way."}, "image": {"alt": "Ten panels of four curves each. With one level of noise the curves of tanh rise throughout; with ReLU those of the first two layers peak near iteration three hundred and fall. With noise that follows the scale all curves but the first dip before the fitting and rise after it."}}
figures.courses_beyond(seen)

# %% [markdown]
# ## Is there compression?
#
# The statistic is the one of [the ledger](10_claims.ipynb): the fall of $I(X;T)$ from its maximum
# since the fitting to the end. The fitting counts as done when the network has learned half of what
# it learns. A fall of a fortieth of the whole is visible. Signs: ● yes, ○ no, ? undecided. Brackets
# are 95% intervals of the mean over three networks.
#
# **Three networks are few.** An interval is then 4.3 standard errors wide on either side. Where the
# sign is a question mark, more seeds could still decide.

# %%
found = [
    *criteria.ask(
        (*criteria.OF_EVERY_NETWORK, *criteria.OF_CLASSIFIERS), groups
    ),
    *criteria.compare(groups["tanh"], groups["ReLU"]),
]
table = {
    "median layer": answers.answers(found, "layers_compress"),
    "last layer": answers.answers(found, "code_compresses"),
}
pd.concat(table).T

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """With noise of one level, the median layer of ReLU falls by
    {layers_compress[ReLU][one_level]:.1%} of the whole, and that of tanh by
    {layers_compress[tanh][one_level]:.1%}. For ReLU three networks cannot tell this from the
    threshold. Its last hidden layer falls by {code_compresses[ReLU][one_level]:.1%}: it grows until
    the end.""",
    ch12.statistics(found),
)

# %% [markdown]
# The median hides which layers they are. Here is every hidden layer, as a mean over seeds. Falls of
# single layers were not among the questions, so they have no verdict. The last column is the total
# variance at the end, as a multiple of that at the fitting.

# %%
ch12.falls(seen).round(3)

# %% [markdown]
# - **ReLU, one level and previous rule**: the first two layers fall. Both ways to look depend on the scale
#   of a layer, and of all layers these two alone shrink.
# - **Tanh, noise in units of the layer, and scale-free rule**: the first layer falls, while its variance
#   grows. Beyond it no layer does.
# - **The layer's deviation** asks too much of narrow layers. Each of their 20 units has far more noise than
#   signal, so next to nothing is left of them. What it says of the last layer says little.
#
# So the answer depends on the noise, and the noise is a choice. None of the five ways shows what the debate
# is about: a last layer that learns the label first, and forgets the input later.
#
# ## Before the fitting
#
# The figure shows a fall that the questions leave out, as they count from the fitting on. With noise that
# follows the scale, the layers lose information first. Then they gain, and learn the label meanwhile.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Take noise in units of the total deviation. The last hidden layer of tanh starts at
    {tanh[start]:.0%} of the whole, falls to {tanh[least]:.0%}, and ends at {tanh[end]:.0%}.

    That of ReLU starts at {ReLU[start]:.0%}, falls to {ReLU[least]:.0%}, and ends at
    {ReLU[end]:.0%}.""",
    ch12.early(seen),
)

# %% [markdown]
# This is the reverse of the order that was claimed. A reading: random weights keep many directions of the
# input alive. The first updates stretch a few of them, and noise that follows the scale drowns the others.
# The participation ratio below falls meanwhile. All this is an observation, and was not tested.

# %% [markdown]
# ## Tanh against ReLU

# %%
answers.answers(found, "tanh_compresses_more").T

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """The difference is {of[one_level]:.3f} of the whole with noise of one level, and
    {of[previous]:.3f} by the previous rule. Below zero, tanh falls by less than ReLU. So these
    networks do not show what was said of tanh.""",
    of=ch12.statistics(found)["tanh_compresses_more"]["tanh_less_ReLU"],
)

# %% [markdown]
# Mind the length of the training. It is twelve epochs here, and thousands in the debate. Units of tanh
# that saturate much later could still compress.

# %% [markdown]
# ## The label
#
# Compression in the sense of the debate keeps what matters: $I(T;Y)$ must not fall with $I(X;T)$.

# %%
answers.answers(found, "code_loses_the_label").T

# %% [markdown]
# The last layer is not seen to lose it, in any way to look.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """With noise of one level it goes on learning. With ReLU it knows {last[fitting]:.0%} of the
    label at the fitting, and {last[end]:.0%} at the end.

    The first layer, which shrinks, loses the label with the input: from {first[fitting]:.0%} to
    {first[end]:.0%}. Nothing is lost to the network, which reads the layer without noise.""",
    ch12.on_the_label(seen)["ReLU"],
)

# %% [markdown]
# ## How much of the estimate is real?
#
# Shuffle the images of one variable: then the layers know nothing of them. What an estimator gives
# there is its null. The table has the null as a share of the estimate, at the end of the training.

# %%
pd.concat(
    {
        name: answers.null_shares(of).to_pandas()
        for name, of in groups.items()
    }
).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Shuffled pairs give {free[least]:.0%} of the estimate or more under the scale-free rule, and
    {old[least]:.0%} or more under the previous one. What is left to move is little.""",
    free=ch12.nulls(groups),
    old=ch12.nulls(groups, "previous"),
)

# %% [markdown]
# ## Geometry
#
# The paper's conclusion asks for a measure of what information does not see. Four are recorded
# beside the plane. They need neither an estimator nor noise.
#
# | measure | what it says |
# |---|---|
# | total variance | how widely the values of a layer spread |
# | participation ratio | how many principal components share the variance |
# | intrinsic dimension | how many dimensions the nearest neighbours see {cite}`facco2017` |
# | CKA | how like the distances are to those of the images, up to scale {cite}`kornblith2019` |

# %% mystnb={"figure": {"name": "fig-classifier-geometry", "caption": "Geometry of the last hidden layer during the training. Lines are means over three networks, bands go from the least to the most."}, "image": {"alt": "Four panels with a curve for tanh and one for ReLU. The total variance of both rises. The participation ratio dips and rises. The intrinsic dimension falls from seven to about four."}}
last = {name: looks["previous rule"] for name, looks in seen.items()}
figures.geometry_beyond(
    {"last hidden layer": last}, criteria.GEOMETRY, ["T4"]
)

# %%
geometric = criteria.about_geometry(groups)
answers.by_question(geometric).T

# %% [markdown]
# Does the information follow the geometry? The statistic is the rank correlation of $I(X;T)$ with
# the measure over all records, of the median hidden layer. The threshold is 0.7, as the ledger has it
# for variance.

# %%
follows = criteria.ask(criteria.INFORMATION_FOLLOWS, groups)
pd.concat(
    {
        title: answers.answers(follows, f"information_follows_{name}")
        for name, title in criteria.GEOMETRY.items()
    }
)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """With noise of one level the correlation with the total variance is {variance[tanh]:.2f}
    for tanh and {variance[ReLU]:.2f} for ReLU.

    With noise in units of the total deviation the one with the participation ratio is
    {ratio[tanh]:.2f} and {ratio[ReLU]:.2f}.""",
    ch12.correlations(follows),
)

# %% [markdown]
# Of the four measures one falls for certain after the fitting, and for ReLU alone: its layers become less
# like the input.
#
# And each way to look goes with its own geometry. With noise of one level, and by the previous rule, the
# information goes with the spread of the layer. With noise in units of the total deviation it goes with the
# number of directions that share the variance. To say more than the geometry does, a plane has to differ
# from it.

# %% [markdown]
# ## All questions
#
# The first sign of each pair is that of tanh, the second that of ReLU. Unfold a row for its test,
# its threshold with the reason, and all numbers. Each question is corrected for its own tests, by
# Holm's procedure.

# %% tags=["hide-input"]
every, shown = [*found, *follows], [*groups, "tanh less ReLU"]
HTML(claims.ledger_table(every, shown=shown, asked="question"))

# %% [markdown]
# ## Recap
#
# | Question | Answer |
# |---|---|
# | Does a classifier compress after the fitting? | Its last hidden layer is not seen to, in any of five ways to look. |
# | Do tanh layers compress more than ReLU layers? | Not here. With one level of noise the first layers of ReLU fall, because they shrink. |
# | Is the label kept? | The last layer is not seen to lose it. With one level of noise, a layer that shrinks does. |
# | Does the estimator say so, too? | The previous rule answers as the truth with one level of noise does, the scale-free rule much as that with noise in units of the total deviation. Most of both estimates is null. |
# | How sure is that? | Three seeds, twelve epochs, one architecture: not very. |
#
# ## Exercises
#
# **1. Which noise?** Double all weights and biases in front of a ReLU layer, and halve the weights behind it. What
# the network answers stays the same. What does each of the three kinds of noise say of the layer?
#
# :::{dropdown} Solution
# A ReLU layer doubles with its weights. Noise of one level is then half as large beside it, so the information
# rises. Noise by a deviation doubles too, and nothing changes.
#
# ```python
# import torch
#
# from ipae_lib.exact import OneLevel, TotalDeviation, exact_plane
# from ipae_lib.layers import INPUT
#
# torch.manual_seed(0)
# x = torch.randn(300, 5).double()
# t = torch.relu(x @ torch.randn(5, 3).double())
# noises = {"one": OneLevel(1.0), "total": TotalDeviation(1.0)}
# plane = exact_plane({INPUT: x, "T": t, "doubled": 2 * t}, noises)
# bits = plane.input_mi.isel(level=0, missing_dims="ignore")
# rise = bits.sel(layer="doubled") - bits.sel(layer="T")
# assert float(rise.sel(noise="one")) > 0.3
# assert abs(float(rise.sel(noise="total"))) < 1e-6
# ```
# :::
#
# **2. No compression, no proof.** Three networks show no fall. May one say that networks of this kind do not
# compress?
#
# :::{dropdown} Solution
# Only of networks that are trained so, for so long, and seen so. The interval is about the mean over seeds. It knows
# nothing of other widths, other learning rates, or of the next thousand epochs.
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*(run for of in groups.values() for run in of)))
