"""The matrix-based Rényi estimator of mutual information, Sec. III of the paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import torch
from torch import Tensor

from ipae_lib import entropy, kernels, memory
from ipae_lib.arguments import shown
from ipae_lib.estimate import Estimate
from ipae_lib.kernels import Groups, KernelWidth, SampleWidth
from ipae_lib.stochastic import (
    Probing,
    joined_points,
    probed_entropy,
    scaled,
    stochastic_information,
)
from ipae_lib.validation import (
    ArrayLike,
    Device,
    Order,
    as_pairs,
    as_samples,
    as_tensor,
    check_positive,
)

DEFAULT = "default"
"""The key, in settings given by variable name, for every variable not named."""


@dataclass(frozen=True)
class _GaussianKernel:
    """What the exact and the stochastic estimator share: their settings, and sums of entropies."""

    width: KernelWidth | SampleWidth | Mapping[str, KernelWidth | SampleWidth]
    alpha: Order = 1.01
    standardize: bool = True
    groups: Groups | Mapping[str, Groups] = None
    eps: kernels.Epsilon = 0.0
    dimensions: Literal["varying", "all"] = "varying"
    dtype: torch.dtype | None = None
    device: Device = None

    def __post_init__(self) -> None:
        if self.dtype not in (None, torch.float32, torch.float64):
            raise ValueError(f"dtype is {self.dtype}; use torch.float32 or torch.float64")
        for name, rule in self._widths().items():
            is_rule = callable(rule) or isinstance(rule, SampleWidth)
            if isinstance(rule, type) or not is_rule:
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
        return self.entropy_of(a) + self.entropy_of(b) - self.entropy_of(self.join(a, b))

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
        """Joint entropy S_α of paired samples, equation (19); arguments as of a call."""
        return self.entropy_of(self.join(*self._represent_pair(x, y, x_name, y_name)))

    def represent(self, x: ArrayLike, name: str | None = None) -> Tensor:
        """What the entropies of a variable are computed from, (..., N, d) → (..., N, ·).

        The normalised Gram matrix (17) of `MatrixRenyi`; of `StochasticMatrixRenyi` the samples
        over √2 σ, from which it makes the rows of that matrix.

        Raises
        ------
        ValueError
            As `entropy`.
        MemoryError
            If the matrices do not fit.
        """
        x = as_samples(x, name or "x").to(self.device, self.dtype)
        rule = self._width_of(name)
        counts = self._counted(x)
        if self.standardize:
            x = kernels.standardize(x, self._groups_of(name), self.eps)
        if isinstance(rule, SampleWidth):  # one width for each set of samples
            return self._represented(x / rule.of_samples(x)[..., None, None], 1.0)
        widths = {
            d: check_positive(
                rule(x.shape[-2], d), "sigma", "a width rule such as ProposedWidth(0.8)"
            )
            for d in set(counts.flatten().tolist())
        }
        if len(widths) == 1:
            return self._represented(x, next(iter(widths.values())))
        own = x.new_tensor([widths[d] for d in counts.flatten().tolist()]).reshape(counts.shape)
        return self._represented(x / own[..., None, None], 1.0)

    def represent_names(self, codes: ArrayLike) -> Tensor:
        """What represents a discrete variable, whose values are equal or not: codes (..., N).

        By the equality kernel, the limit of (21) for σ → 0, its entropy (18) is that of the
        frequencies of its values.

        Raises
        ------
        TypeError, ValueError
            If ``codes`` holds no whole numbers.
        """
        codes = as_tensor(codes, "codes").to(self.device)
        if codes.is_floating_point() or not codes.ndim or codes.shape[-1] < 2:
            raise ValueError(
                f"codes is {shown(codes)}; give whole numbers (..., N), one for each of at least "
                "2 samples"
            )
        return self._represented_names(codes.long())

    def for_shapes(self, shapes: Mapping[str, Sequence[int]]) -> Self:
        """The same with ``groups="channel"`` resolved.

        Parameters
        ----------
        shapes : mapping from variable name to the shape of one sample before it was flattened
            Of several axes the first is that of the channels.

        Examples
        --------
        >>> rule = MatrixRenyi(kernels.ProposedWidth(0.8), groups="channel")
        >>> rule.for_shapes({"X": (2, 2, 1), "Z": (3,)}).groups
        {'X': [0, 0, 1, 1], 'Z': None, 'default': None}
        """
        given = self.groups if isinstance(self.groups, Mapping) else {DEFAULT: self.groups}
        if not any(_is_channel(groups) for groups in given.values()):
            return self
        groups = {name: given.get(name, given.get(DEFAULT)) for name in shapes}
        for name, shape in shapes.items():
            if _is_channel(groups[name]):
                per_channel = math.prod(shape[1:])
                index = [i for i in range(shape[0]) for _ in range(per_channel)]
                groups[name] = index if per_channel > 1 else None
        rest = given.get(DEFAULT)
        return replace(self, groups={**groups, DEFAULT: None if _is_channel(rest) else rest})

    def join(self, a: Tensor, b: Tensor) -> Tensor:
        """What represents two variables taken together, as in (19)."""
        raise NotImplementedError

    def entropy_of(self, representation: Tensor) -> Tensor:
        """Entropy (18) in bits of a represented variable."""
        raise NotImplementedError

    def _represented(self, x: Tensor, sigma: float) -> Tensor:
        raise NotImplementedError

    def _represented_names(self, codes: Tensor) -> Tensor:
        raise NotImplementedError

    def _counted(self, x: Tensor) -> Tensor:
        """Number of dimensions of each set of samples, as the rules count it."""
        if self.dimensions == "all":
            return torch.full(x.shape[:-2], x.shape[-1])
        return kernels.varying(x).sum(dim=-1).clamp(min=1)

    def variable_names(self) -> frozenset[str]:
        """Names of the variables that have a width or groups of their own."""
        named = (setting for setting in (self.width, self.groups) if isinstance(setting, Mapping))
        return frozenset(name for setting in named for name in setting if name != DEFAULT)

    def _represent_pair(
        self, x: ArrayLike, y: ArrayLike, x_name: str | None, y_name: str | None
    ) -> tuple[Tensor, Tensor]:
        x, y = as_pairs(x, y, x_name or "x", y_name or "y")
        return self.represent(x, x_name), self.represent(y, y_name)

    def _widths(self) -> Mapping[str, KernelWidth | SampleWidth]:
        return self.width if isinstance(self.width, Mapping) else {"width": self.width}

    def _width_of(self, name: str | None) -> KernelWidth | SampleWidth:
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
        return self.groups.get(name or DEFAULT, self.groups.get(DEFAULT))


@dataclass(frozen=True)
class MatrixRenyi(_GaussianKernel):
    """The matrix-based Rényi estimator with a Gaussian kernel, Sec. III of the paper.

    By all eigenvalues: time N³ and memory N², about 10 ms and 10 MB at N = 512, minutes and 4 GB
    at N = 10,000, where `StochasticMatrixRenyi` is for.

    Parameters
    ----------
    width : rule, or mapping from variable name to rule
        Kernel width as a function of N and d: `SilvermanWidth`, `PreviousWidth`,
        `ProposedWidth` or any callable ``rule(n, d) → σ``; or of the samples, after
        standardising: `EntropyShareWidth` or any `kernels.SampleWidth`. In a mapping, the key
        ``"default"`` serves the variables not named.
    alpha : float
        Order of the entropy; 1 is the von Neumann limit.
    standardize : bool
        Whether to standardise the samples first, equation (29).
    groups : None, "all", "channel", one index per dimension, or mapping from name to these
        Dimensions that share their statistics in (29); see `kernels.standardize`. Variables
        not named in a mapping use statistics of each dimension. ``"channel"``, as Sec. III-C has
        it for convolutional layers, is for an `InformationPlane`, which knows the layers' shapes.
    eps : float
        ε of (29). At 0 estimates do not depend on the scale of the samples; the paper's standard
        is 1e-8, below which a variance is taken for noise. See `kernels.standardize`.
    dimensions : "varying" or "all"
        Which dimensions a width rule counts as d: those that vary over the samples, so that
        constant ones, such as the border of images or dead units, change nothing; or all, as the
        paper has it.
    dtype : torch.dtype, optional
        Precision of the computation, float32 or float64; by default that of the samples.
    device : str, optional
        Where to compute; by default where the samples are.

    Raises
    ------
    ValueError
        If ``alpha`` is not above 0, ``eps`` is below 0, a rule cannot be called, Silverman's rule,
        which is in units of the standard deviation, is to be used without standardising, or the
        dtype is unknown.

    Examples
    --------
    The paper's two settings for images of one channel, X, and their reconstructions, X′:

    >>> previous = MatrixRenyi(
    ...     {"Z": kernels.PreviousWidth(25), "default": kernels.PreviousWidth(5)},
    ...     standardize=False,
    ... )
    >>> proposed = MatrixRenyi(kernels.ProposedWidth(0.8), groups={"X": "all", "X_out": "all"})
    """

    def join(self, a: Tensor, b: Tensor) -> Tensor:
        """The joint Gram matrix of two variables, equation (19)."""
        return entropy.joint_gram(a, b)

    def entropy_of(self, representation: Tensor) -> Tensor:
        """Entropy (18) in bits of a Gram matrix."""
        return entropy.renyi_entropy(representation, self.alpha)

    def _represented(self, x: Tensor, sigma: float) -> Tensor:
        _check_memory(x)
        return kernels.gaussian_gram(x, sigma)

    def _represented_names(self, codes: Tensor) -> Tensor:
        equal = codes[..., :, None] == codes[..., None, :]
        return equal.to(self.dtype or torch.float64) / codes.shape[-1]


@dataclass(frozen=True)
class StochasticMatrixRenyi(_GaussianKernel):
    """`MatrixRenyi` for many samples: entropies from products with random vectors.

    Time N² and memory N, with an error that `estimate` tells; see `probed_entropy`.

    Parameters
    ----------
    width, alpha, standardize, groups, eps, dimensions, dtype, device
        As of `MatrixRenyi`; a width is a function of N and d alone, and α at most 4.
    probing : Probing
        How thorough it is.

    Raises
    ------
    ValueError
        As `MatrixRenyi`, or if a width looks at the samples, which takes all their pairs.

    Examples
    --------
    The same estimator by the other method:

    >>> exact = MatrixRenyi(kernels.ProposedWidth(1.5))
    >>> stochastic = StochasticMatrixRenyi(**vars(exact), probing=Probing(64))
    >>> x, y = torch.randn(2, 300, 4, generator=torch.Generator().manual_seed(0))
    >>> found = stochastic.estimate(x, y)
    >>> abs(found.value - float(exact(x, y))) < 2 * found.error_bar
    True
    """

    probing: Probing = field(default_factory=Probing)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, rule in self._widths().items():
            if isinstance(rule, SampleWidth):
                raise ValueError(
                    f"width of {name!r} is {rule!r}, which looks at all pairs of samples; use "
                    "MatrixRenyi, or give ProposedWidth its γ"
                )

    def estimate(
        self, x: ArrayLike, y: ArrayLike, x_name: str | None = None, y_name: str | None = None
    ) -> Estimate:
        """Mutual information of one set of pairs with the error of the probes.

        Parameters
        ----------
        x, y, x_name, y_name
            As for a call, without leading dimensions.

        Returns
        -------
        Estimate
            Bits. Errors that the three entropies share cancel.
        """
        pair = self._represent_pair(x, y, x_name, y_name)
        return stochastic_information(*pair, self.alpha, self.probing)

    def join(self, a: Tensor, b: Tensor) -> Tensor:
        """Points whose Gram matrix is the joint one of two variables, equation (19)."""
        return joined_points(*as_pairs(a, b, "a", "b"))

    def entropy_of(self, representation: Tensor) -> Tensor:
        """Entropy (18) in bits of points, estimated by probes."""
        representation = as_samples(representation, "representation")
        sets = representation.reshape(-1, *representation.shape[-2:])
        values = [
            probed_entropy(points, self.alpha, self.probing).estimate().value for points in sets
        ]
        bits = torch.tensor(values, dtype=representation.dtype, device=representation.device)
        return bits.reshape(representation.shape[:-2])

    def _represented(self, x: Tensor, sigma: float) -> Tensor:
        return scaled(x, sigma)

    def _represented_names(self, codes: Tensor) -> Tensor:
        # in binary, with digits so far apart that other codes do not resemble
        digits = torch.arange(64, device=codes.device)
        binary = (codes[..., None] >> digits) & 1
        return scaled(binary.to(self.dtype or torch.float64), 1 / _FAR)


_FAR = 100.0
"""Kernel widths between two names."""


def _is_channel(groups: Groups) -> bool:
    return isinstance(groups, str) and groups == "channel"


_MATRICES = 5
"""N × N matrices alive at once: two variables, their product, and the solver's own copies."""


def _check_memory(x: Tensor) -> None:
    """MemoryError if the matrices of these samples are more than there is."""
    n = x.shape[-2]
    needed = _MATRICES * x.shape[:-2].numel() * n * n * x.element_size()
    free = memory.free(x.device)
    if free is not None and needed > free:
        raise MemoryError(
            f"N = {n:,} samples need about {needed / 2**30:,.1f} GiB for all eigenvalues and "
            f"{free / 2**30:,.1f} GiB are free; use StochasticMatrixRenyi in place of MatrixRenyi"
        )
