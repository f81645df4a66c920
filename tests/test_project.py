"""The project's own files agree with each other."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = {
    "library": "dependencies",
    **{name: name for name in ("plot", "data", "benchmark", "study", "book", "cluster")},
    "checks": "test",
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
    pins = re.findall(r"^([^#\s]+)==(\S+)$", text, flags=re.MULTILINE)
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


def test_table_of_contents_names_every_chapter_in_order():
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert (ROOT / "book" / "_toc.yml").read_text(encoding="utf-8") == toc
    listed = re.findall(r"file: (\d\d_\w+)", toc)
    assert listed == sorted(path.stem for path in (ROOT / "book").glob("[0-9][0-9]_*.py"))
