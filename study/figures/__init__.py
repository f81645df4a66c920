"""The figures of the book: one function each, in one style.

Colours are safe for colour-blind readers and grow darker with depth; the encoder has filled
markers on solid lines and the decoder open markers on dashed lines, so the two are told apart
in greyscale as well.
"""

from study.figures.autoencoder import (
    architecture,
    gamma_planes,
    information_planes,
    learning_curves,
    planes_in_truth,
    recording_density,
    theory_violations,
    variances,
)
from study.figures.benchmark import (
    benchmark_gaussians,
    benchmark_networks,
    benchmark_planes,
    benchmark_samples,
    benchmark_scores,
    width_calibration,
)
from study.figures.beyond import courses_beyond, geometry_beyond, planes_beyond
from study.figures.drawing import (
    LAYER_COLORS,
    LAYER_MARKERS,
    draw_feasible_region,
    layer_style,
    style,
)
from study.figures.estimator import entropy_orders, estimands, gram_matrices, spectra
from study.figures.gaussians import (
    gaussians_by_dimension,
    gaussians_by_samples,
    gaussians_exact,
    gaussians_shape,
    gaussians_splits,
)
from study.figures.kernel_width import (
    dimensionality,
    distance_concentration,
    pixel_images,
    rare_pixels,
    scale_dependence,
    silverman_factor,
    width_limits,
)
from study.figures.large import (
    compression_by_samples,
    gaussians_many,
    information_by_samples,
)
from study.figures.solvable import definition_gaps, solvable_planes
from study.figures.sweep import (
    bottleneck_entropy,
    bottleneck_sweep,
    intrinsic_dimensions,
    sweep_errors,
    sweep_in_truth,
    transitions,
)
from study.figures.theory import exact_planes, exact_sweep, theoretical_plane

__all__ = [
    "LAYER_COLORS",
    "LAYER_MARKERS",
    "architecture",
    "benchmark_gaussians",
    "benchmark_networks",
    "benchmark_planes",
    "benchmark_samples",
    "benchmark_scores",
    "bottleneck_entropy",
    "bottleneck_sweep",
    "compression_by_samples",
    "courses_beyond",
    "definition_gaps",
    "dimensionality",
    "distance_concentration",
    "draw_feasible_region",
    "entropy_orders",
    "estimands",
    "exact_planes",
    "exact_sweep",
    "gamma_planes",
    "gaussians_by_dimension",
    "gaussians_by_samples",
    "gaussians_exact",
    "gaussians_many",
    "gaussians_shape",
    "gaussians_splits",
    "geometry_beyond",
    "gram_matrices",
    "information_by_samples",
    "information_planes",
    "intrinsic_dimensions",
    "layer_style",
    "learning_curves",
    "pixel_images",
    "planes_beyond",
    "planes_in_truth",
    "rare_pixels",
    "recording_density",
    "scale_dependence",
    "silverman_factor",
    "solvable_planes",
    "spectra",
    "style",
    "sweep_errors",
    "sweep_in_truth",
    "theoretical_plane",
    "theory_violations",
    "transitions",
    "variances",
    "width_calibration",
    "width_limits",
]
