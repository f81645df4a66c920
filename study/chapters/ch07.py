"""What chapter 7, on autoencoders whose plane is known, sums up."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import xarray as xr

from ipae_lib import theory
from ipae_lib.layers import INPUT, OUTPUT
from ipae_lib.linear import LinearAutoencoder, Noise
from ipae_lib.validation import ArrayLike, as_float_tensor, check_positive

DEFINITIONS: dict[Noise, str] = {
    "fixed": "one level",
    "layer": "scaled to the layer",
    "unit": "scaled to the unit",
    "whitened": "whitened",
    "ends": "on the ends",
}
"""What the chapter calls each of `linear.NOISES`."""


def decoder_excess(small: xr.Dataset, large: xr.Dataset) -> dict[str, float]:
    """Input MI of layers that have more than what they are computed from, in bits.

    Parameters
    ----------
    small, large : Dataset
        Planes after training, ``input_mi`` (layer) in bits.

    Returns
    -------
    dict
        ``z``, ``d2`` and ``out`` of the small network; ``large_d2`` and ``m``, the input's own, of
        the large one.
    """
    found = {"z": (small, "Z"), "d2": (small, "D2"), "out": (small, OUTPUT)}
    found |= {"large_d2": (large, "D2"), "m": (large, INPUT)}
    return {name: float(plane.input_mi.sel(layer=layer)) for name, (plane, layer) in found.items()}


def against_noise(model: LinearAutoencoder, sigmas: np.ndarray) -> xr.Dataset:
    """How far the layers behind the bottleneck are from (15), for noise of each strength.

    Parameters
    ----------
    model : LinearAutoencoder
        Each layer behind the bottleneck has as many directions of variance as the bottleneck has
        units.
    sigmas : array of shape (n,)
        Standard deviations of the noise.

    Returns
    -------
    Dataset, in bits
        ``gap`` (layer, sigma): input MI of the layer less that of the output, for noise of one
        level; ``limit`` (layer), its limit for no noise, (G4), half the logarithm of the ratio of
        the layers' squared volumes; ``spread`` (definition, sigma): largest less smallest input MI
        from the bottleneck to the output.
    """
    behind = model.layers[model.layers.index("Z") :]
    strength = xr.Variable("sigma", sigmas)
    input_mi = {
        label: xr.concat([model.plane(s, noise).input_mi for s in sigmas], strength)
        .sel(layer=list(behind))
        .transpose("layer", "sigma")
        for noise, label in DEFINITIONS.items()
    }
    spreads = [bits.max("layer") - bits.min("layer") for bits in input_mi.values()]
    one = input_mi[DEFINITIONS["fixed"]]
    units = len(model.factors["Z"])
    volumes = xr.DataArray(
        [np.log2(np.linalg.svd(model.factors[t])[1][:units]).sum() for t in behind],
        coords={"layer": list(behind)},
    )
    hidden = list(behind[:-1])
    return xr.Dataset(
        {
            "gap": (one - one.sel(layer=OUTPUT, drop=True)).sel(layer=hidden),
            "limit": (volumes - volumes.sel(layer=OUTPUT, drop=True)).sel(layer=hidden),
            "spread": xr.concat(spreads, xr.Variable("definition", list(input_mi))),
        }
    )


def misses(small: xr.Dataset, large: xr.Dataset) -> dict[str, float]:
    """By how many bits the planes of a small and of a large bottleneck miss each statement.

    Parameters
    ----------
    small, large : Dataset
        As `theory.check_plane` takes them; the last iteration, if there are some, is the end.

    Returns
    -------
    dict
        "Lemma 1", "(13)" and "triangle": the worst of all iterations of both. "Lemma 2", "(15)":
        of the small one at its end. "all at M": of the large one at its end, the largest distance
        of either MI of any layer from M.
    """
    checks = [theory.check_plane(plane) for plane in (small, large)]
    tests = {"Lemma 1": "output_spread", "(13)": "forward_total", "triangle": "outside_total"}
    worst = {
        name: max(float(check[test].max()) for check in checks) for name, test in tests.items()
    }
    small, large = (
        plane.isel(iteration=-1) if "iteration" in plane.dims else plane for plane in (small, large)
    )
    at_z = small.input_mi.sel(layer="Z")
    behind = small.input_mi.sel(layer=slice("Z", None))
    m = large.input_mi.sel(layer=INPUT)
    return {
        **worst,
        "Lemma 2": float(abs(at_z - small.output_mi.sel(layer=INPUT))),
        "(15)": float(behind.max() - behind.min()),
        "all at M": max(float(abs(axis - m).max()) for axis in (large.input_mi, large.output_mi)),
    }


def estimate_errors(estimates: pd.DataFrame) -> dict[str, float]:
    """What is wrong with estimates of a plane that is known, in bits.

    Parameters
    ----------
    estimates : DataFrame
        Input MI of each layer, the index; columns "exact", "linear" (an estimate) and "warped" (of
        the same variables seen through a bijection).

    Returns
    -------
    dict
        ``lowest`` and ``highest``, error of the linear estimate; ``shift``, how far the bijection
        moves an estimate at most; ``estimated_rise`` and ``exact_rise`` from Z to D2.
    """
    error = estimates["linear"] - estimates["exact"]
    rise = estimates.loc["D2"] - estimates.loc["Z"]
    return {
        "lowest": float(error.min()),
        "highest": float(error.max()),
        "shift": float((estimates["warped"] - estimates["linear"]).abs().max()),
        "estimated_rise": float(rise["linear"]),
        "exact_rise": float(rise["exact"]),
    }


def scalar_information(
    values: ArrayLike, sigma: float, probabilities: ArrayLike | None = None
) -> float:
    """I(T; T+R) in bits of a scalar T with finitely many values and noise R ~ N(0, σ²).

    By numerical integration of the density of T + R. It serves nonlinear layers, where no
    closed form is known: T = f(X) is given by its value for each value of X.

    Parameters
    ----------
    values : array of shape (n,)
    sigma : float
    probabilities : array of shape (n,), optional
        All the same if left out.

    Raises
    ------
    ValueError
        If an argument is out of range, probabilities do not sum to 1, or the values lie so far
        apart in units of ``sigma`` that the integral would be too long.
    """
    sigma = check_positive(sigma, "sigma")
    t = as_float_tensor(values, "values").numpy().astype(float)
    if t.ndim != 1 or t.size == 0 or not np.isfinite(t).all():
        raise ValueError(f"values has shape {t.shape}; give finite numbers of shape (n,)")
    weights = np.ones(len(t)) if probabilities is None else np.asarray(probabilities, float)
    weights = weights / len(t) if probabilities is None else weights
    if weights.shape != t.shape or not (weights >= 0).all() or abs(weights.sum() - 1) > 1e-9:
        raise ValueError(
            f"probabilities are {probabilities!r}; give {len(t)} of at least 0 that sum to 1"
        )
    t = t / sigma
    step, margin = 0.1, 9.0  # in units of sigma, where a sum is as good as the integral
    points = math.ceil((np.ptp(t) + 2 * margin) / step)
    if points * len(t) > 5e7:
        raise ValueError(
            f"sigma is {sigma}, which is small against the values' range of {np.ptp(t) * sigma}; "
            "take a larger sigma or fewer values"
        )
    y = t.min() - margin + step * np.arange(points + 1)
    kernel = np.exp(-((y[:, None] - t) ** 2) / 2) / math.sqrt(2 * math.pi)
    density = kernel @ weights
    positive = density[density > 0]
    entropy = -(positive * np.log2(positive)).sum() * step
    return float(max(0.0, entropy - math.log2(2 * math.pi * math.e) / 2))
