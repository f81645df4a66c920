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
# # Other data, other autoencoders, geometry
#
# ```{admonition} Result
# :class: tip
# On Fashion-MNIST a small bottleneck restricts, and its encoder compresses from layer to layer, in every way to
# look. No network here is seen to compress after the fitting, in trainings of some two epochs: neither the
# plain autoencoder nor five other kinds. With noise of one level, what a layer knows goes with its variance.
# With noise that follows the scale it seems to go with its number of directions, but three networks do not
# decide that.
# In longer trainings of published networks the spread of some codes shrinks, and a compression phase appears
# where the noise does not shrink with it.
# ```
#
# **What you will learn**
#
# - whether the paper's findings carry over to other images;
# - what five other kinds of autoencoders do in the plane, by the estimator and in truth;
# - what geometry shows of a layer that information does not, and when the two go together.
#
# **In the paper**: Sec. V, what it leaves to future work; Sec. III-C for convolutions.
#
# **Runs** in about a minute from the stored results. Nothing is trained and no images are needed.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
from IPython.display import HTML

from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import PreviousWidth
from study import claims, experiments, figures
from study.beyond import answers, criteria, published, runs
from study.chapters import ch13
from study.text import say

# %% [markdown]
# ## Other data
#
# Fashion-MNIST {cite}`xiao2017` has as many images of the same size, of ten kinds of clothing.
# `mnist(data="FashionMNIST")` reads them.
#
# The network is the paper's autoencoder, with $K = 2$ and $K = 32$, three seeds each. The trainings
# are short: 1,200 updates of 100 images, where the paper makes 60,000. So the loss is half the summed
# error, and the weights start at four times Glorot's. With these the network leaves the mean image early
# (see [the ledger](10_claims.ipynb)). What takes longer than that is not seen here.
#
# The networks are looked at as in [chapter 12](12_does_a_classifier_compress.ipynb): by two rules of the
# estimator, and in truth with three kinds of noise. All criteria were fixed before these networks were
# trained.

# %%
clothes = runs.all_stored(runs.CLOTHES)
small, large = clothes.values()


def looks(of):
    return {
        column.removeprefix("by the "): criteria.seen(of, look)
        for column, look in criteria.COLUMNS.items()
    }


on_clothes = {name: looks(of) for name, of in clothes.items()}
answers.learned(clothes).round(4)

# %% mystnb={"figure": {"name": "fig-clothes-planes", "caption": "Planes of the paper's autoencoder on Fashion-MNIST, with a small (above) and a large bottleneck. The columns are five ways to look. Thin lines are the paths of three networks, markers the means of their ends."}, "image": {"alt": "Ten panels. With one level of noise and by the previous rule all paths rise from the lower left. With noise that follows the scale they start at the right, run left, and turn back. The layers end apart from each other."}}
figures.planes_beyond(on_clothes)

# %% [markdown]
# ### The paper's claims on other images
#
# These are claims of the ledger, with its statistics and its thresholds. Signs: ● it holds, ○ it does
# not hold, ? it is not decided. The paper says some of the previous rule, and some of the proposed rule;
# here the proposed rule is free of scale. Unfold a row for the numbers.

# %%
on_other = criteria.on_other_data("Fashion-MNIST", small, large)
HTML(claims.ledger_table(on_other))

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Of {all} answers {holds} are that the claim holds and {fails} that it does not.
    {undecided} are not decided.""",
    ch13.held(on_other),
)

# %% [markdown]
# - **What carries over**: the small bottleneck restricts what gets through, and its encoder compresses from
#   layer to layer. Both show in every way to look.
# - **No compression phase** of the large bottleneck, in any way to look. The ledger has one on digits by the
#   previous rule, in trainings that are fifty times as long. Whether one comes later is not seen here.
# - **A large bottleneck keeps all information** by the scale-free rule alone. There $I(X;X)$ is no bound. In
#   truth much is missing, at least after trainings so short.
# - **Information grows as the error falls** by the scale-free rule and with noise of one level, and not with
#   noise that follows the scale. The untrained network keeps its information in a tiny variance, and such
#   noise sees it.
#
# The claim on the variance of a large bottleneck is not in the table: the ledger asks it by the proposed rule
# with its $\epsilon$, which was not recorded. The section on geometry asks the same of every network.

# %% [markdown]
# ## Other autoencoders
#
# The dense ones have the widths 784–256–128–10 and back, after {cite:t}`lee2021`, who drew planes of
# such networks with a rule without standardising. The code has ten units, one for each digit of the
# label autoencoder. All are trained on MNIST with Adam, for 1,500 updates of 100 images.
#
# All trainings of this chapter were made this short for want of time, after the classifiers of chapter 12
# had been seen. No question or threshold was changed.
#
# | autoencoder | what is special |
# |---|---|
# | plain | nothing: it is the one to compare with |
# | convolutional | two convolutions, which halve the sides, and their transposes; the maps share statistics in {eq}`eq-29` by channel, as Sec. III-C asks |
# | variational | the code is drawn: it is trained on the evidence lower bound. Each image keeps its noise in all records |
# | denoising | it is given noisy images and judged by the clean ones |
# | tied | the decoder has the encoder's weights, transposed |
# | label | the code is a probability for each digit, also trained on the labels with a weight of 0.01 |

# %%
others = runs.all_stored(runs.AUTOENCODERS)
seen = {name: looks(of) for name, of in others.items()}
answers.learned(others).round(4)

# %% mystnb={"figure": {"name": "fig-autoencoder-planes", "caption": "Planes of six autoencoders on MNIST. The columns are five ways to look. Thin lines are the paths of three networks, markers the means of their ends."}, "image": {"alt": "Thirty panels, a row for each autoencoder. With one level of noise all paths rise from the origin. With noise that follows the scale they begin at the upper right, fall to the lower left, and come back part of the way."}}
figures.planes_beyond(seen)

# %% [markdown]
# ### Do they compress?
#
# The question and the statistic are those of chapter 12: the fall of the input MI from its maximum since
# the fitting to the end, of the median hidden layer, and of the code.

# %%
networks = {
    **{f"clothes, {name}": of for name, of in clothes.items()},
    **others,
}
found = criteria.ask(criteria.OF_EVERY_NETWORK, networks)
answers.answers(found, "layers_compress")

# %%
answers.answers(found, "code_compresses")

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Take the way to look that finds most. The median hidden layer loses information there in
    {layers[yes]} of {layers[all]} kinds of networks, and the code in {code[yes]}.""",
    layers=ch13.most(found, "layers_compress"),
    code=ch13.most(found, "code_compresses"),
)

# %% [markdown]
# {cite:t}`lee2021` report a late compression phase of some dense autoencoders, and none of tied, variational
# and label ones. For these three kinds we see none either. But these trainings last two and a half epochs,
# and a late phase would come after them, in any kind of network.
#
# Two more things are in the figure. They are observations, and were not tested:
#
# - With noise in units of the total deviation, most layers lose information before the fitting and regain a
#   part. Classifiers do the same.
# - By that noise and by the scale-free rule, the variational code knows more of its input than the layers
#   before it. The noise of an image is a part of the code, and no two images share it. So it tells them apart.
#
# The convolutional autoencoder has rectified units. With sigmoids it stayed at the mean image, so these runs
# were thrown away.

# %% [markdown]
# ## Geometry beside the plane
#
# “There exists geometric compression”, says the paper's conclusion, which information does not see. It
# leaves a measure of it to future work. Here are four, of every network at every record. They need neither
# an estimator nor noise, and chapter 12 says what each of them is.

# %% mystnb={"figure": {"name": "fig-geometry", "caption": "Geometry of the bottleneck during the training. Lines are means over three networks, bands go from the least to the most."}, "image": {"alt": "Eight panels of curves. The total variance grows in most networks and stays level in the variational one. The participation ratio of most starts near one and grows late; that of the variational one falls by half and returns. The intrinsic dimension of most falls before it rises a little."}}
rows = {"Z, clothes": on_clothes, "Z, digits": seen}
figures.geometry_beyond(
    {
        row: {name: of["previous rule"] for name, of in some.items()}
        for row, some in rows.items()
    },
    criteria.GEOMETRY,
    ["Z", "Z"],
)

# %% [markdown]
# Does geometry compress? The fall of each measure from its maximum since the fitting to the end, as a
# share of the maximum, of the median hidden layer. A tenth is the threshold.

# %%
geometric = criteria.about_geometry(networks)
answers.by_question(geometric)

# %% [markdown]
# ### Does information follow geometry?
#
# The rank correlation of the input MI with each measure, over all records of a layer, of the median hidden
# layer. The table has the median over the eight kinds of networks. The threshold of a *yes* is 0.7.

# %%
follows = criteria.ask(criteria.INFORMATION_FOLLOWS, networks)
ch13.typical(follows).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Of {variance[all]} kinds of networks the test says yes to {variance[yes]} and no to
    {variance[no]} for the total variance with noise of one level. For the participation ratio
    with noise in units of the total deviation it leaves {ratio[undecided]} undecided: three seeds
    and eight records are few.""",
    ch13.decided(follows),
)

# %% [markdown]
# So each way to look goes with its own geometry. By the previous rule, and with noise of one level, a layer
# knows more when it spreads more. With noise that follows the scale it knows more when more directions share
# its variance; of that the table is surer than the test. Neither the intrinsic dimension nor the likeness to
# the input goes as closely with any of them.
#
# If geometry compresses, it does so early: in the figure the intrinsic dimension of most codes falls before
# the fitting. That was not tested. The paper's Fig. 8 has a variance that falls late, which trainings so short
# may not show.

# %% [markdown]
# ## Beside published code
#
# {cite:t}`lee2021` drew planes of many autoencoders, and published their code as
# [`Sungyeop/IPRL`](https://github.com/Sungyeop/IPRL) under the MIT licence. What follows was written anew from
# its formulas, as they stand at commit `a824e7c`. Their estimator is the one of this book:
#
# | | published code | this chapter |
# |---|---|---|
# | kernel width | {eq}`eq-27`, $\gamma = 2$ for every layer | $\gamma = 5$, of the code 25; and the scale-free rule |
# | samples | the first 100 test images, as they are | 512 test images |
# | entropy | $\alpha = 1.01$, in bits, $10^{-8}$ added in the logarithm | $\alpha = 1.01$, in bits |
# | code | 50 sigmoids; a softmax in the label autoencoder | ten units, linear; a softmax |
# | depth | one hidden layer; the deep, label and variational ones have five | five |
# | training | Adam with 0.005, 30,000 updates, mean squared error | Adam with 0.002, 1,500 updates |
# | tied weights | two tensors that share memory, each with its own Adam step | one tensor |
# | truth | none | exact, three kinds of noise |
#
# So one line sets up their estimator. A test holds it against the formula. Run on the same arrays, their
# functions give the same numbers but for what they add in the logarithm, some millionths of a bit.

# %%
published_estimator = MatrixRenyi(
    PreviousWidth(2), standardize=False, dimensions="all"
)
assert published_estimator == runs.PUBLISHED_ESTIMATOR

# %% [markdown]
# All that follows was fixed before its networks were trained: the questions, the networks, the thresholds.
#
# ### Does their rule order planes as the truth does?
#
# The four dense autoencoders above were trained again, the same to the last bit, and recorded by the
# published rule. A plane has a point for each hidden layer and record. The table has the rank correlation of
# the input MI with the truth over all points of a plane: means over the four kinds.

# %%
again = {
    name: [
        runs.with_published_rule(*map(runs.stored, pair))
        for pair in zip(runs.AUTOENCODERS[name], of, strict=True)
    ]
    for name, of in runs.DENSE_AGAIN.items()
}
ordered = published.orders(again)
ch13.orders(ordered).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """With noise of one level the published rule orders the points better than the previous rule for
    {one_level[yes]} of {one_level[all]} kinds. With noise in units of the layer's deviation it does so for
    {layers_deviation[yes]}, and worse for {layers_deviation[no]}.""",
    ch13.nearer(ordered)["previous"],
)

# %% [markdown]
# So the published rule has one truth that it follows: that of noise with one level. All samples stay as they
# are, and so does the noise. Where the noise follows the scale of a layer, the plane is another, and the
# scale-free rule is the one that finds its order. No rule finds that of noise in units of the layer's
# deviation. The two rules differ in the number of images as well as in $\gamma$.
#
# All numbers, by kind of network:

# %% tags=["hide-output"]
answers.answers(ordered, "rule_follows_the_truth").T

# %% [markdown]
# ### Do their networks compress?
#
# They report a late loss of information, which they call a simplifying phase. The shallow and the deep
# autoencoder have it, and sparsity amplifies it. The tied and the label autoencoder do not have it. Here are
# these five networks with their settings, three seeds each. The deep and the label one are trained for half as
# long as theirs.
#
# First, are these their networks? Bits that the code has by the published rule: read off their figures,
# to a tenth, and here. The last two columns have the spread of the code here, the root of its total variance.

# %%
theirs = runs.all_stored(runs.PUBLISHED)
ch13.reproduced(theirs).round(2)

# %% mystnb={"figure": {"name": "fig-published-courses", "caption": "What each layer knows of the input in the networks of published code: by their rule, by the scale-free rule, and in truth. Lines are means over three networks, the grey line is where the fitting ends."}, "image": {"alt": "Twenty-five panels of curves, a row for each of five networks. By the published rule and with noise of one level, the shallow, sparse and deep networks rise and then fall, and the tied and label networks do not fall. In the other columns they are nearly flat or rise to the end."}}
views = (
    "published",
    "scale-free",
    "one level",
    "layer's deviation",
    "total deviation",
)
titles = {look: column for column, look in published.LOOKS.items()}
figures.courses_beyond(
    {
        name: {
            titles[look].removeprefix("by the "): criteria.seen(of, look)
            for look in views
        }
        for name, of in theirs.items()
    }
)

# %% [markdown]
# The question and the threshold are those above: the fall of what the code knows since the fitting, as a share
# of the whole.

# %%
simplified = published.compression(theirs)
ch13.reported(simplified)

# %% [markdown]
# Does the sparse code lose more than that of the shallow one, from which its penalty alone sets it apart?

# %%
answers.answers(simplified, "sparse_compresses_more")

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """By their rule {published[so]} of their {published[all]} statements hold here. In truth with noise
    of one level {one_level[so]} hold and {one_level[undecided]} is not decided.

    With noise in units of the layer's deviation {layers_deviation[so]} hold and
    {layers_deviation[otherwise]} do not. In units of the total deviation
    {total_deviation[undecided]} are not decided.""",
    ch13.as_reported(simplified),
)

# %% [markdown]
# - **Their figures come out again**, from code that was written anew.
# - **What they report is true of noise with one level.** The sparse and the deep code lose information in truth,
#   the tied and the label code do not. The shallow code loses half of what it knew. That is little beside what
#   can be known, and not decided. The label code knows so little there that it has little to lose.
# - **Sparsity amplifies it**: by their rule and in truth with noise of one level.
# - **What falls is the scale.** The spread of the three codes shrinks with what they know. Where the noise
#   shrinks with the layer, the deep code does not lose: it gains to the end. This is an observation from the
#   figure, and was not tested. With noise in units of the layer's deviation all codes know little at all times.
# - **The previous rule with the paper's widths does not show it in the code.** Its width of 25 is wide beside
#   sigmoids, which lie between 0 and 1.
#
# ### What a reader can do with it
#
# - To compare with their figures, use their setting, and 100 images: bits depend on both.
# - Before a fall is called compression, look at the spread of the layer, or at a rule that is free of scale.
# - For bits that mean something, take the truth: `truth=` of `InformationPlane` has it where the network is
#   without noise.
#
# Two things are not compared. Their variational autoencoder was not trained: its code is no function of the
# image, and the truth needs one. The second half of the training of the deep networks was not made.
#
# All numbers of the questions on compression:

# %% tags=["hide-input"]
shown = [*theirs, "sparse less shallow"]
HTML(claims.ledger_table(simplified, shown=shown, asked="question"))

# %% [markdown]
# ## All questions
#
# Each way to look has one sign for each kind of network, in the order of the tables above. Unfold a row for
# its test, its threshold with the reason, and all numbers. Each question is corrected for its own tests.

# %% tags=["hide-input"]
every = [*found, *follows]
HTML(claims.ledger_table(every, shown=list(networks), asked="question"))

# %% [markdown]
# ## Recap
#
# | Question | Answer |
# |---|---|
# | Do the paper's findings carry over to other images? | Those on the small bottleneck do. Those on the large one need longer trainings. |
# | Do other autoencoders compress after the fitting? | None of six kinds is seen to, in short trainings. |
# | Do published networks compress, as their authors report? | By their rule and with noise of one level, yes. Where the noise follows the scale, no loss is certain. |
# | Is there geometric compression? | After the fitting no measure falls for certain. Before it the intrinsic dimension seems to. |
# | Does information follow geometry? | With noise of one level it follows the variance, in most kinds of networks. With noise that follows the scale, the participation ratio comes closest, and the test is open. |
# | How sure is that? | Three seeds of each, one code size, short trainings: not very. |
#
# ## Exercises
#
# **1. Count the directions.** A layer has ten units with variances $1, 1/2, 1/4, \ldots$ How many directions does its
# participation ratio count?
#
# :::{dropdown} Solution
# It is the squared sum of the variances over the sum of their squares. For a geometric series with ratio $q$ both sums
# are known, and the ratio tends to $(1 + q) / (1 - q)$. Here it is 3.
#
# ```python
# variances = [0.5**i for i in range(10)]
# ratio = sum(variances) ** 2 / sum(v**2 for v in variances)
# assert abs(ratio - 3) < 0.01
# ```
# :::
#
# **2. Told from the code.** By the scale-free rule a variational code knows more of the input than the layer in
# front of it. Does that contradict the data processing inequality?
#
# :::{dropdown} Solution
# No. The code is drawn with noise that belongs to the image and is the same in all records. So the code is a function of
# the image and of that noise, and no function of the layer alone.
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
stored = [*networks.values(), *again.values(), *theirs.values()]
print(experiments.footer(*(run for of in stored for run in of)))
