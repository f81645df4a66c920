"""What an estimator of mutual information is. This module imports nothing of the package.

Anything callable as ``estimator(x, y) → bits`` is an estimator here: a function of ten lines as
much as `MatrixRenyi`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from torch import Tensor
from torch.nn.functional import one_hot


class MutualInformationEstimator(Protocol):
    """Mutual information of paired samples, in bits.

    ``x`` of shape (N, d_x) and ``y`` of shape (N, d_y) hold row by row the pairs; what comes
    back reads as one float.
    """

    def __call__(self, x: Tensor, y: Tensor, /) -> Any: ...


@runtime_checkable
class KnownNoiseEstimator(Protocol):
    """An estimator of I(X; T+R) that is told T and the noise, and adds none itself."""

    def through_noise(self, x: Tensor, t: Tensor, s: float) -> Any:
        """I(X; T+R) in bits, R normal with standard deviation s in each dimension.

        ``x`` of shape (N, d_x) and ``t`` of shape (N, d) hold row by row the pairs (X, T), without
        noise. Where rows of ``x`` are equal, as labels are, T is known up to those rows.
        """


@runtime_checkable
class EntropyEstimator(Protocol):
    """An estimator that is a difference of entropies, I(X;Y) = H(X) + H(Y) − H(X,Y).

    Its parts let a caller with many variables of the same samples prepare each variable, and
    take each entropy, once: see `PreparedVariable`. Everything is batched over leading dimensions.
    """

    def represent(self, x: Tensor, name: str | None = None) -> Any:
        """What the entropies of the variable ``name`` are computed from (a Gram matrix, say)."""

    def join(self, a: Any, b: Any) -> Any:
        """The representation of two variables taken together."""

    def entropy_of(self, representation: Any) -> Any:
        """Entropy in bits of a represented variable: a tensor, or what adds and subtracts."""

    def variable_names(self) -> frozenset[str]:
        """Names of the variables that have settings of their own."""


class PreparedVariable:
    """A variable whose representation and entropy are made once, for its pairs with many others.

    Parameters
    ----------
    estimator : EntropyEstimator
    x : Tensor of shape (..., N, d)
    name : str, optional
        Of the variable, for settings given by name.
    names : bool
        Whether ``x``, of shape (..., N, 1), holds whole numbers that stand for names: they are
        equal or not. An estimator without ``represent_names`` gets a column of 0 and 1 for each.

    Attributes
    ----------
    entropy
        H(X) in bits, as ``estimator.entropy_of`` gives it.

    Examples
    --------
    >>> import torch
    >>> from ipae_lib.estimators import MatrixRenyi
    >>> from ipae_lib.kernels import ProposedWidth
    >>> estimator = MatrixRenyi(ProposedWidth(2))
    >>> layers = torch.randn(3, 64, 5)
    >>> x, *others = [PreparedVariable(estimator, values) for values in layers]
    >>> [bool(x.information_with(y) == estimator(layers[0], layers[i + 1]))
    ...  for i, y in enumerate(others)]
    [True, True]
    """

    def __init__(
        self,
        estimator: EntropyEstimator,
        x: Tensor,
        name: str | None = None,
        *,
        names: bool = False,
    ) -> None:
        self.estimator = estimator
        if names and (x.is_floating_point() or x.shape[-1:] != (1,)):
            raise ValueError(
                f"names is True and x has shape {tuple(x.shape)} and dtype {x.dtype}; give whole "
                "numbers of shape (..., N, 1)"
            )
        if names and hasattr(estimator, "represent_names"):
            self.representation = estimator.represent_names(x[..., 0])
        else:
            numbers = one_hot(x[..., 0].long()).double() if names else x
            self.representation = estimator.represent(numbers, name)
        self.entropy = estimator.entropy_of(self.representation)

    @cached_property
    def self_information(self) -> Any:
        """I(X;X) in bits, which is not H(X) for every estimator."""
        return self.information_with(self)

    def information_with(
        self, other: PreparedVariable, given: PreparedVariable | None = None
    ) -> Any:
        """I(X;Y) in bits with another variable of the same samples, or I(X;Y|Z) given a third."""
        a, b, estimator = self.representation, other.representation, self.estimator
        if given is None:
            return self.entropy + other.entropy - estimator.entropy_of(estimator.join(a, b))
        z = given.representation
        az, bz = estimator.join(a, z), estimator.join(b, z)
        both = estimator.entropy_of(az) + estimator.entropy_of(bz)
        return both - estimator.entropy_of(estimator.join(az, b)) - given.entropy
