"""The information through known noise by propagated samples (Goldfeld et al. 2019)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from ipae_lib.estimate import Estimate
from ipae_lib.exact import OneLevel, Queries, information_of_population
from ipae_lib.validation import ArrayLike, Natural, Scale, as_array, as_pairs


@dataclass(frozen=True)
class SamplePropagation:
    """I(X; T+R) of the mixture that the samples of T make with the noise, by Monte Carlo.

    The N samples stand for the distribution of T. So the answer is at most log₂ N, and too low
    where that is not enough. What Monte Carlo adds is small and without bias: see
    `exact.information_of_population`. The standard error is of that alone, the samples given.

    Parameters
    ----------
    variance : float
        Of the noise in each dimension, where none is told.
    queries : int
        Noisy samples at which the mixture is asked.
    seed : int
        Of the noise.
    """

    variance: Scale = 0.1
    queries: Queries = 500
    seed: Natural = 0

    def __call__(self, x: ArrayLike, t: ArrayLike) -> Estimate:
        """Bits of I(X; T+R) with noise of `variance`; see `through_noise`."""
        return self.through_noise(x, t, math.sqrt(self.variance))

    def through_noise(self, x: ArrayLike, t: ArrayLike, s: Scale) -> Estimate:
        """Bits of I(X; T+R), of samples of shapes (N, d_x) and (N, d), T without noise.

        Rows of ``x`` that are equal while T differs are a label: the mixture of each counts.

        Raises
        ------
        TypeError, ValueError
            If the arrays are no pairs of samples, or ``s`` is not above 0 or too low for double
            precision.
        """
        x, t = as_pairs(x, t, "x", "t")
        kinds = torch.unique(x, dim=0, return_inverse=True)[1]
        first = torch.zeros(int(kinds.max()) + 1, dtype=torch.long).scatter_(
            0, kinds, torch.arange(len(kinds))
        )
        is_label = not torch.equal(t, t[first[kinds]])
        found = information_of_population(
            t,
            {"known": OneLevel(s)},
            as_array(kinds, "kinds") if is_label else None,
            queries=self.queries,
            seed=self.seed,
        )
        bits, error = (
            (found.label_mi, found.label_standard_error)
            if is_label
            else (found.input_mi, found.standard_error)
        )
        return Estimate(float(bits[0]), float(error[0]))
