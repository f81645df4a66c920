"""Beyond the paper: classifiers, other images, other autoencoders, and geometry beside the plane.

The paper's conclusion leaves these to future work. The modules::

    criteria     questions, each with one statistic and a threshold: frozen before the runs
    published    questions beside published code, frozen before their runs
    geometry     how many dimensions the values of a layer have, and how widely they spread
    networks     the networks, and how each is trained
    runs         one run and its stored result

``python -m study beyond run`` makes the results that are missing.
"""
