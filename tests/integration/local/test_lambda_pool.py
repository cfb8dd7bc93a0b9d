"""The pool behaves as Lambda does: warm environments, one invocation each, and what happens when one goes wrong."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.lambda_pool import FunctionError, FunctionTimeout, LambdaPool


def seen(answer):
    return json.loads(answer["body"])


@pytest.fixture
def pool(stand_in):
    with LambdaPool(stand_in(), 2) as pool:
        yield pool


def pids_of_both(pool, folder):
    """The process ids of a pool's two environments, which have both run something then."""
    folder.mkdir()
    meeting = {"do": "meet", "folder": str(folder), "number": 2}
    with ThreadPoolExecutor(2) as threads:
        return {seen(answer)["pid"] for answer in threads.map(pool.invoke, [meeting, meeting])}


def test_a_function_sees_its_event_and_a_context_like_aws(pool):
    answer = seen(pool.invoke({"do": "echo", "text": "é\n\u2028", "n": 1.5}))
    assert answer["event"] == {"do": "echo", "text": "é\n\u2028", "n": 1.5}
    assert answer["function"] == "stand-in"
    assert answer["arn"].endswith(":function:stand-in")
    assert answer["memory"] == "512"
    assert len(answer["request"]) == 36
    assert 0 < answer["remaining"] <= 60_000
    assert answer["trace"].startswith("Root=1-")


def test_the_gateways_trace_reaches_the_function(pool):
    answer = pool.invoke({"do": "echo", "headers": {"x-amzn-trace-id": "Root=1-1-2"}})
    assert seen(answer)["trace"] == "Root=1-1-2"


def test_a_function_gets_its_own_variables_and_lambdas_and_no_others(stand_in, monkeypatch):
    monkeypatch.setenv("A_SECRET_OF_THE_DEVELOPER", "x")
    with LambdaPool(stand_in(TABLE_NAME="t"), 1) as pool:
        variables = set(seen(pool.invoke({}))["variables"])
    assert {"TABLE_NAME", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "_HANDLER"} <= variables
    assert "A_SECRET_OF_THE_DEVELOPER" not in variables


def test_an_environment_stays_warm(pool):
    answers = [seen(pool.invoke({})) for _ in range(5)]
    assert len({answer["pid"] for answer in answers}) == 1
    assert [answer["invocation"] for answer in answers] == [1, 2, 3, 4, 5]


def test_invocations_run_at_the_same_time_in_environments_of_their_own(pool, tmp_path):
    assert len(pids_of_both(pool, tmp_path / "met")) == 2


def test_more_invocations_than_environments_wait(stand_in):
    with LambdaPool(stand_in(), 1) as pool, ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: seen(pool.invoke({"do": "sleep", "seconds": 0.05})), range(3)))
    times = sorted((answer["started"], answer["ended"]) for answer in answers)
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize(
    ("event", "text"),
    [({"do": "raise"}, "ValueError: boom"), ({"do": "unserializable"}, "TypeError: Object of type set")],
)
def test_a_function_that_raises_keeps_its_environment(stand_in, capfd, event, text):
    with LambdaPool(stand_in(), 2) as pool:
        before = seen(pool.invoke({}))["pid"]
        with pytest.raises(FunctionError, match=text):
            pool.invoke(event)
        assert seen(pool.invoke({}))["pid"] == before
    assert text in capfd.readouterr().err


@pytest.mark.parametrize(("event", "status"), [({"do": "exit"}, 3), ({"do": "die"}, 9)])
def test_a_function_that_ends_its_process_fails_and_is_replaced(pool, event, status):
    dead = seen(pool.invoke({}))["pid"]
    with pytest.raises(FunctionError, match=f"exited with status {status}"):
        pool.invoke(event)
    assert dead not in pool.pids
    assert len(pool.pids) == 2
    assert {seen(pool.invoke({}))["pid"] for _ in range(3)}.isdisjoint({dead})


def test_a_function_that_takes_too_long_is_killed_and_replaced(stand_in, gone, capfd):
    with LambdaPool(stand_in(timeout=2.0), 1) as pool:
        slow = pool.pids
        started = time.monotonic()
        with pytest.raises(FunctionTimeout, match=r"timed out after 2\.00 seconds"):
            pool.invoke({"do": "sleep", "seconds": 600})
        assert time.monotonic() - started < 60
        assert gone(slow)
        assert seen(pool.invoke({}))["pid"] not in slow
    assert "timed out after 2.00 seconds" in capfd.readouterr().err


def test_environments_that_died_while_idle_go_unnoticed(pool, gone, tmp_path):
    dead = pids_of_both(pool, tmp_path / "met")
    for pid in dead:
        os.kill(pid, signal.SIGKILL)
    assert gone(dead)
    assert seen(pool.invoke({"do": "echo"}))["pid"] not in dead


def test_a_function_killed_from_outside_in_mid_invocation_fails(pool, tmp_path):
    both, began = pids_of_both(pool, tmp_path / "met"), tmp_path / "began"
    began.mkdir()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(pool.invoke, {"do": "meet", "folder": str(began), "number": 2})
        while not any(began.iterdir()):
            assert not running.done()
            time.sleep(0.01)
        for pid in both:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(FunctionError):
            running.result()
    assert pool.invoke({})["statusCode"] == 200


def test_what_a_function_prints_goes_to_stderr(stand_in, capfd):
    with LambdaPool(stand_in(), 1) as pool:
        pool.invoke({"do": "print"})
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "a line of the function" in captured.err


@pytest.mark.parametrize("handler", ["stand_in.nothing", "no_such_module.handler"])
def test_a_function_that_cannot_be_imported_is_an_error_at_once(stand_in, children, handler):
    before = children(os.getpid())  # this process may have an embedded AWS for other tests
    with pytest.raises(FunctionError, match=r"AttributeError|ModuleNotFoundError"), LambdaPool(stand_in(handler), 3):
        pytest.fail("the pool started")
    assert set(children(os.getpid())) <= set(before)


def test_closing_ends_also_what_is_at_work(stand_in, gone, tmp_path):
    pool = LambdaPool(stand_in(), 2)
    with ThreadPoolExecutor(3) as threads:
        with pool:
            pids = pool.pids
            meeting = {"do": "meet", "folder": str(tmp_path), "number": 3}
            running = [threads.submit(pool.invoke, meeting) for _ in range(3)]
            while len(list(tmp_path.iterdir())) < 2:
                assert not any(each.done() for each in running)
                time.sleep(0.01)
        for invocation in running:
            with pytest.raises(FunctionError):
                invocation.result(timeout=10)
    assert gone(pids)
    with pytest.raises(FunctionError, match="closed"):
        pool.invoke({})


PARENT = """
import os, sys, threading
from local.lambda_pool import Function, LambdaPool
function = Function("stand_in.handler", {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ["PYTHONPATH"]})
with LambdaPool(function, 2) as pool:
    threading.Thread(target=pool.invoke, args=({"do": "sleep", "seconds": 60},), daemon=True).start()
    print(*pool.pids, flush=True)
    sys.stdin.read()
"""


def test_environments_die_with_a_parent_that_is_killed(stand_in, gone):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(stand_in().environment),
    )  # fmt: skip
    with parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    assert gone(pids)
