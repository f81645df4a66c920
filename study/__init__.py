"""The study of the paper: its experiments, their statistics, its claims and its figures.

It is built on `ipae_lib`, which knows nothing of it. The modules::

    experiments              training runs and their stored results
    large                    estimates from many samples
    width_study, benchmark   the stored rows of the benchmark of estimators
    sweep                    statistics of the bottleneck sizes
    intrinsic_dimension      of the images, from distances to neighbours
    claims                   the ledger
    figures                  one function a figure
    costs                    what things cost
    book                     executes the chapters
    commands                 the verbs of ``python -m study``

``python -m study --help`` lists what can be made again.
"""
