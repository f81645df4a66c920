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
# # Estimator
#
# ```{admonition} Result
# :class: tip
# Entropy and mutual information can be read from the eigenvalues of $N \times N$ matrices of
# similarities. No density is needed. They count how many of the $N$ samples the kernel tells
# apart, so they never exceed $\log_2 N$ bits. For many samples they tend to the information of
# variables to which the kernel width has added noise.
# ```
#
# **What you will learn**
#
# - how $N$ samples become one matrix, whose eigenvalues behave like probabilities;
# - how entropy, joint entropy and mutual information follow from it, in a line of code each;
# - in what sense the result is an entropy, and which bounds hold;
# - what it tends to for many samples, and why $I(X;X)$ is not its maximum;
# - what the order $\alpha$ does, and why $\alpha = 1$ cannot replace $\alpha = 1.01$.
#
# **In the paper**: Sec. III-A, equations (16) to (21).
#
# **Runs** in a few seconds on any machine, on generated data.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"

# %%
import math

import torch

from ipae_lib import toys
from ipae_lib.entropy import (
    joint_gram,
    mutual_information,
    renyi_entropy,
)
from ipae_lib.estimand import gaussian_entropy, noise_level
from ipae_lib.estimators import MatrixRenyi
from ipae_lib.kernels import ProposedWidth, gaussian_gram
from study import experiments, figures
from study.chapters import ch02
from study.text import say

torch.set_default_dtype(torch.float64)
settings = experiments.get_profile(profile)

# %% [markdown]
# ## An entropy with a knob
#
# The information plane needs mutual information between variables of hundreds of dimensions. All
# we have of them is a few hundred samples. {cite:t}`yu2019` and {cite:t}`tapia2020` use an
# estimator due to {cite:t}`sanchez2015`. It starts from Rényi's $\alpha$-entropy {cite}`renyi1961`
#
# $$
# H_\alpha(X) = \frac{1}{1-\alpha} \log \int_{\mathcal{X}} f_X^\alpha(x)\, dx
# \tag{16}
# $$ (eq-16)
#
# where $f_X$ is the density of $X$. The number $\alpha > 0$, $\alpha \neq 1$, is the *order*. The
# logarithm has base 2 throughout, so entropies are in bits. A large $\alpha$ gives weight to where
# $f_X$ is large, a small one to its tails. The limit $\alpha \to 1$ is the Shannon entropy
# {eq}`eq-3`. For a standard normal variable we can do the integral on a grid:

# %%
t = torch.linspace(-12, 12, 20_001)
density = torch.exp(-(t**2) / 2) / math.sqrt(2 * math.pi)
for alpha in (0.5, 1.01, 2):
    bits = torch.trapezoid(density**alpha, t).log2() / (1 - alpha)
    print(f"alpha = {alpha:<4}  H = {bits:.3f} bits")
shannon = math.log2(2 * math.pi * math.e) / 2
print(f"Shannon       h = {shannon:.3f} bits")

# %% [markdown]
# At $\alpha = 1.01$, the paper's choice, the value is very close to Shannon's. But we needed the
# density. For 784 pixels and 512 images nobody has it. The estimator does without.
#
# ## From samples to a matrix
#
# Compare each sample with every other one. A *kernel* $\kappa(x_i, x_j)$ says how similar two
# samples are. Here it is the Gaussian
#
# $$
# G_\sigma(x_i, x_j) = \beta \exp\left(-\frac{\|x_i - x_j\|^2}{2\sigma^2}\right)
# \tag{21}
# $$ (eq-21)
#
# with a *kernel width* $\sigma$. Samples much closer than $\sigma$ count as the same. Samples much
# further apart count as different. The constant $\beta > 0$ will cancel. The comparisons of all
# $N$ samples form the Gram matrix $K_{ij} = \kappa(x_i, x_j)$. The *normalised* Gram matrix is
#
# $$
# A_{ij} = \frac{1}{N} \frac{K_{ij}}{\sqrt{K_{ii} K_{jj}}}.
# \tag{17}
# $$ (eq-17)
#
# Its diagonal is $1/N$ everywhere, so its trace is 1. The kernel is positive definite, so no
# eigenvalue is negative. Numbers that are at least 0 and sum to 1 can be read as probabilities.
#
# (The paper also asks that the kernel be *infinitely divisible*: $\kappa^r$ is positive definite
# for every $r > 0$. A Gaussian is: its $\kappa^r$ is the Gaussian of width $\sigma/\sqrt{r}$.)
#
# Take four samples that you can follow by eye: two near 0 and two near 4. A second variable pairs
# them differently. Each variable answers one yes-or-no question about the sample.

# %%
x = torch.tensor([[0.0], [0.1], [4.0], [4.2]])
y = torch.tensor([[0.0], [4.0], [0.1], [4.2]])


def gram(x, sigma, beta=3.0):
    distances = ((x[:, None] - x[None]) ** 2).sum(-1)
    k = beta * torch.exp(-distances / (2 * sigma**2))  # (21)
    own = k.diag()
    return k / torch.sqrt(own[:, None] * own[None]) / len(x)  # (17)


a, b = gram(x, sigma=1), gram(y, sigma=1)
print("as from ipae_lib:", torch.allclose(a, gaussian_gram(x, 1)))

# %% [markdown]
# A figure below ({numref}`fig-gram-matrices`) shows both matrices, multiplied by $N$. They have
# blocks of ones where samples belong together.
#
# ## Entropy of a matrix
#
# Let $\lambda_i(A)$ be the $i$-th eigenvalue of $A$. The estimator puts the eigenvalues where
# {eq}`eq-16` has the density:
#
# $$
# S_\alpha(A) := \frac{1}{1-\alpha} \log \left( \sum_{i=1}^N \lambda_i(A)^\alpha \right).
# \tag{18}
# $$ (eq-18)


# %%
def s(a, alpha=1.01):
    eigenvalues = torch.linalg.eigvalsh(a).clamp(min=0)
    eigenvalues = eigenvalues / eigenvalues.sum()
    return (eigenvalues**alpha).sum().log2() / (1 - alpha)  # (18)


eigenvalues = torch.linalg.eigvalsh(a).tolist()
print("eigenvalues:", [round(value, 3) for value in eigenvalues])
print(f"by hand   S(A) = {s(a):.3f} bits, 2^S = {2 ** s(a):.3f}")
print(f"ipae_lib  S(A) = {renyi_entropy(a):.3f} bits")

# %% [markdown]
# Two eigenvalues are near one half, two are near 0. So $S$ is a little more than one bit. The one
# bit tells the two groups apart. The rest comes from the differences inside them. Read $2^S$ as an
# *effective number of different samples*: here it is a little more than two.
#
# ```{admonition} Two guards that are needed
# :class: note
# `eigvalsh` returns an eigenvalue of exactly 0 as something like $\pm 10^{-17}$. A negative number
# to the power 1.01 is not a number: hence the clamp. And the factor $1/(1-\alpha) = -100$ makes
# about $144\,\delta$ bits of a relative error $\delta$ of the sum. Hence the rescaling to a sum of
# exactly 1.
# ```
#
# This is what happens without them, for more samples in single precision and a wide kernel:

# %%
line = torch.linspace(0, 1, 256, dtype=torch.float32)[:, None]
wide = gaussian_gram(line, sigma=2)
eigenvalues = torch.linalg.eigvalsh(wide)
print(f"unguarded {-100 * (eigenvalues**1.01).sum().log2():.2f}")
print(f"ipae_lib  {renyi_entropy(wide):.2f}")

# %% [markdown]
# ## In what sense is this an entropy?
#
# For $\alpha = 2$ we do not need the eigenvalues: $\sum_i \lambda_i^2 = \operatorname{tr} A^2 =
# \sum_{ij} A_{ij}^2$. Now estimate the density of the samples: put a normal bump of standard
# deviation $\sigma/2$ on each sample. Call this estimate $\hat f$, and ask {eq}`eq-16` for *its*
# entropy. The integral of a product of two normal bumps is a normal density of their distance. So
#
# $$
# H_2(\hat f) = S_2(A) + \frac{d}{2} \log_2 (\pi \sigma^2),
# $$
#
# exactly. The second term does not depend on the samples. It is the logarithm of the volume of one
# kernel. So $S$ is the entropy of a smoothed density *in units of kernels*: it says over how many
# kernel-sized cells the samples spread.
#
# This explains three things. $S$ is never negative, unlike a differential entropy. It never counts
# more cells than there are samples. And everything depends on $\sigma$, the subject of
# [the next chapter](03_kernel_width.ipynb).

# %%
grid = torch.linspace(-10, 15, 20_001)
half = 1 / 2  # of sigma = 1
bumps = torch.exp(-((grid - x) ** 2) / (2 * half**2))
bumps = bumps / (half * math.sqrt(2 * math.pi))
h2 = -torch.trapezoid(bumps.mean(0) ** 2, grid).log2()
s2 = s(a, alpha=2) + math.log2(math.pi) / 2
print(f"H_2 of the smoothed density: {h2:.4f} bits")
print(f"S_2(A) + log2(pi) / 2:       {s2:.4f} bits")

# %% [markdown]
# ## Two variables
#
# Let $B$ be the normalised Gram matrix of a second variable $Y$, for the same samples in the same
# order. Two samples are alike in $(X, Y)$ if they are alike in $X$ *and* in $Y$. So multiply the
# similarities entry by entry. This is $A \circ B$, the Hadamard product, and
#
# $$
# S_\alpha(A, B) := S_\alpha\left( \frac{A \circ B}{\operatorname{tr}(A \circ B)} \right)
# \tag{19}
# $$ (eq-19)
#
# is the joint entropy. The mutual information is
#
# $$
# I_\alpha(A; B) := S_\alpha(A) + S_\alpha(B) - S_\alpha(A, B).
# \tag{20}
# $$ (eq-20)


# %%
def mi(a, b, alpha=1.01):
    joint = a * b / (a * b).trace()
    return s(a, alpha) + s(b, alpha) - s(joint, alpha)  # (20)


ways = {"by hand ": mi, "ipae_lib": mutual_information}
for name, information in ways.items():
    ab, aa = information(a, b), information(a, a)
    print(f"{name}  I(A;B) = {ab:.3f}  I(A;A) = {aa:.3f} bits")

# %% mystnb={"figure": {"name": "fig-gram-matrices", "caption": "The four samples as normalised Gram matrices, multiplied by N = 4. X groups samples 1 and 2. Y groups samples 1 and 3. Taken together, all four samples differ."}, "image": {"alt": "Three four-by-four tables of similarities. A has two blocks of values near 1: samples 1-2 and 3-4. B pairs samples 1-3 and 2-4. Their entrywise product has ones on the diagonal and values near 0 elsewhere. The effective numbers of samples are about 2, 2 and 4."}}
product = joint_gram(a, b)
figures.gram_matrices(
    {"$A$, of $X$": a, "$B$, of $Y$": b, r"$A \circ B$": product},
)

# %% [markdown]
# Together, two independent questions tell four samples apart: the joint entropy is about two bits.
# The mutual information $I(A;B)$ is small.
#
# One thing differs from Shannon's information, where $I(X;X) = H(X)$. Asking the same question
# twice squares every similarity. That is the same as a narrower kernel, of width $\sigma/\sqrt 2$.
# So $S(A, A) \geq S(A)$, and $I(A;A)$ is less than $S(A)$. Here the difference is small. For real
# images it is [much larger](03_kernel_width.ipynb). So the corner $M = I(X;X)$ of an estimated
# information plane is not the entropy of the input.
#
# ```{admonition} Large samples
# :class: tip
# With Gaussian kernels, $N \, A \circ B$ *is* the Gram matrix of the concatenated samples
# $(x_i/\sigma_x,\ y_i/\sigma_y)$ with width 1.
# ```

# %%
both = torch.cat([x / 1, y / 1], dim=1)
print(torch.allclose(product, gaussian_gram(both, sigma=1)))

# %% [markdown]
# ## Bounds
#
# {eq}`eq-18` has the extremes of any entropy. If all samples are the same, every similarity is 1
# and $A$ has rank one. Its one eigenvalue is 1, and $S = 0$. If no two samples are alike, $A$ is
# the identity divided by $N$. All eigenvalues are $1/N$, and $S = \log_2 N$. Both extremes pass
# through {eq}`eq-20`:

# %%
n = 8
extremes = {
    "all alike": torch.ones(n, n) / n,
    "all different": torch.eye(n) / n,
}
for name, g in extremes.items():
    bits = renyi_entropy(g), mutual_information(g, g)
    bits = [value.abs() for value in bits]  # 0, not -0
    print(f"{name:<14} S = {bits[0]:.3f}   I = {bits[1]:.3f} bits")

# %% [markdown]
# The paper states that $S_\alpha$ and $I_\alpha$ both lie in $[0, \log N]$.
#
# - For $S_\alpha$ we have just seen why.
# - For $I_\alpha$ the upper bound holds, because a joint entropy is never below either of its parts
#   {cite}`sanchez2015`. So $I_\alpha \leq \min(S_\alpha(A), S_\alpha(B))$.
# - The lower bound needs $S_\alpha(A, B) \leq S_\alpha(A) + S_\alpha(B)$. This is a theorem for
#   $\alpha = 1$, the subadditivity of the von Neumann entropy {cite}`araki1970`. ($N A \circ B$ has the spectrum of a
#   state whose parts have the spectra of $A$ and $B$.)
# - For other orders it is not a theorem. Already the Rényi entropy of two yes-or-no variables can
#   exceed the sum of its parts.
#
# With a kernel that only knows same and different, the estimator *is* Rényi's entropy of the
# observed frequencies. So here is such a case:

# %%
yes = torch.zeros(39, 2)
yes[0:5, 0] = 1  # five samples say yes to X,
yes[4:12, 1] = 1  # eight to Y, one of them to both
a39, b39 = (gaussian_gram(yes[:, [j]], sigma=0.01) for j in (0, 1))
for alpha in (1, 1.01, 2):
    below = mutual_information(a39, b39, alpha)
    print(f"alpha = {alpha:<4}  I = {below:+.1e} bits")

# %% [markdown]
# At the paper's order the dip below 0 is tiny, far below anything measured in this book. It grows
# with the order. A slightly negative estimate is no mistake. Do not clip it: that would only bias
# averages.
#
# ## The spectrum as a picture
#
# The eigenvalues say more than their entropy. {numref}`fig-spectra` takes $N = 128$ samples of
# independent normal variables and sorts the eigenvalues of their Gram matrix. A narrow kernel gives
# a flat spectrum: every sample is its own group. In a wide kernel one eigenvalue takes all. More
# dimensions at the same width act like a narrower kernel, since distances grow with $d$.
#
# The dot on each curve is at $2^S$: there a flat spectrum of the same entropy would end. The cliff
# in (a) shows the geometry of the samples. A wide kernel sees little more than their mean and their
# $d = 10$ directions, so it comes after $1 + 10$ eigenvalues.

# %%
n = 128
generator = torch.Generator().manual_seed(0)
normal = torch.randn(n, 1000, generator=generator).to(device)
by_width, by_dimension = {}, {}
for w in (0.5, 2, 4, 16):
    by_width[rf"$\sigma$ = {w:g}"] = gaussian_gram(normal[:, :10], w)
for d in (1, 10, 100, 1000):
    by_dimension[f"$d$ = {d}"] = gaussian_gram(normal[:, :d], 4)

# %% mystnb={"figure": {"name": "fig-spectra", "caption": "Eigenvalues of Gram matrices of N = 128 standard normal samples, in falling order. The dot marks the effective number of samples $2^S$."}, "image": {"alt": "Two log-log panels of sorted eigenvalues. Left, ten dimensions: for width 0.5 all eigenvalues are equal, 1/128. Wider kernels make the first one larger, and the rest fall steeply. For width 16 the first is nearly 1. Right, width 4: one dimension falls off steepest, a thousand dimensions are flat."}}
figures.spectra(
    {"(a) $d$ = 10": by_width, r"(b) $\sigma$ = 4": by_dimension},
)

# %% [markdown]
# Mutual information, too, is a statement about spectra. Write $N_A = 2^{S(A)}$ and so on. Then
# {eq}`eq-20` says
#
# $$
# 2^{I(A;B)} = \frac{N_A N_B}{N_{AB}}.
# $$
#
# If $X$ and $Y$ know nothing of each other, each of $N_A$ groups splits into $N_B$. The spectrum of
# $A \circ B$ then spreads over $N_A N_B$. The more they share, the less it flattens.
#
# {numref}`fig-joint-spectra` shows it. For two unrelated variables the cliff comes after $1 + 20$
# eigenvalues. It moves to $1 + 10$ when $Y$ adds no directions to those of $X$.
#
# The library's `MatrixRenyi` joins all steps: standardisation and a width rule (both in the next
# chapter), Gram matrices, entropies.

# %%
estimator = MatrixRenyi(ProposedWidth(2))


def gaussians(d, rho, runs=()):
    generator = torch.Generator().manual_seed(1)
    x, y = toys.correlated_gaussians(n, d, rho, generator, runs)
    return x.to(device), y.to(device)


joint = {}
for rho in (1, 0.9, 0):
    x, y = gaussians(10, rho)
    a, b = estimator.represent(x), estimator.represent(y)
    joint[rf"$A \circ B$, $\rho$ = {rho}"] = joint_gram(a, b)
    own, bits = mi(a, b), estimator(x, y)
    print(f"rho = {rho:<3}  by hand {own:.3f}, ipae_lib {bits:.3f}")

# %% mystnb={"figure": {"name": "fig-joint-spectra", "caption": "Mutual information as a spectrum: eigenvalues of A and of the joint Gram matrix for correlated Gaussians (N = 128, d = 10). The more X and Y have in common, the less the joint spectrum flattens."}, "image": {"alt": "Log-log plot of four sorted spectra. That of A alone drops steeply after rank 11. The joint spectra for correlations 1, 0.9 and 0 are flatter one after the other. Their effective numbers rise from about 16 to 24. Without correlation the drop comes only after rank 21."}}
figures.spectra({"correlated Gaussians": {"$A$ alone": a, **joint}})

# %% [markdown]
# Look at both ends. With $\rho = 1$, $Y$ *is* $X$ and the true information is infinite. The
# estimate is a small number. With $\rho = 0$ the truth is 0, and the estimate is not. How much of
# this is due to the width, and how much to too few samples?
#
# ## What the estimator estimates
#
# Keep the width and let $N$ grow. The number that the estimate then tends to is its *estimand*.
#
# **A width is a noise level.** Look again at the smoothed density $\hat f$. It has a bump of
# standard deviation $\sigma/2$ on each sample. So it is the density of $T + R$. Here $T$ is a
# sample drawn at random, and $R$ is normal noise of this deviation. What we found above reads
#
# $$
# S_2(A) = H_2(T + R) - H_2(R).
# $$
#
# This holds for any samples, and in the limit for any distribution. The kernel adds noise, as
# *Definition 5* of [chapter 1](01_theory.ipynb) does. In {eq}`eq-20` both variables have their own
# noise, $R$ and $R'$. For Gaussian variables $I_2(A;B)$ tends to $I(X+R;\, Y+R')$ exactly.
#
# **Other orders.** For Gaussian variables the whole spectrum is known (Mehler's formula). Along a
# principal axis of variance $\lambda$ the eigenvalues are
#
# $$
# (1-q)\, q^k, \quad k = 0, 1, \dots, \qquad q = \frac{s-1}{s+1}, \qquad
# s = \sqrt{1 + 4\lambda/\sigma^2} .
# $$
#
# Spectra of several axes multiply, so their entropies add. That gives every term of {eq}`eq-20`:
# the joint entropy is that of $(x/\sigma_x,\ y/\sigma_y)$ with width 1.

# %%
generator = torch.Generator().manual_seed(0)
many = torch.randn(1000, 1, generator=generator)
root = math.sqrt(1 + 4)  # variance and width are 1
q = (root - 1) / (root + 1)
eigenvalues = torch.linalg.eigvalsh(gaussian_gram(many, 1)).flip(0)
for k in range(4):
    print(
        f"{k}: samples {eigenvalues[k]:.4f}, limit {(1 - q) * q**k:.4f}"
    )
noisy = math.log2(1 + 1 / noise_level(1) ** 2) / 2
limit = gaussian_entropy(torch.ones(1), 1, alpha=2)
print(f"H_2(T + R) - H_2(R) = {noisy:.4f} bits, S_2 -> {limit:.4f} bits")

# %%
runs = min(settings.runs, 4)
widths = {1: 1.0, 10: math.sqrt(10)}  # sigma for each d
sizes = (32, 64, 128, 256, 512, 1024)
more = ch02.convergence(widths, sizes, 0.9, runs)
scales = torch.logspace(-1, 2, 13).tolist()
multiples = ch02.rescaled(scales, 0.5, 512, runs)

# %% mystnb={"figure": {"name": "fig-estimands", "caption": "What estimates tend to. (a) Correlated Gaussians with correlation 0.9 and a fixed width for each d. (b) A normal variable X beside its multiples, all with width 0.5 (N = 512). Mean and standard deviation of the runs; dashed: the closed form."}, "image": {"alt": "Two panels. Left: in one dimension the estimates lie on their dashed limit from about 32 samples on. In ten dimensions they start near 2.4 bits and sink slowly towards 1.4, still at 1.9 with 1024 samples. Right: the information of X with a X rises with the factor a. It passes the level of I(A;A) at a = 1 and approaches that of S(A)."}}
figures.estimands(more, multiples)

# %% [markdown]
# In one dimension some dozens of samples are enough ({numref}`fig-estimands`, a). In ten dimensions
# a thousand are not. The joint spectrum there needs more cells than there are samples. Then
# $S(A, B)$ comes out too small, and the information too large. So an estimate has two errors. The
# width makes *estimand less truth*. Too few samples make *estimate less estimand*.
# [Chapter 4](04_correlated_gaussians.ipynb) measures both.
#
# **$I(A;A)$ is no maximum.** In $I(A;A)$ the two noises differ: it tends to the information of
# $X + R$ and $X + R'$. The multiple $aX$ holds the same information as $X$. At the same width it
# has less noise for its size. So $I(X; aX)$ rises above $I(A;A)$ (b). The bound is
# $\min(S(A), S(B))$, and it is reached.

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    With $a = 100$ the estimate is {largest:.2f} bits, where $I(A;A)$ is {itself:.2f} and $S(A)$ is
    {entropy:.2f} bits. So the corner $M = I(X;X)$ of an estimated information plane bounds
    nothing. A layer to its right breaks no law of this estimator.
    """,
    ch02.rescaled_summary(multiples),
)

# %% [markdown]
# ## What the order does
#
# $S_\alpha$ falls as $\alpha$ grows. For $\alpha \to 0$ it is $\log_2$ of the rank, where every
# eigenvalue counts the same. For $\alpha \to \infty$ it is $-\log_2 \lambda_\text{max}$, where only
# the largest counts. Near 1, in nats,
#
# $$
# S_\alpha \approx S_1 - \frac{\alpha - 1}{2} \operatorname{Var}_\lambda(\ln \lambda),
# $$
#
# where eigenvalue $\lambda_i$ has probability $\lambda_i$. The flatter the spectrum, the less the
# order matters. A Gram matrix of many dimensions has one large eigenvalue and a long flat floor of
# small ones, so its variance is large. The change of the joint entropy is about as large as that of
# each variable. {eq}`eq-20` subtracts it once and adds two, so one of them remains.

# %%
x, y = gaussians(100, 0.5, runs=(settings.runs,))
a, b = estimator.represent(x), estimator.represent(y)
orders = torch.logspace(-1, 0.7, 40, device=device)
by_order = ch02.by_order(a, b, orders)

# %% mystnb={"figure": {"name": "fig-orders", "caption": "Entropies (first run) and mutual information (mean of all runs, band of one standard deviation) of correlated Gaussians against the order. N = 128, d = 100, correlation 0.5, width rule (30) with γ = 2."}, "image": {"alt": "Two panels against the order on a log axis from 0.1 to 5. Left: the joint entropy lies above the entropy of A. Both fall from near 7 bits at small orders to below half a bit at order 5. Right: mutual information falls from several bits to near 0, steeply around order 1."}}
figures.entropy_orders(by_order)

# %% [markdown]
# The curves of {numref}`fig-orders` are steep around $\alpha = 1$. What if we take the limit
# $\alpha = 1$ in place of the paper's $\alpha = 1.01$? The formula above predicts the increase:

# %%
table = ch02.order_one(a, b)
table.T.round(3)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
say(
    """
    The limit raises the information by {increase:.2f} ± {deviation:.2f}% (mean and standard
    deviation over runs).

    For comparison: the correlation of 0.5 raises the estimate by {effect:.3f} bits over that of
    independent variables. The limit adds {gain:.3f} bits.
    """,
    ch02.order_summary(
        table, estimator(*gaussians(100, 0, runs=(settings.runs,)))
    ),
)

# %% [markdown]
# The increase depends on the spectrum, and so on the layer. If you compare planes made with
# different orders, you compare estimators.
#
# ## The paper says, we find
#
# | The paper says | We find |
# |---|---|
# | $S_\alpha$ lies in $[0, \log N]$. | Yes, and both ends are reached. |
# | $I_\alpha$ lies in $[0, \log N]$. | The upper bound holds, and even $I_\alpha \leq \min(S_\alpha(A), S_\alpha(B))$. The lower bound holds for $\alpha = 1$. At 1.01 we show a case below 0: harmless, but not a theorem. |
# | $\beta$ is irrelevant. | It cancels in {eq}`eq-17` exactly. |
# | $\alpha = 1.01$ approximates Shannon entropy. | Yes for the normal density. In the estimator the last step to $\alpha = 1$ still changes the entropy, and the mutual information more. |
# | (not mentioned) | $I_\alpha(A;A) < S_\alpha(A)$: the estimated $M$ is not the estimated entropy. Nor is it a maximum of $I_\alpha(A;B)$. |
# | (not mentioned) | A kernel width is a noise level: $\sigma/2$ in each variable, exactly so for $\alpha = 2$. |
#
# ## Exercises
#
# **1. Two groups.** Four samples form two pairs. The samples of a pair are equal, and the pairs are
# infinitely far apart. What are the eigenvalues of $A$? What is $S_\alpha(A)$ for any order $\alpha$?
#
# :::{dropdown} Solution
# $A$ has two blocks of $2 \times 2$ entries $1/4$, and zeros elsewhere. Each block has the eigenvalues
# $1/2$ and 0. Two equal eigenvalues have one bit of entropy, whatever the order.
#
# ```python
# import torch
#
# from ipae_lib.entropy import renyi_entropy
#
# block = torch.ones(2, 2).double() / 4
# a = torch.block_diag(block, block)
# for alpha in (0.5, 1.01, 2):
#     assert abs(float(renyi_entropy(a, alpha)) - 1) < 1e-6
# ```
# :::
#
# **2. The same question twice.** Write $I_\alpha(A;A)$ by entropies of single variables, with the widths
# $\sigma$ and $\sigma / \sqrt 2$. Check it on samples of your own.
#
# :::{dropdown} Solution
# $A \circ A$ squares each similarity, and so does a width of $\sigma / \sqrt 2$. So $I_\alpha(A;A)$ is
# twice the entropy at $\sigma$ less the entropy at $\sigma / \sqrt 2$.
#
# ```python
# import torch
#
# from ipae_lib.entropy import mutual_information, renyi_entropy
# from ipae_lib.kernels import gaussian_gram
#
# generator = torch.Generator().manual_seed(0)
# x = torch.randn(64, 3, generator=generator).double()
# a, narrower = gaussian_gram(x, 2.0), gaussian_gram(x, 2.0 / 2**0.5)
# expected = 2 * renyi_entropy(a) - renyi_entropy(narrower)
# assert torch.isclose(mutual_information(a, a), expected)
# ```
# :::
#
# **3. A proud result.** A paper reports an information of 6.9 bits between a layer and its input, from
# 128 samples. What do you ask its authors?
#
# :::{dropdown} Solution
# What shuffled pairs give. The bound is $\log_2 128 = 7$ bits. Near it all samples are simply different,
# and the estimate says the same of variables that know nothing of each other. Here are two such:
#
# ```python
# import torch
#
# from ipae_lib.entropy import mutual_information
# from ipae_lib.kernels import gaussian_gram
#
# generator = torch.Generator().manual_seed(0)
# x, y = torch.randn(2, 128, 1000, generator=generator).double()
# bits = mutual_information(gaussian_gram(x, 5.0), gaussian_gram(y, 5.0))
# assert bits > 6.9
# ```
# :::
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer())
