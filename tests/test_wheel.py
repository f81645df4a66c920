"""The wheel, unpacked outside the checkout and with what only an extra brings taken away."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow

BLOCK = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""

OPTIONAL = {
    *("matplotlib", "seaborn", "torchvision", "joblib", "IPython", "study", "dask"),
    *("cloudpickle", "h5netcdf", "h5py"),
}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built as pip builds it, from a copy without what builds leave."""
    folder, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "ipae_lib", source / "ipae_lib")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", source, "--no-deps", "--quiet", "-w", folder]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def python(installed, tmp_path, monkeypatch):
    """Runs a program that sees the unpacked wheel and not the checkout."""
    monkeypatch.setenv("PYTHONPATH", str(installed))
    monkeypatch.setenv("IPAE_DATA", str(tmp_path / "cache"))

    def run(code, blocked=(), check=True):
        program = BLOCK.format(blocked=set(blocked) or "()") + code
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done

    return run


def test_it_holds_the_library_alone_with_its_data(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"ipae_lib"}
    data = {
        "stored/answers.nc",
        "stored/networks.csv",
        "stored/quantised.csv",
        "assets/leaderboard.css",
        "assets/leaderboard.js",
    }
    assert {"ipae_lib/py.typed", *(f"ipae_lib/benchmark/{name}" for name in data)} <= {*names}


def test_what_is_imported_is_the_wheel(python, installed):
    done = python("import ipae_lib; print(ipae_lib.__file__)")
    assert Path(done.stdout.strip()).parent == installed / "ipae_lib"


def test_estimators_planes_and_theory_need_no_extra(python):
    code = """
import torch
from torch import nn
from ipae_lib import InformationPlane, MatrixRenyi, ProposedWidth, check_plane

model = nn.Sequential(nn.Linear(8, 2), nn.Linear(2, 8))
batches = torch.randn(2, 64, 8, generator=torch.Generator().manual_seed(0))
estimators = {"proposed": MatrixRenyi(ProposedWidth(0.8))}
plane = InformationPlane(model, {"Z": "0"}, list(batches), estimators)
record = plane.record()
assert float(record.input_mi.sel(layer="Z").min()) > 0
print(float(check_plane(record).output_spread.max()))
"""
    assert float(python(code, blocked=OPTIONAL).stdout) >= 0


def test_a_plane_is_drawn(python, tmp_path):
    code = """
import matplotlib
matplotlib.use("agg")
import torch
from torch import nn
from ipae_lib import InformationPlane, MatrixRenyi, ProposedWidth, plot_plane

model = nn.Sequential(nn.Linear(8, 2), nn.Linear(2, 8))
plane = InformationPlane(
    model, {"code": "0"}, list(torch.randn(2, 64, 8)), {"proposed": MatrixRenyi(ProposedWidth(0.8))}
)
plot_plane(plane.record()).figure.savefig("plane.png")
"""
    python(code)
    assert (tmp_path / "plane.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("code", "blocked", "extra"),
    [
        ("from ipae_lib import plot_plane; plot_plane({record})", "matplotlib", "plot"),
        (
            "from ipae_lib.benchmark.runner import _payload as p; p('f', abs)",
            "cloudpickle",
            "benchmark",
        ),
    ],
)
def test_what_needs_an_extra_names_it(python, code, blocked, extra):
    record = """
import numpy as np, xarray as xr
axes = {n: ("layer", np.ones(3)) for n in ("input_mi", "output_mi")}
record = xr.Dataset(axes, {"layer": ["X", "Z", "X_out"]})
"""
    # dask, which xarray takes where there is one, is not there without cloudpickle
    hidden = [blocked, "dask", "distributed"]
    done = python(record + code.format(record="record"), hidden, check=False)
    assert done.returncode == 1
    assert f"pip install 'ipae-lib[{extra}]'" in done.stderr.splitlines()[-1]


def test_a_strangers_estimator_is_scored(python, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import torch\n\n\ndef correlation(x, y):\n"
        "    r = torch.corrcoef(torch.stack([x[:, 0], y[:, 0]]))[0, 1]\n"
        "    return -0.5 * torch.log2(1 - r.clamp(-0.999, 0.999) ** 2)\n",
        encoding="utf-8",
    )
    code = """
from ipae_lib.benchmark.problems import problem_set
from ipae_lib.benchmark import score_guests
from mine import correlation

if __name__ == "__main__":
    asked = [p for p in problem_set("quick") if p.part == "variables"][:2]
    print(score_guests({"mine": correlation}, asked, progress=False).loc["mine", "kind"])
"""
    (tmp_path / "score.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "score.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["guest"]
