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
    "little_gets_through_at_first": "An untrained network hardly varies. Noise that follows its "
    "scale is as small as that, and most gets through.",
    "below_the_bisector": "An estimator's I(T;X′) is of the two samples. In truth the output MI is "
    "that of X′ with noise of its own, which a layer with more noise than signal stays behind.",
    "large_keeps_all_information": "In truth the layers that shrink what they get fall below the "
    "noise of one level. In their own scale they keep more, and in that of one unit a layer of "
    "few units keeps least.",
    "large_shows_a_compression_phase": "The layers lose variance after the fitting. Under noise "
    "of one level that is information; in units of the layer's own scale it is none.",
    "large_shows_no_compression_phase": "The same, asked of the worst layer.",
    "last_layer_above_the_bottleneck": "By the previous rule the widths differ, as the number of "
    "units does. Noise in units of a layer's deviation is as strong in each unit, and wide layers "
    "average it out.",
    "shape": "The shape is that of ρ²: flatter at the ends and steeper in the middle than (31).",
}
