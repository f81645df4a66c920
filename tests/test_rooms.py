"""Who imports whom: the library nothing of the study, and each module only what stands below it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ipae_lib
import study
from ipae_lib.identity import imported_modules

ROOT = Path(__file__).resolve().parents[1]


def modules(package):
    """Names of all modules of a package, from its files."""
    folder = ROOT / package
    return [
        ".".join((package, *path.relative_to(folder).with_suffix("").parts)).removesuffix(
            ".__init__"
        )
        for path in sorted(folder.rglob("*.py"))
    ]


def storeys(package):
    """The lines of names in the package's documentation, lowest first."""
    block = package.__doc__.split("::\n", 1)[1]
    lines = [line.strip() for line in block.splitlines() if line.startswith("    ")]
    return [re.split(r",\s*", re.split(r"\s{2,}", line)[0]) for line in lines]


LIBRARY = storeys(ipae_lib)


def storey_of(module):
    part = module.split(".")[1]
    found = [level for level, names in enumerate(LIBRARY) if part in names]
    assert found, f"{part} is missing from the list of modules in ipae_lib's documentation"
    return found[0]


def test_every_module_of_the_library_is_in_its_list():
    parts = {name.split(".")[1] for name in modules("ipae_lib") if "." in name}
    assert parts - {"__main__"} == {name for names in LIBRARY for name in names}


def test_every_module_of_the_study_is_in_its_list():
    parts = {name.split(".")[1] for name in modules("study") if "." in name}
    assert parts - {"__main__"} == {name for names in storeys(study) for name in names}


@pytest.mark.parametrize("module", modules("ipae_lib"))
def test_the_library_imports_nothing_of_the_study(module):
    assert [name for name in imported_modules(module) if name.startswith("study")] == []


@pytest.mark.parametrize(
    "module", [name for name in modules("ipae_lib") if "." in name and "__main__" not in name]
)
def test_a_module_imports_only_from_those_below_it(module):
    inside = ".".join(module.split(".")[:2])
    wrong = [
        name
        for name in imported_modules(module)
        if name != "ipae_lib"
        and not name.startswith(inside)
        and storey_of(name) >= storey_of(module)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["ipae_lib", "study"])
def test_nothing_imports_in_a_circle(package):
    below = {name: set(imported_modules(name)) & set(modules(package)) for name in modules(package)}
    while below:
        free = {name for name, needs in below.items() if not needs & below.keys()}
        assert free, f"these import each other: {sorted(below)}"
        below = {name: needs for name, needs in below.items() if name not in free}


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "library").glob("*.py")))
def test_tests_of_the_library_know_nothing_of_the_study(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    ]
    assert [name for name in imported if name.split(".")[0] == "study"] == []


def test_the_library_is_small():
    lines = sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "ipae_lib").rglob("*.py")
    )
    # 6,500 when the rooms were made; after it came the exact planes of real networks, what the
    # estimator estimates, what sees damage and holds guests of the benchmark; then the door for any
    # network, with its targets, nulls and observers; what the benchmark asks of real networks;
    # Fashion-MNIST; estimators that train autoencoders or scores; the paper's own networks;
    # error bars; and networks of a few bits a unit, on which all processors agree
    assert lines <= 12_450


def test_importing_the_library_loads_neither_plotting_nor_data_sets():
    code = "import ipae_lib, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    heavy = {"matplotlib", "seaborn", "torchvision", "h5netcdf", "cloudpickle", "IPython", "study"}
    assert loaded & heavy == set()
