"""The benchmark of mutual-information estimators that the paper promises."""
