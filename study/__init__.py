"""The study of the paper: its experiments, their statistics, its claims and its figures.

It is built on `ipae_lib`, which knows nothing of it. The modules::

    moments, digest          when a training is watched; what a stored dataset says
    experiments              training runs and their stored results
    gaussians                the paper's toy problem
    large                    estimates from many samples
    width_study, quantised   the search for a width; real networks that are counted
    benchmark                the stored rows of the benchmark of estimators
    trajectories, sweep      statistics of paths, and of the bottleneck sizes
    intrinsic_dimension      of the images
    claims                   the ledger
    beyond                   classifiers, other images, other autoencoders, geometry
    figures                  one function a figure
    chapters, text           what the chapters sum up, and how they say it
    pictures                 that a reader of the book moves
    costs                    what things cost
    processes                that end with the one that started them
    book, moved_numbers      executes the chapters, and compares what they show
    trials                   of what is promised: kills, damage, strange arguments
    commands                 the verbs of ``python -m study``

``python -m study --help`` lists what can be made again.
"""
