"""Strange arguments to everything public in the library: each is refused clearly, or answered.

What is tried is found in the modules, so a new function is tried without being named here. Every
parameter gets a plain value, with which the call succeeds, and in its place one strange value after
the other. What comes of it is one of `OUTCOMES`.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import pkgutil
import re
import resource
import signal
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import xarray as xr
from torch import Tensor, nn

import ipae_lib
from study.trials import strange
from study.trials.plain import PLAIN

OUTCOMES = ("answered", "refused", "nameless", "foreign", "not finite", "hung")
"""A finite answer; a clear refusal; an error of ours that does not name the argument, the value
and the fix; an error that is not ours; a number that is not finite, though the documentation does
not say so; and no answer within the limit."""

GOOD = OUTCOMES[:2]

LIMIT = 10.0
"""Seconds for a call."""

MEMORY = 2**32
"""Bytes that a call may take, so that huge numbers ask for more than there is."""

LEFT_OUT = {
    r".*\.main$|__main__": "command lines",
    r"benchmark\.guests\.score_guests$": "starts processes",
    r"benchmark\.(?!adapters|guests|scores\.leaderboard|problems\.problem_set)": "parts of the "
    "benchmark, called by it alone",
    r"threads\.": "give what the tasks give",
    r"validation\.|.*\.(check_\w+(?<!check_plane)|is_number|shown)$": "check for others",
    r"(native|tridiagonal)\.": "parts of the entropy, called by it alone",
    r"estimators\.neural\.climb$": "trains for estimators, called by them alone",
    r"activations\.(?!capture$)|inputs\.": "parts of capture and of the recorder, tried by them",
    r"observer\.(save|load)_records$|.*for_shapes$": "keep files; called with what was recorded",
    r"digest\.|files\.|models\.weights_|training\.read_": "keep files: kills, flips",
    r"data\.mnist": "fetch MNIST",
    r"arguments\.check_package$": "changes how modules are imported",
    r"memory\.(reset_peak|limit_growth)$": "change what the system counts and gives",
}
"""What is not tried, by name, and why."""

AS_LONG_AS_ASKED = {"steps", "epochs", "patience", "seeds", "samples", "queries"}
"""Parameters whose huge values ask for huge work, which is no fault."""


@dataclass(frozen=True)
class Target:
    """One thing that can be called.

    Parameters
    ----------
    name : str
        Without the package's.
    owner : str
        By which its plain values are known: a function or a class.
    find : callable () → callable
        Of methods, with an instance made anew.
    signature : Signature
    documentation : str
    """

    name: str
    owner: str
    find: Callable[[], Callable]
    signature: inspect.Signature
    documentation: str

    def plain(self, **made: Callable[[], Any]) -> dict[str, Any]:
        """A plain value for each parameter, or what is ``made``.

        Raises
        ------
        LookupError
            If none is known.
        """
        parameters = self.signature.parameters.values()
        return {p.name: made[p.name]() if p.name in made else self._plain(p) for p in parameters}

    def _plain(self, parameter: inspect.Parameter) -> Any:
        keys = f"{self.owner}.{parameter.name}", parameter.name.strip("_"), parameter.annotation
        for key in keys:
            if key in PLAIN:
                return PLAIN[key]()
        if parameter.default is parameter.empty:
            raise LookupError(
                f"{self.name} has the parameter {parameter.name}: {parameter.annotation}, for "
                "which study.trials.plain has no value; add one"
            )
        return parameter.default

    def call(self, values: Mapping[str, Any]) -> Any:
        """Call it; what is entered or iterated is."""
        positional, named = [], {}
        for name, value in values.items():
            kind = self.signature.parameters[name].kind
            if kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL):
                positional.append(value)
            elif kind is not inspect.Parameter.VAR_KEYWORD:
                named[name] = value
        result = self.find()(*positional, **named)
        if isinstance(result, contextlib.AbstractContextManager):
            with result as entered:
                return entered
        return list(result) if isinstance(result, Iterator) else result


def targets(*patterns: str) -> list[Target]:
    """Everything public in the library but `LEFT_OUT`; of these names where some are given."""
    found: list[Target] = []
    for info in pkgutil.walk_packages(ipae_lib.__path__, "ipae_lib."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if not name.startswith("_") and getattr(value, "__module__", None) == info.name:
                found += _of(f"{info.name.removeprefix('ipae_lib.')}.{name}", value)
    return [
        target
        for target in found
        if not any(re.match(pattern, target.name) for pattern in LEFT_OUT)
        and (not patterns or any(pattern in target.name for pattern in patterns))
    ]


def _of(name: str, value: Any) -> Iterator[Target]:
    owner = name.rpartition(".")[2]
    documentation = inspect.getdoc(value) or ""
    if inspect.isfunction(value) or hasattr(value, "__wrapped__"):
        yield Target(name, owner, lambda: value, inspect.signature(value), documentation)
    if not inspect.isclass(value) or getattr(value, "_is_protocol", False):
        return
    if issubclass(value, BaseException):  # raised by the library, made by nobody else
        return
    make = Target(name, owner, lambda: value, inspect.signature(value), documentation)
    if getattr(value.__init__, "__module__", None) == value.__module__:
        yield make
    for key in sorted({key for base in value.__mro__ for key in vars(base)}):
        method = getattr(value, key)
        ours = getattr(method, "__module__", "") or ""
        if (key.startswith("_") and key != "__call__") or not ours.startswith("ipae_lib"):
            continue
        if not inspect.isroutine(method) or key == "forward":
            continue
        bound = inspect.ismethod(method)  # of the class

        def find(key: str = key, bound: bool = bound) -> Callable:
            return getattr(value if bound else make.call(make.plain()), key)

        signature = inspect.signature(method)
        if not bound:
            parameters = list(signature.parameters.values())[1:]
            signature = signature.replace(parameters=parameters)
        text = documentation + (inspect.getdoc(method) or "")
        yield Target(f"{name}.{key}", owner if key == "__call__" else key, find, signature, text)


@dataclass(frozen=True)
class Trial:
    """One call and what came of it."""

    target: str
    parameter: str
    value: str
    outcome: str
    told: str


def trials(chosen: Iterable[Target], share: float = 1.0, seed: int = 0) -> Iterator[Trial]:
    """Try every strange value for every parameter, or a share of them drawn at random.

    Raises
    ------
    RuntimeError
        If a plain call fails.
    """
    random = np.random.default_rng(seed)
    for target in chosen:
        plain = target.plain()
        outcome, told = _outcome(target, target.plain, ())
        if outcome != "answered":
            raise RuntimeError(f"the plain call of {target.name} failed: {told}")
        for parameter, value in plain.items():
            for make in strange.instead_of(value):
                if share < 1 and random.random() >= share:
                    continue
                odd = _made(make)
                if odd is _NOTHING:
                    continue
                huge = isinstance(odd, int) and odd in strange.HUGE
                if huge and parameter in AS_LONG_AS_ASKED:
                    continue

                values = partial(target.plain, **{parameter: make})
                outcome, told = _outcome(target, values, (parameter, value, odd))
                yield Trial(target.name, parameter, _shown(odd), outcome, told)


_NOTHING = object()


def _made(make: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return make()
        except Exception:  # nothing of this kind can be made of the plain value
            return _NOTHING


def _outcome(
    target: Target, values: Callable[[], Mapping[str, Any]], changed: tuple
) -> tuple[str, str]:
    try:
        with _confined():
            result = target.call(values())
    except _HungError:
        return "hung", f"no answer in {LIMIT:g} s"
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        if changed and callable(changed[2]) and "Callable" in str(target.signature):
            return "refused", told  # what a callable raises that was handed in is its own
        if not _is_ours(error):
            return "foreign", f"{told} ({_place(error)})"
        return ("refused" if changed and _names(str(error), *changed) else "nameless"), told
    bad = None if _documents_infinity(target.documentation) else _not_finite(result)
    return ("not finite", bad) if bad else ("answered", "")


def _is_ours(error: Exception) -> bool:
    """Whether it was raised on purpose, by a line of the library that says so."""
    if not isinstance(error, TypeError | ValueError | MemoryError | OSError | ImportError):
        return False
    last = traceback.extract_tb(error.__traceback__)[-1]
    inside = Path(last.filename).is_relative_to(Path(ipae_lib.__file__).parent)
    return inside and (last.line or "").startswith("raise ")


def _place(error: Exception) -> str:
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(Path(ipae_lib.__file__).parent)
    ]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "outside"


def _names(message: str, parameter: str, plain: Any, odd: Any) -> bool:
    """Whether a message names the argument, something of its value, and what to do."""
    name = parameter.strip("_")
    names = [parameter, name, name.removesuffix("s"), name.removesuffix("es"), *_HANDED_ON]
    names.append(name.rpartition("_")[2])
    if isinstance(plain, Mapping):
        names += map(str, plain)
    argument = any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", message) for name in names)
    value = (
        type(odd).__name__ in message
        or repr(odd)[:20] in message
        or bool(re.search(r"\d|['\[({]|\b(is|has|holds) ", message))
    )
    return argument and value and bool(re.search(r"[;:] ", message))


_HANDED_ON = "gram", "points", "path"
"""What an argument is called where it is handed on to."""


def _documents_infinity(documentation: str) -> bool:
    text = re.sub(r"(?s)\n\s*Raises\n.*?(?=\n\s*Examples\n|\Z)", "", documentation)
    return bool(re.search(r"NaN|[Ii]nfinite|None where", text))


def _array(value: Tensor) -> np.ndarray:
    if value.is_meta:
        return np.zeros(0)
    dense = value.detach().to_dense().cpu()
    return (dense.float() if dense.dtype is torch.bfloat16 else dense).numpy()


def _not_finite(value: Any) -> str | None:
    """The first number in a result that is not finite, in words."""
    if isinstance(value, Tensor):
        value = _array(value)
    if isinstance(value, float | np.floating | np.ndarray):
        array = np.asarray(value)
        bad = array.dtype.kind in "fc" and not np.isfinite(array).all()
        return f"gave {array[~np.isfinite(array)][0] if array.ndim else array}" if bad else None
    parts: Iterable[Any] = ()
    if isinstance(value, xr.Dataset):
        parts = [variable.values for variable in value.data_vars.values()]
    elif isinstance(value, xr.DataArray):
        parts = [value.values]
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, list | tuple | set):
        parts = value
    elif is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, f.name) for f in fields(value) if f.type != "xr.Dataset"]
    return next(filter(None, map(_not_finite, parts)), None)


class _HungError(BaseException):
    """No answer in time."""


def _hang(*_: object) -> None:
    raise _HungError


@contextlib.contextmanager
def _confined() -> Iterator[None]:
    """Quiet, in an empty folder, with an end to time and memory."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    handler = signal.signal(signal.SIGALRM, _hang)
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, before[1]))
            signal.setitimer(signal.ITIMER_REAL, LIMIT)
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
            resource.setrlimit(resource.RLIMIT_AS, before)


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray | Tensor):
        return f"{type(value).__name__} {tuple(value.shape)} {value.dtype}"
    if isinstance(value, pd.DataFrame | xr.Dataset | nn.Module):
        return type(value).__name__
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def counts(done: Iterable[Trial]) -> dict[str, int]:
    """How often there was each outcome."""
    found = Counter(trial.outcome for trial in done)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def summary(done: Sequence[Trial]) -> pd.DataFrame:
    """The same, a line for each module."""
    modules = {trial.target.rpartition(".")[0] for trial in done}
    modules = {re.sub(r"\.[A-Z]\w*$", "", name) for name in modules}
    lines = {
        name: counts(trial for trial in done if trial.target.startswith(f"{name}."))
        for name in sorted(modules)
    }
    return pd.DataFrame.from_dict(lines, orient="index", columns=list(OUTCOMES))
