"""Asks estimators every question, each in a process of its own, and keeps what was answered.

Whatever an estimator does, its row is finished and so are the others: what it raises is noted, and
a process that gives no answer in time, or something else than answers, is ended with all that it
has started, and started again for the next question. Its standard output goes to the standard
error, and its memory is limited where the system can.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import pickle
import pickletools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from ipae_lib import memory
from ipae_lib.benchmark import channel, networks, worker
from ipae_lib.benchmark.channel import ChannelError
from ipae_lib.benchmark.problems import Problem
from ipae_lib.benchmark.worker import TOO_MANY, TOO_WIDE, Answer
from ipae_lib.estimators.base import KnownNoiseEstimator
from ipae_lib.extras import optional
from ipae_lib.files import kept, make_folder, write_sealed
from ipae_lib.identity import code_identity, is_followed
from ipae_lib.validation import Count, Positive

QUESTION_COORDINATES = (
    "part", "case", "iteration", "n", "seed", "quantity", "layer", "d_x", "d_y", "exact", "noise",
)  # fmt: skip
"""What is known of a question."""

PATIENCE = 3
"""Processes that may be lost to one estimator; after that it is asked no more."""

_START_SECONDS = 120
"""For a new process to be ready, imports included, on a machine that is busy."""

_STOP_SECONDS = 10
"""For a process to end with all that it has started."""

_GUARD = (
    "a new process imports the script that calls benchmark.run, so in a script the call must "
    "stand under: if __name__ == '__main__':"
)


def run(
    rows: Mapping[str, Callable | KnownNoiseEstimator],
    asked: Sequence[Problem],
    *,
    cache: str | Path | bool = True,
    limit: Positive = 30.0,
    jobs: Count = 1,
    memory_limit: Positive | None = None,
    most: Mapping[str, int | None] | None = None,
    widest: Mapping[str, int | None] | None = None,
    progress: bool = True,
) -> xr.Dataset:
    """Ask every estimator every question.

    Parameters
    ----------
    rows : mapping from name to estimator
        Each is called as ``estimator(x, y)`` with tensors of shapes (N, d_x) and (N, d_y) and
        returns bits. One with the methods of `EntropyEstimator` takes each entropy once. A
        `KnownNoiseEstimator` is told T and s in place of y = T + R, where these are known.
    asked : sequence of Problem
        As `problems.problem_set` gives them.
    cache : path or bool
        Folder of the answers already given, which are not asked for again; True is one in the
        user's cache, False none. Answers are known by the samples, and by the estimator's
        settings and the source of the module that defines it with what that imports; not by
        installed packages.
    limit : float
        Seconds on the clock for one answer.
    jobs : int
        Estimators that run side by side.
    memory_limit : float, optional
        MB that each process of an estimator may take, on Linux. Default: its share of four fifths
        of what is free.
    most : mapping from name to int, optional
        The most samples that a row is given; with more it is not asked.
    widest : mapping from name to int, optional
        The most dimensions that the narrower variable of a question to a row has.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Dataset
        ``bits``, ``error_bar`` (NaN where none is told), ``seconds`` and ``failure`` (estimator,
        question), ``memory`` (estimator) in MB. Coordinates of ``question`` are part, case,
        iteration, n, seed, quantity, layer, d_x, d_y, exact and noise.

    Raises
    ------
    ValueError
        If there is no estimator or no problem, one cannot be called or sent to another process,
        or a number is out of range.
    OSError
        If the folder of the answers cannot be written.
    RuntimeError
        If a script calls this when it is imported.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(f"benchmark.run was called again while a process started: {_GUARD}")
    if not rows or not asked:
        raise ValueError("rows or asked is empty; give {'name': estimator} and a problem_set")
    if memory_limit is None:
        free = memory.free()
        allowance = None if free is None else free * 4 // 5 // jobs
    else:
        allowance = int(memory_limit * 2**20)
    payloads = {name: _payload(name, estimator) for name, estimator in rows.items()}
    place = networks.kept_folder() / "answers" if cache is True else cache
    folder = make_folder(place) if place else None
    total = len(rows) * sum(len(problem.questions) for problem in asked)
    with (
        tqdm(total=total, unit="answers", disable=not progress, mininterval=0.5) as bar,
        ThreadPoolExecutor(jobs) as pool,
    ):
        under_way: list[_Row] = []

        def run_row(name: str) -> tuple[list[Answer], float]:
            largest, width = ((given or {}).get(name) for given in (most, widest))
            with _Row(*payloads[name], folder, limit, allowance) as row:
                under_way.append(row)
                answers = []
                for problem in asked:
                    if largest is not None and problem.n > largest:
                        answers += [Answer(np.nan, TOO_MANY, 0.0)] * len(problem.questions)
                    else:
                        answers += _narrow_answers(row, problem, width)
                    bar.set_description(name, refresh=False)
                    bar.update(len(problem.questions))
                return answers, row.memory

        try:
            futures = [pool.submit(run_row, name) for name in rows]
            answered = [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for row in under_way:
                row.give_up()
            raise
    return _dataset(list(rows), answered, asked)


def _narrow_answers(row: _Row, problem: Problem, widest: int | None) -> list[Answer]:
    """Answers to a problem; `TOO_WIDE` where both variables are wider than ``widest``."""
    asked = [widest is None or min(q.d_x, q.d_y) <= widest for q in problem.questions]
    if not any(asked):
        return [Answer(np.nan, TOO_WIDE, 0.0)] * len(asked)
    if not all(asked):
        questions, draw = list(compress(problem.questions, asked)), problem.draw
        problem = replace(problem, questions=questions, draw=lambda: [*compress(draw(), asked)])
    answers = iter(row.ask(problem))
    return [next(answers) if one else Answer(np.nan, TOO_WIDE, 0.0) for one in asked]


class _Row:
    """One estimator's process and the answers it has given."""

    def __init__(
        self,
        payload: bytes,
        identity: bytes,
        folder: Path | None,
        limit: float,
        allowance: int | None,
    ) -> None:
        self.payload, self.identity = payload, identity
        self.folder, self.limit, self.allowance = folder, limit, allowance
        self.memory = 0.0
        self.lost = 0
        self.process: Any = None
        self.channel: Any = None

    def __enter__(self) -> _Row:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def give_up(self) -> None:
        """End the process now; whoever waits for its answers gets none."""
        self.lost = PATIENCE
        if self.process is not None:
            self.process.terminate()

    def ask(self, problem: Problem) -> list[Answer]:
        """Every answer to a problem, from its file where there is one."""
        path = self._path(problem)
        known = kept(path, _kept_answers) if path else None
        if known is not None:
            answers, memory = known
            self.memory = max(self.memory, memory)
            return answers
        lost_before = self.lost
        answers, memory = self._fresh(problem)
        self.memory = max(self.memory, memory)
        # the machine may have been the cause, its load or its memory: asked again next time
        short = any("memory" in answer.failure.lower() for answer in answers)
        if path and self.lost == lost_before and self.lost < PATIENCE and not short:
            texts = [asdict(a) | {"bits": None if a.failure else a.bits} for a in answers]
            content = {"problem": problem.name, "memory": memory, "answers": texts}
            write_sealed(path, json.dumps(content).encode())
        return answers

    def _fresh(self, problem: Problem) -> tuple[list[Answer], float]:
        answers: list[Answer] = []
        count, peak = len(problem.questions), 0.0
        while len(answers) < count and self.lost < PATIENCE:
            try:
                if self.process is None:
                    self._start()
                question = pickle.dumps((_arrays(problem), len(answers), _seed(problem)))
                self.channel.send(question, _START_SECONDS)
                while len(answers) < count:
                    message = self.channel.heard(self.limit)
                    answers.append(worker.answer_in(message, len(answers)))
                peak = self._number()
            except TimeoutError:
                self._lose(answers, f"no answer in {self.limit:g} s", self.limit)
            except ChannelError:
                self._lose(answers, "something else was written where its answers are read")
            except (EOFError, ConnectionError):
                self.process.join(_STOP_SECONDS)
                code = self.process.exitcode
                ended = "closed what its answers are read from"
                if code is not None:
                    ended = f"its process ended with exit code {code}"
                self._lose(answers, ended)
        given_up = Answer(np.nan, f"not asked any more, after {PATIENCE} lost processes", 0.0)
        answers += [given_up] * (count - len(answers))
        return answers[:count], peak

    def _lose(self, answers: list[Answer], failure: str, seconds: float = 0.0) -> None:
        self.lost += 1
        answers.append(Answer(np.nan, failure, seconds))
        self._end()

    def _number(self) -> float:
        number = self.channel.heard(self.limit)
        if not isinstance(number, float | int) or not 0 <= number < np.inf:
            raise ChannelError
        return float(number)

    def _start(self) -> None:
        context = _context()
        self.channel, theirs = channel.pair()
        process = context.Process(target=worker.work, args=(theirs, self.payload, self.allowance))
        process.start()
        self.process = process
        theirs.close()
        try:
            self.channel.heard(_START_SECONDS)
        except (EOFError, ConnectionError) as error:  # no fault of the estimator's
            self.process.join()
            code = self.process.exitcode
            raise RuntimeError(
                f"a process of the benchmark ended with exit code {code} before it was ready, and "
                f"printed why; {_GUARD}"
            ) from error
        self.channel.heard(_START_SECONDS)  # what is asked is loaded

    def _end(self) -> None:
        if self.process is None:
            return
        self.channel.close()
        self.process.join(0.2)
        if self.process.is_alive():
            self.process.terminate()  # its keeper ends all
            self.process.join(_STOP_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process = None

    def _path(self, problem: Problem) -> Path | None:
        if self.folder is None:
            return None
        key = hashlib.sha256(self.identity + problem.name.encode())
        for pair in problem.pairs:
            clean = b"" if pair.clean is None else pair.clean.numpy().tobytes()
            key.update(pair.a.numpy().tobytes() + pair.b.numpy().tobytes() + clean)
        return self.folder / f"{key.hexdigest()[:32]}.json"


_OTHERS = ("failure", "seconds", "error_bar")


def _kept_answers(content: bytes) -> tuple[list[Answer], float]:
    """Answers to a problem and the memory they took, as a row keeps them."""
    known = json.loads(content)
    answers = [
        Answer(np.nan if a["bits"] is None else a["bits"], *(a[key] for key in _OTHERS))
        for a in known["answers"]
    ]
    return answers, known["memory"]


def _payload(name: str, estimator: Callable | KnownNoiseEstimator) -> tuple[bytes, bytes]:
    """What is sent to the process, and what the answers are known by."""
    cloudpickle = optional("cloudpickle", "benchmark")
    try:
        payload = cloudpickle.dumps(estimator)
    except Exception as error:
        raise ValueError(
            f"estimator {name!r} cannot be sent to another process ({error}); define it at the "
            "top of a module, without open files or connections"
        ) from error
    return payload, payload + code_identity(worker.__name__, *_modules_in(payload)).encode()


def _modules_in(payload: bytes) -> set[str]:
    """Modules of code that may change which a pickle names, so that it is made by them."""
    texts = {text for _, text, _ in pickletools.genops(payload) if isinstance(text, str)}
    names = {text for text in texts if all(part.isidentifier() for part in text.split("."))}
    return set(filter(is_followed, names))


def _context() -> Any:
    """Processes forked from one that has imported what a worker needs, where there are such."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([worker.__name__, __name__, f"{__package__}.rows"])
    return context


def _arrays(problem: Problem) -> worker.Arrays:
    known: dict[int, np.ndarray] = {}
    for pair in problem.pairs:
        for variable in (pair.a, pair.b, pair.clean):
            if variable is not None:
                known.setdefault(id(variable), variable.numpy())
    return [
        (known[id(p.a)], known[id(p.b)], known.get(id(p.clean)), q.noise, p.a_name, p.b_name)
        for p, q in zip(problem.pairs, problem.questions, strict=True)
    ]


def _seed(problem: Problem) -> int:
    return int.from_bytes(hashlib.sha256(problem.name.encode()).digest()[:4], "big")


def _dataset(
    names: Sequence[str],
    answered: Sequence[tuple[list[Answer], float]],
    asked: Sequence[Problem],
) -> xr.Dataset:
    about = {
        key: (
            "question",
            [
                getattr(owner, key)
                for problem in asked
                for question in problem.questions
                for owner in [problem if hasattr(problem, key) else question]
            ],
        )
        for key in QUESTION_COORDINATES
    }
    answers = [answers for answers, _ in answered]
    data = xr.Dataset(
        {
            key: (("estimator", "question"), [[getattr(a, key) for a in row] for row in answers])
            for key in ("bits", "seconds", "failure")
        },
        coords={"estimator": list(names), **about},
    )
    data["memory"] = "estimator", [memory for _, memory in answered]
    bars = [[np.nan if a.error_bar is None else a.error_bar for a in row] for row in answers]
    data["error_bar"] = ("estimator", "question"), bars
    data.bits.attrs = {"long_name": "answer", "units": "bit"}
    data.error_bar.attrs = {"long_name": "half the width of its interval", "units": "bit"}
    data.seconds.attrs = {"long_name": "processor time of the answer", "units": "s"}
    data.memory.attrs = {
        "long_name": "peak of memory above that of the idle process",
        "units": "MB",
    }
    return data
