"""The benchmarks of cost run, store what they measure, and compare equal numbers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ipae_lib.activations import capture
from ipae_lib.data import mnist, mnist_labels
from ipae_lib.layers import HIDDEN_LAYERS
from ipae_lib.models import Autoencoder
from ipae_lib.plane import InformationPlane
from study import experiments
from study.__main__ import main
from study.costs import checkpoint, measuring, truth
from study.experiments import ESTIMATORS
from study.experiments.truth import KEPT, LEVELS, true_plane


@pytest.mark.parametrize(
    "options",
    [
        "checkpoint --batches 2 --samples 70 --updates 2 --repetitions 2",
        "recording --batches 2 --samples 70 --records 2 --every 2",
        "many-samples --samples 70 --updates 2",
        "truth --batches 2 --samples 70 --images 90 --many 80 --updates 2 --repetitions 2",
    ],
)
def test_the_commands_run_and_store(options, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(experiments, "ROOT", tmp_path)  # where truth keeps its network
    name = options.split()[0].replace("-", "_")
    given = ["costs", *options.split(), "--store", "--folder", str(tmp_path)]
    assert main(given) == 0
    assert f"stored: {tmp_path / name}.json" in capsys.readouterr().out
    result = measuring.load(name, tmp_path)
    assert result["settings"]["samples"] == 70
    assert result["commit"]
    assert result["threads"] >= 1
    assert result["command"] == f"python -m study {' '.join(given)}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("checkpoint --batches 20", "--batches 20 and --samples 512 ask for 10,240"),
        ("recording --samples 2000", "--batches 10 and --samples 2000 ask for 20,000"),
        ("many-samples --samples 20000", "--samples 20000 ask for 20,000 images"),
        ("many-samples --samples 1", "ask for 2 to 10,000"),
        ("recording --records 1", "--records is 1"),
        ("truth --batches 20", "--batches 20 and --samples 512 ask for 10,240"),
        ("truth --images 10001", "--images 10001 ask for 10,001 images"),
        ("truth --many 60001", "has 60,000 for training, so ask for 2 to 60,000"),
    ],
)
def test_what_cannot_be_measured_is_refused(options, message, capsys):
    assert main(["costs", *options.split()]) == 2
    assert message in capsys.readouterr().err


def test_many_samples_compare_one_quantity(tmp_path):
    arguments = ["costs", "many-samples", "--samples", "150", "--updates", "2"]
    assert main([*arguments, "--store", "--folder", str(tmp_path)]) == 0
    methods = measuring.load("many_samples", tmp_path)["methods"]
    assert methods["exact, float64"]["difference"] == 0
    assert methods["exact, float64, α = 2"]["difference"] == 0
    quick = methods["stochastic, float32"]
    truth = methods["exact, float64"]["bits"]
    assert quick["difference"] == pytest.approx(quick["bits"] - truth)
    assert 0 < abs(quick["difference"]) <= 2 * quick["error_bar"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "nothing is stored at"),
        ("{", "is no stored measurement"),
        ("[]", "is no stored measurement"),
        ("{}", "is no stored measurement"),
    ],
)
def test_a_measurement_that_cannot_be_read_is_told(content, message, tmp_path):
    if content is not None:
        (tmp_path / "many_samples.json").write_text(content)
    again = r"make it by: python -m study costs many-samples --store"
    with pytest.raises(ValueError, match=f"{message}.*{again}"):
        measuring.load("many_samples", tmp_path)


def test_a_measurement_that_was_changed_is_told(tmp_path):
    path = measuring.store("recording", {"command": "python -m study costs", "s": 1.5}, tmp_path)
    found = measuring.load("recording", tmp_path)
    assert found == {"command": "python -m study costs", "s": 1.5}
    path.write_text(path.read_text().replace("1.5", "2.5"))
    with pytest.raises(ValueError, match=r"not what its digest tells.*costs recording --store"):
        measuring.load("recording", tmp_path)


def stored():
    return sorted(measuring.FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", stored(), ids=lambda path: Path(path).stem)
def test_stored_measurements_are_of_the_full_size(path):
    result = measuring.load(path.stem)
    name = path.stem.removesuffix("-cuda").replace("_", "-")
    assert result["command"].startswith(f"python -m study costs {name} ")
    if path.stem.startswith(("checkpoint", "recording", "truth")):
        assert (result["settings"]["batches"], result["settings"]["samples"]) == (10, 512)
    if path.stem.startswith("truth"):
        assert (result["settings"]["images"], result["settings"]["many"]) == (10_000, 60_000)


@pytest.fixture(scope="module")
def network():
    """A small autoencoder whose activations spread, and three batches of two dimensions in nine."""
    generator = torch.Generator().manual_seed(0)
    model = Autoencoder(2, input_size=9, hidden_sizes=(8, 6, 5), generator=generator)
    batches = torch.rand(3, 150, 9, generator=generator)
    x = batches[0]
    with torch.no_grad():
        for name, layer in model.named_children():
            linear = layer if name == "Z" else layer[0]
            linear.weight.mul_(2 / linear(x).std())
            linear.bias.copy_(-linear(x).mean(0))
            x = layer(x)
    return model, batches


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-3)])
def test_the_loops_give_what_a_record_gives(network, dtype, tolerance, once):
    model, batches = network
    estimators = {"proposed": replace(ESTIMATORS["proposed"], dtype=dtype)}
    record = InformationPlane(model, HIDDEN_LAYERS, list(batches), estimators, dtype=None).record()
    sides = record[["input_mi", "output_mi"]].sel(estimator="proposed")
    found = sides.to_array().transpose(..., "layer", "batch")
    exact = checkpoint.loop(model, batches, torch.float64, once=once)
    np.testing.assert_allclose(found, exact, rtol=0, atol=tolerance)
    assert exact.min() > 0.1


def test_decompositions_are_counted(network):
    model, batches = network
    ways = []
    for once in (False, True):
        with checkpoint.counting_decompositions() as counts:
            checkpoint.loop(model, batches, torch.float64, once=once)
        ways.append(sum(counts))
    estimators = {"proposed": ESTIMATORS["proposed"]}
    plane = InformationPlane(model, HIDDEN_LAYERS, list(batches), estimators)
    with checkpoint.counting_decompositions() as first:
        plane.record()
    with checkpoint.counting_decompositions() as later:
        plane.record()
    # for each batch: 3 for each of two pairs a variable; against 1 for each variable and each pair
    assert ways == [3 * 9 * 2 * 3] * 2
    assert sum(first) == 3 * (9 + 7 * 2 + 3)
    assert sum(later) == sum(first) - 3 * 2


@pytest.fixture(scope="module")
def of_digits():
    """An autoencoder of images whose layers spread, 140 images, and what they show."""
    model = Autoencoder(2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for name, layer in model.named_children():
            (layer if name == "Z" else layer[0]).weight.mul_(8)
    return model, mnist(train=False)[:140], mnist_labels(train=False)[:140]


@pytest.mark.parametrize("share", LEVELS)
def test_the_truth_that_is_timed_is_what_runs_record(of_digits, share):
    model, images, digits = of_digits
    timed = truth.plane(model, images, digits, share)
    recorded = true_plane(capture(model, HIDDEN_LAYERS, images), digits).sel(resolution=share)
    for name in ("input_mi", "standard_error", "label_mi", "label_standard_error"):
        values = timed[name].transpose("noise", "layer")
        np.testing.assert_allclose(values, recorded[KEPT[name]], rtol=0, atol=2e-3)
    errors = recorded[["true_standard_error", "true_label_standard_error"]].to_array()
    assert truth.largest_error(timed) == pytest.approx(float(errors.max()), abs=2e-3)
    assert float(timed.input_mi.sel(layer="Z").max()) > 0.5


@pytest.mark.parametrize("threads", [1, 2])
def test_the_truth_is_timed_beside_a_record_of_as_many_threads(of_digits, threads):
    model, images, _ = of_digits
    with truth.threads(threads):
        rows = truth.beside_a_record(model, images.reshape(2, 70, -1), 150, 2, "cpu")
        assert torch.get_num_threads() == threads
    assert [row["what"] for row in rows] == [truth.RECORD, *truth.TRUTHS] * threads
    assert [row["threads"] for row in rows] == [1] * 3 + [2] * 3 * (threads - 1)
    for row in rows:
        assert 0 < row["seconds"]["least"] <= row["seconds"]["median"] <= row["seconds"]["most"]
        assert ("times_a_record" in row) == (row["what"] != truth.RECORD)
