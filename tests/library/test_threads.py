"""Tasks side by side, and the thread settings that they must leave alone."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from ipae_lib.threads import in_one_thread, in_threads


def blas_threads():
    return {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def settings():
    """Two threads for torch and three for BLAS, before and after."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with threadpool_limits(3, user_api="blas"):
        yield
        assert blas_threads() == {3}
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_numpy_and_scipy_have_a_blas_whose_threads_are_known():
    assert len([i for i in threadpool_info() if i["user_api"] == "blas"]) >= 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("threads", [1, 2])
def test_results_in_the_order_of_the_items(count, threads):
    torch.set_num_threads(threads)
    assert in_threads(lambda i: i * i, range(count)) == [i * i for i in range(count)]
    torch.set_num_threads(2)


def test_tasks_run_at_the_same_time():
    # each of two waits for the other
    barrier = threading.Barrier(2, timeout=30)
    in_threads(lambda _: barrier.wait(), range(2))


@pytest.mark.parametrize("count", [2, 7])
def test_within_a_task_there_is_one_thread(count):
    seen = in_threads(lambda _: (torch.get_num_threads(), blas_threads()), range(count))
    assert seen == count * [(1, {1})]


def test_a_task_may_have_tasks_of_its_own():
    def square(i):
        return in_threads(lambda j: i * j, range(3)), blas_threads()

    assert in_threads(square, range(3)) == [([0, i, 2 * i], {1}) for i in range(3)]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_failure_is_raised_and_restores(threads):
    torch.set_num_threads(threads)
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda i: 1 / (i - 3), range(100))
    assert torch.get_num_threads() == threads
    torch.set_num_threads(2)


def test_callers_that_overlap_leave_the_settings_as_they_were():
    # the first in is the first out
    inside, leave = threading.Event(), threading.Event()

    def wait(_):
        inside.set()
        leave.wait(timeout=30)

    def set_and_wait(_):
        leave.set()
        thread.join()

    thread = threading.Thread(target=in_threads, args=(wait, range(2)))
    thread.start()
    assert inside.wait(timeout=30)
    in_threads(set_and_wait, range(2))


@pytest.mark.slow
def test_the_settings_of_a_process_that_set_none_come_back_after_callers_that_overlap():
    # no limit of the fixture's that would restore them
    code = """
import threading
from threadpoolctl import threadpool_info
from ipae_lib.threads import in_one_thread, in_threads

def blas():
    return [i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"]

before, meanwhile = blas(), []
entered, leave = threading.Event(), threading.Event()
def first(_):
    entered.set()
    leave.wait(30)
def second(_):
    leave.set()
    thread.join()
    meanwhile.extend(blas())
thread = threading.Thread(target=in_threads, args=(first, [0]))
thread.start()
entered.wait(30)
in_threads(second, [0])
assert set(meanwhile) == {1}, meanwhile
assert blas() == before, (before, blas())
"""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_products_are_what_they_were():
    x = np.random.default_rng(0).normal(size=(100, 100))
    np.testing.assert_allclose(in_threads(lambda a: a @ a, [x, x])[1], x @ x, rtol=1e-10)


def test_one_task_on_one_thread():
    assert in_one_thread(lambda: (torch.get_num_threads(), blas_threads())) == (1, {1})


def test_a_task_that_fails_on_one_thread_leaves_the_settings():
    def fail():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        in_one_thread(fail)
