"""Rounds: their order, the medians, the comparison of results, and what a row says when something goes wrong."""

import base64
import math
import re
import struct

import pytest

from benchmarks import rounds
from benchmarks.environments import GRADWALK, Environment, UnavailableError
from benchmarks.outcome import disagreement
from benchmarks.rounds import Choice
from benchmarks.worker import WorkerError, decode
from benchmarks.workers.serve import encode
from benchmarks.workload import Bar, Workload

PEER = Environment("peer", ("peer==1.2",), "Peer")
OTHER = Environment("other", ("other==3",), "Other")
RIGHT = {"loss": [2.0], "w.grad": [1.0, -4.0]}


class FakeSide:
    """A side whose rounds take given times, and which writes down that it was asked."""

    def __init__(self, name, log, times, results=RIGHT, fails=False, processors=1.0, versions=None):
        self.name, self.log, self.times = name, log, iter(times)
        self.found, self.fails, self.busy = results, fails, processors
        self.about = {"versions": versions or {}}
        self.closed = False

    def measure(self, count):
        if self.fails:
            raise WorkerError(f"{self.name}: MemoryError")
        self.log.append((self.name, count))
        return next(self.times)

    def results(self):
        return self.found

    def processors(self):
        return self.busy

    def close(self):
        self.closed = True


def workload(**changes) -> Workload:
    settings = {"peers": (PEER,), "modes": ("eager",), "seconds": 0.0, "rounds": 5, **changes}
    return Workload("work", "module", **settings)


def run(sides, work=None, choice=None):
    """Run with `sides`: what stands for each mode of gradwalk and for each peer, by name; or the error of its start."""

    def start(environment, cache, module, options):
        side = sides[options["mode"] if environment is GRADWALK else environment.name]
        if isinstance(side, Exception):
            raise side
        return side

    return rounds.run(work or workload(), None, choice, start=start)


def sides(ours=(1, 1, 3, 1, 1), theirs=(4, 4, 4, 8, 2), peer=None, **changes):
    log = []
    return {
        "eager": FakeSide("own", log, ours, **changes),
        "peer": FakeSide("peer", log, theirs, **(peer or {})),
    }, log


def test_rounds_are_interleaved_over_all_sides():
    both, log = sides()
    both["replay"] = FakeSide("replay", log, [1] * 5)
    run(both, workload(modes=("eager", "replay")))
    order = " ".join("".join(name[0] for name, _ in log[3 * turn : 3 * turn + 3]) for turn in range(5))
    assert order == "orp pro orp pro orp"
    assert all(side.closed for side in both.values())


def test_medians_their_ratio_and_the_spread_of_the_rounds_ratios():
    both, _ = sides()
    (outcome,) = run(both, workload(bars={"eager": Bar(0.25, "≤ 1/4")}))
    assert outcome.status == "measured"
    assert (outcome.ours, outcome.theirs, outcome.ratio) == (1, 4, 0.25)
    assert (outcome.our_rounds, outcome.their_rounds) == ([1, 1, 3, 1, 1], [4, 4, 4, 8, 2])
    assert outcome.spread == (0.25, 0.5)  # of 1/8, 1/4, 1/4, 1/2, 3/4
    assert outcome.bar_met is True
    assert (outcome.mode, outcome.peer) == ("eager", "Peer 1.2")


def test_every_mode_is_compared_with_every_peer_and_the_bar_is_of_the_first():
    both, log = sides()
    both["fast"] = FakeSide("fast", log, [2] * 5)
    both["other"] = FakeSide("other", log, [1] * 5, versions={"other": "3.1"})
    bars = {"eager": Bar(0.3, "≤ 0.3"), "fast": Bar(0.3, "≤ 0.3")}
    found = run(both, workload(peers=(PEER, OTHER), modes=("eager", "fast"), bars=bars))
    assert [(each.mode, each.peer, each.ratio, each.bar_met) for each in found] == [
        ("eager", "Peer 1.2", 0.25, True),
        ("eager", "Other 3.1", 1.0, None),  # the version that was found
        ("fast", "Peer 1.2", 0.5, False),
        ("fast", "Other 3.1", 2.0, None),
    ]


@pytest.mark.parametrize(
    "bar, met", [(Bar(0.24, ""), False), (Bar(0.25, ""), True), (Bar(0.9, "", of_ratio=False), False)]
)
def test_a_bar_is_of_the_ratio_or_of_our_own_measure(bar, met):
    both, _ = sides()
    assert run(both, workload(bars={"eager": bar}))[0].bar_met is met


def test_work_without_a_peer_has_a_measure_and_a_bar():
    both, _ = sides()
    (outcome,) = run(both, workload(peers=(), bars={"eager": Bar(0.5, "≤ 0.5 s", of_ratio=False)}))
    assert (outcome.peer, outcome.ours, outcome.bar_met) == ("", 1, False)
    assert not {"theirs", "ratio", "spread", "their_rounds"} & outcome.as_json().keys()


def test_work_is_repeated_until_a_measurement_lasts_long_enough():
    log = []
    side = FakeSide("own", log, [0.4, 0.01, 0.02])
    assert rounds.repeats(side, 1.0) == 50
    assert log == [("own", 1), ("own", 1), ("own", 10)]  # the first is the warm-up; the last is the one that counts


def test_long_work_is_not_warmed_up_twice():
    log = []
    assert rounds.repeats(FakeSide("own", log, [0.6]), 0.1) == 1
    assert rounds.repeats(FakeSide("own", log, [0.4, 0.2]), 0.1) == 1
    assert len(log) == 3


def test_quick_takes_few_rounds_and_leaves_slow_peers_out():
    both, log = sides()
    found = run(both, workload(peers=(PEER, OTHER), slow=(OTHER,)), Choice(quick=True))
    assert [len(each.our_rounds) for each in found] == [rounds.QUICK_ROUNDS]
    assert len(log) == 2 * rounds.QUICK_ROUNDS
    assert workload().rounds > rounds.QUICK_ROUNDS


def test_only_the_chosen_modes_and_peers_are_measured():
    both, _ = sides()
    work = workload(peers=(OTHER, PEER), modes=("eager", "replay"), bars={"eager": Bar(1.0, "≤ 1")})
    found = run(both, work, Choice(modes=("eager",), peers=("peer",)))
    assert [(each.mode, each.peer, each.bar) for each in found] == [("eager", "Peer 1.2", "")]
    assert run(both, work, Choice(peers=("third",))) == []
    assert run(both, work, Choice(modes=("fast",))) == []


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"loss": [2.0], "w.grad": [1.0, -4.0 + 1e-8]}, "w.grad differs .* by 2.5e-09"),
        ({"loss": [math.nan], "w.grad": [1.0, -4.0]}, "loss differs .* by inf"),
        ({"loss": [math.inf], "w.grad": [1.0, -4.0]}, "loss differs .* by inf"),
        ({"loss": [2.0], "w.grad": [math.nan, -4.0]}, "w.grad differs .* by inf"),
        ({"loss": [2.0], "w.grad": [1.0]}, "w.grad: gradwalk has 1 numbers, the peer 2"),
        ({"loss": [2.0]}, "different things"),
    ],
)
def test_a_wrong_result_fails_and_shows_no_number(wrong, says):
    both, log = sides(results=wrong)
    both["replay"] = FakeSide("replay", log, [1] * 5)
    bars = {"eager": Bar(1.0, "≤ 1"), "replay": Bar(1.0, "≤ 1")}
    outcome, right = run(both, workload(modes=("eager", "replay"), bars=bars))
    assert outcome.status == "failed"
    assert re.search(says, outcome.reason)
    assert outcome.bar_met is None
    assert math.isnan(outcome.ratio)
    assert not {"ours", "theirs", "ratio", "spread", "our_rounds", "their_rounds"} & outcome.as_json().keys()
    assert (right.status, right.bar_met) == ("measured", True)


def test_results_within_the_tolerance_agree():
    assert not disagreement({"g": [1.0, 1e6 + 1e-4]}, {"g": [1.0, 1e6]}, 1e-9)
    assert not disagreement({"g": [1.0 + 1e-4, 1e6]}, {"g": [1.0, 1e6]}, 1e-9)  # relative to the largest
    assert disagreement({"g": [1.0 + 1e-2, 1e6]}, {"g": [1.0, 1e6]}, 1e-9)
    assert not disagreement({"g": [0.0]}, {"g": [0.0]}, 1e-9)


def test_results_that_hold_nothing_do_not_count_as_equal():
    assert disagreement({"g": []}, {"g": []}, 1e-9)


def test_results_travel_to_the_bit():
    numbers = [0.1, -1e300, 5e-324, math.inf]
    assert decode(encode(numbers)) == numbers
    assert base64.b64decode(encode([0.5])) == struct.pack("=d", 0.5)


@pytest.mark.parametrize("error", [UnavailableError("No matching distribution"), WorkerError("peer: ImportError")])
def test_a_peer_that_is_not_to_be_had_is_not_measured_and_the_others_are(error):
    both, log = sides()
    both["other"] = FakeSide("other", log, [1] * 5)
    both["peer"] = error
    measured, absent = run(both, workload(peers=(PEER, OTHER)))
    assert (absent.peer, absent.status, absent.reason) == ("Peer 1.2", "not measured", str(error))
    assert math.isnan(absent.ours)
    assert (measured.peer, measured.ratio) == ("Other 3", 1.0)


def test_a_mode_that_lacks_a_part_is_not_measured():
    both, _ = sides()
    both["fast"] = UnavailableError("numba is not installed")
    measured, absent = run(both, workload(modes=("eager", "fast")))
    assert measured.status == "measured"
    assert (absent.mode, absent.peer, absent.status) == ("fast", "", "not measured")


def test_gradwalk_that_does_not_start_is_a_failure_and_the_peer_is_ended():
    both, _ = sides()
    both["eager"] = WorkerError("gradwalk: AttributeError")
    (outcome,) = run(both)
    assert (outcome.status, outcome.reason) == ("failed", "gradwalk: AttributeError")
    assert both["peer"].closed


def test_gradwalk_that_breaks_under_way_is_a_failure_and_all_are_ended():
    both, _ = sides(fails=True)
    (outcome,) = run(both)
    assert (outcome.status, outcome.reason) == ("failed", "own: MemoryError")
    assert all(side.closed for side in both.values())


def test_a_peer_that_breaks_under_way_is_not_measured():
    both, _ = sides(peer={"fails": True})
    (outcome,) = run(both)
    assert (outcome.peer, outcome.status, outcome.reason) == ("Peer 1.2", "not measured", "peer: MemoryError")


def test_a_side_that_uses_several_processors_is_not_compared():
    both, _ = sides(peer={"processors": 1.9})
    (outcome,) = run(both)
    assert outcome.status == "not measured"
    assert "1.9 processors" in outcome.reason
