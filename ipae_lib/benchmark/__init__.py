"""The benchmark of mutual-information estimators that the paper promises.

Any callable ``(x, y) → bits`` is asked where the truth is known: about real networks on MNIST at
moments of their training, about autoencoders that are solved, and about images and variables of
known information. One with a method ``through_noise(x, t, s)`` is told the noise, where there is
some. What only the theory can judge is asked, too, and enters no mean::

    ipae benchmark ./my_module.py:my_estimator --quick

The modules, each one idea::

    networks, quantised      real networks, under noise or with a few bits a unit
    problems                 what is asked
    worker, runner           how it is asked
    cheats, rows             who is asked
    scores                   what the answers are worth
    store, page              the stored answers, and the table
    guests                   who is brought along
    adapters                 estimators of the package benchmark-mi here, and ours there
"""

from ipae_lib.benchmark.adapters import FromBmi, ToBmi
from ipae_lib.benchmark.guests import score_guests
from ipae_lib.benchmark.problems import problem_set
from ipae_lib.benchmark.runner import run
from ipae_lib.benchmark.scores import leaderboard

__all__ = ["FromBmi", "ToBmi", "leaderboard", "problem_set", "run", "score_guests"]
