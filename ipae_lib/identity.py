"""Which code a result depends on: a module with everything of ours that it imports.

What is stored is known by its settings and by this identity, so that a result made by other code is
not taken for one made by this. The imports are read from the source, wherever in a module they
stand, so no list has to be kept.
"""

from __future__ import annotations

import ast
import hashlib
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

OURS = ("ipae_lib", "study")
"""Packages that are followed wherever they are installed."""


def code_identity(*modules: str) -> str:
    """Sixteen hexadecimal digits that tell this code from any other.

    Parameters
    ----------
    *modules : str
        Names of modules, such as ``"ipae_lib.entropy"``.

    Returns
    -------
    str
        A digest of the sources that `import_closure` finds.

    Raises
    ------
    ValueError
        If there is no such module, or its source is not at hand.

    Examples
    --------
    >>> code_identity("ipae_lib.entropy") == code_identity("ipae_lib.entropy")
    True
    >>> code_identity("ipae_lib.entropy") == code_identity("ipae_lib.kernels")
    False
    """
    digest = hashlib.sha256()
    for name, path in sorted(import_closure(*modules).items()):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def import_closure(*modules: str) -> dict[str, Path]:
    """Modules with everything that they import of these packages, directly or not.

    Followed are the packages `OURS`, and modules that lie outside the folders of the standard
    library and of installed packages, such as a script's neighbours.

    Parameters
    ----------
    *modules : str
        Names of modules; each is part of the result.

    Returns
    -------
    dict from module name to the file of its source

    Raises
    ------
    ValueError
        If there is no such module, or its source is not at hand.
    """
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = _source(name)
        if path is None:
            raise ValueError(
                f"modules names {name!r}, whose source cannot be found; give the full name of a "
                "module of Python code that can be imported here"
            )
        found[name] = path
        waiting += imported_modules(name)
    return found


def imported_modules(module: str) -> list[str]:
    """What one module imports of the packages that are followed, each once, sorted."""
    path = _source(module)
    if path is None:
        return []
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = _imports(ast.parse(path.read_bytes()), package)
    return sorted({name for name in names if _is_followed(name)} - {module})


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Every module that could be meant by the import statements."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            inside = [f"{base}.{alias.name}" for alias in node.names]
            modules = [name for name in inside if _is_followed(name)]
            yield from modules
            if len(modules) < len(inside):  # something that the package itself defines
                yield base


@cache
def _is_followed(name: str) -> bool:
    path = _source(name)
    if path is None:
        return False
    return name.partition(".")[0] in OURS or not any(map(path.is_relative_to, _INSTALLED))


_INSTALLED = tuple(
    Path(sysconfig.get_path(kind)).resolve()
    for kind in ("stdlib", "platstdlib", "purelib", "platlib")
)


@cache
def _source(name: str) -> Path | None:
    """The file of a module's source, or None if there is no module of that name."""
    parent = name.rpartition(".")[0]
    if parent and _source(parent) is None:  # a name in a module, or a package without source
        return None
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin).resolve()
