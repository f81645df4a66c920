"""Training: what a step is, that it repeats, resumes and is watched, and that it learns MNIST."""

import io
import math

import numpy as np
import pytest
import torch
from torch import nn

from ipae_lib import training
from ipae_lib.data import mnist
from ipae_lib.files import read_sealed, write_sealed
from ipae_lib.models import Autoencoder
from ipae_lib.training import Sgd, train

N, D = 53, 9
SETTINGS = Sgd(epochs=4, batch_size=10, learning_rate=0.5)
PER_EPOCH, TOTAL = 5, 20


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def images(seed=0, n=N):
    return torch.rand(n, D, generator=seeded(seed))


def new_model(seed=0):
    return Autoencoder(2, input_size=D, hidden_sizes=(8, 6, 5), generator=seeded(seed))


def fit(model=None, settings=SETTINGS, **arguments):
    model = model or new_model()
    return train(model, images(), settings, progress=False, **arguments)


def error(model, x):
    with torch.no_grad():
        return ((model(x) - x) ** 2).mean().item()


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


class Counting:
    """An observer that remembers when it was called, and the weights it was shown."""

    def __init__(self):
        self.iterations = []
        self.weights = {}

    def __call__(self, iteration, model):
        self.iterations.append(iteration)
        self.weights[iteration] = weights(model)


class InterruptAt:
    def __init__(self, iteration, error=KeyboardInterrupt):
        self.iteration, self.error = iteration, error

    def __call__(self, iteration, model):
        if iteration == self.iteration:
            raise self.error


class Recorder(nn.Module):
    """A linear model that keeps the batches it is shown."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(0.3 * torch.randn(D, D, generator=seeded(1)).double())
        self.batches = []

    def forward(self, x):
        self.batches.append(x.clone())
        return x @ self.weight


def batches_of(settings, n=N):
    model = Recorder()
    train(model, images(n=n).double(), settings, progress=False)
    return model.batches


def rows(batches, n=N):
    """Which images the batches hold."""
    everything = images(n=n).double()
    return [int((everything == row).all(dim=1).nonzero()) for batch in batches for row in batch]


class TestSteps:
    @pytest.mark.parametrize("reduction", ["sum", "mean"])
    @pytest.mark.parametrize("momentum", [0.0, 0.5])
    def test_stochastic_gradient_descent_by_numpy(self, reduction, momentum):
        chosen = Sgd(4, 10, learning_rate=0.05, momentum=momentum, reduction=reduction)
        model = Recorder()
        weight = model.weight.detach().numpy().copy()
        velocity = np.zeros_like(weight)
        train(model, images().double(), chosen, progress=False)
        assert len(model.batches) == TOTAL
        for x in (batch.numpy() for batch in model.batches):
            # ∂/∂W Σ ‖xW − x‖² / n is 2 xᵀ(xW − x) / n, with "mean" once more over d
            gradient = 2 * x.T @ (x @ weight - x) / len(x)
            velocity = momentum * velocity + gradient / (D if reduction == "mean" else 1)
            weight = weight - 0.05 * velocity
        np.testing.assert_allclose(model.weight.detach().numpy(), weight, rtol=0, atol=1e-13)

    def test_an_epoch_shows_every_image_once_and_drops_the_rest(self):
        shown = rows(batches_of(SETTINGS))
        epochs = [shown[i : i + 50] for i in range(0, 200, 50)]
        assert [len(set(epoch)) for epoch in epochs] == [50] * 4
        assert all(len(batch) == 10 for batch in batches_of(SETTINGS))
        # each in another order, and with others left out
        assert len({tuple(epoch) for epoch in epochs}) == 4
        assert len({frozenset(epoch) for epoch in epochs}) > 1

    def test_the_seed_is_the_order(self):
        first = rows(batches_of(Sgd(1, 10, seed=3)))
        torch.manual_seed(99)  # which must not matter
        assert rows(batches_of(Sgd(1, 10, seed=3))) == first
        assert rows(batches_of(Sgd(1, 10, seed=4))) != first

    def test_the_order_of_an_epoch_does_not_depend_on_the_number_of_epochs(self):
        short, long = rows(batches_of(Sgd(2, 10))), rows(batches_of(Sgd(4, 10)))
        assert long[: len(short)] == short

    def test_seeds_do_not_share_epochs(self):
        # else a repetition would see the same orders, one epoch later
        epochs = []
        for seed in range(3):
            shown = rows(batches_of(Sgd(3, 10, seed=seed)))
            epochs += [tuple(shown[i : i + 50]) for i in range(0, 150, 50)]
        assert len(set(epochs)) == 9

    def test_it_gives_back_the_model_it_was_given(self):
        model = new_model()
        assert fit(model) is model
        assert not torch.equal(weights(model), weights(new_model()))

    def test_it_learns(self):
        # a linear model of full width can become the identity
        model, x = Recorder(), images().double()
        before = error(model, x)
        train(model, x, Sgd(100, 10, learning_rate=0.1), progress=False)
        assert error(model, x) < 1e-3 * before

    def test_the_images_and_the_randomness_are_left_alone(self):
        mine, model = images(), new_model()
        random = torch.get_rng_state()
        train(model, mine, SETTINGS, progress=False)
        assert torch.equal(mine, images())
        assert torch.equal(torch.get_rng_state(), random)

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
    def test_on_a_gpu(self):
        there = fit(new_model().cuda())
        torch.testing.assert_close(weights(there).cpu(), weights(fit()), rtol=0, atol=1e-5)


class TestRepetition:
    def test_the_same_twice_bit_for_bit(self):
        first = weights(fit())
        torch.manual_seed(99)
        assert torch.equal(weights(fit()), first)

    @pytest.mark.parametrize("stop_at", [0, 1, 5, 7, 19, 20])
    def test_stopping_early_is_a_prefix(self, stop_at):
        seen = Counting()
        fit(observers=[seen], observe_at=range(TOTAL + 1))
        assert torch.equal(weights(fit(stop_at=stop_at)), seen.weights[stop_at])


class TestObservers:
    @pytest.mark.parametrize("chosen", [[0], [20], [0, 1, 5, 6, 20], [6, 5, 5, 1], []])
    def test_they_are_called_at_the_chosen_iterations_only(self, chosen):
        first, second = Counting(), Counting()
        fit(observers=[first, second], observe_at=chosen)
        assert first.iterations == second.iterations == sorted(set(chosen))

    def test_they_see_the_model_after_as_many_updates(self):
        seen = Counting()
        fit(observers=[seen], observe_at=[0, 3, 20])
        assert torch.equal(seen.weights[0], weights(new_model()))
        assert torch.equal(seen.weights[3], weights(fit(stop_at=3)))
        assert torch.equal(seen.weights[20], weights(fit()))

    def test_they_are_called_in_their_order(self):
        calls = []
        fit(
            observers=[lambda *_: calls.append("a"), lambda *_: calls.append("b")],
            observe_at=[0, 4],
        )
        assert calls == ["a", "b", "a", "b"]

    def test_any_iterable_of_iterations(self):
        seen = Counting()
        fit(observers=[seen], observe_at=(i for i in np.array([0, 4])))
        assert seen.iterations == [0, 4]


class TestProgress:
    def test_a_callable_is_told_of_each_update(self, tmp_path):
        told = []
        fit(checkpoint=tmp_path / "state", stop_at=12)
        train(new_model(), images(), SETTINGS, progress=told.append, checkpoint=tmp_path / "state")
        # two epochs were done before
        assert told == [10, *[1] * 10]

    def test_a_bar_is_shown_unless_it_is_not_wanted(self, capsys):
        train(new_model(), images(), SETTINGS)
        assert "training" in capsys.readouterr().err
        train(new_model(), images(), SETTINGS, progress=False)
        assert capsys.readouterr() == ("", "")


class TestResuming:
    @pytest.mark.parametrize("interrupted_at", [0, 3, 5, 7, 10, 19, 20])
    @pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
    def test_an_interruption_changes_nothing_bit_for_bit(self, tmp_path, interrupted_at, error):
        path, seen = tmp_path / "deep" / "state.pt", Counting()
        arguments = {"checkpoint": path, "observe_at": range(TOTAL + 1)}
        with pytest.raises(error):
            fit(observers=[seen, InterruptAt(interrupted_at, error)], **arguments)
        resumed = fit(new_model(seed=1), observers=[seen], **arguments)

        reference = Counting()
        whole = fit(observers=[reference], observe_at=range(TOTAL + 1))
        if interrupted_at > PER_EPOCH:
            assert torch.equal(weights(resumed), weights(whole))
        else:  # before the first checkpoint: from the beginning, with whatever model is given
            assert not torch.equal(weights(resumed), weights(whole))
            return
        for iteration in range(TOTAL + 1):
            assert torch.equal(seen.weights[iteration], reference.weights[iteration])
        # what came after the last checkpoint is seen again, nothing is missed
        last = (interrupted_at - 1) // PER_EPOCH * PER_EPOCH
        expected = [*range(interrupted_at + 1), *range(last + 1, TOTAL + 1)]
        assert seen.iterations == expected

    def test_interrupted_twice(self, tmp_path):
        path = tmp_path / "state.pt"
        for iteration in (7, 13):
            with pytest.raises(KeyboardInterrupt):
                fit(observers=[InterruptAt(iteration)], observe_at=[iteration], checkpoint=path)
        assert torch.equal(weights(fit(new_model(seed=1), checkpoint=path)), weights(fit()))

    def test_a_finished_training_is_loaded(self, tmp_path):
        path, seen = tmp_path / "state.pt", Counting()
        whole = fit(checkpoint=path)
        again = fit(
            new_model(seed=1), checkpoint=path, observers=[seen], observe_at=range(TOTAL + 1)
        )
        assert torch.equal(weights(again), weights(whole))
        assert seen.iterations == []

    def test_the_checkpoint_is_that_of_the_last_whole_epoch(self, tmp_path):
        path, seen = tmp_path / "state.pt", Counting()
        fit(checkpoint=path, stop_at=13)
        resumed = fit(
            new_model(seed=1), checkpoint=path, observers=[seen], observe_at=range(TOTAL + 1)
        )
        assert seen.iterations == list(range(11, TOTAL + 1))
        assert torch.equal(weights(resumed), weights(fit()))

    def test_no_checkpoint_without_a_path(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        fit()
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
    @pytest.mark.parametrize("save_number", [1, 2, 3])
    def test_a_save_that_breaks_off_leaves_the_one_before(
        self, tmp_path, monkeypatch, error, save_number
    ):
        path, saves = tmp_path / "state.pt", []

        def break_off(state, target, save=torch.save):
            saves.append(target)
            save(state, target)
            if len(saves) == save_number:
                target.write_bytes(target.read_bytes()[:1000])
                raise error

        with monkeypatch.context() as patch:
            patch.setattr(torch, "save", break_off)
            with pytest.raises((KeyboardInterrupt, OSError)):
                fit(checkpoint=path)
        # no file to trust after the first, else the whole one of the epoch before
        left = [file.name for file in tmp_path.iterdir()]
        assert left == ([] if save_number == 1 else ["state.pt"])
        assert torch.equal(weights(fit(checkpoint=path)), weights(fit()))

    @pytest.mark.parametrize(
        "other",
        [
            {"epochs": 5},
            {"batch_size": 9},
            {"learning_rate": 0.4},
            {"momentum": 0.4},
            {"reduction": "mean"},
            {"seed": 1},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_the_checkpoint_of_other_settings_is_refused(self, tmp_path, other):
        path = tmp_path / "state.pt"
        fit(checkpoint=path, stop_at=7)
        before = path.read_bytes()
        arguments = {"epochs": 4, "batch_size": 10, "learning_rate": 0.5, **other}
        name, value = next(iter(other.items()))
        message = rf"checkpoint .*state\.pt belongs to a training with .*, not .*{name}.: {value!r}"
        model = new_model(seed=1)
        with pytest.raises(ValueError, match=message + ".*delete it, or give another path"):
            fit(model, Sgd(**arguments), checkpoint=path)
        # neither the model nor the file is touched
        assert torch.equal(weights(model), weights(new_model(seed=1)))
        assert path.read_bytes() == before

    def test_the_checkpoint_of_other_images_is_refused(self, tmp_path):
        path = tmp_path / "state.pt"
        fit(checkpoint=path, stop_at=7)
        with pytest.raises(ValueError, match=r"'n_images': 53.*not .*'n_images': 54"):
            train(new_model(), images(n=54), SETTINGS, checkpoint=path, progress=False)

    def test_the_checkpoint_of_another_model_is_refused(self, tmp_path):
        path = tmp_path / "state.pt"
        fit(checkpoint=path, stop_at=7)
        other = Autoencoder(3, input_size=D, hidden_sizes=(8, 6, 5), generator=seeded())
        before = weights(other)
        message = r"belongs to a model with .*'Z.weight': \(2, 5\).*, not .*'Z.weight': \(3, 5\)"
        with pytest.raises(ValueError, match=message + ".*delete it, or give another path"):
            fit(other, checkpoint=path)
        assert torch.equal(weights(other), before)

    @pytest.mark.parametrize("content", [b"", b"text", None, {"weights": 1}, [1, 2]])
    def test_what_is_no_checkpoint_is_refused(self, tmp_path, content):
        path = tmp_path / "state.pt"
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is None:  # a truncated one
            fit(checkpoint=path, stop_at=7)
            path.write_bytes(path.read_bytes()[:-200])
        else:
            torch.save(content, path)
        message = r"state\.pt is no whole checkpoint; delete it, or give another path"
        with pytest.raises(ValueError, match=message):
            fit(checkpoint=path)

    @pytest.mark.parametrize(
        "change",
        [
            {"iteration": None},
            {"iteration": -1},
            {"iteration": 1.5},
            {"model": None},
            {"model": 3},
            {"optimizer": None},
            {"optimizer": {"state": {}}},
            {"identity": None},
        ],
        ids=str,
    )
    def test_a_checkpoint_that_lacks_something_is_refused(self, tmp_path, change):
        path = tmp_path / "state.pt"
        fit(checkpoint=path, stop_at=7)
        state = torch.load(io.BytesIO(read_sealed(path)), weights_only=True)
        state = {k: v for k, v in {**state, **change}.items() if v is not None}
        content = io.BytesIO()
        torch.save(state, content)
        write_sealed(path, content.getvalue())
        with pytest.raises(ValueError, match=r"state\.pt is no whole checkpoint; delete it, or"):
            fit(checkpoint=path)

    def test_no_flipped_bit_of_a_checkpoint_passes(self, tmp_path):
        path = tmp_path / "state.pt"
        fit(checkpoint=path, stop_at=7)
        content = path.read_bytes()
        for place in range(5, 8 * len(content), 8 * len(content) // 40):
            damaged = bytearray(content)
            damaged[place // 8] ^= 1 << place % 8
            path.write_bytes(damaged)
            with pytest.raises(ValueError, match=r"state\.pt is no whole checkpoint"):
                fit(checkpoint=path)

    def test_a_checkpoint_beyond_the_stop_is_refused(self, tmp_path):
        path = tmp_path / "state.pt"
        fit(checkpoint=path, stop_at=10)
        model = new_model(seed=1)
        with pytest.raises(ValueError, match=r"state\.pt is at iteration 10, beyond stop_at = 7"):
            fit(model, checkpoint=path, stop_at=7)
        assert torch.equal(weights(model), weights(new_model(seed=1)))
        fit(checkpoint=path, stop_at=10)

    def test_a_folder_that_cannot_be_written(self, tmp_path):
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(OSError, match=r"cannot write to the folder .*taken"):
            fit(checkpoint=tmp_path / "taken" / "state.pt")


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("epochs", 0, "epochs is 0; it must be a whole number of at least 1"),
            ("epochs", 1.5, "epochs is 1.5; it must be a whole number"),
            ("batch_size", 0, "batch_size is 0; it must be a whole number of at least 1"),
            ("learning_rate", 0, "learning_rate is 0; it must be a finite number above 0"),
            ("learning_rate", math.nan, "learning_rate is nan; it must be a finite number"),
            ("momentum", 1, r"momentum is 1; it must lie in \[0, 1\)"),
            ("momentum", -0.1, r"momentum is -0\.1; it must lie in \[0, 1\)"),
            ("momentum", math.nan, "momentum is nan; it must be a finite number"),
            ("reduction", "none", "reduction is 'none'; it must be 'sum' or 'half'"),
            ("seed", -1, "seed is -1; it must be a whole number of at least 0"),
        ],
    )
    def test_settings(self, name, value, message):
        with pytest.raises(ValueError, match=message):
            Sgd(**{name: value})

    def test_the_papers_settings_are_the_defaults(self):
        assert Sgd() == Sgd(100, 100, 0.1, 0.5, "sum", 0)
        assert Sgd().iterations(60_000) == 60_000
        assert SETTINGS.iterations(N) == TOTAL

    @pytest.mark.parametrize("shape", [(9,), (5, 3, 3), (9, 9), (0, 9)])
    def test_images(self, shape):
        written = str(shape).replace("(", r"\(").replace(")", r"\)")
        message = rf"images has shape {written}; it needs \(n, d\) with n of at least the .* 10"
        with pytest.raises(ValueError, match=message):
            train(new_model(), torch.zeros(shape), SETTINGS, progress=False)

    def test_images_that_are_no_numbers(self):
        broken = images()
        broken[3, 4] = math.nan
        with pytest.raises(ValueError, match=r"images holds 1 NaN .* at index \(3, 4\); remove"):
            train(new_model(), broken, SETTINGS, progress=False)

    @pytest.mark.parametrize("folder", ["", "."])
    def test_a_checkpoint_that_is_a_folder(self, folder):
        with pytest.raises(ValueError, match=r"checkpoint is '.*', a folder; give the name"):
            train(new_model(), images(), SETTINGS, checkpoint=folder, progress=False)

    @pytest.mark.parametrize(
        ("arguments", "beyond"),
        [
            ({"observe_at": [0, 21, 30]}, r"\[21, 30\]"),
            ({"observe_at": [-1, 5]}, r"\[-1\]"),
            ({"stop_at": 21}, r"\[21\]"),
            ({"stop_at": -1}, r"\[-1\]"),
        ],
    )
    def test_iterations(self, arguments, beyond):
        message = rf"holds {beyond}, outside 0 … 20, the length of this .*more epochs"
        with pytest.raises(ValueError, match=message):
            fit(observers=[Counting()], **arguments)

    def test_a_training_that_diverges(self, tmp_path):
        # a linear model, because sigmoids would keep the loss finite
        model = Recorder()
        path = tmp_path / "state.pt"
        message = "the loss is (inf|nan) after [0-9]+ updates; training diverged: lower the learn"
        with pytest.raises(ValueError, match=message):
            train(
                model,
                images().double(),
                Sgd(epochs=200, batch_size=10, learning_rate=50),
                checkpoint=path,
                progress=False,
            )
        # what was saved before is of finite numbers
        assert torch.isfinite(torch.load(path)["model"]["weight"]).all()


def test_settings_are_values():
    assert training.Sgd(epochs=3) == Sgd(epochs=3) != Sgd(epochs=4)
    with pytest.raises(AttributeError):
        SETTINGS.epochs = 7


@pytest.mark.slow
class TestMnist:
    """The real thing, briefly: the paper's network of K = 32 and its settings."""

    ITERATIONS = 1600

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def images(cls):
        cls.train_images, cls.test_images = mnist(train=True), mnist(train=False)
        # what a network reaches that ignores its input
        mean_image = cls.train_images.mean(dim=0)
        cls.plateau = ((cls.test_images - mean_image) ** 2).mean().item()

    def error_after_training(self, reduction):
        model = Autoencoder(32, generator=seeded())
        chosen = Sgd(epochs=3, reduction=reduction)
        train(model, self.train_images, chosen, stop_at=self.ITERATIONS, progress=False)
        return error(model, self.test_images)

    def test_the_plateau_is_where_it_was_measured(self):
        assert self.plateau == pytest.approx(0.0675, abs=5e-5)

    def test_summed_over_the_pixels_it_leaves_the_mean_image(self):
        # measured: 0.0587 with this seed; the plateau is left at 1,000 to 1,200 iterations
        assert self.error_after_training("sum") < 0.063

    def test_averaged_over_the_pixels_it_does_not(self):
        # measured: 1.013 times the mean image's error after the same number of updates
        assert 0.99 * self.plateau < self.error_after_training("mean") < 1.03 * self.plateau
