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
# # Theory
#
# ```{admonition} Result
# :class: tip
# In an autoencoder all layers share one output information and lose input information from layer to
# layer, and training at its best takes all of them to the point $(M, M)$ if the bottleneck is large,
# and the bottleneck and the decoder to $(\lambda, \lambda)$ if it is small: exactly so in small
# autoencoders where every entropy can be counted, and under assumptions that this chapter spells out.
# ```
#
# **What you will learn**
#
# - what the two axes of the information plane of an autoencoder mean;
# - why processing cannot create information, and why this confines the layers to a triangle;
# - where an ideal autoencoder takes each layer, and what is left open;
# - which step of which proof uses which assumption, and what happens without it.
#
# **In the paper**: Sec. I and II, equations (1) to (15), Fig. 1.
#
# **Runs** in about a minute on any machine, on five-pixel images; the same in every profile.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
from itertools import combinations, product

import numpy as np
import pandas as pd
import torch
import xarray as xr
from myst_nb import glue

from ipae_lib import theory
from ipae_lib.layers import HIDDEN_LAYERS
from ipae_lib.plane import InformationPlane
from ipae_lib.training import log_spaced
from study import experiments, figures

# %% [markdown]
# ## Information, and what processing does to it
#
# How much do you not know about a variable $X$ before you see it? If it is discrete, its *entropy*
#
# $$
# H(X) = -\sum_{x \in \mathcal{X}} p_X(x) \log(p_X(x))
# \tag{1}
# $$ (eq-1)
#
# counts the yes-or-no questions that a good questioner needs on average; all logarithms in this
# book are to base 2, and the unit is the bit. Of these, $H(X|Y)$ are left once $Y$ is known. What
# $Y$ has answered is the *mutual information* (MI)
#
# $$
# I(X;Y) = H(X) - H(X|Y) = H(Y) - H(Y|X).
# \tag{2}
# $$ (eq-2)
#
# It is symmetric, never negative, and 0 exactly if $X$ and $Y$ are independent. For a variable with
# density $f_X$ one writes the *differential entropy*
#
# $$
# h(X) = -\int_{x \in \mathcal{X}} f_X(x) \log(f_X(x))\, dx
# \tag{3}
# $$ (eq-3)
#
# and
#
# $$
# I(X;Y) = h(X) - h(X|Y) = h(Y) - h(Y|X).
# \tag{4}
# $$ (eq-4)
#
# One warning now will save trouble later. $H(X)$ is a number of bits and $I(X;X) = H(X)$. $h(X)$ is
# not: it depends on the unit of $X$, may be negative, and $I(X;X)$ is infinite for a variable with a
# density, for a real number has infinitely many digits.
#
# In this chapter every variable takes finitely many values, and entropies need no estimator: we
# count. With $H(X|Y) = H(X,Y) - H(Y)$, {eq}`eq-1` and {eq}`eq-2` are


# %%
def entropy(codes):
    p = np.unique(codes, axis=0, return_counts=True)[1] / len(codes)
    return -(p * np.log2(p)).sum()  # (1)


def information(a, b):
    joint = np.column_stack([a, b])
    return entropy(a) + entropy(b) - entropy(joint)  # (2)


a = np.arange(8)  # eight inputs, equally likely
b = a // 2  # forgets one bit of a
c = b // 2  # forgets one more
mi = theory.discrete_mutual_information
for name, v in {"A": a, "B": b, "C": c}.items():
    print(f"I(A;{name}) = {information(a, v):.1f} bits,", end=" ")
    print(f"by ipae_lib {mi(a, v):.1f}")

# %% [markdown]
# The example shows the law on which this chapter rests. $C$ is computed from $B$ alone, so
# $A \rightarrow B \rightarrow C$ is a *Markov chain*: given $B$, $C$ says nothing more about $A$. For
# each such chain the *data processing inequality* (DPI) {cite}`cover2006` holds:
#
# $$
# I(A;B) \geq I(A;C).
# \tag{5}
# $$ (eq-5)
#
# ```{prf:proof}
# What $B$ and $C$ together say about $A$ can be added up in either order:
#
# $$
# I(A;B) + I(A;C|B) = I(A;B,C) = I(A;C) + I(A;B|C).
# $$
#
# On the left, $I(A;C|B) = 0$: this is what the Markov chain means. So
# $I(A;B) - I(A;C) = I(A;B|C)$, and no information is negative.
# ```
#
# The proof says more than the inequality: the loss $I(A;B|C)$ is what $B$ still knew about $A$ and
# $C$ does not. Equality holds exactly if $C$ has kept all that $B$ knew about $A$. Nothing here cares
# whether $C$ is *convenient* to use; a bijective scrambling of $B$ loses nothing.
#
# ## The plane of an autoencoder
#
# {cite:t}`tishby2015` proposed to look at a layer $T$ of a network through two numbers: what it
# knows of the input and what it knows of the desired output $Y$. {cite:t}`shwartz-ziv2017` drew them.
#
# ```{prf:definition} Information plane
# :label: def-1
#
# The information plane (IP) has the axes $I(X;T)$ and $I(T;Y)$. In a given training iteration a
# hidden layer $T$ is one point of it; during training the point describes a trajectory.
# ```
#
# An autoencoder wants its input back, $Y = X$. Then both axes of {prf:ref}`def-1` are the same and
# the plane is a line. What differs from the input is what the network makes of it, the
# reconstruction $X'$. Write the autoencoder with $L$ layers in the encoder, of which the last is the
# bottleneck $Z$, and $L$ in the decoder, of which the last is $X'$:
#
# $$
# X \rightarrow T_1^E \rightarrow \dots \rightarrow T_{L-1}^E \rightarrow Z
# \rightarrow T_1^D \rightarrow \dots \rightarrow T_{L-1}^D \rightarrow X'.
# \tag{6}
# $$ (eq-6)
#
# Each layer is computed from the one before it alone, so this is a Markov chain. {cite:t}`yu2019`
# read two inequalities off it, which follow by applying {eq}`eq-5` again and again. With $A = X$ and
# two neighbouring layers as $B$ and $C$ it is the *forward DPI*
#
# $$
# I(X;T_1^E) \geq \dots \geq I(X;T_{L-1}^E) \geq I(X;Z).
# \tag{7}
# $$ (eq-7)
#
# A Markov chain read backwards is one, too (given the present, future and past are independent, and
# that sentence has no direction). With $A = X'$ and the *later* layer as $B$, it is the *backward DPI*
#
# $$
# I(T_{L-1}^D;X') \geq \dots \geq I(T_1^D;X') \geq I(Z;X').
# \tag{8}
# $$ (eq-8)
#
# Both go on over the whole chain, {eq}`eq-7` to $X'$ and {eq}`eq-8` to $X$. So the two informations
# to look at are these:
#
# ```{prf:definition} Information plane of an autoencoder
# :label: def-2
#
# The IP of an autoencoder has the axes $I(X;T)$, the *input MI* of the layer $T$, and $I(T;X')$, its
# *output MI*; a hidden layer is mapped onto it as in {prf:ref}`def-1`.
# ```
#
# The bottleneck, of $K$ units, is what makes the task hard. The theory is about how well it can be
# done at all:
#
# ```{prf:definition} Ideal autoencoder
# :label: def-3
#
# An ideal autoencoder minimises the distance between $X'$ and $X$, the reconstruction error, as far
# as the size $K$ of its bottleneck allows.
# ```
#
# A well-trained autoencoder of enough capacity comes near an ideal one. What is derived of ideal
# autoencoders is therefore where training *should end*; the way there depends on the optimiser, and
# no theorem below says anything about it.
#
# ## Making information finite
#
# At any moment of training, a layer is a deterministic function of $X$. If $X$ has a density, this
# is bad news: for almost every choice of weights $I(X;T)$ is infinite {cite}`amjad2019`. A real number
# in the bottleneck could carry the whole image in its digits. Two remedies are in use
# {cite}`chelombiev2019,saxe2018`, and the theory is stated for both.
#
# ```{prf:definition} Discretisation approach
# :label: def-4
#
# Let $A_q$ and $B_q$ be discretised versions of $A$ and $B$, by a suitable method of quantisation.
# $I(A;B)$ is replaced by $\hat{I}_D(A;B) := I(A_q;B_q)$.
# ```
#
# ```{prf:definition} Noise addition approach
# :label: def-5
#
# Let $R$ be an additive noise, independent of everything else. $I(A;B)$ is replaced by
# $\hat{I}_C(A;B) := I(A;B+R)$.
# ```
#
# ```{prf:definition} Unified approach
# :label: def-6
#
# $I(A;B)$ is replaced by
#
# $$
# \hat{I}(A;B) :=
# \begin{cases}
# \hat{I}_D(A;B) & \text{if discretisation is used,} \\
# \hat{I}_C(A;B) & \text{if noise addition is used.}
# \end{cases}
# \tag{9}
# $$ (eq-9)
# ```
#
# Note what noise does to symmetry: it is added to the *second* argument. The output MI
# $\hat{I}_C(T;X') = I(T;X'+R)$ has the noise on $X'$, whichever layer $T$ is. The input MI
# $\hat{I}_C(X;T) = I(X;T+R)$ has it on $T$, on a different variable for each layer. This is why the
# next lemma will hold without reserve for noise, and the forward DPI will not.
#
# For discretisation there is a choice that the definition leaves open. Are the quantised values what
# the next layer is computed from, or is the network one of real numbers, quantised only for
# measuring? We give the first a name, because several steps need it.
#
# ```{prf:assumption} What is measured is passed on
# :label: asm-passed-on
#
# Each quantised layer is a function of the quantised layer before it:
# $X_q \rightarrow T_{1,q}^E \rightarrow \dots \rightarrow X'_q$ is a chain of deterministic functions.
# ```
#
# Under this assumption everything said so far about {eq}`eq-6` is true of the quantised variables as
# well, since they are a chain of the same kind.
#
# ## All layers share one output information
#
# ```{prf:lemma} Output MI
# :label: lem-1
#
# $\hat{I}(T;X') = \hat{I}(X;X')$ for every hidden layer $T$.
# ```
#
# ```{prf:proof}
# *Discretisation.* By {eq}`eq-2`,
#
# $$
# \hat{I}(T;X') = I(T_q;X'_q) = H(X'_q) - H(X'_q|T_q).
# \tag{10}
# $$ (eq-10)
#
# Under {prf:ref}`asm-passed-on`, $X'_q$ is a function of $T_q$, so nothing about it is open once
# $T_q$ is known: $H(X'_q|T_q) = 0$. What remains, $H(X'_q)$, does not mention $T$.
#
# *Noise.* By {eq}`eq-4`,
#
# $$
# \hat{I}(T;X') = I(T;X'+R) = h(X'+R) - h(X'+R|T).
# \tag{11}
# $$ (eq-11)
#
# Given $T = t$, the output $X' = g(t)$ is a constant, and $R$ is as random as before, because it is
# independent of $T$. Shifting by a constant does not change a differential entropy, so
# $h(X'+R|T) = h(R)$, and again what remains does not mention $T$. Here $h(R)$ and $h(X'+R)$ have to be
# finite, as they are for Gaussian noise and bounded outputs; {prf:ref}`asm-passed-on` is not needed.
#
# In both cases the argument covers $T = X$, whose value is $\hat{I}(X;X')$.
# ```
#
# On the plane, the lemma says that in each iteration *all layers hang on one horizontal line*, at the
# height $\hat{I}(X;X')$, like clothes on a washing line. It holds for trained and untrained networks
# alike, and makes the backward DPI {eq}`eq-8` an equality. Training can lift the line and shift
# layers along it; it cannot lift a single layer.
#
# ### A closer look: measured is not always passed on
#
# Is {prf:ref}`asm-passed-on` needed, or only convenient? Take four inputs, a hidden layer that scales
# them down and an output that scales back, a perfect reconstruction. The quantiser rounds down to
# whole numbers.

# %%
x = np.array([0, 1, 2, 3])
t = x / 4
t_q = np.floor(t)
outputs = {
    "passed on": np.floor(4 * t_q),  # computed from t_q
    "measured only": np.floor(4 * t),  # from t; t_q is only looked at
}
counted = {}
for case, y in outputs.items():
    counted[case] = [mi(x, t_q), mi(t_q, y), mi(x, y)]
names = ["I(X;T)", "I(T;X′)", "I(X;X′)"]
pd.DataFrame.from_dict(counted, "index", columns=names)

# %% tags=["remove-cell"]
for name, value in {
    "mo-input": counted["measured only"][0],
    "mo-through": counted["measured only"][2],
    "noise-small": 0.5 * np.log2(1 + (0.1 / 0.1) ** 2),
    "noise-one": 0.5 * np.log2(1 + (1 / 0.1) ** 2),
}.items():
    glue(name, round(float(value), 3), display=False)

# %% [markdown]
# If the quantised values are passed on, the network simply is a bad one: everything is lost in $T$,
# and all three numbers are 0. If they are not, the layer seems to know
# {glue:text}`mo-input:.0f` bits of the input and of the output, while the output behind it
# shares {glue:text}`mo-through:.0f` bits with the input. The equality of {prf:ref}`lem-1` is
# missed by all of these here, and
# $\hat{I}(X;T) \geq \hat{I}(X;X')$ with it. The step that fails is $H(X'_q|T_q) = 0$: $X'$ is a
# function of $T$, but $X'_q$ is not one of $T_q$. A quantiser fine enough to keep all the values of a
# layer apart would do no harm; that is one way to read the word *suitable* in {prf:ref}`def-4`. But a
# fixed quantiser that is fine enough for one layer may be too coarse for another of smaller scale.
#
# Noise has the same weakness in the input MI. For a standard normal $X$ and noise of standard
# deviation 0.1, the layer $T_1 = X/10$ has $\hat{I}(X;T_1) = \frac{1}{2}\log_2(1 + 0.1^2/0.1^2)$ =
# {glue:text}`noise-small:.2f` bits and the layer $T_2 = 10\,T_1$ behind it has
# {glue:text}`noise-one:.2f` bits: the forward DPI need not hold for $\hat{I}_C$ with noise of one
# strength, as $T_2 + R$ is not computed from $T_1 + R$. (Passing the noise on repairs this and breaks
# the equality of {prf:ref}`lem-1` instead, since $X'$ is then no function of $T$.) A later chapter
# measures how much this matters. **From here on, whatever uses the forward DPI assumes that it
# holds for** $\hat{I}$; under {prf:ref}`def-4` with {prf:ref}`asm-passed-on` it does.
#
# ## What the bottleneck lets through
#
# Let $\lambda = \lambda(K)$ be the most information that can be transferred from the encoder to the
# decoder through a bottleneck of $K$ units. It cannot fall with $K$, because a larger bottleneck can
# imitate a smaller one by ignoring units; the paper takes it to increase. $\lambda$ belongs to the
# measure as much as to the network. With $q$ levels for each unit, passed on, there are $q^K$ codes,
# and it is $K \log_2 q$ bits; for real numbers, neither quantised nor disturbed, a single unit already
# has $\lambda = \infty$. And let
#
# $$
# M := \hat{I}(X;X)
# $$
#
# be all the information there is at the input.
#
# ```{prf:lemma} Input MI
# :label: lem-2
#
# An ideal autoencoder satisfies $\hat{I}(X;X') = \hat{I}(X;Z)$, and both are $\min\{\lambda, \hat{I}(X;X)\}$.
# ```
#
# ```{prf:proof}
# *No autoencoder does better.* Three members of the forward DPI are
#
# $$
# \hat{I}(X;X) \geq \hat{I}(X;Z) \geq \hat{I}(X;X').
# \tag{12}
# $$ (eq-12)
#
# With $\hat{I}(X;Z) \leq \lambda$, the definition of $\lambda$, this is
# $\hat{I}(X;X') \leq \hat{I}(X;Z)$, at most $\min\{\lambda, \hat{I}(X;X)\}$.
#
# *An ideal one gets there.* The largest value that {eq}`eq-12` allows to $\hat{I}(X;X')$ is taken
# for $X' = X$, when nothing is wrong with the reconstruction; in this sense, an ideal autoencoder
# makes $\hat{I}(X;X')$ as large as it can in order to make the error as small as it can. Nothing but
# the bottleneck is in its way. So the encoder puts into $Z$ as much as fits, $\min\{\lambda,
# \hat{I}(X;X)\}$, and the decoder loses none of it, $\hat{I}(X;X') = \hat{I}(X;Z)$.
# ```
#
# The first half of the proof is a squeeze and holds for every autoencoder. The second is an argument
# about what "ideal" means, and {prf:ref}`def-3` alone does not give it.
#
# ### A closer look: least distance, most information
#
# Four equally likely inputs on a line, a bottleneck of one binary unit, the squared distance. There
# are $2^4$ encoders; for each, the best decoder answers with the mean of the inputs that share a code.

# %%
x = np.array([0.0, 1.0, 2.0, 10.0])
encoders = np.array(list(product([0, 1], repeat=4)))
columns = ["code of X", "squared error", "I(X;X′)"]


def judge(z):
    x_out = np.array([x[z == code].mean() for code in z])
    error = ((x_out - x) ** 2).mean()
    return str(z), error, round(mi(x, x_out), 3)


judged = pd.DataFrame([judge(z) for z in encoders], columns=columns)
judged = judged.sort_values("squared error", kind="stable")
least = judged.iloc[0]
full = judged[judged["I(X;X′)"] == 1].iloc[0]
pd.DataFrame({"least error": least, "with one bit": full}).T

# %% tags=["remove-cell"]
rare = np.repeat([0, 1, 2], [98, 1, 1])
rare_codes = [np.array(z)[rare] for z in product([0, 1], repeat=3)]
for name, value in {
    "line-best-error": least["squared error"],
    "line-best-mi": least["I(X;X′)"],
    "line-rich-error": full["squared error"],
    "line-rich-mi": full["I(X;X′)"],
    "rare-m": theory.discrete_entropy(rare),
    "rare-best": max(mi(rare, z) for z in rare_codes),
}.items():
    glue(name, round(float(value), 3), display=False)

# %% [markdown]
# One bit could be transferred, $\lambda = 1 < M = 2$, and a code that pairs the inputs does transfer
# {glue:text}`line-rich-mi:.0f` bit. But the autoencoder of least error sets the outlier apart and
# transfers {glue:text}`line-best-mi:.3f` bits, with an error of {glue:text}`line-best-error:.3f` instead
# of {glue:text}`line-rich-error:.3f`. Ideal in the sense of {prf:ref}`def-3`, it misses the value of
# {prf:ref}`lem-2`: distances know how far apart inputs are, information does not. So for
# $\lambda < M$ we say aloud what the proof takes from "ideal":
#
# ```{prf:assumption} An ideal autoencoder uses its bottleneck
# :label: asm-attained
#
# Whatever autoencoder has the least reconstruction error that its bottleneck allows has
# $\hat{I}(X;X') = \min\{\lambda, \hat{I}(X;X)\}$.
# ```
#
# For a large bottleneck no such assumption is needed, provided that $\lambda \geq M$ means that there
# are codes enough to tell all inputs apart. Then the least error is 0, so $X' = X$ and
# $\hat{I}(X;X') = M$. This proviso holds for equally likely inputs with $\lambda = \log_2$ of the number
# of codes. It is not automatic: three inputs of probability 0.98, 0.01 and 0.01 have just
# $M$ = {glue:text}`rare-m:.3f` bits, less than the capacity of one binary unit, and still two codes
# cannot tell three inputs apart; {glue:text}`rare-best:.3f` bits are the most that passes. One then has
# to take $\lambda$ as the most that can be transferred *of this* $X$, which never exceeds $M$.
#
# ## Two patterns
#
# Interpreting $\hat{I}(X;T)$ as the information that $T$ preserves of the input, the forward DPI for
# the whole chain,
#
# $$
# \begin{aligned}
# \hat{I}(X;X) &\geq \hat{I}(X;T_1^E) \geq \dots \geq \hat{I}(X;Z) \geq \dots \\
# &\geq \hat{I}(X;T_{L-1}^D) \geq \hat{I}(X;X'),
# \end{aligned}
# \tag{13}
# $$ (eq-13)
#
# says that layers are ordered on the washing line, the first to the far right and the last to the
# far left. Now let the autoencoder be ideal.
#
# ```{prf:theorem} Two patterns
# :label: thm-1
#
# Consider an ideal autoencoder whose bottleneck, of size $K$, transfers at most $\lambda = \lambda(K)$.
#
# - If $\lambda \geq \hat{I}(X;X)$, the output MI and the input MI of every hidden layer are
#   $\hat{I}(X;X)$.
# - If $\lambda < \hat{I}(X;X)$, the output MI of every hidden layer is $\lambda$. The input MIs of the
#   encoder satisfy
#
#   $$
#   \hat{I}(X;X) \geq \hat{I}(X;T_1^E) \geq \dots \geq \hat{I}(X;Z) = \lambda,
#   \tag{14}
#   $$ (eq-14)
#
#   and those of the decoder
#
#   $$
#   \hat{I}(X;Z) = \hat{I}(X;T_1^D) = \dots = \hat{I}(X;X') = \lambda.
#   \tag{15}
#   $$ (eq-15)
# ```
#
# ```{prf:proof}
# *Large bottleneck.* {prf:ref}`lem-2` gives $\hat{I}(X;X') = \hat{I}(X;X)$. {prf:ref}`lem-1` carries the
# left side to every layer: $\hat{I}(T;X') = \hat{I}(X;X)$. And in {eq}`eq-13` the two ends are now
# equal, so everything between them is equal to them: $\hat{I}(X;T) = \hat{I}(X;X)$.
#
# *Small bottleneck.* {prf:ref}`lem-2` gives $\hat{I}(X;X') = \hat{I}(X;Z) = \lambda$, and
# {prf:ref}`lem-1` carries it to the output MI of every layer. The part of {eq}`eq-13` up to $Z$, with
# the value of $\hat{I}(X;Z)$, is {eq}`eq-14`. The part from $Z$ to $X'$ has the same value at both ends,
# so everything between has it: {eq}`eq-15`.
# ```
#
# The proof is only as good as what it quotes. With discretisation, {prf:ref}`lem-1` and {eq}`eq-13` need
# {prf:ref}`asm-passed-on`; with noise, {eq}`eq-13` is an assumption itself; and with $\lambda < M$,
# {prf:ref}`lem-2` needs {prf:ref}`asm-attained`.
#
# The paper states the first case for $\lambda > M$. At $\lambda = M$ both cases say the same, since
# {eq}`eq-14` then has $M$ at both ends. What the theorem means:
#
# - *A large bottleneck compresses nothing*, in no layer. If any layer forgot something about the input,
#   no later one could bring it back, and the reconstruction would not be perfect. Fewer units are not
#   less information.
# - *A small bottleneck compresses in the encoder only.* What has passed the bottleneck is too precious
#   to lose: the decoder preserves all of it.
# - *Where* in the encoder the information is lost is left open: anywhere between $X$ and $Z$.
#
# ## The feasible triangle
#
# Two consequences need no ideal autoencoder and hold at any moment of training.
#
# ```{prf:corollary} Feasible region
# :label: cor-triangle
#
# In the plane of {prf:ref}`def-2` with $\hat{I}$ for $I$, every layer lies in the triangle of vertices
# $(0, 0)$, $(M, 0)$ and $(M, M)$.
# ```
#
# ```{prf:proof}
# No information is negative: the lower edge. By {eq}`eq-13`, $\hat{I}(X;T) \leq \hat{I}(X;X) = M$:
# the right edge. By {prf:ref}`lem-1` and {eq}`eq-13`,
# $\hat{I}(T;X') = \hat{I}(X;X') \leq \hat{I}(X;T)$: the bisector.
# ```
#
# A point *on* the bisector is a layer behind which nothing more is lost; a point on the right edge is
# one before which nothing was lost. A layer in the corner $(M, M)$ is both. The output $X'$ is
# always on the bisector, and the input $X$ always on the right edge: the two poles of the washing line.
#
# In the library, the triangle is `theory.feasible_region` and the theorem `theory.convergence`:

# %%
print("corners:", theory.feasible_region(5).tolist())
theory.convergence(m=5, lam=2).to_dataframe().T

# %% [markdown]
# From these two {numref}`fig-theoretical-plane` is drawn, the paper's Fig. 1. Layers start on a low
# line, in the order of {eq}`eq-13`, and end as {prf:ref}`thm-1` says.

# %% mystnb={"figure": {"name": "fig-theoretical-plane", "caption": "Theoretical information plane (Fig. 1 of the paper) when the bottleneck is (a) small and (b) large, for four layers in the encoder and four in the decoder. Shaded: the feasible triangle. Circles: convergence. Starting points, the straight lines, and where the first encoder layers stop in (a) are arbitrary; the theory does not give them."}, "image": {"alt": "Two panels with a shaded triangle below the bisector and straight lines from a common low height to circles. Left, small bottleneck: bottleneck, decoder and output meet at the point lambda, lambda on the bisector, and the three encoder layers stop at the same height to the right of it. Right, large bottleneck: all lines meet in the upper corner M, M."}}
figures.theoretical_plane()

# %% [markdown]
# ## A check without any estimator
#
# Does a *real* autoencoder, trained by gradient descent, do this? On MNIST nobody can tell without
# estimating, and estimating is what the rest of the book is about. So let us shrink the world until
# everything can be counted: images of five black or white pixels, each of the 32 equally likely. Then
# $M$ is five bits. The autoencoder has the eight layers of the paper's, with $\tanh$ units that are
# rounded to a few levels, and passes on the rounded values, as {prf:ref}`asm-passed-on` wants. The
# units of the bottleneck and of the output have two levels. So $X' = X$ is possible, and
# $\lambda(K) = K$ bits: the $2^K$ codes can share the 32 images evenly, as long as there are no more
# codes than images.
#
# Untrained, with seven units in the bottleneck, this is its plane, by the two functions of the beginning:

# %%
images = theory.all_binary_images(pixels=5)
generator = torch.Generator().manual_seed(0)
model = theory.DiscreteAutoencoder(7, generator=generator)

x, x_out = images.numpy(), model(images).detach().numpy()
t, untrained = images, {}
untrained["X"] = information(x, t), information(t, x_out)
for name, layer in model.named_children():
    t = layer(t).detach()
    untrained[name] = information(x, t), information(t, x_out)
pd.DataFrame(untrained, index=["I(X;T)", "I(T;X′)"]).round(3)

# %% [markdown]
# `InformationPlane` records the same from any torch model, and takes counting as just another
# estimator. `check_plane` tells by how many bits a plane breaks the forward DPI {eq}`eq-13`, the
# backward DPI {eq}`eq-8`, {prf:ref}`lem-1` (the spread of the output MI over layers), and
# {prf:ref}`cor-triangle` (the layers' distances from the triangle).

# %%
layers = HIDDEN_LAYERS
counting = {"counting": theory.Counting()}
plane = InformationPlane(model, layers, images[None], counting)
record = plane.record().isel(estimator=0, batch=0)
both = record.information.sel(quantity=["input_mi", "output_mi"])
print("as by hand:", np.allclose(both.T, [*untrained.values()]))

check = theory.check_plane(record)
tests = ["forward_total", "backward_total"]
tests += ["output_spread", "outside_total"]
for test in tests:
    print(f"{test}: {float(check[test]):.3f} bits")

# %% tags=["remove-cell"]
glue("untrained-e3", round(float(untrained["E3"][0]), 3), display=False)
glue("untrained-through", round(float(untrained["X′"][0]), 3), display=False)
glue("m", round(float(check.m), 3), display=False)

# %% [markdown]
# Two remarks on the untrained network. The paper expects random weights to lose a lot, so that
# {eq}`eq-13` is strict and $\hat{I}(X;X')$ small at the start. Here the wide hidden layers of the
# encoder lose nothing at all, $I(X;T_3^E)$ = {glue:text}`untrained-e3:.0f` bits, and the output shares
# {glue:text}`untrained-through:.2f` of {glue:text}`m:.0f` bits with the input before any training:
# random, but not uninformative. That start is an expectation and no part of the theory. And yet, of
# the five pixels of an image {glue:text}`untrained-wrong:.3f` are wrong, about as many as by guessing.
# The plane cannot see this: it counts what *could* be read from a layer, not whether it is put right.
#
# Now we train, for each $K$ from 1 to 7, and record about thirty iterations.


# %%
def train(bottleneck_size, seed=0, steps=800, **design):
    design["generator"] = torch.Generator().manual_seed(seed)
    model = theory.DiscreteAutoencoder(bottleneck_size, **design)
    plane = InformationPlane(model, layers, images[None], counting)
    optimizer = torch.optim.Adam(model.parameters(), 0.01, fused=True)
    decay = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    moments, records = log_spaced(steps, 30), []
    for step in range(steps + 1):
        # weights on a grid: same digits on every processor
        with torch.no_grad():
            for weight in model.parameters():
                weight.copy_(torch.round(weight * 2**20) / 2**20)
        error = ((model(images) - images) ** 2).sum(dim=1).mean()
        if step in moments:
            record = plane.record(step).isel(estimator=0, batch=0)
            wrong = error.item() / 4  # (1 - (-1))² for each pixel
            records.append(record.assign(wrong_pixels=wrong))
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        decay.step()
    return xr.concat(records, "iteration")


runs = {f"K = {k}": train(bottleneck_size=k) for k in range(1, 8)}

# %% [markdown]
# In all of these the encoder is wide enough to hand all five bits to the bottleneck. To see what
# {prf:ref}`thm-1` leaves open we add, for $K = 2$, an encoder that narrows: 16, 6 and 3 units of 9, 5
# and 9 levels, trained from three different starting points.

# %%
narrow = {"hidden_sizes": (16, 6, 3), "levels": (9, 5, 9)}
for seed in range(3):
    runs[f"K = 2, narrow, seed {seed}"] = train(2, seed, **narrow)

# %% mystnb={"figure": {"name": "fig-exact-planes", "caption": "Exact information planes of discrete autoencoders during training: two units in the bottleneck behind (a) a wide and (b) a narrowing encoder, and (c) seven units. Markers: before training. Circles: after it, with the layers that end there."}, "image": {"alt": "Three panels with the feasible triangle for M of five bits. Left: the encoder layers rise and fall along the right edge and end at 5, 2; bottleneck, decoder and output end together at 2, 2 on the bisector. Middle: the encoder layers end at height 2 at three different input informations, the bottleneck and decoder close to 2, 2. Right: all layers end in the corner 5, 5."}}
shown = {
    "(a) $K = 2$, wide encoder": runs["K = 2"],
    "(b) $K = 2$, narrowing encoder": runs["K = 2, narrow, seed 0"],
    "(c) $K = 7$": runs["K = 7"],
}
figures.exact_planes({k: run.information for k, run in shown.items()})

# %% [markdown]
# {numref}`fig-exact-planes` is Fig. 1 made real. All layers move up and down together, all stay in the
# triangle, and they end where {prf:ref}`thm-1` says. The paths are anything but straight, and not even
# monotone. The numbers at the end:

# %%
final = {name: run.isel(iteration=-1) for name, run in runs.items()}
table = {}
for name, run in final.items():
    table[name] = run.input_mi.to_series()
    table[name]["wrong pixels"] = float(run.wrong_pixels)
pd.DataFrame(table).T.round(3)

# %% [markdown]
# Read against $\min\{\lambda, M\}$, which is $\min\{K, 5\}$, {numref}`fig-exact-sweep` shows the
# transition: up to $K = 5$, each unit adds a bit to the bottleneck, to all of the decoder and to the
# output; beyond, nothing is left to add.

# %% mystnb={"figure": {"name": "fig-exact-sweep", "caption": "Input MI of each layer after training against the bottleneck size, exact (wide encoder; markers side by side), and the theorem’s prediction: the bottleneck, the decoder and the output follow min{λ, M} with λ(K) = K bits."}, "image": {"alt": "Input information against bottleneck sizes 1 to 7. Three encoder layers lie on a horizontal line at five bits for all sizes. The bottleneck, the decoder layers and the output follow a line that rises by one bit a unit up to five bits at K equal to 5, and stays there."}}
sizes = xr.Variable("bottleneck_size", range(1, 8))
ends = xr.concat([final[f"K = {k.item()}"] for k in sizes], sizes)
figures.exact_sweep(ends.input_mi)

# %% [markdown]
# Finally the checks, the largest over all recorded iterations of each training:

# %%
checks = {}
for name, run in runs.items():
    check = theory.check_plane(run)[tests]
    checks[name] = check.max("iteration").to_pandas()
pd.DataFrame(checks).T.round(9)

# %% tags=["remove-cell"]
moments = sum(run.sizes["iteration"] for run in runs.values())
worst = max(check.max() for check in checks.values())

# with two units: the fewest wrong pixels of all encoders and decoders; by symmetry, one of the four
# reconstructions can be taken to be the first image
differ = (images[:, None] != images[None]).sum(-1).numpy()
others = combinations(range(1, len(images)), 3)
codebooks = np.array([(0, *three) for three in others])
fewest = differ[:, codebooks].min(-1).mean(0).min()

glue("moments", moments, display=False)
for name, value in {
    "worst": worst,
    "fewest": fewest,
    "wide-wrong": final["K = 2"].wrong_pixels,
    "narrow-2-wrong": final["K = 2, narrow, seed 2"].wrong_pixels,
    "wrong-7": final["K = 7"].wrong_pixels,
    "untrained-wrong": runs["K = 7"].wrong_pixels[0],
    **{
        name: final[run].input_mi.sel(layer=layer)
        for name, run, layer in (
            ("wide-z", "K = 2", "Z"),
            ("wide-e3", "K = 2", "E3"),
            ("five-z", "K = 5", "Z"),
            ("narrow-e2", "K = 2, narrow, seed 0", "E2"),
            ("narrow-e3", "K = 2, narrow, seed 0", "E3"),
            ("narrow-0-mi", "K = 2, narrow, seed 0", "X′"),
            ("narrow-1-mi", "K = 2, narrow, seed 1", "X′"),
            ("narrow-2-mi", "K = 2, narrow, seed 2", "X′"),
        )
    },
}.items():
    glue(name, round(float(value), 3), display=False)

# %% [markdown]
# At {glue:text}`moments` recorded moments, trained and untrained, well and badly trained, not one
# layer breaks any of the four statements: {glue:text}`worst:.1f` bits. Three things to take along:
#
# - *What holds always, holds always.* Of the narrowing autoencoders, one comes near its
#   $\lambda = 2$ bits with {glue:text}`narrow-0-mi:.3f`; the other two get stuck at
#   {glue:text}`narrow-1-mi:.3f` and {glue:text}`narrow-2-mi:.3f` bits. They are not ideal and miss the
#   point of {prf:ref}`thm-1`, but they keep {prf:ref}`lem-1`, {eq}`eq-13` and the triangle to the last
#   digit. If an *estimated* plane breaks these, the estimator or the definition is to blame, and not
#   the training.
# - *Where compression happens is design.* With the wide encoder all of it happens in one step, from
#   $I(X;T_3^E)$ = {glue:text}`wide-e3:.0f` to $I(X;Z)$ = {glue:text}`wide-z:.0f` bits. The narrowing one
#   goes down in stairs, {glue:text}`narrow-e2:.3f`, {glue:text}`narrow-e3:.3f`,
#   {glue:text}`narrow-0-mi:.3f`. {eq}`eq-14` allows both.
# - *Less error is not more information.* The wide network with two units fills its bottleneck, as
#   {prf:ref}`asm-attained` asks, and ends exactly where the theorem says, with
#   {glue:text}`wide-wrong:.3f` wrong pixels an image. One of those that got stuck does better with less:
#   {glue:text}`narrow-2-wrong:.3f` wrong pixels with {glue:text}`narrow-2-mi:.3f` bits. Neither is ideal in
#   the sense of {prf:ref}`def-3`, for a search over all sets of four reconstructions finds
#   {glue:text}`fewest:.3f` wrong pixels. The theorem is about filling the bottleneck; {prf:ref}`def-3`
#   is about distance.
#
# ## The paper says, we find
#
# | The paper says | We find |
# |---|---|
# | {prf:ref}`lem-1`: in every iteration all layers have the same output MI. | Holds; by counting, at each of {glue:text}`moments` moments. With discretisation it needs {prf:ref}`asm-passed-on`: quantised for measuring only, four inputs break it by {glue:text}`mo-through:.0f` bits. With noise it holds as it is. |
# | The forward DPI {eq}`eq-13`. | Holds under the same assumption; without it, broken by the same example. With noise of one strength it depends on the scale of the layers: {glue:text}`noise-small:.2f` bits may be followed by {glue:text}`noise-one:.2f`. |
# | {prf:ref}`lem-2`: an ideal autoencoder reaches $\min\{\lambda, M\}$. | No autoencoder exceeds it. For $\lambda \geq M$ it is reached where the codes suffice to tell the inputs apart. For $\lambda < M$ that is an assumption ({prf:ref}`asm-attained`): on four points the least error comes with {glue:text}`line-best-mi:.3f` of {glue:text}`line-rich-mi:.0f` bit. |
# | {prf:ref}`thm-1`, large bottleneck: all layers end at $(M, M)$. | Yes, for $K \geq 5$, and so also at $\lambda = M$: all at {glue:text}`five-z:.0f` bits, with {glue:text}`wrong-7:.0f` wrong pixels. |
# | {prf:ref}`thm-1`, small bottleneck: bottleneck and decoder end at $(\lambda, \lambda)$, the encoder to the right of it. | Yes, for $K < 5$. Where the encoder ends is up to its design: it may keep all of $M$ up to the bottleneck. |
# | At initialisation, layers lose information strictly and $\hat{I}(X;X')$ is small. | An expectation, not a theorem. Untrained wide layers lost nothing, and $I(X;X')$ was {glue:text}`untrained-through:.2f` of {glue:text}`m:.0f` bits. |
# | Trajectories cannot be derived. | They are neither straight nor monotone. |

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
