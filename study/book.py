"""Executes the book's chapters: ``python -m study.book --help``.

A chapter is a pair: ``NN_name.py``, the source that people edit, and ``NN_name.ipynb``, the
same cells with their outputs. Chapters depend on no other chapter, so they run side by side,
each in a process of its own. What is written is whole, was executed from top to bottom, and
is the same byte for byte when the outputs are the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, NoReturn

import joblib
import jupytext
import nbformat
import papermill
import yaml
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from papermill.iorw import NoDatesSafeLoader
from tqdm import tqdm
from traitlets import default
from traitlets.config import Config

from ipae_lib.files import atomic_write, make_folder
from ipae_lib.validation import check_count

BOOK = Path(__file__).resolve().parent.parent / "book"
"""Where the sources are in a checkout."""

PROFILES = ("tiny", "quick", "paper")

_PAIR = "ipynb,py:percent"
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_INJECTED = "injected-parameters"
_POSIX = os.name == "posix"
_STOP_SECONDS = 30
# no rate: one cell prints a number, another trains a network
_BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} cells [{elapsed}{postfix}]"


class BookError(ValueError):
    """What was asked for cannot be done; the message says why and what to do instead."""


def chapters(book: Path = BOOK) -> list[Path]:
    """The sources ``NN_name.py`` of all chapters in the folder ``book``, in order.

    Raises
    ------
    BookError
        If there are none.
    """
    found = sorted(book.glob("[0-9][0-9]_*.py"))
    if not found:
        raise BookError(
            f"no chapter NN_name.py in {book}; the book's sources come with the repository, not "
            "with the installed package: run this from a checkout installed by 'pip install -e .',"
            " or name the folder with --book DIR"
        )
    return found


def find_chapters(names: Sequence[str], book: Path = BOOK) -> list[Path]:
    """The sources of the chapters called ``names``, in order; of all chapters if there are none.

    A name is a number (``"05"``), a name (``"05_autoencoder_planes"``) or a path to either file
    of the pair.

    Raises
    ------
    BookError
        If a name fits no chapter; the message lists those there are.
    """
    known = chapters(book)
    chosen = set()
    for name in names:
        path = Path(name)
        if len(path.parts) > 1 and path.resolve().parent != book.resolve():
            matches = []
        else:
            matches = [c for c in known if path.stem in _names(c)]
        if not matches:
            raise BookError(f"no chapter {name!r} in {book}; there are: {_listed(known)}")
        chosen.update(matches)
    return [chapter for chapter in known if chapter in chosen] if names else known


def declared_parameters(chapter: Path) -> dict[str, str]:
    """The parameters that a chapter's cell tagged ``parameters`` defines: name to default.

    Defaults are Python source, for example ``"'quick'"``.
    """
    found = papermill.inspect_notebook(_read(chapter))
    return {name: parameter["default"] for name, parameter in found.items()}


def execute(
    sources: Sequence[Path],
    output: Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    optional: Mapping[str, Any] | None = None,
    workers: int | None = None,
    timeout: int | None = None,
) -> dict[str, str]:
    """Execute chapters and write them to ``output`` as ``NN_name.ipynb``.

    Earlier notebooks of the same chapters are removed from ``output`` first, so that whatever
    is there afterwards is from this run. Call it from the main thread and, like everything
    that starts processes, from under ``if __name__ == "__main__"``.

    Parameters
    ----------
    sources : the chapters, as `chapters` or `find_chapters` gives them
    parameters : what to set, by name
        Each goes to those chapters that declare it, and at least one has to.
    optional : the same, but it may be that no chapter declares it
    workers : how many chapters run at the same time; as many as there are cores if None
        Each gets its share of the cores for the threads of its matrix operations.
    timeout : the longest that one cell may take, in seconds; None is no limit

    Returns
    -------
    dict : why it failed, for each failed chapter by name
        Its notebook up to there is left as ``NN_name.failed.ipynb``.

    Raises
    ------
    BookError
        If no chapter declares one of ``parameters``; nothing has run then.
    """
    parameters, optional = parameters or {}, optional or {}
    declared = {source: declared_parameters(source) for source in sources}
    known = sorted(set().union(*declared.values()))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise BookError(
            f"unknown parameter {', '.join(map(repr, unknown))}: of the chosen chapters "
            f"({_listed(sources)}) none declares it; known are: {', '.join(known) or 'none'}"
        )
    jobs = [
        _Job(
            source,
            output / f"{source.stem}.ipynb",
            output / f"{source.stem}.failed.ipynb",
            {n: v for n, v in {**optional, **parameters}.items() if n in declared[source]},
        )
        for source in sources
    ]
    return _run(jobs, workers, timeout, clear=True)


def refresh(
    sources: Sequence[Path],
    failures: Path,
    *,
    workers: int | None = None,
    timeout: int | None = None,
) -> dict[str, str]:
    """Execute chapters as they are and write the notebooks beside their sources.

    A chapter that fails keeps its old notebook; what ran of it goes to the folder ``failures``.
    Otherwise like `execute`.
    """
    jobs = [
        _Job(source, source.with_suffix(".ipynb"), failures / f"{source.stem}.failed.ipynb", {})
        for source in sources
    ]
    return _run(jobs, workers, timeout, clear=False)


def problems(chapter: Path, notebook: Path | None = None) -> list[str]:
    """What is wrong with a chapter's notebook, one sentence each; empty if nothing is.

    It must hold the cells of the source and have been executed from top to bottom without error.

    Parameters
    ----------
    chapter : the source ``NN_name.py``
    notebook : an executed copy; if None, the other half of the pair, which may not hold injected
        parameters, nor warnings and progress bars, which are different on another machine
    """
    path = notebook or chapter.with_suffix(".ipynb")
    if not path.exists():
        return ["has not been executed: there is no such file"]
    try:
        read = nbformat.read(path, as_version=4)
        nbformat.validate(read)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        return [f"is no valid notebook: {_first_line(error)}"]
    found = _execution_problems(read) + ([] if notebook else _pair_problems(read))
    # through the text form, which leaves out what belongs to the notebook alone
    text = jupytext.writes(read, fmt="py:percent")
    theirs = _content(_without_injected(jupytext.reads(text, fmt="py:percent")))
    ours = _content(_read(chapter).cells)
    if theirs != ours:
        pairs = zip(theirs, ours, strict=False)
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(theirs), len(ours)))
        found.append(f"differs from {chapter.name}, first in cell {same + 1}")
    return found


def check(book: Path = BOOK) -> dict[str, list[str]]:
    """What is wrong with the committed notebooks, by file name: see `problems`."""
    sources = chapters(book)
    found = {source.with_suffix(".ipynb").name: problems(source) for source in sources}
    known = {source.stem for source in sources}
    for notebook in sorted(book.glob("[0-9][0-9]_*.ipynb")):
        if notebook.stem not in known:
            found[notebook.name] = [f"has no source {notebook.stem}.py"]
    return {name: wrong for name, wrong in found.items() if wrong}


def stage(executed: Path, target: Path, book: Path = BOOK) -> None:
    """Lay out a copy of the book's folder in which the notebooks are those in ``executed``.

    ``jupyter-book build`` takes it like the original; it finds ``_config.yml`` in a folder above.

    Raises
    ------
    BookError
        If a chapter is missing from ``executed`` or was not executed from its present source.
    """
    sources = chapters(book)
    wrong = {s.stem: problems(s, executed / f"{s.stem}.ipynb") for s in sources}
    wrong = {name: found for name, found in wrong.items() if found}
    if wrong:
        raise BookError(
            f"{executed} does not hold the whole book executed:\n{_report(wrong)}\n"
            f"run: python -m study.book execute {' '.join(wrong)}"
        )
    make_folder(target.parent)
    partial_copy = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        # the chapters' own sources and notebooks, and what no page shows
        chapter_files = ("[0-9][0-9]_*.py", "[0-9][0-9]_*.ipynb")
        unwanted = shutil.ignore_patterns(*chapter_files, "results", "__pycache__", ".*")
        shutil.copytree(book, partial_copy, ignore=unwanted, dirs_exist_ok=True)
        for source in sources:
            shutil.copy2(executed / f"{source.stem}.ipynb", partial_copy)
        partial_copy.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        partial_copy.replace(target)
    finally:
        shutil.rmtree(partial_copy, ignore_errors=True)


@dataclass(frozen=True)
class _Job:
    source: Path
    target: Path
    failed: Path
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        return self.source.stem

    @property
    def cells(self) -> int:
        """How many cells will be executed, that of the injected parameters among them."""
        return len(_code_cells(_read(self.source))) + bool(self.parameters)


def _run(
    jobs: list[_Job], workers: int | None, timeout: int | None, *, clear: bool
) -> dict[str, str]:
    cores = joblib.cpu_count()
    workers = min(cores if workers is None else check_count(workers, "workers"), len(jobs))
    threads = max(1, cores // max(1, workers))
    if timeout is not None:
        check_count(timeout, "timeout", fix="give seconds, or None for no limit")
    for job in jobs:
        make_folder(job.target.parent)
        make_folder(job.failed.parent)
        job.failed.unlink(missing_ok=True)
        if clear:
            job.target.unlink(missing_ok=True)

    # chapters that can train take longest: first, so that they do not end up alone at the end
    waiting = deque(sorted(jobs, key=lambda job: "live" not in job.parameters))
    running: dict[Connection, tuple[_Job, BaseProcess]] = {}
    failures: dict[str, str] = {}
    progress = _Progress({job.name: job.cells for job in jobs})
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                job = waiting.popleft()
                with _ctrl_c_waits():
                    connection, process = _start(job, threads, timeout)
                    running[connection] = job, process
            progress.refresh()
            for connection in wait(list(running), timeout=1):
                job, process = running[connection]
                try:
                    event, value = connection.recv()
                except EOFError:  # it ended without a word
                    process.join()
                    died = f"the process died with exit code {process.exitcode}"
                    event, value = "failed", f"{died}; if memory ran out, use fewer --workers"
                if event == "cell":
                    progress.cell(job.name, value)
                    continue
                del running[connection]
                connection.close()
                process.join()
                if event == "failed":
                    failures[job.name] = value
                progress.end(job.name, value if event == "failed" else None)
    finally:
        progress.close()
        _stop([process for _, process in running.values()])
    return failures


def _start(job: _Job, threads: int, timeout: int | None) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(job, threads, timeout, sender), daemon=True)
    process.start()
    sender.close()
    return receiver, process


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Ctrl-C takes effect at the end of the block, and never in a process started in it.

    It reaches the whole process group, of which the parent alone is to act, in `_stop`.
    """
    received = []
    handler = signal.signal(signal.SIGINT, lambda *_: received.append(True))
    if _POSIX:
        resource_tracker.ensure_running()  # its start would end the blocking
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if _POSIX:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, handler)
    if received and callable(handler):
        handler(signal.SIGINT, None)


def _stop(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()


class _ThisInterpreter(AsyncKernelManager):
    """Kernels of the Python that runs this, whatever kernelspecs are installed on the machine."""

    interrupted: ClassVar[bool] = False

    @default("kernel_spec_manager")
    def _only_the_native_kernel(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[])

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        # nobody waits for the end of a cell that was interrupted
        await super().shutdown_kernel(now or self.interrupted, restart)


def _work(job: _Job, threads: int, timeout: int | None, events: Connection) -> None:
    """Execute one chapter in this process of its own; tell the parent over ``events``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _POSIX:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _interrupt_worker)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(_kernel_environment(threads, scratch))
        saved = Path(scratch) / "executed.ipynb"
        started = 0

        def on_cell(**_: Any) -> None:
            nonlocal started
            started += 1
            events.send(("cell", started))

        try:
            _execute_chapter(job, timeout, saved, on_cell)
        except Exception as error:
            if saved.exists():
                with atomic_write(job.failed) as path:
                    shutil.copyfile(saved, path)
            events.send(("failed", f"cell {started} of {job.cells}: {_reason(error)}"))
        else:
            events.send(("done", None))


def _execute_chapter(
    job: _Job, timeout: int | None, saved: Path, on_cell: Callable[..., None]
) -> None:
    sockets = Config()
    if _POSIX:
        # ports would now and then be taken by a neighbour; the name is short because the path
        # of a socket has no room for more than about 100 letters
        sockets.KernelManager.transport = "ipc"
        sockets.KernelManager.connection_file = str(saved.with_name("k.json"))
    source = _read(job.source)
    executed = papermill.execute_notebook(
        deepcopy(source),
        str(saved),
        parameters=job.parameters,
        cwd=job.source.parent,
        progress_bar=False,
        kernel_name=_KERNEL["name"],
        kernel_manager_class=_ThisInterpreter,
        config=sockets,
        # a kernel logs its own orderly end as an error now and then
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        on_cell_execute=on_cell,
        execution_timeout=timeout,
        # a busy machine is slow to start kernels and to hand over large figures
        start_timeout=300,
        iopub_timeout=60,
        coalesce_streams=True,
        record_timing=False,
    )
    notebook = _assemble(source, executed)
    wrong = _execution_problems(notebook)
    if wrong:
        raise BookError("the executed notebook " + "; ".join(wrong))
    nbformat.validate(notebook)
    with atomic_write(job.target) as path:
        path.write_text(_serialised(notebook), encoding="utf-8")


def _assemble(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """The cells of the source with the outputs of the run, and nothing of when and how it ran."""
    notebook = deepcopy(source)
    for index, cell in enumerate(executed.cells):
        if _INJECTED in cell.metadata.get("tags", []):
            injected = nbformat.v4.new_code_cell(cell.source)
            injected.metadata["tags"] = [_INJECTED, "remove-cell"]
            notebook.cells.insert(index, injected)
    for index, (cell, ran) in enumerate(zip(notebook.cells, executed.cells, strict=True)):
        cell["id"] = hashlib.sha256(f"{index}\n{cell.source}".encode()).hexdigest()[:8]
        if cell.cell_type == "code":
            cell.outputs = ran.outputs
            cell.execution_count = ran.execution_count
    language = dict(executed.metadata["language_info"])
    language.pop("version", None)
    notebook.metadata["language_info"] = language
    return notebook


def _serialised(notebook: NotebookNode) -> str:
    written = json.loads(jupytext.writes(notebook, fmt="ipynb"))
    # in the order of the source, where nbformat sorts: JupyterLab takes a pair whose texts
    # differ in that for a conflict as soon as the notebook is the newer file
    for cell, source in zip(written["cells"], notebook.cells, strict=True):
        cell["metadata"] = source.metadata
    return json.dumps(written, indent=1, ensure_ascii=False) + "\n"


def _kernel_environment(threads: int, scratch: str) -> dict[str, str]:
    limits = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {
        # more threads than cores make small matrices a hundred times slower
        **{name: str(threads) for name in limits if name not in os.environ},
        # what a person's own settings would change in the outputs
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": str(Path(scratch) / "ipython"),
        "PYTHONHASHSEED": "0",
        "TQDM_DISABLE": "1",
    }


def _execution_problems(notebook: NotebookNode) -> list[str]:
    cells = _code_cells(notebook)
    found = []
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        found.append("was not executed once from top to bottom")
    for number, cell in enumerate(cells, 1):
        found += [
            f"has an error in code cell {number}: {output.ename}: {output.evalue}"
            for output in cell.outputs
            if output.output_type == "error"
        ]
    return found


def _pair_problems(notebook: NotebookNode) -> list[str]:
    """What an executed copy may have and a committed notebook may not."""
    found = []
    if notebook.metadata.get("jupytext", {}).get("formats") != _PAIR:
        found.append(f"is not paired: its jupytext formats are not {_PAIR}")
    if _without_injected(notebook) != notebook.cells:
        found.append(f"holds a cell tagged {_INJECTED}")
    for number, cell in enumerate(_code_cells(notebook), 1):
        found += [
            f"has a warning or progress bar in code cell {number}: {_first_line(output.text)}"
            for output in cell.outputs
            if output.get("name") == "stderr"
        ]
    return found


def _read(chapter: Path) -> NotebookNode:
    notebook = jupytext.read(chapter, fmt="py:percent")
    notebook.metadata.setdefault("jupytext", {})["formats"] = _PAIR
    notebook.metadata["jupytext"].pop("main_language", None)  # the kernel says it
    notebook.metadata["kernelspec"] = dict(_KERNEL)
    return notebook


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells that a kernel executes; it passes over blank ones."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]


def _without_injected(notebook: NotebookNode) -> list[NotebookNode]:
    return [c for c in notebook.cells if _INJECTED not in c.metadata.get("tags", [])]


def _content(cells: list[NotebookNode]) -> list[tuple[str, str, dict[str, Any]]]:
    layout = "lines_to_next_cell"  # blank lines in the text, nothing of the cell
    return [
        (c.cell_type, c.source, {k: v for k, v in c.metadata.items() if k != layout}) for c in cells
    ]


def _reason(error: Exception) -> str:
    if isinstance(error, papermill.PapermillExecutionError):
        return f"{error.ename}: {error.evalue}\n{str(error).strip()}"
    return f"{type(error).__name__}: {error}"


def _interrupt_worker(number: int, frame: FrameType | None) -> NoReturn:
    _ThisInterpreter.interrupted = True
    logging.disable()  # of the cell that breaks off
    _exit_on_signal(number, frame)


def _exit_on_signal(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    # an exception, so that processes are stopped and temporary files removed on the way out
    raise SystemExit(128 + number)


def _first_line(text: object) -> str:
    return next(iter(str(text).strip().splitlines()), "")


def _names(chapter: Path) -> tuple[str, ...]:
    number = chapter.stem[:2]
    return chapter.stem, number, number.lstrip("0")


def _listed(sources: Sequence[Path]) -> str:
    return ", ".join(source.stem for source in sources)


def _report(wrong: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(f"  {name} {sentence}" for name, found in wrong.items() for sentence in found)


class _Progress:
    """One bar over the cells of all chapters; a line a cell where that is no terminal."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        self._totals = totals
        self._running: dict[str, int] = {}
        self._bar = tqdm(
            total=sum(totals.values()), disable=None, dynamic_ncols=True, bar_format=_BAR
        )

    def cell(self, name: str, number: int) -> None:
        # it has begun; those before it are done
        self._bar.update(number - self._running.get(name, 1))
        self._running[name] = number
        if self._bar.disable:
            self._say(f"{name}: cell {number}/{self._totals[name]}")
        self._show()

    def end(self, name: str, failure: str | None) -> None:
        self._bar.update(self._totals[name] - self._running.pop(name, 1) + 1)
        self._say(f"{name}: FAILED in {failure}" if failure else f"{name}: done")
        self._show()

    def refresh(self) -> None:
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()

    def _show(self) -> None:
        running = self._running.items()
        self._bar.set_postfix_str(", ".join(f"{n} {i}/{self._totals[n]}" for n, i in running))

    def _say(self, line: str) -> None:
        tqdm.write(line, file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    # so that `finally` blocks run when something ends this process politely
    signal.signal(signal.SIGTERM, _exit_on_signal)
    try:
        return options.command(options)
    except (BookError, OSError) as error:
        print(f"python -m study.book: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; finished chapters are kept, others wrote nothing", file=sys.stderr)
        return 128 + signal.SIGINT


def _execute_command(options: argparse.Namespace) -> int:
    optional = {name: getattr(options, name) for name in ("profile", "device", "live")}
    output = options.output or _build(options) / "notebooks"
    failures = execute(
        find_chapters(options.chapters, options.book),
        output,
        parameters={name: _typed(value) for name, value in options.parameters},
        optional={name: value for name, value in optional.items() if value is not None},
        workers=options.workers,
        timeout=options.timeout,
    )
    return _summary(failures, output, output)


def _refresh_command(options: argparse.Namespace) -> int:
    failed = _build(options) / "notebooks"
    sources = find_chapters(options.chapters, options.book)
    failures = refresh(sources, failed, workers=options.workers, timeout=options.timeout)
    return _summary(failures, options.book, failed)


def _check_command(options: argparse.Namespace) -> int:
    wrong = check(options.book)
    if wrong:
        print(_report(wrong), file=sys.stderr)
        print("to bring the notebooks up to date: python -m study.book refresh", file=sys.stderr)
        return 1
    print(f"in sync and executed: {_listed(chapters(options.book))}")
    return 0


def _stage_command(options: argparse.Namespace) -> int:
    target = _build(options) / "book"
    stage(options.output or _build(options) / "notebooks", target, options.book)
    print(f"to build it: jupyter-book build {target}")
    return 0


def _summary(failures: Mapping[str, str], output: Path, failed: Path) -> int:
    for name, reason in failures.items():
        copy = failed / f"{name}.failed.ipynb"
        where = f"\n  its notebook up to there: {copy}" if copy.exists() else ""
        print(f"{name} failed in {_first_line(reason)}{where}", file=sys.stderr)
    if not failures:
        print(f"executed notebooks: {output}")
    return 1 if failures else 0


def _build(options: argparse.Namespace) -> Path:
    return options.book.resolve().parent / "_build"


def _typed(value: str) -> Any:
    """A parameter's value as YAML reads it, but with 1e-3 the number it is meant to be."""
    if re.fullmatch(r"[+-]?\d+e[+-]?\d+", value):
        return float(value)
    try:
        return yaml.load(value, Loader=NoDatesSafeLoader)
    except yaml.YAMLError as error:
        raise BookError(f"the parameter value {value!r} is not YAML: {error}") from error


def _count(text: str) -> int:
    try:
        return check_count(int(text), "it")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m study.book",
        description="Execute the book's chapters, each in a Jupyter kernel of its own.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: Callable[[argparse.Namespace], int], text: str) -> Callable:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(command=function)
        text = "folder of the chapters; _build/ is made beside it (default: book/ of the checkout)"
        command.add_argument("--book", type=Path, default=BOOK, metavar="DIR", help=text)
        return command.add_argument

    text = "execute chapters into _build/notebooks: the committed notebooks stay as they are"
    execute_option = add("execute", _execute_command, text)
    text = "execute chapters and write the committed notebooks: do it after editing a source"
    refresh_option = add("refresh", _refresh_command, text)
    text = "see whether the committed notebooks are up to date: exit status 1 if one is not"
    add("check", _check_command, text)
    text = "make _build/book, the book's folder with the executed notebooks: for jupyter-book"
    stage_option = add("stage", _stage_command, text)

    for option in (execute_option, refresh_option):
        text = "number (05), name (05_autoencoder_planes) or path; all chapters if none is given"
        option("chapters", nargs="*", metavar="CHAPTER", help=text)
        text = "chapters executed at the same time (default: one per core)"
        option("--workers", type=_count, metavar="N", help=text)
        text = "longest that one cell may take (default: no limit)"
        option("--timeout", type=_count, metavar="SECONDS", help=text)
    for option in (execute_option, stage_option):
        text = "folder of the executed notebooks (default: _build/notebooks)"
        option("--output", type=Path, metavar="DIR", help=text)

    text = "size of the experiments: tiny takes seconds, quick minutes, paper is the full scale"
    execute_option("--profile", choices=PROFILES, help=text)
    execute_option("--device", help="where to compute, for example cpu or cuda")
    text = "train now, in the chapters that otherwise read stored results"
    execute_option("--live", action="store_true", default=None, help=text)
    text = "set a parameter, VALUE in YAML, in the chosen chapters that declare it; repeatable"
    name_value = {"nargs": 2, "metavar": ("NAME", "VALUE"), "action": "append", "default": []}
    execute_option("-p", "--parameter", dest="parameters", help=text, **name_value)
    return parser


_EXAMPLES = """\
examples:
  python -m study.book execute                       all chapters, as committed
  python -m study.book execute 04                    chapter 4
  python -m study.book execute 05 --live        chapter 5, training live
  python -m study.book execute --profile tiny        a trial of everything in seconds
  python -m study.book execute 05 --profile paper --live --device cuda
  python -m study.book execute 04 -p profile tiny    any parameter, by its name
  python -m study.book refresh 02 03                 after editing chapters 2 and 3
  python -m study.book check                         are the committed notebooks up to date?

A chapter's parameters are in its cell tagged "parameters"; --profile, --device and --live
set those of the same name in the chapters that have them. COMMAND --help lists all options.
Exit status: 0 done, 1 a chapter failed or is out of date, 2 bad input, 130 interrupted.
"""

if __name__ == "__main__":
    sys.exit(main())
