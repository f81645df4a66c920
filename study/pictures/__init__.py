"""Pictures that a reader of the book moves: markup with its numbers, drawn by ``book/_assets``.

Each is a table with the numbers in an attribute. So a page without scripts, a notebook and the
search show the table alone.
"""

from study.pictures import player
from study.pictures.benchmark import leaderboard
from study.pictures.theory import theoretical_plane
from study.pictures.width import kernel_width

__all__ = ["kernel_width", "leaderboard", "player", "theoretical_plane"]
