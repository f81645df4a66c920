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
# All layers of an autoencoder share one output information. Input information is lost from layer
# to layer. At best, training takes all layers to the point $(M, M)$ if the bottleneck is large; if
# it is small, it takes bottleneck and decoder to $(\lambda, \lambda)$. Small autoencoders, whose
# entropies can be counted, do exactly this. In general it rests on assumptions, listed here.
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
# **Runs** in about a minute on any machine, on five-pixel images; the same in every
# [profile](glossary.md).

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
from itertools import product

import numpy as np
import pandas as pd
import torch
import xarray as xr
from IPython.display import HTML

from ipae_lib import capture, discrete, solvable, theory
from ipae_lib.layers import HIDDEN_LAYERS, TEXT_LABELS
from study import experiments, figures, pictures
from study.chapters import ch01
from study.moments import log_spaced
from study.text import say

# %% [markdown]
# ## Information, and what processing does to it
#
# How much do you not know about a variable $X$ before you see it? For a discrete $X$ the answer is
# its *entropy*
#
# $$
# H(X) = -\sum_{x \in \mathcal{X}} p_X(x) \log(p_X(x)).
# \tag{1}
# $$ (eq-1)
#
# It counts the yes-or-no questions that a good questioner needs on average. All logarithms in this
# book are to base 2, and the unit is the bit. Once another variable $Y$ is known, $H(X|Y)$ of these
# bits are left. What $Y$ has answered is the *mutual information* (MI)
#
# $$
# I(X;Y) = H(X) - H(X|Y) = H(Y) - H(Y|X).
# \tag{2}
# $$ (eq-2)
#
# It is symmetric and never negative. It is 0 exactly if $X$ and $Y$ are independent. For a variable
# with density $f_X$ one writes the *differential entropy*
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
# One warning now will save trouble later. $H(X)$ is a number of bits, and $I(X;X) = H(X)$. The
# differential entropy $h(X)$ is not: it depends on the unit of $X$ and may be negative. For a
# variable with a density $I(X;X)$ is infinite, because a real number has infinitely many digits.
#
# In this chapter every variable takes finitely many values. So entropies need no estimator: we
# count. With $H(X|Y) = H(X,Y) - H(Y)$, equations {eq}`eq-1` and {eq}`eq-2` become two short
# functions:


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
mi = discrete.discrete_mutual_information
for name, v in {"A": a, "B": b, "C": c}.items():
    print(f"I(A;{name}) = {information(a, v):.1f} bits,", end=" ")
    print(f"by ipae_lib {mi(a, v):.1f}")

# %% [markdown]
# The example shows the law on which this chapter rests. $C$ is computed from $B$ alone, so
# $A \rightarrow B \rightarrow C$ is a *Markov chain*: given $B$, $C$ says nothing more about $A$.
# For each such chain the *data processing inequality* (DPI) holds {cite}`cover2006`:
#
# $$
# I(A;B) \geq I(A;C).
# \tag{5}
# $$ (eq-5)
#
# ```{prf:proof}
# What $B$ and $C$ together say about $A$ can be added up in either order: $I(A;B) + I(A;C|B)$ is
# $I(A;B,C)$, and so is $I(A;C) + I(A;B|C)$.
# On the left, $I(A;C|B) = 0$: this is what the Markov chain means. So
# $I(A;B) - I(A;C) = I(A;B|C)$, and no information is negative.
# ```
#
# The proof says more than the inequality. The loss $I(A;B|C)$ is what $B$ still knew about $A$ and
# $C$ does not. Equality holds exactly if $C$ has kept all that $B$ knew about $A$. It does not
# matter whether $C$ is *convenient* to use: a bijective scrambling of $B$ loses nothing.
#
# ## The plane of an autoencoder
#
# {cite:t}`tishby2015` proposed to look at a layer $T$ of a network through two numbers. One is what
# $T$ knows of the input, the other what it knows of the desired output $Y$. {cite:t}`shwartz-ziv2017`
# drew them.
#
# ```{prf:definition} Information plane
# :label: def-1
#
# The information plane (IP) has the axes $I(X;T)$ and $I(T;Y)$. In a given training iteration a
# hidden layer $T$ is one point of it; during training the point describes a trajectory.
# ```
#
# An autoencoder wants its input back, $Y = X$. Then both axes of {prf:ref}`def-1` are the same, and
# the plane is a line. What differs from the input is what the network makes of it, the
# *reconstruction* $X'$. Let the encoder have $L$ layers, the last of them the bottleneck $Z$. Let
# the decoder have $L$ layers, the last of them $X'$:
#
# $$
# X \rightarrow T_1^E \rightarrow \dots \rightarrow T_{L-1}^E \rightarrow Z
# \rightarrow T_1^D \rightarrow \dots \rightarrow T_{L-1}^D \rightarrow X'.
# \tag{6}
# $$ (eq-6)
#
# Each layer is computed from the one before it alone, so this is a Markov chain. {cite:t}`yu2019`
# read two inequalities off it. Both follow by applying {eq}`eq-5` again and again. With $A = X$ and
# two neighbouring layers as $B$ and $C$ it is the *forward DPI*
#
# $$
# I(X;T_1^E) \geq \dots \geq I(X;T_{L-1}^E) \geq I(X;Z).
# \tag{7}
# $$ (eq-7)
#
# A Markov chain read backwards is one, too: given the present, future and past are independent, and
# this has no direction. With $A = X'$ and the *later* layer as $B$, it is the *backward DPI*
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
# A well-trained autoencoder of enough capacity comes near an ideal one. So what is derived of ideal
# autoencoders is where training *should end*. The way there depends on the optimiser, and no theorem
# below says anything about it.
#
# ## Making information finite
#
# At any moment of training, a layer is a deterministic function of $X$. If $X$ has a density, this
# is bad news: for almost every choice of weights $I(X;T)$ is infinite {cite}`amjad2019`. One real
# number in the bottleneck could carry the whole image in its digits. Two remedies are in use
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
# next lemma needs no further assumption for noise, and the forward DPI does.
#
# For discretisation the definition leaves a choice open. Is the next layer computed from the
# quantised values? Or does the network work with real numbers, quantised only to measure them?
# Several steps need the first, so we give it a name.
#
# ```{prf:assumption} What is measured is passed on
# :label: asm-passed-on
#
# Each quantised layer is a function of the quantised layer before it:
# $X_q \rightarrow T_{1,q}^E \rightarrow \dots \rightarrow X'_q$ is a chain of deterministic functions.
# ```
#
# Under this assumption the quantised variables are a chain like {eq}`eq-6`. Everything said so far
# about that chain is true of them as well.
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
# Under {prf:ref}`asm-passed-on`, $X'_q$ is a function of $T_q$. So nothing about it is open once
# $T_q$ is known: $H(X'_q|T_q) = 0$. What remains, $H(X'_q)$, does not mention $T$.
#
# *Noise.* By {eq}`eq-4`,
#
# $$
# \hat{I}(T;X') = I(T;X'+R) = h(X'+R) - h(X'+R|T).
# \tag{11}
# $$ (eq-11)
#
# Given $T = t$, the output $X' = g(t)$ is a constant. $R$ is as random as before, because it is
# independent of $T$. Shifting by a constant does not change a differential entropy, so
# $h(X'+R|T) = h(R)$. Again, what remains does not mention $T$. Here $h(R)$ and $h(X'+R)$ have to be
# finite, as they are for Gaussian noise and bounded outputs. {prf:ref}`asm-passed-on` is not needed.
#
# In both cases the argument covers $T = X$, whose value is $\hat{I}(X;X')$.
# ```
#
# On the plane, the lemma says that in each iteration *all layers hang on one horizontal line*, like
# clothes on a washing line. Its height is $\hat{I}(X;X')$. The lemma holds for trained and untrained
# networks alike, and makes the backward DPI {eq}`eq-8` an equality. Training can lift the line and shift
# layers along it. It cannot lift a single layer.
#
# ### A closer look: measured is not always passed on
#
# Is {prf:ref}`asm-passed-on` needed, or only convenient? Take four inputs, a hidden layer that scales
# them down and an output that scales them back: a perfect reconstruction. The quantiser rounds down
# to whole numbers.

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

# %% [markdown]
# If the quantised values are passed on, the network simply is a bad one. Everything is lost in $T$,
# and so in the output. If they are measured only, $T$ seems to know nothing of the input and nothing
# of the output. Yet the output behind it shares all bits with the input. Both
# {prf:ref}`lem-1` and $\hat{I}(X;T) \geq \hat{I}(X;X')$ fail.
#
# The step that fails is $H(X'_q|T_q) = 0$: $X'$ is a function of $T$, but $X'_q$ is not one of $T_q$.
# A quantiser that keeps all values of a layer apart would do no harm. This is one way to read the
# word *suitable* in {prf:ref}`def-4`. But a quantiser that is fine enough for one layer may be too
# coarse for another of smaller scale.
#
# Noise has the same weakness in the input MI. Take a standard normal $X$, the layer $T_1 = X/10$, the
# layer $T_2 = 10\,T_1$ behind it, and noise of standard deviation 0.1:


# %%
def through_noise(
    deviation, noise=0.1
):  # I(X; T + R) of a normal layer T
    return np.log2(1 + (deviation / noise) ** 2) / 2


deviations = pd.Series({"T₁ = X / 10": 0.1, "T₂ = 10 T₁": 1.0})
deviations.map(through_noise).rename("input MI [bits]").to_frame().round(
    2
)

# %% [markdown]
# The later layer has more. So the forward DPI need not hold for $\hat{I}_C$ with noise of one strength:
# $T_2 + R$ is not computed from $T_1 + R$. Passing the noise on would repair this. It would break the
# equality of {prf:ref}`lem-1` instead, since $X'$ is then no function of $T$.
# [Chapter 7](07_ground_truth.ipynb) measures how much this matters.
#
# **From here on, whatever uses the forward DPI assumes that it holds for** $\hat{I}$. Under
# {prf:ref}`def-4` with {prf:ref}`asm-passed-on` it does.
#
# ## What the bottleneck lets through
#
# Let $\lambda = \lambda(K)$ be the most information that a bottleneck of $K$ units can transfer from
# the encoder to the decoder. It cannot fall with $K$, because a larger bottleneck can imitate a
# smaller one by ignoring units. The paper takes it to increase.
#
# $\lambda$ belongs to the measure as much as to the network. With $q$ levels for each unit, passed
# on, there are $q^K$ codes, and $\lambda = K \log_2 q$ bits. For real numbers, neither quantised nor
# disturbed, a single unit already has $\lambda = \infty$.
#
# And let $M := \hat{I}(X;X)$ be all the information there is at the input.
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
# By the definition of $\lambda$, $\hat{I}(X;Z) \leq \lambda$. Together,
# $\hat{I}(X;X') \leq \hat{I}(X;Z)$, at most $\min\{\lambda, \hat{I}(X;X)\}$.
#
# *An ideal one gets there.* The largest value that {eq}`eq-12` allows to $\hat{I}(X;X')$ is taken
# for $X' = X$, when nothing is wrong with the reconstruction. In this sense, an ideal autoencoder
# makes $\hat{I}(X;X')$ as large as it can in order to make the error as small as it can. Nothing but
# the bottleneck is in its way. So the encoder puts into $Z$ as much as fits, $\min\{\lambda,
# \hat{I}(X;X)\}$. The decoder loses none of it, $\hat{I}(X;X') = \hat{I}(X;Z)$.
# ```
#
# The first half of the proof is a squeeze and holds for every autoencoder. The second is an argument
# about what "ideal" means, and {prf:ref}`def-3` alone does not give it.
#
# ### A closer look: least distance, most information
#
# Take four equally likely inputs on a line, a bottleneck of one binary unit, and the squared distance.
# There are $2^4$ encoders. For each, the best decoder answers with the mean of the inputs that share
# a code.

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

# %% [markdown]
# The bottleneck could transfer one bit, $\lambda = 1 < M = 2$, and a code that pairs the inputs does
# so. But the autoencoder of least error sets the outlier apart, and transfers less. It is ideal in
# the sense of {prf:ref}`def-3` and misses the value of {prf:ref}`lem-2`. Distances know how far apart
# inputs are; information does not. So for $\lambda < M$ we say aloud what the proof takes from
# "ideal":
#
# ```{prf:assumption} An ideal autoencoder uses its bottleneck
# :label: asm-attained
#
# Whatever autoencoder has the least reconstruction error that its bottleneck allows has
# $\hat{I}(X;X') = \min\{\lambda, \hat{I}(X;X)\}$.
# ```
#
# A large bottleneck needs no such assumption, if $\lambda \geq M$ means that there are codes enough to
# tell all inputs apart. Then the least error is 0, so $X' = X$ and $\hat{I}(X;X') = M$. For equally
# likely inputs this is so, with $\lambda = \log_2$ of the number of codes.
#
# It is not so for every input. Take three inputs of probability 0.98, 0.01 and 0.01, and one binary
# unit:

# %%
rare = np.repeat([0, 1, 2], [98, 1, 1])
codes = [np.array(z)[rare] for z in product([0, 1], repeat=3)]
most = max(mi(rare, z) for z in codes)
print(f"M = {mi(rare, rare):.3f} bits, of which at most {most:.3f} pass")

# %% [markdown]
# $M$ is less than the one bit that the unit can hold, and still two codes cannot tell three inputs
# apart. One then has to take $\lambda$ as the most that can be transferred *of this* $X$. This never
# exceeds $M$.
#
# ## Two patterns
#
# Read $\hat{I}(X;T)$ as the information that $T$ preserves of the input. The forward DPI for the whole
# chain,
#
# $$
# \begin{aligned}
# \hat{I}(X;X) &\geq \hat{I}(X;T_1^E) \geq \dots \geq \hat{I}(X;Z) \geq \dots \\
# &\geq \hat{I}(X;T_{L-1}^D) \geq \hat{I}(X;X'),
# \end{aligned}
# \tag{13}
# $$ (eq-13)
#
# says that layers are ordered on the washing line: the first to the far right, the last to the far
# left. Now let the autoencoder be ideal.
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
# {prf:ref}`asm-passed-on`. With noise, {eq}`eq-13` is an assumption itself. With $\lambda < M$,
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
# A point *on* the bisector is a layer behind which nothing more is lost. A point on the right edge is
# one before which nothing was lost. A layer in the corner $(M, M)$ is both. The output $X'$ is
# always on the bisector, and the input $X$ always on the right edge: the two poles of the washing line.
#
# The triangle is `theory.feasible_region` of the library, and the theorem `ch01.convergence`:

# %%
print("corners:", theory.feasible_region(5).tolist())
ends = ch01.convergence(m=5, lam=2).to_dataframe()
ends.T.rename(columns=TEXT_LABELS)

# %% [markdown]
# These two draw the next figure ({numref}`fig-theoretical-plane`), the paper's Fig. 1. Layers start on
# a low line, in the order of {eq}`eq-13`, and end as {prf:ref}`thm-1` says.

# %% mystnb={"figure": {"name": "fig-theoretical-plane", "caption": "Theoretical information plane (Fig. 1 of the paper) when the bottleneck is (a) small and (b) large, for four layers in the encoder and four in the decoder. Shaded: the feasible triangle. Circles: where layers end. The theory does not give the starting points, the paths, or where the first encoder layers stop in (a): these are drawn freely."}, "image": {"alt": "Two panels with a shaded triangle below the bisector and straight lines from a common low height to circles. Left, small bottleneck: bottleneck, decoder and output meet at the point lambda, lambda on the bisector. The three encoder layers stop at the same height to the right of it. Right, large bottleneck: all lines meet in the upper corner M, M."}}
figures.theoretical_plane()

# %% [markdown]
# Choose the bottleneck yourself, with units of $q$ levels, passed on. Then $\lambda(K)$ is $K \log_2 q$. The
# table has the ends for a few sizes, and on the book's page you can move them. For a small bottleneck
# they rest on {prf:ref}`asm-attained`, and the paths there are left out: nothing is known of them.

# %% tags=["hide-input"]
HTML(pictures.theoretical_plane())

# %% [markdown]
# ## A check without any estimator
#
# Does a *real* autoencoder, trained by gradient descent, do this? On MNIST, the handwritten digits of
# [chapter 5](05_autoencoder_planes.ipynb), information has to be estimated, or noise to be chosen. Both
# are what the rest of the book is about. So let us shrink the world until everything can be counted:
# images of five black or white pixels, each of the $2^5$ equally likely.
# Then $M$ is five bits.
#
# The autoencoder has eight layers, as the paper's has. Its $\tanh$ units are rounded to a few levels,
# and it passes on the rounded values, as {prf:ref}`asm-passed-on` wants. The units of the bottleneck
# and of the output have two levels. So $X' = X$ is possible, and $\lambda(K) = K$ bits: the $2^K$
# codes can share the images evenly, as long as there are no more codes than images.
#
# This is its plane before training, with seven units in the bottleneck, by the two functions of the
# beginning:

# %%
images = discrete.all_binary_images(pixels=5)
generator = torch.Generator().manual_seed(0)
model = discrete.DiscreteAutoencoder(7, generator=generator)

x, x_out = images.numpy(), model(images).detach().numpy()
t, untrained = images, {}
untrained["X"] = information(x, t), information(t, x_out)
for name, layer in model.named_children():
    t = layer(t).detach()
    untrained[name] = information(x, t), information(t, x_out)
by_hand = pd.DataFrame(untrained, index=["I(X;T)", "I(T;X′)"])
by_hand.rename(columns=TEXT_LABELS).round(3)

# %% [markdown]
# `capture` gives the layers of any torch model by name, and `discrete_plane` counts the same of them.
# `check_plane` tells by how many bits a plane breaks four statements: the forward DPI
# {eq}`eq-13`, the backward DPI {eq}`eq-8`, {prf:ref}`lem-1` and {prf:ref}`cor-triangle`. For the lemma
# it takes the spread of the output MI, for the triangle the layers' distances from it.

# %%
record = discrete.discrete_plane(capture(model, HIDDEN_LAYERS, images))
both = [record.input_mi, record.output_mi]
print("as by hand:", np.allclose(both, by_hand))

check = theory.check_plane(record)
tests = ["forward_total", "backward_total"]
tests += ["output_spread", "outside_total"]
for test in tests:
    print(f"{test}: {float(check[test]):.3f} bits")


def wrong_pixels(network):
    wrong = network(images) != images
    return float(wrong.sum(1).double().mean())


print(f"wrong pixels: {wrong_pixels(model):.3f} of 5")

# %% [markdown]
# Two remarks on the untrained network. The paper expects random weights to lose a lot. Then
# {eq}`eq-13` is strict and $\hat{I}(X;X')$ is small at the start. Here the wide hidden layers of the
# encoder lose nothing at all. The output shares most bits with the input before any training: it is
# random, but not uninformative. The paper's start is an expectation and no part of the theory.
#
# And yet about half of the pixels are wrong, as many as by guessing. The plane cannot see this. It
# counts what *could* be read from a layer, not whether it is put right.
#
# Now we train, for each $K$ from 1 to 7, and record about thirty iterations.


# %%
def train(bottleneck_size, seed=0, steps=800, **design):
    generator = torch.Generator().manual_seed(seed)
    design = {"generator": generator, **design}
    start = discrete.DiscreteAutoencoder(bottleneck_size, **design)
    moments = log_spaced(steps, 30)
    snapshots = solvable.train_discrete(start, images, steps, moments)
    plane = solvable.discrete_case(snapshots, images).plane
    wrong = [wrong_pixels(network) for network in snapshots.values()]
    return plane.assign(wrong_pixels=("iteration", wrong))


runs = {f"K = {k}": train(bottleneck_size=k) for k in range(1, 8)}

# %% [markdown]
# In all of these the encoder is wide enough to hand all five bits to the bottleneck. To see what
# {prf:ref}`thm-1` leaves open we add, for $K = 2$, an encoder that narrows. We train it from three
# different starting points.

# %%
narrow = {"hidden_sizes": (16, 6, 3), "levels": (9, 5, 9)}
for seed in range(3):
    runs[f"narrow {seed}"] = train(2, seed, **narrow)

# %% mystnb={"figure": {"name": "fig-exact-planes", "caption": "Exact information planes of discrete autoencoders during training: two units in the bottleneck behind (a) a wide and (b) a narrowing encoder, and (c) seven units. Markers: before training. Circles: after it, with the layers that end there."}, "image": {"alt": "Three panels with the feasible triangle for M of five bits. Left: the encoder layers rise and fall along the right edge and end at 5, 2. Bottleneck, decoder and output end together at 2, 2 on the bisector. Middle: the encoder layers end at height 2 at three different input informations, the bottleneck and decoder close to 2, 2. Right: all layers end in the corner 5, 5."}}
shown = {
    "(a) $K = 2$, wide encoder": runs["K = 2"],
    "(b) $K = 2$, narrowing encoder": runs["narrow 0"],
    "(c) $K = 7$": runs["K = 7"],
}
figures.exact_planes(shown)

# %% [markdown]
# The figure ({numref}`fig-exact-planes`) is Fig. 1 made real. All layers move up and down together, and
# all stay in the triangle. They end where {prf:ref}`thm-1` says. The paths are not straight, and they
# turn back. The input MIs at the end, in bits, and the wrong pixels of an image:

# %%
final = {name: run.isel(iteration=-1) for name, run in runs.items()}
table = {}
for name, run in final.items():
    table[name] = run.input_mi.drop_sel(layer="X").to_series()
    table[name]["wrong"] = float(run.wrong_pixels)
pd.DataFrame(table).T.rename(columns=TEXT_LABELS).round(3)

# %% [markdown]
# The next figure ({numref}`fig-exact-sweep`) holds this against $\min\{\lambda, M\}$, which is
# $\min\{K, 5\}$. Up to $K = 5$, each unit adds a bit to the bottleneck, to all of the decoder and to
# the output. Beyond, nothing is left to add.

# %% mystnb={"figure": {"name": "fig-exact-sweep", "caption": "Exact input MI of each layer after training against the bottleneck size, behind a wide encoder. Lines: the prediction. Markers: what was counted, side by side. The bottleneck, the decoder and the output follow min{λ, M} with λ(K) = K bits."}, "image": {"alt": "Input information against bottleneck sizes 1 to 7. Three encoder layers lie on a horizontal line at five bits for all sizes. The bottleneck, the decoder layers and the output follow a line that rises by one bit a unit up to five bits at K equal to 5, and stays there."}}
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

# %% [markdown]
# Trained and untrained, well and badly trained: not one layer breaks any of the four statements, in
# any of these iterations. Three things to take along:
#
# - *What holds always, holds always.* One of the narrowing autoencoders comes near its $\lambda = 2$
#   bits; the other two get stuck below. They are not ideal and miss the point of {prf:ref}`thm-1`. But
#   they keep {prf:ref}`lem-1`, {eq}`eq-13` and the triangle to the last digit. If an *estimated* plane
#   breaks these, the estimator or the definition is to blame, and not the training.
# - *Where compression happens is design.* With the wide encoder all of it happens in one step, from
#   $T_3^E$ to $Z$. The narrowing one goes down in stairs, layer by layer. {eq}`eq-14` allows both.
# - *Less error is not more information.* The wide network with two units fills its bottleneck, as
#   {prf:ref}`asm-attained` asks, and ends exactly where the theorem says. One that got stuck
#   reconstructs better, with less information:

# %% tags=["remove-input"] jupyter={"source_hidden": true}
two_units = ch01.two_units(final["K = 2"], final["narrow 2"], images)
say(
    """The full bottleneck ends with {full_wrong:.3f} wrong pixels an image, the one that is
    stuck with {stuck_wrong:.3f} and only {stuck_bits:.3f} bits.

    Neither is an ideal autoencoder. A search over all sets of four reconstructions finds
    {fewest:.3f} wrong pixels.""",
    two_units,
)

# %% [markdown]
# The theorem is about filling the bottleneck. {prf:ref}`def-3` is about distance.
#
# ## The paper says, we find
#
# | The paper says | We find |
# |---|---|
# | {prf:ref}`lem-1`: in every iteration all layers have the same output MI. | Holds, by counting, in every recorded iteration. With discretisation it needs {prf:ref}`asm-passed-on`: quantised for measuring only, four inputs break it. With noise it holds as it is. |
# | The forward DPI {eq}`eq-13`. | Holds under the same assumption. Without it, the same example breaks it. With noise of one strength it depends on the scale of the layers. |
# | {prf:ref}`lem-2`: an ideal autoencoder reaches $\min\{\lambda, M\}$. | No autoencoder exceeds it. For $\lambda \geq M$ it is reached where the codes suffice to tell the inputs apart. For $\lambda < M$ that is an assumption ({prf:ref}`asm-attained`): on four points the least error comes with less. |
# | {prf:ref}`thm-1`, large bottleneck: all layers end at $(M, M)$. | Yes, for $K \geq 5$, and so also at $\lambda = M$. No pixel is wrong. |
# | {prf:ref}`thm-1`, small bottleneck: bottleneck and decoder end at $(\lambda, \lambda)$, the encoder to the right of it. | Yes, for $K < 5$. Where the encoder ends is up to its design: it may keep all of $M$ up to the bottleneck. |
# | At initialisation, layers lose information strictly and $\hat{I}(X;X')$ is small. | An expectation, not a theorem. Untrained wide layers lose nothing, and the output shares most bits with the input. |
# | Trajectories cannot be derived. | They are neither straight nor monotone. |
#
# ## Exercises
#
# **1. What fits through.** Forty equally likely images go through a bottleneck whose units have four
# levels each, passed on. What are $M$ and $\lambda$ for $K = 3$ and for $K = 2$? Where does an ideal
# autoencoder end?
#
# :::{dropdown} Solution
# $M = \log_2 40 \approx 5.3$ bits. Three units have 64 codes, enough to tell all images apart. So
# $\lambda \geq M$, and by {prf:ref}`thm-1` all layers end at $(M, M)$.
#
# Two units have 16 codes, which could hold four bits. But 16 codes cannot share 40 images evenly: eight
# of them have three images, and eight have two. So the most that can be transferred *of this* $X$ is a
# little less than four bits. Bottleneck and decoder end there, if {prf:ref}`asm-attained` holds.
#
# ```python
# import numpy as np
#
# from ipae_lib.discrete import discrete_entropy
#
# images = np.arange(40)
# codes = images % 16  # as evenly as can be
# assert 3.9 < discrete_entropy(codes) < 4 < discrete_entropy(images) < 6
# ```
# :::
#
# **2. A decoder that forgets.** The input has five bits, the bottleneck three of them, and the output
# one of these. Each is computed from the one before. Where in the plane are the three? What of the
# theory do they break?
#
# :::{dropdown} Solution
# They break nothing. All hang at the height of one bit ({prf:ref}`lem-1`): the input at $(5, 1)$, the
# bottleneck at $(3, 1)$, the output at $(1, 1)$. The network is not ideal, as its decoder loses what the
# bottleneck let through.
#
# ```python
# import numpy as np
#
# from ipae_lib.discrete import discrete_mutual_information as mi
#
# x = np.arange(32)
# z = x // 4
# x_out = z // 4
# points = [(mi(x, t), mi(t, x_out)) for t in (x, z, x_out)]
# assert np.allclose(points, [(5, 1), (3, 1), (1, 1)])
# ```
# :::
#
# **3. Whose fault is it?** In a plane that somebody has estimated, a layer of the decoder has half a bit
# more input MI than the bottleneck. Can a bad training be the cause?
#
# :::{dropdown} Solution
# No. {eq}`eq-13` holds for trained and untrained networks alike, so training cannot break it. Either the
# estimate is wrong. Or the definition lets it happen: noise that is only added to look gives the later
# layer more, if that layer stretches. The example of $T_1 = X/10$ and $T_2 = 10\,T_1$ is such a case.
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
