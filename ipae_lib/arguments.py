"""Everything public checks its arguments by its annotations, without being asked to.

`check_package` sees to it when a module is imported. ``n: int`` refuses what is no whole number,
and ``n: Annotated[int, check]`` takes what ``check(value, "n")`` gives, or its error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from inspect import Parameter, Signature, isclass, isfunction, signature
from math import isfinite
from numbers import Integral, Number, Real
from types import GenericAlias, ModuleType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np
from torch import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])

AnyFloat = Annotated[float, "or not finite"]
"""A float that is not checked."""


def check_package(package: str) -> None:
    """Let everything public in a package's modules be `checked`; call it before their import."""
    sys.meta_path.insert(0, _Finder(f"{package}."))


class _Finder(MetaPathFinder):
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        ours = fullname.startswith(self.prefix)
        spec = PathFinder.find_spec(fullname, path, target) if ours else None
        if spec and spec.loader:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if isfunction(value) and not name.startswith("_"):
                setattr(module, name, checked(value))
            elif isclass(value) and not getattr(value, "_is_protocol", False):
                _check_methods(value)


def _check_methods(cls: type) -> None:
    for name, method in list(vars(cls).items()):
        # a module's forward is called by torch, which may trace it
        if name == "forward" or (name.startswith("_") and name not in ("__init__", "__call__")):
            continue
        if isfunction(method):
            setattr(cls, name, checked(method))
        elif isinstance(method, classmethod):
            setattr(cls, name, classmethod(checked(method.__func__)))


def checked(function: Function) -> Function:
    """The function, refusing arguments that its annotations exclude.

    A bool is no number, and a number is finite. Arrays are left to the function. A ``float`` that
    comes back is finite, and what needs more memory than there is says for which arguments.

    Raises
    ------
    TypeError, ValueError
        When called; ValueError for numbers and choices.

    Examples
    --------
    >>> from ipae_lib.toys import correlated_gaussians_mi
    >>> checked(correlated_gaussians_mi)("3", rho=0.5)  # d: int
    Traceback (most recent call last):
    ValueError: d is '3'; it must be a whole number of at least 1
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        positional, rest, named, found = _annotations(function)
        first = (check(value) for check, value in zip(positional, args, strict=False))
        args = (*first, *rest(args[len(positional) :]))
        kwargs = {name: named.get(name, _as_it_is)(value) for name, value in kwargs.items()}
        try:
            result = function(*args, **kwargs)
        except (MemoryError, RuntimeError) as error:
            if (type(error) is MemoryError and error.args) or not _is_out_of_memory(error):
                raise
            raise MemoryError(
                f"{function.__qualname__} needs more memory than there is for "
                f"{_listed(found, args, kwargs)}; ask for less"
            ) from error
        if found.return_annotation is float and not isfinite(result):
            raise ValueError(
                f"{function.__qualname__} is {result} for {_listed(found, args, kwargs)}; rescale "
                "these, or look for a diverged training run"
            )
        return result

    return call  # type: ignore[return-value]


def _is_out_of_memory(error: Exception) -> bool:
    words = "memory", "alloc", "overflowed"  # as torch and numpy say it
    return isinstance(error, MemoryError) or any(word in str(error) for word in words)


@cache
def _annotations(function: Callable) -> tuple[list, Callable, dict, Signature]:
    """Checks of arguments by position, of those after them, and by name."""
    names: dict[str, Any] = {}
    while True:
        try:
            found = signature(function, locals=names, eval_str=True)
            break
        except NameError as error:  # imported for type checkers alone
            names[str(error.name)] = _Named(str(error.name), (), {})
    positional: list[Callable] = []
    named: dict[str, Callable] = {}
    rest: Callable = _as_it_is
    for name, parameter in found.parameters.items():
        hint = Any if parameter.annotation is Parameter.empty else parameter.annotation
        if parameter.kind is Parameter.VAR_POSITIONAL:
            rest = _check(name, GenericAlias(tuple, (hint, ...)))
        elif parameter.kind is not Parameter.VAR_KEYWORD:
            named[name] = _check(name, hint)
            if parameter.kind is not Parameter.KEYWORD_ONLY:
                positional.append(named[name])
    return positional, rest, named, found


def _as_it_is(value: Any) -> Any:
    return value


class _Named(type):
    """A class that is known by its name alone."""

    def __instancecheck__(cls, value: object) -> bool:
        return any(base.__name__ == cls.__name__ for base in type(value).__mro__)


def _check(name: str, hint: Any) -> Callable[[Any], Any]:
    if get_origin(hint) is Annotated:
        own = get_args(hint)[1]
        return (lambda value: own(value, name)) if callable(own) else _as_it_is
    if hint is Any:
        return _as_it_is
    choices = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    numbers = {int, float, bool}.intersection(choices)
    # protocols, Any and typed dicts are classes of typing's own kinds
    known = {one for one in choices if isclass(one) and type(one).__module__ != "typing"}
    classes = tuple(known - numbers)

    def check(value: Any) -> Any:
        # what is common, at once: an estimate asks for more than a hundred of these
        kind = type(value)
        if isinstance(value, classes) or (kind in numbers and is_number(value, kind)):
            return value
        for what, part, wanted in _misfits(name, value, hint):
            choices = (wanted, *get_args(wanted))
            of_value = any(one in (int, float) or get_origin(one) is Literal for one in choices)
            error = ValueError if of_value else TypeError
            raise error(f"{what} is {shown(part)}; it must be {_in_words(wanted)}")
        return value

    return check


def _misfits(name: str, value: Any, hint: Any) -> Iterator[tuple[str, Any, Any]]:
    """The parts of a value that an annotation excludes, each with its name and its annotation."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        _check(name, hint)(value)
        return
    if origin in (Union, UnionType):
        absent = value is None and type(None) in inside
        is_array = np.ndarray in inside and not isinstance(value, Number | None)
        left_alone = absent or is_array
        fits = left_alone or any(not [*_misfits(name, value, one)] for one in inside)
    elif origin is Literal:
        fits = any(type(value) is type(one) and value == one for one in inside)
    elif hint in (int, float, bool, None):
        fits = is_number(value, hint) if hint else value is None
    elif origin is Callable:
        fits = callable(value)
    elif isclass(origin) and issubclass(origin, Iterable):
        fits = issubclass(origin, Mapping) == isinstance(value, Mapping) and _is_iterable(value)
        fits = fits and (origin is Iterable or hasattr(value, "__len__"))
        if fits and isinstance(value, Mapping):
            for key, part in value.items():
                yield from _misfits(f"a key of {name}", key, inside[0])
                yield from _misfits(f"{name}[{key!r}]", part, inside[1])
        elif fits and not isinstance(value, Iterator):
            for i, part in enumerate(value):
                yield from _misfits(f"{name}[{i}]", part, inside[0])
    else:
        loose = getattr(hint, "_is_protocol", False) > getattr(hint, "_is_runtime_protocol", False)
        known = isclass(hint) and hint is not Any and not loose
        fits = not known or isinstance(value, hint)
    if not fits:
        yield name, value, hint


def is_number(value: Any, kind: type) -> bool:
    """Whether it is a bool, a whole number of 64 bits, or a finite number; a bool is no number."""
    if kind is bool or isinstance(value, bool | np.bool_):
        return kind is bool and isinstance(value, bool | np.bool_)
    if kind is int:
        return isinstance(value, Integral) and abs(int(value)) < 2**63
    return isinstance(value, Real) and bool(abs(float(value)) <= sys.float_info.max)


def _is_iterable(value: Any) -> bool:
    try:
        iter(value)
    except TypeError:  # as arrays without a dimension
        return False
    return not isinstance(value, str | bytes)


_WORDS = {
    int: "a whole number", float: "a finite number", bool: "True or False", str: "a string",
    type(None): "None", None: "None", np.ndarray: "an array",
}  # fmt: skip


def _in_words(hint: Any) -> str:
    """What fits."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(map(_in_words, inside))
    if origin is Literal:
        return " or ".join(map(repr, inside))
    if Callable in (hint, origin):
        return "callable"
    if isclass(origin) and issubclass(origin, Mapping):
        return "a mapping from {} to {}".format(*map(_in_words, inside))
    if origin:
        return f"a list, each item {_in_words(inside[0])}"
    return _WORDS.get(hint, f"a {getattr(hint, '__name__', hint)}")


def shown(value: object) -> str:
    """A value in a message: short, and of an array its shape."""
    if isinstance(value, np.ndarray | Tensor):
        return f"a {type(value).__name__} of shape {tuple(value.shape)} and dtype {value.dtype}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 200 else f"{text[:197]}..."


def _listed(found: Signature, args: tuple, kwargs: dict[str, Any]) -> str:
    given = found.bind(*args, **kwargs).arguments
    return ", ".join(f"{name} = {shown(v)}" for name, v in given.items() if name != "self")
