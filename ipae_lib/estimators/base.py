"""What an estimator of mutual information is. This module imports nothing of the package.

Anything callable as ``estimator(x, y) → bits`` is an estimator here: a function of ten lines as
much as `MatrixRenyi`.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from torch import Tensor


class MutualInformationEstimator(Protocol):
    """Mutual information of paired samples, in bits.

    ``x`` of shape (N, d_x) and ``y`` of shape (N, d_y) hold row by row the pairs; what comes
    back reads as one float.
    """

    def __call__(self, x: Tensor, y: Tensor, /) -> Any: ...


@runtime_checkable
class EntropyEstimator(Protocol):
    """An estimator that is a difference of entropies, I(X;Y) = H(X) + H(Y) − H(X,Y).

    Its parts let a caller with many variables of the same samples prepare each variable, and
    take each entropy, once. Everything is batched over leading dimensions.
    """

    def represent(self, x: Tensor, name: str | None = None) -> Any:
        """What the entropies of the variable ``name`` are computed from (a Gram matrix, say)."""

    def join(self, a: Any, b: Any) -> Any:
        """The representation of two variables taken together."""

    def entropy_of(self, representation: Any) -> Tensor:
        """Entropy in bits of a represented variable."""

    def variable_names(self) -> frozenset[str]:
        """Names of the variables that have settings of their own."""
