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
# # The claims ledger
#
# ```{admonition} Result
# :class: tip
# About half of the paper's checkable statements hold, and most of the others hold in part. A few do not
# hold, and a few cannot be decided. Two of the main findings stand. A compression phase of the large
# bottleneck is there under the previous rule, in most layers, and not under the proposed one. And the
# encoder of the small bottleneck compresses.
# ```
#
# **What you will learn**
#
# - which statements of the paper hold when its experiments are run again at full size;
# - how each is decided: by a number with an interval, and a threshold fixed in the code;
# - what explains it where ours differs.
#
# **In the paper**: all of it.
#
# **Runs** in about a minute, from the stored results.

# %% tags=["parameters", "hide-input"]
profile = "paper"
device = "cpu"
live = False

# %%
from itertools import accumulate

from IPython.display import HTML, Markdown

from ipae_lib.data import mnist
from study import claims, experiments, sweep
from study import intrinsic_dimension as intrinsic
from study.chapters import ch10
from study.text import say

settings = experiments.get_profile(profile)

# %% [markdown]
# ## How a claim is decided
#
# Each claim is reduced to one number or more, each with a range in which the claim puts it. Where chance
# enters, a number has a 95 % interval. It is over one of these, and every number names which:
#
# - Independent runs of a toy problem, or the seeds of a plane, each the mean over its test batches. The
#   interval is Student's. With three seeds it is wide. The error of the test batches, which all seeds
#   share, is not in it.
# - Replicates drawn with both errors, for the sweep over bottleneck sizes
#   ([chapter 6](06_bottleneck_sweep.ipynb)).
# - The test batches, where there is one seed alone, as in the smaller profiles.
#
# A number is *as claimed* (✓) if its whole interval lies in the range, and *not* (✗) if the whole interval
# lies outside. It is undecided (?) if the interval straddles the edge. The claim
#
# - **● holds** if all its numbers are as claimed,
# - **◐ holds in part** if some are and some are not,
# - **○ does not hold** if none is and at least one is not,
# - **? is not decided** if none is against it, but at least one straddles.
#
# The paper gives few thresholds. Where it gives none, differences below 0.1 bits count as none; so wide is
# a marker in the planes. The other thresholds stand with their claims.
#
# All thresholds were fixed in the code before the runs over several seeds were made, and many before any
# run of this size. The others were mended after a reading of the ledger, which then had one seed. Some
# criteria could not fail, or did not ask what the paper says. The claims on $\gamma$, on the growth with
# $d$ and on the error say so themselves.
#
# ## The evidence
#
# There are four kinds:
#
# - exactly solved autoencoders, trained here;
# - estimates of correlated Gaussians, drawn here;
# - stored runs at the paper's size;
# - the intrinsic dimension of the test images.


# %% tags=["remove-stderr"]
def result(run):
    return experiments.run_or_load(run, live, device=device)


def planes_of(size):
    """A result for each seed."""
    runs = [
        run for run in settings.planes() if run.bottleneck_size == size
    ]
    return [result(run) for run in runs]


small, large = map(planes_of, settings.plane_sizes)
sizes = sweep.final_records(result(run) for run in settings.sweep())

distances = intrinsic.neighbour_distances(mnist(train=False), 20)
dimensions = {"two nearest neighbours": intrinsic.two_nn(distances)}
for k in (10, 20):
    found = intrinsic.maximum_likelihood(distances, k)
    dimensions[f"maximum likelihood, {k} neighbours"] = found

# %% [markdown]
# Each kind of claim is decided on its own evidence.

# %%
exact = claims.exact_evidence()
toys = claims.toy_evidence(min(settings.runs, 20), device)
plateau = experiments.mean_image_error()
planes = claims.plane_evidence(
    small, large, settings.plane_sizes, plateau
)
proposed = sizes.sel(estimator="proposed", drop=True)
ends = claims.SweepEvidence(proposed, dimensions)

groups = claims.decide(exact, toys, planes, ends)
findings = [finding for group in groups.values() for finding in group]
ch10.counts(groups)

# %% tags=["remove-input"] jupyter={"source_hidden": true}
text = """
Of {all} statements {holds} hold, and {in_part} hold in part.

Under the previous rule a compression phase of the large bottleneck is certain in
{compressing} of {layers} layers. The claim that there is none under the proposed rule
{no_phase}. The encoder of the small bottleneck compresses by {fall:.2f} bits.
"""
say(text, ch10.summary(findings))

# %% [markdown]
# Those that do not hold, in the paper's words:

# %%
refuted = [f.claim for f in findings if f.verdict == "does not hold"]
Markdown("\n".join(f"- “{c.quotation}” – {c.where}" for c in refuted))

# %% [markdown]
# The ledger itself follows: for each claim the test, and what was measured.
#
# ## The theory
#
# Decided without an estimate, on autoencoders whose plane is known ([chapter 7](07_ground_truth.ipynb)).

# %%
counts = map(len, groups.values())
first = dict(zip(groups, accumulate(counts, initial=1), strict=False))
HTML(claims.ledger_table(groups["theory"], first["theory"]))

# %% [markdown]
# ## The estimator and its kernel width

# %% tags=["hide-input"]
HTML(claims.ledger_table(groups["estimator"], first["estimator"]))

# %% [markdown]
# ## The planes of a small and a large bottleneck

# %% tags=["hide-input"]
HTML(claims.ledger_table(groups["planes"], first["planes"]))

# %% [markdown]
# ## The bottleneck size

# %% tags=["hide-input"]
HTML(
    claims.ledger_table(
        groups["bottleneck size"], first["bottleneck size"]
    )
)

# %% [markdown]
# ## What is not here
#
# - The compression of the previous rule "intensifies as the bottleneck gets larger" (Sec. II). That needs
#   planes over the training of more sizes than were recorded.
# - Memory limits the estimate to 512 samples, and more would improve it:
#   [chapter 9](09_cost_and_scale.ipynb).
# - How the estimator compares with others: [chapter 8](08_estimator_benchmark.ipynb).
#
# ## Provenance

# %% tags=["hide-input", "nbval-ignore-output"]
print(experiments.footer(*small, *large))
