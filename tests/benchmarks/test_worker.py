"""Workers: the line protocol, a worker that fails, dies, hangs or chatters, and gradwalk's own in its process."""

import json
import math
import sys
import textwrap

import pytest

from benchmarks import worker
from benchmarks.environments import GRADWALK, UnavailableError
from benchmarks.worker import Worker, WorkerError

ECHO = """
    import json, sys
    print(json.dumps({"ready": {"python": "3"}}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps({"measure": 0.5 * command["measure"]} if "measure" in command else
                         {"processors": 1.5} if "processors" in command else
                         {"results": {"loss": "AAAAAAAA9D8="}}), flush=True)
"""


def fake(program: str, patience: float = 60.0) -> Worker:
    return Worker("peer", [sys.executable, "-c", textwrap.dedent(program)], GRADWALK.variables(), patience)


def test_a_worker_answers_one_command_after_another():
    with fake(ECHO) as side:
        assert side.about == {"python": "3"}
        assert [side.measure(3), side.measure(7)] == [1.5, 3.5]
        assert side.results() == {"loss": [1.25]}
        assert side.processors() == 1.5


@pytest.mark.parametrize(
    "program, says",
    [
        ("""print('{"error": "ImportError: no module"}')""", "^peer: ImportError: no module$"),
        ("import sys; sys.exit('out of luck')", "^peer: .*status 1: out of luck$"),
        ("""print('{"other": 1}')""", "'ready' was asked for"),
    ],
)
def test_a_worker_that_does_not_start_says_why(program, says):
    with pytest.raises(WorkerError, match=says):
        fake(program)


def test_a_program_that_is_not_there_is_an_error_of_the_worker():
    with pytest.raises(WorkerError, match=r"^peer: .*no-such-program"):
        Worker("peer", ["/no-such-program"], {})


def test_a_worker_that_dies_under_a_command_says_how():
    dies = """
        import sys
        print('{"ready": {}}', flush=True)
        sys.stdin.readline()
        sys.exit("torn apart")
    """
    with fake(dies) as side, pytest.raises(WorkerError, match="ended with status 1: torn apart"):
        side.measure(1)


def test_a_worker_that_hangs_is_ended():
    hangs = """
        import time
        print('{"ready": {}}', flush=True)
        time.sleep(600)
    """
    with fake(hangs, patience=1.0) as side, pytest.raises(WorkerError, match="no answer within 1 s"):
        side.measure(1)


def serve(tmp_path, module: str, options: str = "{}") -> Worker:
    """`workers.serve` with a workload module that lies in a package `workers` of the test's own."""
    package = tmp_path / "workers"
    package.mkdir()
    for name in ("__init__.py", "serve.py", "work.py"):
        (package / name).write_text((worker.FOLDER / "workers" / name).read_text(encoding="utf-8"), encoding="utf-8")
    (package / "fake.py").write_text(textwrap.dedent(module), encoding="utf-8")
    start = f"import runpy, sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv[1:] = ['fake', 'library', {options!r}]"
    run = "runpy.run_module('workers.serve', run_name='__main__')"
    program = f"{start}; {run}"
    return Worker("peer", [sys.executable, "-P", "-c", program], GRADWALK.variables())


def test_what_a_library_prints_does_not_reach_the_protocol(tmp_path):
    chatty = """
        import os
        from workers.work import Work
        def prepare(library, size):
            print("welcome to", library)
            return Work(lambda count: os.system("echo working") or size * count, lambda: print("done") or {"n": [size]})
    """
    with serve(tmp_path, chatty, '{"size": 4}') as side:
        assert side.measure(2) == 8.0
        assert side.results() == {"n": [4]}
        assert side.about["python"].startswith("3.")


def test_an_exception_is_answered_and_the_worker_lives_on(tmp_path):
    fails = """
        from workers.work import Work
        def measure(count):
            if count > 1:
                raise ZeroDivisionError("too many")
            return 1.0
        def prepare(library):
            return Work(measure, dict)
    """
    with serve(tmp_path, fails) as side:
        with pytest.raises(WorkerError, match=r"^peer: ZeroDivisionError: too many$"):
            side.measure(2)
        assert side.measure(1) == 1.0


def test_a_workload_that_cannot_be_prepared_says_why(tmp_path):
    with pytest.raises(WorkerError, match=r"^peer: ModuleNotFoundError: .*no_such_library"):
        serve(tmp_path, "import no_such_library")


def test_a_side_that_cannot_do_the_work_here_says_so(tmp_path):
    lacks = """
        from workers.work import UnavailableError
        def prepare(library):
            raise UnavailableError("needs a compiler")
    """
    with pytest.raises(UnavailableError, match=r"^needs a compiler$"):
        serve(tmp_path, lacks)


@pytest.mark.parametrize("work, least, most", [("sleep", 0.0, 0.3), ("spin", 0.1, 1.1)])
def test_processor_time_is_compared_with_the_clocks(tmp_path, work, least, most):
    works = """
        import time
        from workers.work import Work
        def spin(count):
            end = time.process_time() + 0.2
            while time.process_time() < end:
                pass
            return 1.0
        def prepare(library, work):
            return Work(spin if work == "spin" else lambda count: time.sleep(0.2) or 1.0, dict)
    """
    with serve(tmp_path, works, json.dumps({"work": work})) as side:
        side.measure(1)
        assert least <= side.processors() < most


def test_gradwalk_is_measured_in_a_process_of_its_own(tmp_path):
    with worker.start(GRADWALK, tmp_path, "tensor_operation", {"operation": "exp", "mode": "eager"}) as side:
        assert 0 < side.measure(3) < 1
        found = side.results()
    points, upstream = [0.5, -1.25, 2.0, 0.125], [1.0, -2.0, 0.5, 0.25]
    assert found["y"] == pytest.approx([math.exp(x) for x in points], rel=1e-15)
    assert found["x.grad"] == pytest.approx([g * math.exp(x) for g, x in zip(upstream, points, strict=True)], rel=1e-15)
