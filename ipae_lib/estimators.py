"""Estimators of mutual information: the protocol, and the matrix-based Rényi estimator.

Anything callable as ``estimator(x, y) → bits`` is an estimator here: a function of ten lines
as much as `MatrixRenyi`, the estimator of Sec. III of the paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor

from ipae_lib import entropy, kernels
from ipae_lib.kernels import Groups, KernelWidth
from ipae_lib.validation import ArrayLike, as_samples, check_positive, check_same_samples

DEFAULT = "default"
"""The key, in settings given by variable name, for every variable not named."""


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


@dataclass(frozen=True)
class MatrixRenyi:
    """The matrix-based Rényi estimator with a Gaussian kernel, Sec. III of the paper.

    Parameters
    ----------
    width : rule, or mapping from variable name to rule
        Kernel width as a function of N and d: `SilvermanWidth`, `PreviousWidth`,
        `ProposedWidth` or any callable ``rule(n, d) → σ``. In a mapping, the key ``"default"``
        serves the variables not named.
    alpha : float
        Order of the entropy; 1 is the von Neumann limit.
    standardize : bool
        Whether to standardise the samples first, equation (29).
    groups : None, "all", one index per dimension, or mapping from variable name to these
        Dimensions that share their statistics in (29); see `kernels.standardize`. Variables
        not named in a mapping use statistics of each dimension.
    eps : float
        Added to each variance in (29).

    Raises
    ------
    ValueError
        If ``alpha`` or ``eps`` is not above 0, a rule cannot be called, or Silverman's rule,
        which is in units of the standard deviation, is to be used without standardising.

    Examples
    --------
    The paper's two settings for images of one channel, X, and their reconstructions, X′:

    >>> previous = MatrixRenyi(
    ...     {"Z": kernels.PreviousWidth(25), "default": kernels.PreviousWidth(5)},
    ...     standardize=False,
    ... )
    >>> proposed = MatrixRenyi(kernels.ProposedWidth(0.8), groups={"X": "all", "X′": "all"})
    """

    width: KernelWidth | Mapping[str, KernelWidth]
    alpha: float = 1.01
    standardize: bool = True
    groups: Groups | Mapping[str, Groups] = None
    eps: float = 1e-8

    def __post_init__(self) -> None:
        check_positive(self.alpha, "alpha", "1.01 is the paper's choice, 1 the von Neumann limit")
        check_positive(self.eps, "eps")
        rules = self.width if isinstance(self.width, Mapping) else {"width": self.width}
        for name, rule in rules.items():
            if not callable(rule):
                raise ValueError(
                    f"width of {name!r} is {rule!r}; give a rule such as ProposedWidth(0.8), "
                    "or lambda n, d: 0.5 for a fixed width"
                )
            if isinstance(rule, kernels.SilvermanWidth) and not self.standardize:
                raise ValueError(
                    "SilvermanWidth is in units of each dimension's standard deviation; "
                    "use it with standardize=True"
                )

    def __call__(
        self, x: ArrayLike, y: ArrayLike, x_name: str | None = None, y_name: str | None = None
    ) -> Tensor:
        """Mutual information in bits: `mutual_information`."""
        return self.mutual_information(x, y, x_name, y_name)

    def entropy(self, x: ArrayLike, name: str | None = None) -> Tensor:
        """Entropy S_α of samples, equation (18).

        Parameters
        ----------
        x : array of shape (..., N, d)
        name : str, optional
            Name of the variable, for settings given by name.

        Returns
        -------
        Tensor of shape (...), in bits, within [0, log₂ N]

        Raises
        ------
        ValueError
            If ``x`` is not finite samples, or no width is set for ``name``.
        """
        return self.entropy_of(self.represent(x, name))

    def joint_entropy(
        self, x: ArrayLike, y: ArrayLike, x_name: str | None = None, y_name: str | None = None
    ) -> Tensor:
        """Joint entropy S_α of paired samples, equation (19); see `mutual_information`."""
        a, b = self._represent_pair(x, y, x_name, y_name)
        return self.entropy_of(self.join(a, b))

    def mutual_information(
        self, x: ArrayLike, y: ArrayLike, x_name: str | None = None, y_name: str | None = None
    ) -> Tensor:
        """Mutual information I_α of paired samples, equation (20).

        Parameters
        ----------
        x, y : arrays of shape (..., N, d_x) and (..., N, d_y)
        x_name, y_name : str, optional
            Names of the variables, for settings given by name.

        Returns
        -------
        Tensor of shape (...), in bits, at most log₂ N
            Not below 0 but for the caveat of `entropy.mutual_information`.

        Raises
        ------
        ValueError
            If ``x`` and ``y`` are not finite samples of the same N and batches, or no width is
            set for a variable.
        """
        a, b = self._represent_pair(x, y, x_name, y_name)
        return entropy.mutual_information(a, b, self.alpha)

    def represent(self, x: ArrayLike, name: str | None = None) -> Tensor:
        """Gram matrix (17) of the variable ``name``: (..., N, d) → (..., N, N)."""
        x = as_samples(x, name or "x")
        n, d = x.shape[-2:]
        sigma = self._width_of(name)(n, d)
        if self.standardize:
            x = kernels.standardize(x, self._groups_of(name), self.eps)
        return kernels.gaussian_gram(x, sigma)

    def join(self, a: Tensor, b: Tensor) -> Tensor:
        """Gram matrix of two variables taken together, as in (19)."""
        return entropy.joint_gram(a, b)

    def entropy_of(self, representation: Tensor) -> Tensor:
        """Entropy (18) in bits of a Gram matrix."""
        return entropy.renyi_entropy(representation, self.alpha)

    def variable_names(self) -> frozenset[str]:
        """Names of the variables that have a width or groups of their own."""
        names: set[str] = set()
        for setting in (self.width, self.groups):
            if isinstance(setting, Mapping):
                names.update(setting)
        return frozenset(names - {DEFAULT})

    def _represent_pair(
        self, x: ArrayLike, y: ArrayLike, x_name: str | None, y_name: str | None
    ) -> tuple[Tensor, Tensor]:
        x, y = as_samples(x, x_name or "x"), as_samples(y, y_name or "y")
        check_same_samples(x, y, x_name or "x", y_name or "y")
        return self.represent(x, x_name), self.represent(y, y_name)

    def _width_of(self, name: str | None) -> KernelWidth:
        if not isinstance(self.width, Mapping):
            return self.width
        rule = self.width.get(name, self.width.get(DEFAULT)) if name else self.width.get(DEFAULT)
        if rule is None:
            raise ValueError(
                f"no width is set for the variable {name!r}; widths are given for "
                f"{sorted(self.width)}: name one of these, or add the key 'default'"
            )
        return rule

    def _groups_of(self, name: str | None) -> Groups:
        if not isinstance(self.groups, Mapping):
            return self.groups
        return self.groups.get(name, self.groups.get(DEFAULT))
