"""What a claim is, and how one number a network decides it.

Frozen: see `study.claims.criteria`.

**A claim has one statistic, a threshold, and the side of it where the paper puts the statistic.**
Student's two-sided test asks whether the mean over networks differs from the threshold. Holm's
procedure corrects for all tests of one column of the ledger, of all cells of the experiment
together. A difference that remains decides: on the claimed side the claim holds, on the other it
does not. Otherwise it is not decided. All networks are looked at through the same test images: what
is decided holds for these.

Which layers a statistic is taken of follows the words of the paper. *No, none, all, every, always,
only, restricted* ask it of the worst layer. *The layers* and *mostly* ask it of the median layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from scipy import stats

Verdict = Literal["holds", "does not hold", "not decided", "no verdict"]
Columns = Literal["everywhere", "estimators", "rule"]
Evidence = Literal["planes", "both rules", "sizes", "gamma", "alpha", "variant", "exact", "toys"]

SIGNIFICANCE = 0.05
"""Chance that one true threshold or more of a column is taken for wrong."""

VISIBLE = 1 / 40
"""Share of the whole from which a difference can be seen: a marker in the figures is as wide."""

CLOSE = 1 / 10
"""Share of the whole below which something is small, near or approximately so."""

SIZE = "bottleneck_size"
"""Dimension of statistics that are sums over bottleneck sizes."""

DRAW = "draw"
"""Dimension of values drawn anew with their own errors."""

_LARGEST_CORRELATION = 0.9999
"""Of 60 records or fewer, a rank correlation below 1 is smaller; Fisher's z of 1 is infinite."""


@dataclass(frozen=True)
class Claim:
    """A statement of the paper, reduced to one number and a threshold.

    Parameters
    ----------
    name : str
        Names the claim in code.
    quotation, where : str
        In the paper's words, and where they stand.
    measured : str
        What the statistic is.
    side : "above" or "below"
        Where the paper puts it.
    threshold : float
        Of what.
    reason : str
        Why this threshold.
    statistic : callable
        Takes the evidence of its kind; gives what `estimate` takes.
    evidence : str
        What the statistic takes: the planes of both sizes in one column, "planes"; those by the
        previous and by the proposed rule, "both rules"; the ends of many "sizes"; a scan of
        "gamma", "alpha" or "variant"; or other evidence, "exact" or "toys".
    rule : "previous", "proposed", or ""
        The width rule that the paper says it of; none where no estimate enters, and where both do.
    columns : "everywhere", "estimators", "rule"
        Asked by the paper's rule, by the scale-free one and in truth; by these two rules alone; by
        the paper's alone.
    range : pair of float
        Values that the statistic can have.
    correlation : bool
        The statistic is a correlation, tested as Fisher's z.
    repeated : bool
        It is tested over networks or runs. If not, it is exact or of one network, and its value
        alone decides.
    since : "before" or "after"
        Whether the criterion was fixed before its data were seen.
    limits : str
        What the test cannot tell.
    """

    name: str
    quotation: str
    where: str
    measured: str
    side: Literal["above", "below"]
    threshold: float
    reason: str
    statistic: Callable[..., xr.DataArray]
    evidence: Evidence = "planes"
    rule: str = ""
    columns: Columns = "rule"
    range: tuple[float, float] = (-math.inf, math.inf)
    correlation: bool = False
    repeated: bool = True
    since: Literal["before", "after"] = "before"
    limits: str = ""

    def as_claimed(self, value: float) -> bool:
        """Whether a value lies on the claimed side; the threshold itself does."""
        return value >= self.threshold if self.side == "above" else value <= self.threshold


def claim(
    quotation: str,
    where: str,
    measured: str,
    *,
    above: float | None = None,
    below: float | None = None,
    reason: str,
    **settings: Any,
) -> Callable[[Callable[..., xr.DataArray]], Claim]:
    """Decorator: a statistic becomes a `Claim` of its name.

    Parameters
    ----------
    quotation, where, measured, reason, **settings
        As of `Claim`.
    above, below : float
        One of the two: the threshold, and the side.
    """
    if (above is None) == (below is None):
        raise ValueError(f"above is {above!r} and below is {below!r}; give one threshold")
    side, threshold = ("above", above) if below is None else ("below", below)

    def register(statistic: Callable[..., xr.DataArray]) -> Claim:
        return Claim(
            statistic.__name__, quotation, where, measured, side, threshold, reason, statistic,
            **settings,
        )  # fmt: skip

    return register


@dataclass(frozen=True)
class Estimate:
    """The mean of a statistic over networks, with its error.

    Parameters
    ----------
    value : float
        Fisher's z where the claim is on a correlation.
    error : float
        Its standard error; NaN of a single network, 0 of an exact number.
    freedom : float
        Degrees of freedom of the error.
    repeats : int
        Networks, of each size where there are many sizes.
    own_error : float
        The part of the error that the values in truth have of their own.
    """

    value: float
    error: float
    freedom: float
    repeats: int
    own_error: float = 0.0

    def p_value(self, threshold: float) -> float:
        """Student's, two-sided; NaN without an error."""
        if math.isnan(self.error):
            return math.nan
        distance = abs(self.value - threshold)
        if self.error == 0:
            return float(distance == 0)
        return float(2 * stats.t.sf(distance / self.error, self.freedom))

    def interval(self, level: float = 1 - SIGNIFICANCE) -> tuple[float, float]:
        """Student's, before any correction; infinite without an error."""
        if math.isnan(self.error):
            return -math.inf, math.inf
        margin = self.error and float(stats.t.ppf((1 + level) / 2, self.freedom)) * self.error
        return self.value - margin, self.value + margin


def estimate(
    values: xr.DataArray, drawn: xr.DataArray | None = None, correlation: bool = False
) -> Estimate:
    """Mean over networks with its error.

    Parameters
    ----------
    values : DataArray
        One number a network, along one dimension such as ``seed``; with a second dimension
        ``bottleneck_size``, the sum over sizes of the means over networks is estimated, its error
        from the spread of each size alone (Welch, Satterthwaite). There, NaN is a network that
        there is not. Without a dimension the number is exact.
    drawn : DataArray, optional
        The same along ``draw`` in addition, with the errors that the values have of their own. They
        are taken as common to all networks, so that no mean over them helps.
    correlation : bool
        Take Fisher's z of each number first.

    Raises
    ------
    ValueError
        If a value is missing, there are other dimensions, or a size has no network.
    """
    others = [str(dim) for dim in values.dims if dim != SIZE]
    missing = values.isnull().any() if SIZE not in values.dims else values.isnull().all(others)
    if len(others) > 1 or not values.size or bool(missing.any()):
        raise ValueError(
            f"values have the dimensions {values.dims}, and some are missing or none is there; "
            "give one number for each network of each size"
        )
    if correlation:
        values, drawn = _fisher(values), None if drawn is None else _fisher(drawn)
    if not values.dims:
        return Estimate(float(values), 0.0, math.inf, 1)
    rows = values.transpose(..., *others).values
    groups = [row[np.isfinite(row)] for row in np.atleast_2d(rows)]
    counts = np.array([len(group) for group in groups])
    value, own = float(sum(group.mean() for group in groups)), 0.0
    if drawn is not None:
        means = drawn.mean(others)
        own = float((means.sum(SIZE) if SIZE in means.dims else means).std(DRAW, ddof=1))
    if counts.min() < 2:
        return Estimate(value, math.nan, 0.0, int(counts.min()), own)
    parts = np.array([group.var(ddof=1) / len(group) for group in groups])
    total, weight = parts.sum(), (parts**2 / (counts - 1)).sum()
    freedom = float(total**2 / weight) if weight else float((counts - 1).sum())
    return Estimate(value, math.hypot(math.sqrt(total), own), freedom, int(counts.min()), own)


def _fisher(values: xr.DataArray) -> xr.DataArray:
    return np.arctanh(values.clip(-_LARGEST_CORRELATION, _LARGEST_CORRELATION))


@dataclass(frozen=True)
class Finding:
    """What was found of a claim in one column, for one cell of the experiment.

    Parameters
    ----------
    claim : Claim
    cell, column : str
    estimate : Estimate
    p_value : float
        Corrected by Holm's procedure; NaN where nothing was tested.
    """

    claim: Claim
    cell: str
    column: str
    estimate: Estimate
    p_value: float

    @property
    def value(self) -> float:
        """The statistic, in its own unit."""
        return self._own_unit(self.estimate.value)

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, of this number alone, within the values that the statistic can have."""
        lowest, highest = self.claim.range
        low, high = map(self._own_unit, self.estimate.interval())
        return min(max(low, lowest), highest), max(min(high, highest), lowest)

    @property
    def effect(self) -> float:
        """By how much the statistic lies on the claimed side; below 0, on the other."""
        distance = self.value - self.claim.threshold
        return distance if self.claim.side == "above" else -distance

    @property
    def effect_in_deviations(self) -> float:
        """The same in standard deviations of networks; NaN without any."""
        spread = self.estimate.error * math.sqrt(self.estimate.repeats)
        if not spread > 0:
            return math.nan
        away = abs(self.estimate.value - threshold_of(self.claim)) / spread
        return math.copysign(away, self.effect)

    @property
    def as_claimed(self) -> bool:
        """Whether the statistic lies on the claimed side, certain or not."""
        return self.claim.as_claimed(self.value)

    @property
    def verdict(self) -> Verdict:
        """Of the test; of the value alone where the claim is not tested over networks."""
        if self.claim.repeated and math.isnan(self.p_value):
            return "no verdict"
        if self.claim.repeated and self.p_value >= SIGNIFICANCE:
            return "not decided"
        return "holds" if self.as_claimed else "does not hold"

    def _own_unit(self, value: float) -> float:
        return math.tanh(value) if self.claim.correlation else value


def threshold_of(claim: Claim) -> float:
    """The threshold where the test is made: Fisher's z of that of a correlation."""
    return math.atanh(claim.threshold) if claim.correlation else claim.threshold


Place = tuple[Claim, str, str]
"""A claim, a cell, a column."""


def decide(estimates: Mapping[Place, Estimate]) -> list[Finding]:
    """Test all that is tested, and correct for it column by column.

    Parameters
    ----------
    estimates : mapping from (claim, cell, column) to Estimate
        Of the whole ledger.
    """
    corrected: dict[Place, float] = {}
    for column in {column for _, _, column in estimates}:
        tested = {
            place: found.p_value(threshold_of(place[0]))
            for place, found in estimates.items()
            if place[2] == column and place[0].repeated
        }
        tested = {place: p for place, p in tested.items() if not math.isnan(p)}
        corrected |= dict(zip(tested, holm(list(tested.values())), strict=True))
    return [
        Finding(*place, found, corrected.get(place, math.nan)) for place, found in estimates.items()
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected by Holm's step-down procedure, in the order they came in.

    The smallest of m is multiplied by m, the next by m − 1, and so on; none becomes smaller than
    the one before it, none larger than 1. One or more true hypotheses are then rejected at level a
    with a chance of at most a, whatever the tests have to do with each other.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(order), 0, -1)
    steps = np.minimum(1, np.maximum.accumulate(factors * np.asarray(p_values)[order]))
    corrected = np.empty(len(order))
    corrected[order] = steps
    return corrected.tolist()


def agreement(findings: Iterable[Finding], column: str) -> dict[str, float]:
    """The share of claims whose statistic lies where the paper has it, for each cell.

    This says which cell of the experiment, which choice where the paper leaves one, comes closest
    to the paper's own figures. Nothing is tested. Claims count that were measured in all cells.
    """
    found: dict[str, dict[str, bool]] = {}
    for finding in findings:
        if finding.column == column:
            found.setdefault(finding.cell, {})[finding.claim.name] = finding.as_claimed
    everywhere = set.intersection(*map(set, found.values())) if found else set()
    return {
        cell: float(np.mean([each[name] for name in everywhere])) for cell, each in found.items()
    }
