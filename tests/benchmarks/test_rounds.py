"""Rounds: their order, the medians, the comparison of results, and what a row says when something goes wrong."""

import math
import re

import pytest

from benchmarks import rounds
from benchmarks.environments import GRADWALK, Environment, UnavailableError
from benchmarks.worker import WorkerError
from benchmarks.workload import Bar, Workload

PEER = Environment("peer", ("peer==1.2",))


class FakeSide:
    """A side whose rounds take given times, and which writes down that it was asked."""

    def __init__(self, name, log, times, results=None, fails=False):
        self.name, self.log, self.times = name, log, iter(times)
        self.found = results or {"loss": [2.0], "w.grad": [1.0, -4.0]}
        self.fails = fails
        self.about = {"versions": {name: "1"}}
        self.closed = False

    def measure(self, count):
        if self.fails:
            raise WorkerError(f"{self.name}: MemoryError")
        self.log.append((self.name, count))
        return next(self.times)

    def results(self):
        return self.found

    def close(self):
        self.closed = True


def workload(**changes) -> Workload:
    return Workload("work", "module", PEER, **{"seconds": 0.0, "rounds": 5, **changes})


def run(own, peer, work=None, **options):
    def start(environment, cache, module, given):
        side = own if environment is GRADWALK else peer
        if isinstance(side, Exception):
            raise side
        return side

    return rounds.run(work or workload(), cache=None, start=start, **options)


def sides(ours=(9, 1, 1, 3, 1, 1), theirs=(9, 4, 4, 4, 8, 2), **changes):
    log = []
    return FakeSide("own", log, ours, **changes), FakeSide("peer", log, theirs), log


def test_rounds_are_interleaved_after_a_warm_up():
    own, peer, log = sides()
    run(own, peer)
    order = "".join(name[0] for name, _ in log)
    assert order == "op" + "op" + "po" + "op" + "po" + "op"
    assert own.closed
    assert peer.closed


def test_medians_their_ratio_and_the_spread_of_the_rounds_ratios():
    own, peer, _ = sides()
    outcome = run(own, peer, workload(bar=Bar(0.25, "≤ 1/4")))
    assert outcome.status == "measured"
    assert (outcome.ours, outcome.theirs, outcome.ratio) == (1, 4, 0.25)
    assert (outcome.our_rounds, outcome.their_rounds) == ([1, 1, 3, 1, 1], [4, 4, 4, 8, 2])
    assert outcome.spread == (0.25, 0.5)  # of 1/8, 1/4, 1/4, 1/2, 3/4
    assert outcome.bar_met is True
    assert outcome.peer == "peer 1.2"


@pytest.mark.parametrize(
    "bar, met", [(Bar(0.24, ""), False), (Bar(0.25, ""), True), (Bar(0.9, "", of_ratio=False), False)]
)
def test_a_bar_is_of_the_ratio_or_of_our_own_measure(bar, met):
    own, peer, _ = sides()
    assert run(own, peer, workload(bar=bar)).bar_met is met


def test_work_is_repeated_until_a_measurement_lasts_long_enough():
    log = []
    side = FakeSide("own", log, [0.5, 0.01, 0.02])
    assert rounds.repeats(side, 1.0) == 50
    assert log == [("own", 1), ("own", 1), ("own", 10)]  # the first is the warm-up; the last is the one that counts


def test_quick_takes_few_rounds():
    own, peer, log = sides()
    assert len(run(own, peer, quick=True).our_rounds) == rounds.QUICK_ROUNDS < workload().rounds
    assert len(log) == 2 + 2 * rounds.QUICK_ROUNDS


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"loss": [2.0], "w.grad": [1.0, -4.0 + 1e-8]}, "w.grad differs .* by 2.5e-09"),
        ({"loss": [math.nan], "w.grad": [1.0, -4.0]}, "loss differs .* by inf"),
        ({"loss": [2.0], "w.grad": [math.nan, -4.0]}, "w.grad differs .* by inf"),
        ({"loss": [2.0], "w.grad": [1.0]}, "w.grad: gradwalk has 1 numbers, the peer 2"),
        ({"loss": [2.0]}, "different things"),
    ],
)
def test_a_wrong_result_fails_and_shows_no_number(wrong, says):
    own, peer, _ = sides(results=wrong)
    outcome = run(own, peer, workload(bar=Bar(1.0, "≤ 1")))
    assert outcome.status == "failed"
    assert re.search(says, outcome.reason)
    assert outcome.bar_met is None
    assert math.isnan(outcome.ratio)
    assert not {"ours", "theirs", "ratio", "spread", "our_rounds", "their_rounds"} & outcome.as_json().keys()


def test_results_within_the_tolerance_agree():
    assert not rounds.disagreement({"g": [1.0, 1e6 + 1e-4]}, {"g": [1.0, 1e6]}, 1e-9)
    assert not rounds.disagreement({"g": [1.0 + 1e-4, 1e6]}, {"g": [1.0, 1e6]}, 1e-9)  # relative to the largest
    assert rounds.disagreement({"g": [1.0 + 1e-2, 1e6]}, {"g": [1.0, 1e6]}, 1e-9)
    assert not rounds.disagreement({"g": [0.0]}, {"g": [0.0]}, 1e-9)


def test_results_that_hold_nothing_do_not_count_as_equal():
    assert rounds.disagreement({"g": []}, {"g": []}, 1e-9)


@pytest.mark.parametrize("error", [UnavailableError("No matching distribution"), WorkerError("peer: ImportError")])
def test_a_peer_that_is_not_to_be_had_is_not_measured(error):
    own, _, _ = sides()
    outcome = run(own, error)
    assert (outcome.status, outcome.reason) == ("not measured", str(error))
    assert math.isnan(outcome.ours)
    assert math.isnan(outcome.theirs)


def test_gradwalk_that_does_not_start_is_a_failure_and_the_peer_is_ended():
    _, peer, _ = sides()
    outcome = run(WorkerError("gradwalk: AttributeError"), peer)
    assert (outcome.status, outcome.reason) == ("failed", "gradwalk: AttributeError")
    assert peer.closed


def test_a_side_that_breaks_under_way_is_a_failure_and_both_are_ended():
    own, peer, _ = sides(fails=True)
    outcome = run(own, peer)
    assert (outcome.status, outcome.reason) == ("failed", "own: MemoryError")
    assert own.closed
    assert peer.closed
