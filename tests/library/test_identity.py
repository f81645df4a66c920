"""Code identity: what a module depends on, found in its source."""

import doctest
import importlib
import sys
from pathlib import Path

import pytest

from ipae_lib import identity
from ipae_lib.identity import code_identity, import_closure, is_followed

PACKAGE = Path(identity.__file__).parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A place of a stranger's modules; what is written there can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(inside="", **sources):
        for name, source in sources.items():
            path = tmp_path / inside / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)

    return write


@pytest.mark.parametrize(
    "statement",
    [
        "import neighbour_a",
        "import neighbour_a as other",
        "from neighbour_a import value",
        "from neighbour_a import *",
        "def later():\n    import neighbour_a\n    return neighbour_a.value",
        "class Late:\n    def call(self):\n        from neighbour_a import value",
        "try:\n    import neighbour_a\nexcept ImportError:\n    neighbour_a = None",
        "if False:\n    from neighbour_a import value",
    ],
)
def test_every_import_counts_wherever_it_stands(folder, statement):
    folder(
        guest_a=statement + "\n",
        neighbour_a="from neighbour_b import value\n",
        neighbour_b="value = 1\n",
    )
    assert set(import_closure("guest_a")) == {"guest_a", "neighbour_a", "neighbour_b"}
    before = code_identity("guest_a")
    assert before == code_identity("guest_a")
    folder(neighbour_b="value = 2\n")
    assert code_identity("guest_a") != before


def test_what_is_not_imported_does_not_count(folder):
    folder(guest_c="import neighbour_c\n", neighbour_c="", unrelated="value = 1\n")
    before = code_identity("guest_c")
    folder(unrelated="value = 2\n")
    assert code_identity("guest_c") == before


def test_a_file_that_is_no_python_is_taken_as_it_is(folder):
    folder(guest_e="import neighbour_e\n", neighbour_e="print 'of another age'\n")
    before = code_identity("guest_e")
    folder(neighbour_e="print 'and another'\n")
    assert code_identity("guest_e") != before


def test_modules_that_import_each_other(folder):
    folder(guest_d="import neighbour_d\n", neighbour_d="import guest_d\n")
    assert set(import_closure("guest_d")) == {"guest_d", "neighbour_d"}


class TestPackages:
    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            ("from .near import value", {"pack.near"}),
            ("from . import near", {"pack.near"}),
            ("from .inner.deep import value", {"pack.inner", "pack.inner.deep"}),
            ("from .inner import deep", {"pack.inner", "pack.inner.deep"}),
            ("from pack.near import value", {"pack.near"}),
            ("import pack.near", {"pack.near"}),
        ],
    )
    def test_relative_and_absolute(self, folder, statement, found):
        folder("pack", __init__="", start=statement + "\n", near="value = 1\n")
        folder("pack/inner", __init__="", deep="from ..near import value\n")
        expected = {"pack", "pack.start", "pack.near"} | found  # deep goes up to near
        assert set(import_closure("pack.start")) == expected

    def test_a_strangers_package_counts_as_it_runs_first(self, folder):
        folder("own", __init__="scale = 1\n", part="")
        before = code_identity("own.part")
        folder("own", __init__="scale = 2\n")
        assert code_identity("own.part") != before

    def test_a_folder_without_init(self, folder):
        folder("space", part="from space import other\n", other="")
        assert set(import_closure("space.part")) == {"space.part", "space.other"}

    def test_a_script_with_a_relative_import_is_read_all_the_same(self, folder):
        folder(lonely="from .nowhere import x\nimport neighbour_l\n", neighbour_l="")
        assert set(import_closure("lonely")) == {"lonely", "neighbour_l"}

    def test_nothing_is_imported_to_find_out(self, folder):
        stop = "raise SystemExit('imported')\n"
        folder("loud", __init__=stop, part="from . import more\n", more=stop)
        assert set(import_closure("loud.part")) == {"loud", "loud.part", "loud.more"}
        assert "loud" not in sys.modules


class TestOurs:
    def test_packages_that_are_installed_are_not_followed(self):
        found = import_closure("ipae_lib.estimators.matrix", "ipae_lib.entropy")
        assert all(name.startswith("ipae_lib.") for name in found)
        for name in ("json", "numpy", "torch.nn", "xarray", "no_such_module", "sys"):
            assert not is_followed(name)

    def test_an_estimator_depends_on_all_its_numerics(self):
        found = import_closure("ipae_lib.estimators.matrix")
        needed = ("tridiagonal", "entropy", "stochastic", "kernels", "validation", "threads")
        assert {f"ipae_lib.{name}" for name in needed} <= set(found)
        assert "ipae_lib" not in found  # what its __init__ shows is not what a module needs
        assert "ipae_lib.theory" not in found

    def test_of_a_package_its_names_are_asked_for(self):
        by_name = import_closure("ipae_lib.benchmark.rows")
        assert "ipae_lib.estimators" in by_name
        assert "ipae_lib.benchmark" not in by_name

    @pytest.mark.parametrize(
        ("fixed", "changed", "same"),
        [
            ("tridiagonal", "entropy", "kernels"),
            ("tridiagonal", "estimators.matrix", "estimators.neural"),
            ("stochastic", "benchmark.rows", "entropy"),
            ("stochastic", "estimators", "estimators.gaussian"),
            ("kernels", "estimators.neural", "estimators.binning"),
        ],
    )
    def test_a_fix_changes_what_depends_on_it_and_nothing_else(self, copy, fixed, changed, same):
        before = [code_identity(f"ipae_copy.{name}") for name in (changed, same)]
        path = copy / f"{fixed}.py"
        path.write_text(path.read_text(encoding="utf-8") + "\n# fixed\n", encoding="utf-8")
        after = [code_identity(f"ipae_copy.{name}") for name in (changed, same)]
        assert after[0] != before[0]
        assert after[1] == before[1]

    @pytest.fixture
    def copy(self, tmp_path, monkeypatch):
        """The library under another name, to be changed."""
        for path in PACKAGE.rglob("*.py"):
            other = tmp_path / "ipae_copy" / path.relative_to(PACKAGE)
            other.parent.mkdir(parents=True, exist_ok=True)
            source = path.read_text(encoding="utf-8").replace("ipae_lib", "ipae_copy")
            other.write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(identity, "OURS", ("ipae_copy",))
        return tmp_path / "ipae_copy"


@pytest.mark.parametrize("name", ["no_such_module", "ipae_lib.no_such", "math", "", "a..b"])
def test_what_has_no_source_is_refused(name):
    with pytest.raises(ValueError, match=f"modules names {name!r}, whose source cannot be found"):
        import_closure(name)


def test_a_module_that_appears_later_is_found(folder):
    assert not is_followed("latecomer")
    folder(latecomer="")
    importlib.invalidate_caches()
    assert is_followed("latecomer")


def test_the_examples_in_the_documentation_run():
    result = doctest.testmod(identity)
    assert result.attempted > 0
    assert result.failed == 0
