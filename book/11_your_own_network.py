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
# # Your own network
#
# ```{admonition} Result
# :class: tip
# A plane of your own network takes ten lines: name the layers, give the samples, call an observer.
# Each record can carry what shuffled pairs give, and the bounds that no estimate should pass.
# For the network of this chapter most bits of the estimate are those of shuffled pairs.
# Where all inputs are stored, the truth needs no estimator, and it is the better answer.
# ```
#
# **What you will learn**
#
# - how to record any network of PyTorch while you train it in your own loop;
# - how to hold layers against labels, as in Definition 1 of the paper;
# - how to see whether an estimate says anything;
# - how to name what you want to read, in recurrent networks, transformers and others.
#
# **In the paper**: Definitions 1 and 2, for networks that the paper leaves to future work.
#
# **Runs** in less than a minute, and trains the network live.
#
# You need the library, with what draws and what fetches MNIST. In a copy of the repository:
#
# ```bash
# pip install '.[plot,data]'
# ```

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import warnings

import torch
from torch import nn

from ipae_lib import (
    InformationPlane,
    MatrixRenyi,
    ProposedWidth,
    diagnose,
    log_spaced,
    plot_bounds,
    plot_plane,
)
from ipae_lib.data import mnist, mnist_labels
from ipae_lib.diagnostics import EstimateWarning, doubtful
from ipae_lib.exact import TotalDeviation

# what the records warn of is said below, once for all of them
warnings.simplefilter("ignore", EstimateWarning)

# %% tags=["hide-input"]
# for sentences of this page alone; your network needs nothing of it
from study import experiments
from study.chapters import ch11
from study.text import say

# %% [markdown]
# ## A network
#
# Take a network of your own in place of this one. It is a small classifier of digits, with two
# convolutional layers and a code of 16 units.

# %%
torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=5, stride=2),
    nn.ReLU(),
    nn.Conv2d(8, 16, kernel_size=3, stride=2),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(400, 16),
    nn.ReLU(),
    nn.Linear(16, 10),
)
images = mnist(train=True)[:10_000].reshape(-1, 1, 28, 28)
digits = mnist_labels(train=True)[:10_000]
test_images = mnist(train=False)[:1024].reshape(-1, 1, 28, 28)
test_digits = mnist_labels(train=False)[:1024]

# %% [markdown]
# ## Its plane
#
# Four things make a plane: the model, its layers, the samples, and the estimators. The estimator here
# is that of [chapter 2](02_estimator.ipynb), with the width of [chapter 3](03_kernel_width.ipynb).
#
# Layers are named as `model.named_modules()` names them. A label of your own may stand before each.
#
# The first axis of the images is that of the samples. `batch_size` says how many of them make one
# estimate. Here 1,024 test images give two estimates of 512 samples each.
#
# `targets` are what the layers are held against besides the input and the output. Whole numbers
# count as names: two digits are equal, or they are not.
#
# `groups="channel"` lets all places of a channel share their statistics, as Sec. III-C asks for
# convolutional layers. {cite:t}`wickstrom2019` have recorded such networks by this estimator, too.

# %%
plane = InformationPlane(
    model,
    {"maps 1": "1", "maps 2": "3", "code": "6"},
    test_images,
    {"proposed": MatrixRenyi(ProposedWidth(0.8), groups="channel")},
    batch_size=512,
    targets={"digit": test_digits},
    null=True,
)
plane.record().input_mi.mean("batch").to_pandas().T.round(2)

# %% [markdown]
# The model is left as it was, and so are the random numbers. Your training takes the same path as
# without a record.
#
# ## In your own loop
#
# An observer is called at each iteration, and records when it is time. The iterations here are
# equally spaced on a logarithmic axis, because most happens early. Give it a `path`, and it keeps
# all records in a file. A training that goes on later goes on with them.

# %%
updates = 20 if profile == "tiny" else 400
observe = plane.observer(every=log_spaced(updates, per_decade=4))

optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
order = torch.Generator().manual_seed(0)
for iteration in range(updates + 1):
    observe(iteration)
    chosen = torch.randint(len(images), (64,), generator=order)
    loss = nn.functional.cross_entropy(
        model(images[chosen]), digits[chosen]
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

records = observe.records
print(f"records at the iterations {records.iteration.values}")

# %% [markdown]
# The callbacks of Lightning and of Hugging Face's Trainer are one line each:
# `observe.callback(lightning.pytorch.Callback)`, `observe.callback(transformers.TrainerCallback)`.
#
# ## What it looks like
#
# With `target`, the vertical axis is that of *Definition 1* in [chapter 1](01_theory.ipynb): what a
# layer knows of the digit.

# %% mystnb={"figure": {"name": "fig-own-plane", "caption": "The information plane of a classifier under the proposed rule, against the digit. Markers stand at the last record."}, "image": {"alt": "Paths of three layers in the plane of input information against information on the digit. Each path is a line that ends in a marker of its own."}}
ax = plot_plane(records, target="digit")

# %% [markdown]
# ## Does it say anything?
#
# Shuffle the samples of one variable: then nothing connects the two, and the true information is 0.
# An estimator rarely gives 0 there. What it gives is the null.
#
# The dashes below are the smaller entropy of the two variables, by the same estimator. The line on
# top is the logarithm of the number of samples. No estimate can mean more than these.

# %% mystnb={"figure": {"name": "fig-own-bounds", "caption": "The input MI of each layer after the training, with its bounds and the values of shuffled pairs."}, "image": {"alt": "Values of input information for five variables. The values of shuffled pairs lie close below the estimates. Both lie below the line of the logarithm of N."}}
ax = plot_bounds(records)

# %% [markdown]
# The same in words, of all records:

# %%
for sentence in doubtful(records):
    print("-", sentence)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """Of the {code:.2f} bits of the code, {null:.2f} are there for shuffled pairs, too. With the
    digit, the code has {digit:.2f} bits above its null.""",
    ch11.above_null(records),
)

# %% [markdown]
# So read differences between layers with care. `diagnose` gives the numbers behind this: the bound
# of each value, its distance to the null, and three kinds of doubt. A value is *impossible* above its
# bound, *saturated* near $\log_2 N$, and *null-like* if half of it is there for shuffled pairs, too.

# %%
last = records.isel(iteration=-1)
above = diagnose(last).target_mi_above_null.sel(target="digit")
above.mean("batch").to_pandas().round(2)

# %% [markdown]
# ## The truth
#
# A network is a function. Where all inputs are stored, Definition 5 needs no estimator, only noise
# of a known level ([chapter 5](05_autoencoder_planes.ipynb)). `truth` adds it to the record, for the 1,024 images as the whole
# population. The noise here is 0.3 of each layer's total deviation.

# %%
exact = InformationPlane(
    model,
    {"maps 1": "1", "maps 2": "3", "code": "6"},
    test_images,
    plane.estimators,
    batch_size=512,
    targets={"digit": test_digits},
    truth={"0.3": TotalDeviation(0.3)},
).record()
truth = exact.sel(noise="0.3", target="digit")
truth[["true_input_mi", "true_target_mi"]].to_pandas()[
    ["true_input_mi", "true_target_mi"]
].round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """The code tells {digit:.2f} bits of the digit, of the {entropy:.2f} that there are. The
    images themselves, under the same noise, tell {image:.2f}.""",
    ch11.truth_of_digit(exact, test_digits),
)

# %% [markdown]
# **Which noise?** The truth depends on it ([chapter 5](05_autoencoder_planes.ipynb)), so name it with
# every plane. `ipae_lib.exact` has three kinds:
#
# | Behind the layer | You take |
# |---|---|
# | comes a trained layer, which can undo any factor | `TotalDeviation`: a factor, a rotation or a copied unit changes nothing |
# | comes a step with noise of its own, as of hardware or rounding | `OneLevel`, with the size of that noise |
# | you do not know | both: what both of them show does not hang on the choice |
#
# The third, `LayerDeviation`, counts a copied unit as a new one, so narrow layers lose most. Take it to
# compare with others.
#
# And how much? Under too little noise every layer tells all images apart, under too much none does.
# Chapter 5 leaves the images half of what tells them apart. Here the row `X` says what is left of
# $\log_2 1024 = 10$ bits.
#
# ## Other networks
#
# What is read is a line of words. An error names what there is to choose from, and near misses.
#
# | You have | You write |
# |---|---|
# | a recurrent layer that gives a tuple | `"lstm:output[0]\|last"` |
# | a model that returns a dict or a tuple | `x_out=":output[logits]"`, `x_out=":output[0]"` |
# | tokens | `"encoder.layers.1\|tokens"` for their mean, `\|first` for one |
# | maps of a convolution | `"layer4\|space"` for the mean of each channel |
# | one module that is used twice | `"relu#1"` for its second call |
# | what goes into a layer | `"head:input"` |
# | anything else | a function of the model's inputs |
#
# | Your samples are | You write |
# |---|---|
# | one tensor | `images, batch_size=512` |
# | a list of batches, a `DataLoader` | the same, as it is |
# | pairs of images and labels | `loader, inputs=0, targets={"digit": 1}` |
# | several inputs | tuples or dicts, as the model takes them |
# | a training and a test set | `Observer({"train": plane, "test": other})` |
#
# ## Recap
#
# | Question | Answer |
# |---|---|
# | How is my network recorded? | Name layers, give samples, call the observer in your loop. |
# | What is it held against? | The input, the output, and any `targets`. |
# | Can I believe it? | Look at the null and the bounds first. |
# | Which noise does the truth take? | The total deviation, unless what comes behind has noise of its own. |
# | What if the null is high? | Take the truth where the inputs are stored, or more samples. |
#
# ## Exercises
#
# **1. Nothing learned.** Record the plane of an untrained network of your own, with the null. How many bits of a
# layer's input MI are there for shuffled pairs, too?
#
# :::{dropdown} Solution
# `diagnose` has the difference. Here most bits are there for shuffled pairs, too, and the library warns of it. The
# layer is a smooth bijection of the samples. So what is low is not the information but what 256 samples show of it.
#
# ```python
# import torch
# from torch import nn
#
# from ipae_lib import (
#     InformationPlane,
#     MatrixRenyi,
#     ProposedWidth,
#     diagnose,
# )
#
# torch.manual_seed(0)
# model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))
# rule = {"proposed": MatrixRenyi(ProposedWidth(0.8))}
# samples = torch.randn(256, 4)
# record = InformationPlane(
#     model, {"T": "1"}, samples, rule, batch_size=256, null=True
# ).record()
# above = diagnose(record).input_mi_above_null.sel(layer="T")
# bits = record.input_mi.sel(layer="T")
# assert 0 < float(above.mean()) < float(bits.mean()) / 2
# ```
# :::
#
# **2. More than there is.** Ten classes are equally likely. A plane shows a layer with 3.5 bits about the class. What
# is wrong?
#
# :::{dropdown} Solution
# The class has $\log_2 10 \approx 3.3$ bits, and nothing can tell more about it. Given as whole numbers, labels are
# names, and an estimate of this estimator cannot exceed their entropy. So they were probably given as real numbers.
# :::
#
# **3. A part of a module.** A GRU returns all its states and the last one. Read the last state by a line of words, and
# check it.
#
# :::{dropdown} Solution
# `:output[0]` is the first thing that the model returns, all states. `|last` takes the last of them.
#
# ```python
# import torch
# from torch import nn
#
# from ipae_lib import capture
#
# torch.manual_seed(0)
# model = nn.GRU(3, 4, batch_first=True).double()
# samples = torch.randn(5, 7, 3).double()
# last = ":output[0]|last"
# read = capture(model, {"state": last}, samples, x_out=last)["state"]
# assert torch.allclose(read, model(samples)[1][0])
# ```
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
