"""Mutual information of what autoencoders keep of each variable, by nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from ipae_lib.estimators.neighbours import NearestNeighbours
from ipae_lib.estimators.neural import Learner
from ipae_lib.kernels import standardize
from ipae_lib.validation import ArrayLike, Count, Natural, Positive, as_pairs


@dataclass(frozen=True)
class LatentNeighbours(Learner):
    """KSG of the latents of two autoencoders, one for x and one for y.

    They learn from half of the samples, until they err no less on the other half, whose latents
    are compared. With ``cross`` it is the latent MI of Gowri et al.: two more decoders have to tell
    y from the latents of x, and x from those of y, so that what is shared is kept first. Without,
    latents are compressed as Butakov et al. do.

    Latents, equal weights of the errors, clipping at 10 deviations, half of the units of cross
    decoders dropped, and 3 neighbours are as Gowri et al. have them. Their encoders of 1024, 512
    and 256 units and 300 epochs at a rate of 1e-4 take minutes an answer: one hidden layer and the
    rate are for the cost, and were tried on Gaussian variables of 2 to 100 dimensions and on
    Gowri et al.'s own of few latent dimensions.

    Parameters
    ----------
    cross : bool
        Whether each variable's latents must tell the other, too.
    latents : int
        Of each variable.
    hidden : int
        Units of the one hidden layer of each encoder and decoder.
    neighbours : int
        Of KSG.
    steps, patience, learning_rate, batch
        As in `NeuralBound`.
    seed : int
        Of the halves, the first weights, the batches and what is dropped.
    """

    cross: bool = True
    latents: Count = 8
    hidden: Count = 64
    neighbours: Count = 3
    steps: Count = 300
    patience: Count = 50
    learning_rate: Positive = 3e-3
    batch: Count | None = 256
    seed: Natural = 0

    def __call__(self, x: ArrayLike, y: ArrayLike) -> float:
        """Bits, of samples of shapes (N, d_x) and (N, d_y); can be a little below 0.

        Raises
        ------
        ValueError
            If half of the samples are not more than ``neighbours``.
        """
        x, y = as_pairs(x, y)
        n = x.shape[-2]
        if n // 2 <= self.neighbours:
            raise ValueError(
                f"x has {n} samples; half of them must be more than {self.neighbours} neighbours"
            )
        pair = [standardize(v.detach()).float() for v in (x, y)]
        pair = [v[:, v.any(dim=0)].clamp(-10, 10) for v in pair]  # what does not vary is 0
        sizes = [v.shape[1] for v in pair]
        if 0 in sizes:
            return 0.0
        *halves, model = self._halves(
            n, lambda: _Autoencoders(sizes, self.latents, self.hidden, self.cross)
        )
        generator = torch.Generator().manual_seed(self.seed)
        learn, judge = ([v[half] for v in pair] for half in halves)
        self._climb(
            model,
            lambda chosen: -model([v[chosen] for v in learn], generator),
            lambda: -model(judge),
            n // 2,
            generator,
        )
        with torch.no_grad():
            # without an error: what the autoencoders lost is not in that of the neighbours
            return float(NearestNeighbours(self.neighbours)(*model.encode(judge)))


class _Autoencoders(nn.Module):
    """Of x and of y; what comes forward is their mean squared errors, summed."""

    def __init__(self, sizes: list[int], latents: int, hidden: int, cross: bool) -> None:
        super().__init__()

        def networks(shapes: list[tuple[int, int]]) -> nn.ModuleList:
            return nn.ModuleList(
                nn.Sequential(nn.Linear(a, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, b))
                for a, b in shapes
            )

        self.encoders = networks([(d, latents) for d in sizes])
        self.decoders = networks([(latents, d) for d in sizes])
        self.across = networks([(latents, d) for d in sizes[::-1]] if cross else [])

    def encode(self, pair: list[Tensor]) -> list[Tensor]:
        return [encoder(v) for encoder, v in zip(self.encoders, pair, strict=True)]

    def forward(self, pair: list[Tensor], generator: torch.Generator | None = None) -> Tensor:
        """With a ``generator``, half of what enters the layers of cross decoders is dropped."""
        codes = self.encode(pair)
        errors = [mse_loss(f(c), v) for f, c, v in zip(self.decoders, codes, pair, strict=True)]
        for decoder, code, other in zip(self.across, codes, pair[::-1], strict=False):
            told = code
            for layer in decoder.children():
                if generator is not None and isinstance(layer, nn.Linear):
                    told = 2 * told * (torch.rand(told.shape, generator=generator) < 0.5)
                told = layer(told)
            errors.append(mse_loss(told, other))
        return torch.stack(errors).sum()
