"""The project's own files agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SECTIONS = {
    "library": "dependencies",
    **{name: name for name in ("plot", "data", "benchmark", "study", "book", "cluster")},
    "checks": "test",
    "build": "build",
}


def requirements():
    """The sections of requirements.txt, by the comment above each."""
    sections, lines = {}, []
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# ") and line[2:] in SECTIONS:
            lines = sections.setdefault(line[2:], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections


def constraints():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([^#\s]+)==(\S+)", text, flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def test_requirements_and_package_metadata_name_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"dependencies": project["dependencies"], **project["optional-dependencies"]}
    # an extra may contain others
    groups = {k: [r for r in v if not r.startswith("ipae-lib[")] for k, v in groups.items()}
    assert {SECTIONS[name]: lines for name, lines in requirements().items()} == groups


def test_tested_versions_are_within_the_requirements():
    pinned = constraints()
    wanted = [Requirement(line) for lines in requirements().values() for line in lines]
    missing = [r.name for r in wanted if canonicalize_name(r.name) not in pinned]
    assert not missing
    outside = [str(r) for r in wanted if pinned[canonicalize_name(r.name)] not in r.specifier]
    assert not outside


def test_every_tested_version_has_its_hashes():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[^\s#])", text)
    bare = [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry]
    assert len(entries) > 100
    assert not bare


def test_the_build_needs_what_is_locked():
    for path in (ROOT / "pyproject.toml", ROOT / "study" / "pyproject.toml"):
        wanted = tomllib.loads(path.read_text(encoding="utf-8"))["build-system"]["requires"]
        assert set(wanted) <= set(requirements()["build"])


def steps(workflow):
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_trust_nobody_in_between(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert not [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)]
    # and which release that is, for people
    text = workflow.read_text(encoding="utf-8")
    assert len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", text, re.MULTILINE)) == len(
        used
    )
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


def test_workflows_run_every_python_and_both_ends_of_the_versions():
    text = {path.stem: path.read_text(encoding="utf-8") for path in WORKFLOWS}
    assert '["3.11", "3.12", "3.13"]' in text["book"]
    assert "schedule:" in text["versions"]
    assert "[newest, oldest]" in text["versions"]
    # checks of pages that find no browser fail there
    assert ".ci/run" in text["book"]
    assert "IPAE_BROWSER=required" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_table_of_contents_names_every_chapter_in_order():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8") == toc
    listed = re.findall(r"file: (\d\d_\w+)", toc)
    assert listed == sorted(path.stem for path in (ROOT / "book").glob("[0-9][0-9]_*.py"))
