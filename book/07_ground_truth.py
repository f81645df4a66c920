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
# # Ground truth
#
# ```{admonition} Result
# :class: tip
# Linear autoencoders of Gaussian inputs have an information plane in closed form at every iteration.
# With noise of one level, the output ends where the theorem says; bottleneck and decoder do not. No
# estimator is involved: noise sees how a layer is coded, and the reconstruction error does not. Of
# linear layers the theorem is true if none stretches, or if the input MI has its noise on $X$.
# ```
#
# **What you will learn**
#
# - how to know an information plane without estimating it, and so an estimator's error as a number;
# - which statements of the theory hold for which definition of $\hat{I}$, with proofs and the
#   smallest examples of the contrary;
# - which assumption makes the theorem true for noise, and a definition that needs none for the
#   forward DPI;
# - where nonlinear layers stay exactly solvable, and where not.
#
# **In the paper**: Sec. II, equations (7) to (15), Fig. 1. The assumptions of
# [chapter 1](01_theory.ipynb) are taken up here, not repeated.
#
# **Runs** in about a minute on any machine, on no data at all; the same in every
# [profile](glossary.md).

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import numpy as np
import pandas as pd
import torch

from ipae_lib import (
    MatrixRenyi,
    ProposedWidth,
    discrete,
    linear,
    solvable,
    theory,
)
from ipae_lib.layers import TEXT_LABELS
from study import experiments, figures
from study.chapters import ch07
from study.claims.theory import measured_only
from study.moments import log_spaced
from study.text import say

# %% [markdown]
# ## An autoencoder without samples
#
# Let the input be normal, $X \sim \mathcal{N}(0, \Sigma)$, and each layer linear in the one before.
# Then $T = AX$ is normal with covariance $\Sigma_T = A \Sigma A^\top$. For noise
# $R \sim \mathcal{N}(0, \sigma^2 I)$, {prf:ref}`def-5` is the difference of two entropies of normal
# vectors (as in [chapter 4](04_correlated_gaussians.ipynb)):
#
# $$
# \hat{I}(X;T) = h(T+R) - h(R) = \tfrac12 \log\det\left(I + \Sigma_T / \sigma^2\right).
# \tag{G1}
# $$ (eq-g1)
#
# The output MI is the same expression with $X'$ for $T$, whichever layer is asked:
# $\hat{I}(T;X') = \frac12 \log\det(I + \Sigma_{X'}/\sigma^2)$. Each eigenvalue of $\Sigma_T$ is a
# channel of its own. So a layer with fewer dimensions than units, or none, is no special case.
#
# The reconstruction error needs no samples either. With $X' = AX$,
#
# $$
# E\|X'-X\|^2 = \operatorname{tr}\left((A-I)\, \Sigma\, (A-I)^\top\right),
# \tag{G2}
# $$ (eq-g2)
#
# and its gradient in the weights is a product of matrices. So this is an autoencoder whose plane is
# known at every iteration of a real training.
#
# It is also known where the training should end. For inputs with eigenvalues
# $s_1 \geq s_2 \geq \dots$ of $\Sigma$, the least error with $K$ units is $s_{K+1} + s_{K+2} + \dots$.
# If $s_K > s_{K+1}$, only one output has it, the projection $X' = PX$ on the first $K$ principal
# axes. If $\Sigma$ has full rank, all other critical points of the error are saddles, with one hidden
# layer {cite}`baldi1989` and with more {cite}`kawaguchi2016`.
#
# Below, $\Sigma$ has half of its rank. Then $X' = PX$ is still one variable, but not one matrix: what
# a matrix does to directions that $X$ never takes is open. Nothing in a plane depends on it.
#
# This is the *ideal* linear autoencoder of {prf:ref}`def-3`. With it, $M$ and the information that
# reaches the output are
#
# $$
# M = \tfrac12 \sum_i \log\left(1 + s_i/\sigma^2\right), \qquad
# \lambda(K) = \tfrac12 \sum_{i \leq K} \log\left(1 + s_i/\sigma^2\right).
# \tag{G3}
# $$ (eq-g3)
#
# We take 16 dimensions of which only eight vary: this is the "intrinsic dimensionality" of these data.
# One bottleneck is smaller than that, the other larger.

# %%
spectrum = linear.EXAMPLE_SPECTRUM
covariance = linear.rotated_covariance(spectrum)
sigma, steps = 0.5, 5000


def widths(k):  # of the hidden layers
    return [14, 12, k, 12, 14]


def train(k, seed=0, contract=False):
    start = linear.LinearAutoencoder.random(covariance, widths(k), seed)
    moments = log_spaced(steps, 80)
    return linear.train_linear(
        start, steps, 0.03, moments, contract=contract
    )


runs = {k: train(k) for k in (3, 10)}

# %% [markdown]
# The closed form {eq}`eq-g1`, by hand for the layers of the small network after training, and by the
# library, in bits:


# %%
def through_noise(cov):  # (G1)
    determinant = np.eye(len(cov)) + cov / sigma**2
    return np.linalg.slogdet(determinant)[1] / (2 * np.log(2))


model = runs[3][steps]
a, by_hand = np.eye(16), {"X": through_noise(covariance)}
for layer, weight in zip(model.layers[1:], model.weights, strict=True):
    a = weight @ a
    by_hand[layer] = through_noise(a @ covariance @ a.T)
exact = model.plane(sigma).input_mi
rows = {"by hand": by_hand, "ipae_lib": exact.to_series()}
pd.DataFrame(rows).T.rename(columns=TEXT_LABELS).round(3)

# %% [markdown]
# And where both networks end:

# %%
m = linear.total_information(covariance, sigma)
trained = {k: run[steps].plane(sigma) for k, run in runs.items()}
ends = {}
for k, plane in trained.items():
    ends[k] = {
        "error": runs[k][steps].loss,
        "least error": sum(spectrum[k:]),
        "I(X;X′)": float(plane.output_mi.sel(layer="X")),
        "λ(K)": linear.transferable_information(covariance, k, sigma),
        "M": m,
    }
pd.DataFrame(ends).T.rename_axis("K").round(3)

# %% [markdown]
# Both trainings reach the least error. The output has the information that {prf:ref}`thm-1` gives it:
# $\lambda(3)$ for the small bottleneck, all of $M$ for the large one. But look at the other layers in
# the first table.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """The bottleneck should have what the output has, {out:.2f} bits. It has {z:.2f}. The
    decoder should, too. Its layer $T_2^D$ has {d2:.2f} bits: *more than the bottleneck that it
    is computed from*.

    In the large network $T_2^D$ has {large_d2:.2f} bits. That is more than the {m:.2f} bits that
    there are in $X$.""",
    ch07.decoder_excess(trained[3], trained[10]),
)

# %% [markdown]
# The paper calls a decoder layer with much more information than $Z$ "theoretically impossible". It
# reads it as an error of the estimator (its Fig. 6d). Here it is exact. This does not show that the
# estimator was right there. It shows that the order alone does not convict it.
#
# The next figure ({numref}`fig-solvable-planes`) has the whole trainings, at the top. At the bottom
# are trainings in which no layer stretches. They belong to a later section.

# %%
contracted = {k: train(k, contract=True) for k in runs}
networks = {"trained freely": runs, "no layer stretches": contracted}
panels = {}
for row, both in networks.items():
    cases = {
        k: solvable.linear_case(run, sigma) for k, run in both.items()
    }
    panels[row] = {f"$K = {k}$": case.plane for k, case in cases.items()}

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-solvable-planes", "caption": "Exact information planes of linear autoencoders during training, noise of one level (Definition 5). Top: gradient descent. Bottom: the same with every layer's singular values cut at 1. Markers: before training. Circles: after it. Shaded: the feasible triangle. Compare Fig. 1 of the paper, {numref}`fig-theoretical-plane`."}, "image": {"alt": "Four panels. Top left, three units: layers end at one height, the bottleneck left of the bisector and outside the triangle, the decoder layers right of it. Top right, ten units: layers end at the height M, spread to both sides of the corner, decoder layers outside the triangle. Bottom left: bottleneck, decoder and output end in one point on the bisector, the encoder layers to the right of it. Bottom right: all layers end in the upper corner of the triangle."}}
figures.solvable_planes(panels)

# %% [markdown]
# ## Why: noise sees the code, the error does not
#
# Scale the bottleneck up by 10 and let the decoder begin by scaling it down. Nothing that an
# autoencoder is judged by has changed, neither $X'$ nor the error. But noise of a given strength now
# disturbs $Z$ less.
#
# ```{prf:proposition} Re-coding
# :label: prp-recoding
#
# Let $g$ be a bijection of the values of $Z$ such that the layers around $Z$ can produce $g(Z)$ and
# undo it. The autoencoder with the bottleneck $g(Z)$ has the same $X'$ and the same $\hat{I}(X;X')$.
# So it is ideal if the first one is. Hence {prf:ref}`lem-2` and {prf:ref}`thm-1` can follow from
# {prf:ref}`def-3` only for an $\hat{I}$ that such re-codings leave alone:
# $\hat{I}(X;g(Z)) = \hat{I}(X;Z)$.
#
# Under {prf:ref}`def-5` with noise of one level, there is for every $K \geq 1$ and every $b > 0$ an
# ideal linear autoencoder with $\hat{I}(X;Z) = b$ bits.
# ```
#
# ```{prf:proof}
# The first part only says what ideal means. For the second take any ideal one and $g(z) = cz$. By
# {eq}`eq-g1`, the information is $\frac12 \log\det(I + c^2 \Sigma_Z/\sigma^2)$. It grows continuously
# with $c$, from 0 at $c = 0$ beyond all bounds.
# ```
#
# So there is no "maximum amount of information" that $K$ linear units can transfer under
# {prf:ref}`def-5`: the paper's $\lambda(K)$ is infinite. {eq}`eq-g3` is only what reaches the
# *output* of an ideal autoencoder, whose scale the error fixes. Which code gradient descent finds is
# left to the starting point. Here are five of them:

# %%
seeds = {}
for seed in range(5):
    plane = solvable.linear_case(train(3, seed), sigma).plane
    final = plane.input_mi.isel(iteration=-1).drop_sel(layer="X")
    seeds[seed] = final.to_series().rename(TEXT_LABELS)
    check = theory.check_plane(plane)
    seeds[seed]["(13), worst"] = float(check.forward_total.max())
pd.DataFrame(seeds).T.rename_axis("seed").round(3)

# %% [markdown]
# $\hat{I}(X;X')$ is the same for all starting points, and $\hat{I}(X;Z)$ is not. The last column has
# the sum of the rises that {eq}`eq-13` forbids, at the worst iteration. Each training breaks
# {eq}`eq-13` somewhere on the way.
#
# Which re-codings do other definitions see? Noise can be scaled to *the layer*, $\sigma^2$ times its
# mean variance, or to each of its *units*. This is close in spirit to {eq}`eq-29`, where samples are
# standardised. Layers can be *whitened* before the noise, which is noise of covariance
# $\sigma^2 \Sigma_T$. Noise *on the ends* is the subject of a later section.
#
# We take the smallest autoencoders there are: two dimensions of different variances, a bottleneck
# $Z = GX$, and a decoder that undoes it. All have error 0 and $\lambda \geq M$ in any sense. So
# {prf:ref}`thm-1` wants $\hat{I}(X;Z) = M$. The table has $\hat{I}(X;Z) - M$ in bits.

# %%
turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
recodings = {
    "4 X": 4 * np.eye(2),
    "X / 4": np.eye(2) / 4,
    "turned": turn,
    "whitened": np.diag([1, 0.1**-0.5]),
    "a unit twice": np.array([[1, 0], [1, 0], [0, 1.0]]),
}
excess = {}
for g_name, g in recodings.items():
    weights = [g, np.linalg.pinv(g)]
    perfect = linear.LinearAutoencoder(np.diag([1, 0.1]), weights)
    for noise, row in ch07.DEFINITIONS.items():
        bits = perfect.plane(sigma, noise).input_mi
        excess[row, g_name] = float(
            bits.sel(layer="Z") - bits.sel(layer="X")
        )
table = pd.Series(excess).unstack()
table = table.loc[list(ch07.DEFINITIONS.values()), list(recodings)]
table.round(2) + 0.0

# %% [markdown]
# With noise of one level, scaling up breaks the first half of {eq}`eq-12`. Scaling down breaks the
# second half, because $\hat{I}(X;X') = M$.
#
# Scaled noise is blind to the scale, but still sees the shape. If it is scaled to the layer, whitening
# the layer or copying a unit adds bits. If it is scaled to the units, a mere rotation takes bits
# away. (Here $X$ has uncorrelated units. Turned back, it would gain as much.) Whitening sees no linear
# re-coding at all. Noise on the ends, as we shall see, sees none whatever.
#
# ## The theorem for noise of one level: no layer stretches
#
# The scale of the layers was the trouble. Exclude it, and all is as the paper says.
#
# ```{prf:proposition} No layer stretches
# :label: prp-contraction
#
# Let $R$ be Gaussian, of covariance $\sigma^2 I$ with one $\sigma$ for all layers. Let no layer
# increase a distance: $|f(t) - f(t')| \leq |t - t'|$ for the map $f$ of each layer. Then {eq}`eq-12`,
# {eq}`eq-13` and {prf:ref}`cor-triangle` hold for $\hat{I}_C$ in every autoencoder, linear or not,
# trained or not. If $X' = X$, all layers are at $(M, M)$. Conversely, a layer that increases a
# distance breaks {eq}`eq-13` for some input.
#
# Let the autoencoder besides be linear and ideal, $X$ normal, and $s_K > s_{K+1}$ or $s_{K+1} = 0$.
# Then {prf:ref}`lem-2` and {prf:ref}`thm-1` hold, with $\lambda(K)$ of {eq}`eq-g3`. This is the
# largest $\hat{I}(X;Z)$ that $K$ units can have behind linear layers that do not stretch.
# ```
#
# ```{prf:proof}
# *Linear layers.* $T' = WT$ with $W W^\top \leq I$. Let $R_2 \sim \mathcal{N}(0, \sigma^2(I - WW^\top))$
# be independent. Then $W(T + R) + R_2$ has, given $X$, the distribution of $T' + R$. So
# $X \rightarrow T + R \rightarrow T' + R$ can be taken as a Markov chain, and {eq}`eq-5` applies. If
# $X' = X$, {eq}`eq-13` has $M$ at both ends.
#
# *Any layers*, for $T$ with finitely many values $t_i$ of probabilities $\pi_i$. In twice the
# dimension, move each $t_i$ to $f(t_i)$ along
# $p_i(s) = (u_i, v_i)$ with $2 u_i = t_i + f(t_i) + \cos s\,(t_i - f(t_i))$ and
# $2 v_i = \sin s\,(t_i - f(t_i))$,
# $0 \leq s \leq \pi$. The distances $|p_i - p_j|^2$ are constants plus
# $\frac12 \cos s \left(|t_i - t_j|^2 - |f(t_i) - f(t_j)|^2\right)$, so none increases. With the
# densities $\phi_i$ of $p_i + R$ and $q = \sum_i \pi_i \phi_i$, differentiating under the integral gives
#
# $$
# \frac{d}{ds}\, I(p; p + R) = \frac{1}{4\sigma^2} \sum_{i,j} \int \frac{\pi_i \phi_i\, \pi_j \phi_j}{q}
# \;\cdot\; \frac{d}{ds} |p_i - p_j|^2 \leq 0
# $$
#
# in nats. For general $T$ it is a theorem of {cite:t}`aishwarya2024`.
#
# *Conversely*: two equally likely values at distance $D$ have an information that grows strictly with
# $D/\sigma$. Take two whose distance the layer increases.
#
# *Ideal.* Let $S$ be the span of the principal axes with $s_i > 0$ that $P$ keeps. For $x$ in $S$ and
# every layer $T = AX$, $|x| = |Px| \leq |Ax| \leq |x|$, as $Px$ is computed from $Ax$ without stretching.
# So $A$ is an isometry on $S$. If $s_{K+1} = 0$, $S$ supports $X$, every layer is an isometric image of
# $X$, and {eq}`eq-g1` gives $M$. Otherwise $S$ has the $K$ dimensions that $Z$ has, so $A P A^\top = I$
# for $T = Z$. Then $A A^\top \leq I$ leaves $A(I - P) = 0$: $Z$ and all behind it are isometric images
# of $PX$, with $\lambda(K)$ bits. {eq}`eq-14` is part of {eq}`eq-13`.
#
# *Largest.* The singular values of $A \Sigma^{1/2}$, of which at most $K$ are not 0, are one by one at
# most those of $\Sigma^{1/2}$.
# ```
#
# It needs less than a rule for the weights. Sigmoid units have slopes of at most $\frac14$. So a
# sigmoid layer does not stretch as long as its weight matrix has no singular value above 4. A linear
# layer does not, as long as it has none above 1.
#
# The bottom of {numref}`fig-solvable-planes` is the same training with the singular values cut at 1
# after each step. It is the paper's Fig. 1, with the trajectories that the theory could not give.
#
# Does less noise help where layers do stretch? No. For two layers of equal rank,
#
# $$
# \lim_{\sigma \to 0}\ \hat{I}(X;T') - \hat{I}(X;T) = \tfrac12 \log \frac{\det{}_{+}\, \Sigma_{T'}}{\det{}_{+}\, \Sigma_T},
# \tag{G4}
# $$ (eq-g4)
#
# where $\det_{+}$ multiplies the eigenvalues above 0. The difference tends to that of the log-volumes,
# and not to 0. More noise shrinks it together with all information. The next figure
# ({numref}`fig-solvable-noise`) shows both.

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-solvable-noise", "caption": "How far the trained network with three units is from (15), against the noise. (a) Noise of one level: input MI of the layers behind the bottleneck less that of the output. Dotted: the limit (G4). (b) Largest less smallest input MI from the bottleneck to the output, for five definitions. Scaled noise is in units of standard deviations."}, "image": {"alt": "Two panels over noise from 0.01 to 10. Left: the bottleneck's difference is about minus two thirds of a bit for little noise, that of the second decoder layer as much above 0. Both are flat up to about 0.3 and go to 0 for much noise. Right: about four bits for noise scaled to layer or unit, more than one bit for one level, and 0 for whitening and noise on the ends."}}
figures.definition_gaps(
    ch07.against_noise(model, np.geomspace(0.01, 10, 40))
)

# %% [markdown]
# ## Scaled noise and whitening
#
# What remains of the theory when noise is scaled? {prf:ref}`lem-1` does: its proof only needs noise on
# $X'$ that is independent of the network. The bits that $K$ units can hold are bounded by $K c$ with
# $c = \frac12 \log(1 + 1/\sigma^2)$. Only uncorrelated units get there, and with noise scaled to the
# layer only units of equal variance. (This is Hadamard's inequality, and the concavity of the
# logarithm.)
#
# But this bound is blind to $X$. The output of an ideal autoencoder has more units than its data have
# dimensions, and exceeds it. The forward DPI fails by the examples of the table above.
#
# ```{prf:proposition} Whitening
# :label: prp-whitening
#
# Let $X$ be normal and all layers linear. Let each layer be whitened on its support before noise of
# variance $\sigma^2$ is added. Then $\hat{I}(X;T) = c \cdot \operatorname{rank} \Sigma_T$, and {eq}`eq-12`,
# {eq}`eq-13`, {prf:ref}`lem-1` and {prf:ref}`cor-triangle` hold in every autoencoder. An ideal one
# satisfies {prf:ref}`lem-2` and {prf:ref}`thm-1` with $M = c \cdot \operatorname{rank} \Sigma$ and
# $\lambda(K) = c \min\{K, \operatorname{rank} \Sigma\}$.
# ```
#
# ```{prf:proof}
# A whitened layer has as many eigenvalues 1 as its rank, and no others above 0. No linear map raises
# the rank. For an ideal autoencoder the rank of $X'$ is $\min\{K, \operatorname{rank}\Sigma\}$, that
# of $Z$ is not more, and those between are squeezed.
# ```
#
# That is all of the theory, and little else: *ranks do not train*. Random weights have full rank. So
# the plane stands still from before the first step ({numref}`fig-solvable-definitions`). Whitening also
# counts a direction of whatever small variance as $c$ bits. And the proposition stops being true with
# the first nonlinear layer (below).

# %%
panels = {}
for k, run in runs.items():
    panels[f"$K = {k}$"] = {
        label: solvable.linear_case(run, sigma, noise).plane
        for noise, label in ch07.DEFINITIONS.items()
        if noise != "fixed"
    }

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-solvable-definitions", "caption": "The two trainings of the top of {numref}`fig-solvable-planes`, the same weights at the same iterations, under four other definitions. Each triangle is that of its own M."}, "image": {"alt": "Two rows of four panels. With noise scaled to layer or unit the layers end at one height: for three units on both sides of the bisector, for ten all to the left of the corner. Whitened, they stand on the points of the theorem from the beginning. With noise on the ends and three units, bottleneck and decoder move together inside the triangle to one point on the bisector, and encoder layers along the right edge. With ten units all layers move up the right edge to the corner."}}
figures.solvable_planes(panels)

# %% [markdown]
# ## Noise on the ends
#
# There is a definition that sees no re-coding whatever. {prf:ref}`def-5` puts the noise on its second
# argument. In the input MI $\hat{I}_C(X;T)$ that is the layer. In the output MI $\hat{I}_C(T;X')$ it is
# the end $X'$, the same for all layers. This is why {prf:ref}`lem-1` holds. So transpose the input MI:
#
# ```{prf:definition} Noise on the ends
# :label: def-ends
#
# The input MI of a layer is $\hat{I}_C(T;X) = I(T; X+R)$ and its output MI is
# $\hat{I}_C(T;X') = I(T; X'+R)$.
# ```
#
# $I(T; X + R)$ asks how much the layer, itself undisturbed, tells about a blurred input. It is finite
# for every $T$, and $M = I(X; X+R)$ as before. For normal $X$ and linear layers it is
# $h(X+R) - h(X+R|T)$ with normal entropies on the right. It only depends on *which* directions of $X$
# the layer keeps.
#
# ```{prf:proposition} Noise on the ends
# :label: prp-ends
#
# 1. For every $X$, every noise for which $M$ and $I(X;X'+R)$ are finite, and every autoencoder, trained
#    or not: {prf:ref}`lem-1`, {eq}`eq-13` (hence {eq}`eq-12`) and the right edge of the triangle hold.
# 2. If $X' = X$, then all layers are at $(M, M)$: the first case of {prf:ref}`thm-1`.
# 3. Let $X$ be normal and $R$ Gaussian of covariance $\sigma^2 I$. Then $\lambda(K)$ of {eq}`eq-g3` is the
#    largest input MI of any linear layer of $K$ units. If $s_K > s_{K+1}$ or $s_{K+1} = 0$, every ideal
#    linear autoencoder satisfies {prf:ref}`lem-2` and {prf:ref}`thm-1`.
# 4. The bisector, $I(T;X'+R) \leq I(T;X+R)$, holds in 2 and in 3, and whenever $X' = GX$ with a
#    matrix $G$ that does not stretch and $R$ as in 3. It does not hold in general.
# ```
#
# ```{prf:proof}
# 1: $X + R \rightarrow X \rightarrow T_1^E \rightarrow \dots \rightarrow X'$ is a Markov chain, and
# {eq}`eq-5` with $A = X + R$ is {eq}`eq-13`. The output MI has not been changed.
#
# 2: By {eq}`eq-13`, $M \geq \hat{I}(T;X) \geq \hat{I}(X';X) = M$, and the output MI is
# $I(X; X+R) = M$ by {prf:ref}`lem-1`.
#
# 3: Write $X = FU$ with standard normal $U$. Up to a bijection a layer of $K$ units is $VU$ with at most
# $K$ orthonormal rows $V$. Given $X + R$, the covariance of $U$ is $C = (I + F^\top F/\sigma^2)^{-1}$, so
# $I(VU; X+R) = -\frac12 \log\det (V C V^\top)$. By Poincaré's separation theorem the determinant is at
# least the product of the smallest eigenvalues $(1 + s_i/\sigma^2)^{-1}$, $i \leq K$, of $C$.
#
# In an ideal autoencoder $PX$ is a function of every layer from $Z$ on. Each of these has, like $PX$,
# rank $\min\{K, \operatorname{rank}\Sigma\}$: it is a function of $PX$ in turn. So its input MI is
# $I(PX; X+R) = \lambda(K)$, which is $I(X; PX + R)$ too.
#
# 4: Let $V = G(X+R) + R_2$ with $R_2 \sim \mathcal{N}(0, \sigma^2(I - GG^\top))$, which given $X$ has the
# distribution of $X' + R$. Then $I(X;X'+R) = I(X';V)$, at most $I(X';X+R)$, as $X' \rightarrow X + R \rightarrow V$ is
# a Markov chain, and {eq}`eq-13` does the rest. Against the general case: one dimension, $X' = 4X$.
# ```
#
# Only the two letters $T$ and $X$ have changed places in the input MI. At the end of training,
# everything that the paper derives for noise is now true of linear autoencoders. On the way, all but
# the bisector is. And $\lambda(K)$ is what the paper describes in words: the most that can be
# transferred from the encoder to the decoder. The right columns of
# {numref}`fig-solvable-definitions` show it.
#
# What point 4 does not promise also fails. Shortly before the small network arrives, its output
# overshoots and leaves the triangle. The next table has the distance.
#
# ### Beyond linear layers: one unit carries everything
#
# Point 3 is about linear layers. It does not survive the others.
#
# ```{prf:proposition} One unit
# :label: prp-one-unit
#
# Let $X$ take countably many values, and let all layers be free to be any function. With noise on the
# ends, there is for every $K \geq 1$ an autoencoder with $X' = X$ and all layers at $(M, M)$. So
# $\lambda(K) = M$, and {prf:ref}`thm-1` has no case of a small bottleneck. This remains true if no layer
# of the encoder may stretch and $X$ has finitely many values.
#
# With noise of one level instead, an encoder that does not stretch has
#
# $$
# \hat{I}(X;Z) \leq \tfrac{K}{2} \log\left(1 + \frac{\operatorname{tr} \Sigma}{K \sigma^2}\right),
# \tag{G4a}
# $$ (eq-g4a)
#
# whatever its functions are. So $\lambda(K)$ is finite there, and a bottleneck can be small.
# ```
#
# ```{prf:proof}
# *On the ends.* Number the values, and let $Z$ be the number. Then $X$ is a function of $Z$, so that
# $I(Z; X+R) = I(X; X+R) = M$, and a decoder can look the value up. Finitely many values have a
# smallest distance. Divide the numbers by a constant until no two are further apart than their
# values. The noise is on $X$ and does not see it.
#
# *One level.* $E|Z - EZ|^2$ is half the mean squared distance of two independent copies. So it is at
# most that of $X$, $\operatorname{tr}\Sigma$. Of all $Z$ with that total variance, $K$ independent normal
# units of equal variance have the largest $h(Z + R)$.
# ```
#
# An example: two dimensions with eight whole numbers each, equally likely, noise of deviation 1, and
# one unit $Z = X_1 + 8 X_2$. In bits:

# %%
whole = np.arange(8.0)
pairs = (whole[:, None] + 8 * whole).ravel()
stretches = np.hypot(1, 8)  # the largest factor of a distance
rows = {
    "M": 2 * ch07.scalar_information(whole, 1.0),
    "Z, noise on the ends": 2 * ch07.scalar_information(whole, 1.0),
    "Z, one level": ch07.scalar_information(pairs, 1.0),
    "Z, one level, not stretched": ch07.scalar_information(
        pairs / stretches, 1.0
    ),
    "at most, by (G4a)": np.log2(1 + 2 * whole.var()) / 2,
}
pd.Series(rows).round(3).to_frame("bits")

# %% [markdown]
# So the definitions part ways. Noise on the ends has the whole theory for linear layers, and sees no
# bottleneck in a network that is free to number its inputs. Noise of one level sees it where no layer
# stretches.
#
# There is a third way: *pass the noise on*. Compute each layer from the noisy one before it. Then
# $X \rightarrow T_1 + R_1 \rightarrow T_2 + R_2 \rightarrow \dots$ is a Markov chain, and {eq}`eq-7` and {eq}`eq-8` hold
# for every autoencoder. If no unit has more than the variance $P$, then
# $\lambda(K) \leq \frac{K}{2} \log(1 + P/\sigma^2)$. The price is {prf:ref}`lem-1`: its equality becomes
# the inequality {eq}`eq-8`, because $X'$ is no function of $T$. And it is another network: it has to be trained
# with the noise.
#
# A real network with noise on the ends therefore needs two assumptions, for $\lambda < M$. It uses its
# bottleneck ({prf:ref}`asm-attained`) and does no more than its layers can, as under {prf:ref}`def-4`.
# And the two readings of $\hat{I}(X;X')$ agree: $I(X;X'+R)$ as output MI and $I(X'; X+R)$ as input MI.
#
# ## Which statement holds where
#
# By how many bits does each definition miss each statement? Besides the trainings above we take the
# discrete autoencoders of chapter 1, counted. `measured_only` is chapter 1's example of codes that are
# not passed on, with eight inputs, $Z = X/4$ and $X' = 4Z$. It comes with its reverse: eight inputs 0,
# ¼, …, 1¾, and $Z = X' = 4X$. Statements have the paper's numbers.

# %%
images = discrete.all_binary_images(5)
counted = {}
for k in (2, 7):
    generator = torch.Generator().manual_seed(0)
    start = discrete.DiscreteAutoencoder(k, generator=generator)
    run = solvable.train_discrete(
        start, images, 800, log_spaced(800, 30)
    )
    counted[k] = solvable.discrete_case(
        run, images, f"discrete, K = {k}"
    )


def planes(runs, noise="fixed"):
    cases = [
        solvable.linear_case(run, sigma, noise) for run in runs.values()
    ]
    return [case.plane for case in cases]


best = {
    k: linear.LinearAutoencoder.ideal(covariance, widths(k))
    for k in runs
}
small_and_large = {
    "codes passed on": [case.plane for case in counted.values()],
    "codes measured only": measured_only(),
    "one level": planes(runs),
    "… no layer stretches": planes(contracted),
    "… and ideal": planes(
        {k: {0: network} for k, network in best.items()}
    ),
}
for noise, row in list(ch07.DEFINITIONS.items())[1:]:
    small_and_large[row] = planes(runs, noise)
score = {
    row: ch07.misses(*pair) for row, pair in small_and_large.items()
}
pd.DataFrame(score).T.round(3) + 0.0

# %% [markdown]
# The first three columns are the worst of all iterations of a small and a large network:
#
# - "Lemma 1" is the spread of the output MI over the layers;
# - "(13)" is the sum of the rises of the input MI from layer to layer;
# - "triangle" is the sum of the hidden layers' distances from it.
#
# The others are about the end:
#
# - "Lemma 2" is $|\hat{I}(X;Z) - \hat{I}(X;X')|$ and "(15)" the spread from $Z$ to $X'$, for the small
#   network;
# - "all at M" is the largest distance of either MI of any layer from $M$, for the large one.
#
# {prf:ref}`prp-contraction` is not met to the last digit in the last column. This is training: with
# singular values cut at 1 it creeps to its end. The ideal network meets it.
#
# What is the most that three units can hold, and what comes out, in bits?

# %%
lam = linear.transferable_information(covariance, 3, sigma)
most = dict.fromkeys(ch07.DEFINITIONS, 3 * np.log2(1 + 1 / sigma**2) / 2)
most |= {"fixed": np.inf, "ends": lam}
capacity = {}
for noise, row in ch07.DEFINITIONS.items():
    plane = model.plane(sigma, noise)
    capacity[row] = {
        "most in three units": most[noise],
        "I(X;Z)": float(plane.input_mi.sel(layer="Z")),
        "I(X;X′)": float(plane.output_mi.sel(layer="X")),
    }
pd.DataFrame(capacity).T.round(3)

# %% [markdown]
# With noise scaled to the layer or to the units, more comes out than three units can hold. A definition
# under which that happens does not measure what goes through the bottleneck.
#
# Now the verdicts:
#
# | Definition | is blind to | Lemma 1 | (12), (13) | triangle | Lemma 2, (15) | Thm. 1, large $K$ | Thm. 1, small $K$ |
# |---|---|---|---|---|---|---|---|
# | codes passed on | bijections of codes | holds | holds | holds | if used | if told apart | if used |
# | codes measured only | what the quantiser keeps apart | fails | fails | fails | fails | fails | fails |
# | noise of one level | rigid motions | holds | fails | fails | fails | fails | fails |
# | … no layer stretches | rigid motions | holds | holds | holds | linear | if $X' = X$ | linear |
# | … scaled to the layer | scaled rigid motions | holds | fails | fails | fails | fails | fails |
# | … scaled to the unit | scaling of units | holds | fails | fails | fails | fails | fails |
# | … whitened | linear bijections | holds | linear | linear | linear | linear | linear |
# | noise on the ends | bijections | holds | holds | right edge | linear | if $X' = X$ | linear |
#
# - *holds*: proven, in chapter 1 or here. *fails*: there is a counterexample; the table before has its
#   size in bits.
# - *linear*: holds for normal $X$ and linear layers. What is said of ideal autoencoders needs the gap
#   $s_K > s_{K+1}$, or $s_{K+1} = 0$, besides.
# - *if used*: under {prf:ref}`asm-attained`. *if told apart*: if there are codes enough to tell the
#   inputs apart.
# - *right edge*: the right edge holds. The bisector holds if $X'$ does not stretch.
#
# Where codes are measured only, halves of two statements survive: the first half of {eq}`eq-12`, and
# the right edge of the triangle, because $I(X_q;T_q) \leq H(X_q)$. The example's reverse has a layer
# above the bisector. Give the example a second input of less variance, which the one unit of $Z$ drops.
# Then it is one of a small bottleneck.
#
# ## Nonlinear layers with a known plane
#
# Mutual information does not change under bijections of its arguments, $I(\varphi(X);\psi(T + R)) =
# I(X; T + R)$. So an autoencoder stays solvable with inputs $\varphi(X)$ and layers $\psi(T + R)$. The
# linear–Gaussian one is its core: noise *inside*, then an invertible nonlinearity.
# `solvable.warped_case` makes one of any other.
#
# It stops at noise *after* the nonlinearity, $I(X; \psi(T) + R)$. The noise is then not bent along with
# the layer, and it is another channel. In one dimension both can be had, the second by numerical
# integration. In bits, for four strengths of the noise:

# %%
grid = np.linspace(-5, 5, 1001)
weights = np.exp(-(grid**2) / 2)
weights /= weights.sum()
places = {}
for s in (0.1, 0.5, 1.0, 2.0):
    after = ch07.scalar_information(np.tanh(grid), s, weights)
    inside = np.log2(1 + 1 / s**2) / 2
    places[s] = {"tanh(X + R)": inside, "tanh(X) + R": after}
pd.DataFrame(places).rename_axis("information of X with").round(3)

# %% [markdown]
# Noise after the nonlinearity leaves less. It has to: $\tanh$ does not stretch
# ({prf:ref}`prp-contraction`).
#
# A nonlinear bijection is also what whitening does not survive. Take four equally likely values in two
# close pairs. The next layer spaces them evenly. In bits, with noise of 0.2:

# %%
values = {"pairs": [0, 0.1, 3, 3.1], "even": [0, 1, 2, 3]}
bent = {}
for name, t in values.items():
    t = np.array(t)
    bent[name] = {
        "one level": ch07.scalar_information(t, 0.2),
        "whitened": ch07.scalar_information(t / t.std(), 0.2),
    }
pd.DataFrame(bent).round(2)

# %% [markdown]
# The second layer has more, and the forward DPI fails under both definitions. With noise on the ends
# nothing happens. Layers need no noise of their own there, so that *every* invertible nonlinear layer
# keeps the exact plane.
#
# A `warped_case` is not a nonlinear network that was trained. Its core lowered the error of the unbent
# variables.
#
# ## Exact cases, and what an estimate is worth
#
# `solvable` gives each of these the same form: a name, the exact plane, and samples of the very
# variables whose information it is. The discrete autoencoder of chapter 1 is one as well:

# %%
cases = {
    "linear": solvable.linear_case(runs[3], sigma),
    "linear, ends": solvable.linear_case(runs[3], sigma, "ends"),
    "discrete": counted[2],
}
cases["warped"] = solvable.warped_case(cases["linear"], torch.asinh)
shape = {}
for name, case in cases.items():
    a, b = case.sample(n=512, seed=0)["input_mi", "Z"]
    final = case.plane.isel(iteration=-1)
    shape[name] = {
        "iterations": case.plane.sizes["iteration"],
        "rows of A": tuple(a.shape),
        "rows of B": tuple(b.shape),
        "exact I(A;B), Z": round(
            float(final.input_mi.sel(layer="Z")), 3
        ),
    }
pd.DataFrame(shape).T

# %% [markdown]
# An estimator that is called with a pair is now right or wrong by a number of bits. As an example, and
# no more, we take the estimator of [chapter 2](02_estimator.ipynb) with the proposed width and
# $\gamma = 0.8$. It gets 512 samples of the trained network. The rows "linear" and "warped" of the
# table are its estimates.

# %%
estimator = MatrixRenyi(ProposedWidth(0.8))
truth = cases["linear"].plane.input_mi.isel(iteration=-1)
estimates = {"exact": truth.to_series()}
for name in ("linear", "warped"):
    draws = [cases[name].sample(512, seed=s) for s in range(3)]
    found = {}
    for layer in model.layers:
        pairs = [draw["input_mi", layer] for draw in draws]
        found[layer] = np.mean(
            [float(estimator(a, b)) for a, b in pairs]
        )
    estimates[name] = pd.Series(found)
estimates = pd.DataFrame(estimates)
estimates.T.rename(columns=TEXT_LABELS).round(2)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """The error of the estimate lies between {lowest:.1f} and {highest:.1f} bits. The warp leaves
    the truth as it is. It moves an estimate by up to {shift:.1f} bits.

    $T_2^D$ lies above $Z$ by {estimated_rise:.1f} bits in the estimate and by {exact_rise:.1f} bits
    in truth.""",
    ch07.estimate_errors(estimates),
)

# %% [markdown]
# So a violation of the forward DPI is no error by itself. Only a case like this can tell how much of it
# is one.
#
# ## Recap
#
# | The paper says | We find |
# |---|---|
# | {prf:ref}`lem-1` | Holds with any noise that is put on $X'$, at every iteration. |
# | {eq}`eq-13` for noise addition | Fails in linear autoencoders with an exact plane. Holds if no layer stretches, linear or not. Holds always, if the noise is on the ends. |
# | $T_3^D$ above $Z$ is "theoretically impossible" | Not under {prf:ref}`def-5` with noise of one level: $T_2^D$ ends above $Z$, exactly. |
# | $\lambda(K)$ is the maximum that can be transferred | Infinite for noise of one level. {eq}`eq-g3` if no layer stretches, or with noise on the ends. |
# | A bottleneck can be small, $\lambda(K) < M$ | Not with noise on the ends, once layers may be any function. With noise of one level, if no layer stretches. |
# | {prf:ref}`thm-1`, both cases | The output ends where it says, bottleneck and decoder do not. True under {prf:ref}`prp-contraction` or {prf:ref}`prp-ends`. |
# | Standardising compensates for scale | For the scale, yes. In the definition with noise scaled to layer or unit the forward DPI fails by more. |
#
# ## Exercises
#
# **1. One bit.** A normal variable of variance 1 is multiplied by $c$, and looked at through noise of deviation
# 0.5. For which $c$ does the product have one bit of information about the variable? For which $c$ two bits?
#
# :::{dropdown} Solution
# By {eq}`eq-g1`, $\frac12 \log_2(1 + c^2/0.25)$ is one bit for $c^2 = 0.75$ and two bits for $c^2 = 3.75$. No $c$
# is the right one: an ideal autoencoder may have either.
#
# ```python
# import numpy as np
#
# from ipae_lib.linear import LinearAutoencoder
#
# for bits, c in {1: 0.75**0.5, 2: 3.75**0.5}.items():
#     weights = [np.array([[c]]), np.array([[1 / c]])]
#     network = LinearAutoencoder(np.eye(1), weights)
#     information = network.plane(0.5).input_mi.sel(layer="Z")
#     assert abs(float(information) - bits) < 1e-9
#     assert network.loss < 1e-12
# ```
# :::
#
# **2. Which layers stretch?** In a network of sigmoid layers all weight matrices have singular values below 4. Its
# bottleneck is linear, with a largest singular value of 10. Between which two layers can the input MI rise, under
# noise of one level?
#
# :::{dropdown} Solution
# Only from $T_3^E$ to $Z$. The slope of a sigmoid is at most $\frac14$, so the sigmoid layers do not stretch
# ({prf:ref}`prp-contraction`). The bottleneck may increase a distance tenfold.
# :::
#
# **3. Blind to the code.** Take the network of the first exercise with any $c$. What is the input MI of its
# bottleneck with noise on the ends?
#
# :::{dropdown} Solution
# $M$, whatever $c$ is. $Z$ and $X$ are functions of each other, so both tell the same about $X + R$.
#
# ```python
# import numpy as np
#
# from ipae_lib.linear import LinearAutoencoder
#
# for c in (0.01, 1.0, 100.0):
#     weights = [np.array([[c]]), np.array([[1 / c]])]
#     plane = LinearAutoencoder(np.eye(1), weights).plane(0.5, "ends")
#     m = float(plane.input_mi.sel(layer="X"))
#     assert abs(float(plane.input_mi.sel(layer="Z")) - m) < 1e-9
# ```
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
