"""The benchmarks of cost run, store what they measure, and compare equal numbers."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ipae_lib.layers import HIDDEN_LAYERS
from ipae_lib.models import Autoencoder
from ipae_lib.plane import InformationPlane
from study.costs import checkpoint, many_samples, recording
from study.experiments import ESTIMATORS, ROOT, STORED


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("checkpoint", ["--updates", "2", "--repetitions", "2"]),
        ("recording", ["--records", "2", "--every", "2"]),
    ],
)
def test_the_commands_run_and_store(name, options, tmp_path):
    command = [sys.executable, "-m", f"benchmarks.{name}", "--batches", "2", "--samples", "70"]
    done = subprocess.run(
        [*command, *options, "--store", "--folder", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert result["settings"]["samples"] == 70
    assert result["commit"]
    assert result["threads"] >= 1
    assert result["command"].startswith(f"python -m benchmarks.{name} --batches 2")


@pytest.mark.parametrize(
    ("main", "arguments", "message"),
    [
        (checkpoint.main, ["--batches", "20"], "--batches 20 and --samples 512 ask for 10,240"),
        (recording.main, ["--samples", "2000"], "--batches 10 and --samples 2000 ask for 20,000"),
        (many_samples.main, ["--samples", "20000"], "--samples 20000 ask for 20,000 images"),
        (many_samples.main, ["--samples", "1"], "ask for 2 to 10,000"),
        (checkpoint.main, ["--repetitions", "0"], "--repetitions is 0"),
        (recording.main, ["--records", "1"], "--records is 1"),
    ],
)
def test_what_cannot_be_measured_is_refused(main, arguments, message, capsys):
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert message in f"{refused.value} {capsys.readouterr().err}"


def stored():
    return sorted((STORED / "cost").glob("*.json"))


@pytest.mark.parametrize("path", stored(), ids=lambda path: Path(path).stem)
def test_stored_measurements_are_of_the_full_size(path):
    result = json.loads(path.read_text(encoding="utf-8"))
    if path.stem.startswith(("checkpoint", "recording")):
        assert (result["settings"]["batches"], result["settings"]["samples"]) == (10, 512)
        assert result["command"].startswith(f"python -m benchmarks.{path.stem.split('-')[0]}")


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


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-3)])
def test_the_loop_gives_what_a_record_gives(network, dtype, tolerance):
    model, batches = network
    estimators = {"proposed": replace(ESTIMATORS["proposed"], dtype=dtype)}
    record = InformationPlane(model, HIDDEN_LAYERS, batches, estimators, dtype=None).record()
    found = record.information.sel(estimator="proposed", quantity=["input_mi", "output_mi"])
    exact = checkpoint.loop(model, batches, ("X", *HIDDEN_LAYERS, "X′"), torch.float64)
    np.testing.assert_allclose(found, exact, rtol=0, atol=tolerance)
    assert exact.min() > 0.1


def test_decompositions_are_counted(network):
    model, batches = network
    with checkpoint.counting_decompositions() as loop:
        checkpoint.loop(model, batches, HIDDEN_LAYERS, torch.float64)
    plane = InformationPlane(model, HIDDEN_LAYERS, batches, {"proposed": ESTIMATORS["proposed"]})
    with checkpoint.counting_decompositions() as first:
        plane.record()
    with checkpoint.counting_decompositions() as later:
        plane.record()
    # for each batch: 3 for each of two pairs a layer; against 1 for each variable and each pair
    assert sum(loop) == 3 * 7 * 2 * 3
    assert sum(first) == 3 * (9 + 7 * 2 + 3)
    assert sum(later) == sum(first) - 3 * 2
