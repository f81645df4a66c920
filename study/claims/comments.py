"""What explains a verdict, by the name of the claim: written when the verdict was known.

Nothing here decides. The criteria stand elsewhere, those on trained networks frozen.
"""

COMMENTS = {
    "lemma_1": "The proof needs that what is measured of a layer is what the next one gets. Noise "
    "on X′ alone, as in Definition 5, is enough.",
    "forward_data_processing": "Noise that is added to measure a layer is not passed on, and a "
    "layer that stretches lifts what it gets above the noise.",
    "feasible_region": "It follows from (13), and fails with it.",
    "nothing_above_the_bottleneck": "Impossible for codes that are passed on. Under Definition 5 "
    "it happens where a layer of the decoder stretches.",
    "large_bottleneck_converges": "Layers that stretch rise beyond M.",
    "small_bottleneck_converges": "The output gets λ bits; with noise of one level the bottleneck "
    "and the decoder differ from it by what they shrink and stretch.",
    "bounds": "The entropy keeps within the bounds by its definition. The information can fall "
    "below 0, because Rényi entropy is not subadditive unless α = 1.",
    "silverman_factor": "For every whole number of dimensions; the largest is that of one "
    "dimension, the smallest that of eleven.",
    "silverman_factor_discarded": "Beside the narrow range of the estimates in 10 dimensions, 8 % "
    "of the width is not little. The factor can be absorbed in γ for one d, not for all. Among the "
    "layers of 250 units and more it is within 2 % of 1.",
    "width_compensates_dimensions": "√d makes up for (28), but the factor N^(−1/(4+d)) stays, and "
    "narrows the kernel of few dimensions far more than that of many. So the bottleneck is on a "
    "scale of its own.",
    "normalising_normals": "In high dimensions the whole range of the estimates is hundredths of a "
    "bit. Beside it the effect of normalising is not small.",
    "shape": "The shape is that of ρ²: flatter at the ends and steeper in the middle than (31).",
}
