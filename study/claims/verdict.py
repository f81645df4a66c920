"""What decides a claim: measured numbers with intervals, and where the claim puts them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from scipy import stats

Decision = Literal["yes", "no", "undecided"]
Verdict = Literal["holds", "holds in part", "does not hold", "not decided"]

CONFIDENCE = 0.95
"""Of every interval."""

VISIBLE = 0.1
"""Bits below which a difference counts as none: a fortieth of M = I(X;X) in the planes here,
about as wide as a marker in the figures."""


@dataclass(frozen=True)
class Criterion:
    """One measured number, its interval, and the range in which a claim puts it.

    Parameters
    ----------
    quantity : str
        What is measured, with its unit.
    value, low, high : float
        Estimate and ends of its interval; all the same where nothing is random.
    at_least, at_most : float
        Where the claim puts the number.
    repeats : str
        What the interval is over.
    """

    quantity: str
    value: float
    low: float
    high: float
    at_least: float = -math.inf
    at_most: float = math.inf
    repeats: str = "exact"

    @property
    def met(self) -> Decision:
        """Whether the whole interval lies inside the range, outside, or across its edge."""
        if self.at_least <= self.low and self.high <= self.at_most:
            return "yes"
        if self.high < self.at_least or self.low > self.at_most:
            return "no"
        return "undecided"

    @property
    def required(self) -> str:
        """The range as text."""
        if math.isinf(self.at_most):
            return f"≥ {self.at_least:g}"
        if math.isinf(self.at_least):
            return f"≤ {self.at_most:g}"
        return f"{self.at_least:g} to {self.at_most:g}"


def measured(
    quantity: str,
    values: xr.DataArray | np.ndarray | float,
    *,
    at_least: float = -math.inf,
    at_most: float = math.inf,
    repeats: str = "",
) -> Criterion:
    """A criterion from the values of independent repetitions.

    Parameters
    ----------
    quantity : str
    values : array or float
        One value for each repetition, or a single number that nothing random enters. The
        interval is Student's for their mean.
    at_least, at_most : float
        Where the claim puts the number.
    repeats : str
        What is repeated, such as "seeds"; by default the name of the dimension. For a single
        number, what it is of.

    Raises
    ------
    ValueError
        If a value is missing, or there is more than one dimension. Of a single repetition the
        interval is infinite: nothing tells how another would differ.
    """
    name = repeats or " ".join(str(dim) for dim in getattr(values, "dims", ()))
    values = np.asarray(values, dtype=float)
    if values.ndim > 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(
            f"{quantity}: values have shape {values.shape} with "
            f"{int((~np.isfinite(values)).sum())} missing; give one finite number a repetition"
        )
    mean = float(values.mean())
    low = high = mean
    text = name or "exact"
    if values.ndim == 1:
        text = f"{len(values)} {name}"
        low, high = -math.inf, math.inf
        if len(values) > 1:
            # not stats.t.interval: repetitions that all agree have an interval, of no width
            quantile = stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
            margin = float(quantile * stats.sem(values))
            low, high = mean - margin, mean + margin
    return Criterion(quantity, mean, low, high, at_least, at_most, text)


@dataclass(frozen=True)
class Claim:
    """A statement of the paper that can be checked.

    Parameters
    ----------
    name : str
        Names the claim in code.
    quotation : str
        In the paper's words.
    where : str
        In the paper.
    test : str
        What is measured and what decides.
    check : callable
        Takes the evidence, gives the criteria.
    comment : str
        What explains a difference from the paper.
    """

    name: str
    quotation: str
    where: str
    test: str
    check: Callable[[Any], list[Criterion]]
    comment: str = ""


@dataclass(frozen=True)
class Finding:
    """A claim with its measured criteria and what they decide."""

    claim: Claim
    criteria: tuple[Criterion, ...]

    @property
    def verdict(self) -> Verdict:
        """Holds if every criterion is met; in part if some are and some are not.

        An undecided criterion leaves open whether the claim holds, not that another fails.
        """
        decisions = {criterion.met for criterion in self.criteria}
        if "no" in decisions:
            return "holds in part" if "yes" in decisions else "does not hold"
        return "holds" if decisions == {"yes"} else "not decided"


def claim(
    quotation: str, where: str, test: str, comment: str = ""
) -> Callable[[Callable[[Any], list[Criterion]]], Claim]:
    """Decorator: a function from the evidence to its criteria becomes a `Claim`."""

    def register(check: Callable[[Any], list[Criterion]]) -> Claim:
        return Claim(check.__name__, quotation, where, test, check, comment)

    return register
