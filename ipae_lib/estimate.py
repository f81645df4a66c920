"""What an estimator gives that knows its own error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """An estimated number of bits and how far it may be off.

    Parameters
    ----------
    value : float
        Bits.
    standard_error : float
        What chance adds: one standard deviation, in bits.
    quadrature_error : float
        Bound on what a finite computation leaves, of either sign, in bits.

    Examples
    --------
    >>> found = Estimate(2.5, standard_error=0.1, quadrature_error=0.02)
    >>> f"{float(found):.1f} ± {found.error_bar:.2f} bits"
    '2.5 ± 0.22 bits'
    """

    value: float
    standard_error: float = 0.0
    quadrature_error: float = 0.0

    @property
    def error_bar(self) -> float:
        """Half the width of the interval: two standard errors and the bound."""
        return 2 * self.standard_error + self.quadrature_error

    def __float__(self) -> float:
        return self.value
