"""The program ``ipae``: its verbs, its help and its exit codes."""

import os
import re
import subprocess
import sys

import pytest

import ipae_lib
from ipae_lib import __main__ as program
from ipae_lib.extras import optional


@pytest.mark.parametrize("arguments", [["--help"], ["data", "--help"], ["benchmark", "--help"]])
def test_every_help_has_an_example(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        program.main(arguments)
    assert ended.value.code == 0
    verb = " ".join(["ipae", *arguments[:-1]])
    assert re.search(rf"for example:\s+{verb}", capsys.readouterr().out)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_of_few_letters_is_enough(encoding):
    script = (
        "import pandas\nfrom ipae_lib import __main__ as program\n"
        "try:\n    program.main(['benchmark', '--help'])\nexcept SystemExit: pass\n"
        "print(pandas.DataFrame({'σ → ∞': [1.5]}, index=['Rényi, α = 2']))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert b"for example:" in told.stdout
    assert b" = 2" in told.stdout


def test_it_tells_its_version(capsys):
    with pytest.raises(SystemExit) as ended:
        program.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == ipae_lib.__version__


@pytest.mark.parametrize("arguments", [[], ["bake"], ["data", "--rot", "x"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        program.main(arguments)
    assert ended.value.code == 2
    assert "usage: ipae" in capsys.readouterr().err


def test_a_missing_package_is_said_with_its_extra():
    with pytest.raises(ImportError, match=r"needs no_such_package.*ipae-lib\[plot\]"):
        optional("no_such_package", "plot")
