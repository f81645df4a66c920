"""Packages that only some calls need, imported when such a call is made."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def optional(module: str, extra: str) -> Any:
    """The module, or an error that names the extra which brings it.

    Parameters
    ----------
    module : str
        Such as ``"matplotlib.pyplot"``.
    extra : str
        Of this package's metadata, such as ``"plot"``.

    Raises
    ------
    ImportError
        If it cannot be imported.

    Examples
    --------
    >>> optional("math", "plot").sqrt(4)
    2.0
    """
    try:
        return import_module(module)
    except (ImportError, ValueError) as error:
        raise ImportError(
            f"this needs {module}, which cannot be imported ({error}); install the extra: "
            f"pip install 'ipae-lib[{extra}]'"
        ) from error
