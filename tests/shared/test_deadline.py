"""Deadlines."""

from shared.deadline import Deadline


def test_a_passed_deadline_leaves_no_time() -> None:
    deadline = Deadline.after(-1)
    assert (deadline.remaining(), deadline.passed()) == (0.0, True)


def test_within_is_the_sooner_of_both() -> None:
    far = Deadline.after(100)
    assert far.within(1).remaining() <= 1 < far.within(200).remaining() <= 100


def test_less_keeps_a_reserve() -> None:
    deadline = Deadline.after(10)
    assert deadline.less(4) == Deadline(deadline.at - 4)
