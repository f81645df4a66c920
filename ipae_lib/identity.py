"""Which code a result depends on: a module with everything of ours that it imports.

What is stored is known by its settings and by this identity, so that a result made by other code is
not taken for one made by this. The imports are read from the source, wherever in a module they
stand, so no list has to be kept, and nothing is imported to find out.
"""

from __future__ import annotations

import ast
import hashlib
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
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

    Followed are the packages `OURS`, and code that lies outside the folders of the standard
    library and of installed packages, such as a script's neighbours. The ``__init__`` of a package
    of `OURS` counts only where something that it defines is imported from it.

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
        parent = name.rpartition(".")[0]
        if is_followed(parent) and name.partition(".")[0] not in OURS:
            waiting.append(parent)
    return found


def imported_modules(module: str) -> list[str]:
    """What one module imports itself of the code that `import_closure` follows, sorted."""
    path = _source(module)
    if path is None:
        return []
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return sorted({*filter(is_followed, _imported(path.read_bytes(), package))} - {module})


def _imported(source: bytes, package: str) -> Iterator[str]:
    """Every module that the import statements of a module of this package can mean."""
    for base, names in _statements(source, package):
        inside = [f"{base}.{name}" for name in names]
        yield from inside
        if not names or not all(map(_source, inside)):  # something that base itself defines
            yield base


@lru_cache(maxsize=1000)
def _statements(source: bytes, package: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Module and names of each import statement; no names where the module is imported whole."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # nothing that could be imported
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            base = resolve_name("." * node.level + (node.module or ""), package)
            found.append((base, tuple(alias.name for alias in node.names)))
    return tuple(found)


def is_followed(module: str) -> bool:
    """Whether `import_closure` looks into a module of this name; False where there is none."""
    top = module.partition(".")[0]
    return (top in OURS or _is_local(top)) and _source(module) is not None


def _is_local(top: str) -> bool:
    spec = _spec(top)
    if spec is None or not (spec.has_location or spec.submodule_search_locations):
        return False
    places = [Path(p).resolve() for p in spec.submodule_search_locations or [str(spec.origin)]]
    return not any(
        place.is_relative_to(_STANDARD) or _INSTALLED & set(place.parts) for place in places
    )


_STANDARD = Path(sysconfig.get_path("stdlib")).resolve()
_INSTALLED = {"site-packages", "dist-packages"}


def _source(name: str) -> Path | None:
    """The file of a module's source, or None if there is no module of that name."""
    spec = _spec(name)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin).resolve()


def _spec(name: str) -> ModuleSpec | None:
    # as importlib.util.find_spec, which would import the packages around a module
    parent = name.rpartition(".")[0]
    try:
        if not parent:
            return find_spec(name)
        above = _spec(parent)
        inside = above.submodule_search_locations if above else None
        return PathFinder.find_spec(name, inside) if inside else None
    except (ImportError, ValueError, AttributeError):
        return None
