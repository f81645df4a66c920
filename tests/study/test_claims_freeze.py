"""The criteria were fixed before the runs that they decide were made."""

import subprocess

import h5netcdf
import pytest

from study.claims import freeze
from study.experiments import ROOT, STORED


def git(folder, *arguments):
    identity = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def history(tmp_path):
    """Commits that change what is frozen, something else, what is frozen, something else."""
    git(tmp_path, "init", "-q")
    commits = []
    for i, name in enumerate(("frozen", "other", "frozen", "other")):
        (tmp_path / name).write_text(str(i))
        git(tmp_path, "add", name)
        git(tmp_path, "commit", "-q", "-m", f"change {i}")
        commits.append(git(tmp_path, "rev-parse", "HEAD"))
    return tmp_path, commits


def test_only_what_comes_after_the_last_change_counts(history):
    root, commits = history
    change = freeze.last_change(("frozen",), root)
    assert (change.commit, change.subject) == (commits[2], "change 2")
    after = [freeze.made_after(commit, change.commit, root) for commit in commits]
    assert after == [False, False, True, True]


def test_changes_that_are_not_committed_are_found(history):
    root, _ = history
    (root / "frozen").write_text("later")
    with pytest.raises(ValueError, match="uncommitted changes of frozen files"):
        freeze.last_change(("frozen",), root)


def test_what_history_does_not_know_is_refused(history):
    root, commits = history
    with pytest.raises(ValueError, match="unknown is no commit"):
        freeze.made_after("unknown", commits[0], root)
    with pytest.raises(ValueError, match="no history of nothing"):
        freeze.last_change(("nothing",), root)


def test_what_is_frozen_is_there():
    assert all((ROOT / path).exists() for path in freeze.FROZEN)


def _decided():
    """Stored runs that the frozen criteria decide: those that hold the truth."""
    found = []
    for path in sorted(STORED.glob("*.nc")):
        with h5netcdf.File(path) as run:
            if "true_input_mi" in run.variables:
                found.append((path.name, run.attrs["commit"], run.attrs["uncommitted_changes"]))
    return found


def test_every_run_that_is_decided_was_made_after_the_criteria():
    if not freeze._git(ROOT, "rev-parse", "HEAD"):
        pytest.skip("a checkout without history cannot tell what came first")
    if freeze._git(ROOT, "rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("a shallow clone does not have the history that tells what came first")
    runs = _decided()
    if not runs:
        pytest.skip("no run that is decided in truth is stored yet")
    change = freeze.last_change()
    early = [name for name, commit, _ in runs if not freeze.made_after(commit, change.commit)]
    assert early == [], f"made before {change}"
    assert [name for name, _, changed in runs if changed != "False"] == []
