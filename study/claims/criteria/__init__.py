"""The criteria on trained networks: **frozen before the runs that they decide were made**.

A test holds every stored run to have been made from a commit that comes after the last change of
what is here and of `study.trajectories`. So nothing here is mended once a run is seen, not even a
word: what the runs show is said in `study.claims.comments`.

===========  =====================================================================
decision     what a claim is, its one statistic, the test, the verdict
columns      the ways to look: by a width rule, and in truth under each noise
planes       claims on the training of a small and a large bottleneck, Figs. 6-8
sweep        claims on the end of the training for many bottleneck sizes, Fig. 9
===========  =====================================================================
"""
