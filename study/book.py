"""Executes the book's chapters: ``python -m study book --help``.

A chapter is a pair: ``NN_name.py``, the source that people edit, and ``NN_name.ipynb``, the
same cells with their outputs. Chapters depend on no other chapter, so they run side by side,
each in a process of its own. What is written is whole, was executed from top to bottom, and
is the same byte for byte when the outputs are the same.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, NoReturn, cast

import joblib
import jupytext
import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from tqdm import tqdm
from traitlets import Unicode, default
from traitlets.config import Config

from ipae_lib.files import atomic_write, make_folder
from ipae_lib.validation import check_count
from study import processes

BOOK = Path(__file__).resolve().parent.parent / "book"
"""Where the sources are in a checkout."""

PROFILES = ("tiny", "quick", "paper")

_PAIR = "ipynb,py:percent"
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_INJECTED = "injected-parameters"
_POSIX = os.name == "posix"
# no rate: one cell prints a number, another trains a network
_BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} cells [{elapsed}{postfix}]"


class BookError(ValueError):
    """What was asked for does not exist; the message says what does."""


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
            raise BookError(f"no chapter {name!r} in {book}; there are: {listed(known)}")
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
            f"({listed(sources)}) none declares it; known are: {', '.join(known) or 'none'}"
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
        return [f"is no valid notebook: {first_line(error)}"]
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
    ValueError
        If a chapter is missing from ``executed`` or was not executed from its present source.
    """
    sources = chapters(book)
    wrong = {s.stem: problems(s, executed / f"{s.stem}.ipynb") for s in sources}
    wrong = {name: found for name, found in wrong.items() if found}
    if wrong:
        raise ValueError(
            f"{executed} does not hold the whole book executed:\n{report(wrong)}\n"
            f"run: python -m study book execute {' '.join(wrong)}"
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
                with processes.ctrl_c_waits():
                    connection, process = processes.start(_work, job, threads, timeout)
                    running[connection] = job, process
            progress.refresh()
            for ready in wait(list(running), timeout=1):
                connection = cast(Connection, ready)
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
        processes.stop([process for _, process in running.values()])
    return failures


class _ThisInterpreter(AsyncKernelManager):
    """Kernels of the Python that runs this, whatever kernelspecs are installed on the machine."""

    interrupted: ClassVar[bool] = False
    words = Unicode(os.devnull, help="file of what a kernel writes to no cell").tag(config=True)

    @default("kernel_spec_manager")
    def _only_the_native_kernel(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[])

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
        with Path(self.words).open("ab") as stderr:
            await super().start_kernel(stderr=stderr, **options)

    async def shutdown_kernel(  # type: ignore[override]  # their types know the blocking one
        self, now: bool = False, restart: bool = False
    ) -> None:
        # nobody waits for the end of a cell that was interrupted
        await super().shutdown_kernel(now or self.interrupted, restart)


def _work(job: _Job, threads: int, timeout: int | None, events: Connection) -> None:
    """Execute one chapter in this process of its own; tell the parent over ``events``."""
    signal.signal(signal.SIGTERM, _interrupt_worker)
    processes.begin(end=lambda: os.kill(os.getpid(), signal.SIGTERM))
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(_kernel_environment(threads, scratch))
        saved = Path(scratch) / "executed.ipynb"
        words = Path(scratch) / "words.txt"
        started = 0

        def on_cell(**_: Any) -> None:
            nonlocal started
            started += 1
            events.send(("cell", started))

        try:
            _execute_chapter(job, timeout, saved, words, on_cell)
        except Exception as error:
            if saved.exists():
                with atomic_write(job.failed) as path:
                    shutil.copyfile(saved, path)
            told = _last_lines(words)
            told = f"\nthe kernel's last words:\n{told}" if told else ""
            events.send(("failed", f"cell {started} of {job.cells}: {_reason(error)}{told}"))
        else:
            events.send(("done", None))


def _execute_chapter(
    job: _Job, timeout: int | None, saved: Path, words: Path, on_cell: Callable[..., None]
) -> None:
    kernels = Config()
    # now and then a kernel tells of errors at its orderly end: of use after a failure only
    kernels.KernelManager.words = str(words)
    if _POSIX:
        # ports would now and then be taken by a neighbour; the name is short because the path
        # of a socket has no room for more than about 100 letters
        kernels.KernelManager.transport = "ipc"
        kernels.KernelManager.connection_file = str(saved.with_name("k.json"))
    source = _read(job.source)
    executed = papermill.execute_notebook(
        deepcopy(source),
        str(saved),
        parameters=job.parameters,
        cwd=job.source.parent,
        progress_bar=False,
        kernel_name=_KERNEL["name"],
        kernel_manager_class=_ThisInterpreter,
        config=kernels,
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
        raise ValueError("the executed notebook " + "; ".join(wrong))
    nbformat.validate(notebook)
    with atomic_write(job.target) as path:
        path.write_text(_serialised(notebook), encoding="utf-8")


def _last_lines(path: Path, most: int = 20) -> str:
    if not path.exists():
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-most:]).strip()


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
            f"has a warning or progress bar in code cell {number}: {first_line(output.text)}"
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
    processes.exit_on_signal(number, frame)


def first_line(text: object) -> str:
    """The first line that is not blank."""
    return next(iter(str(text).strip().splitlines()), "")


def _names(chapter: Path) -> tuple[str, ...]:
    number = chapter.stem[:2]
    return chapter.stem, number, number.lstrip("0")


def listed(sources: Sequence[Path]) -> str:
    """Names of chapters, for a message."""
    return ", ".join(source.stem for source in sources)


def report(wrong: Mapping[str, Sequence[str]]) -> str:
    """What `check` found, a line each."""
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
