"""The one thread that ends calls at their deadlines."""

import threading
import time
from dataclasses import dataclass, field

from smsproviders.backends import cutting_off
from smsproviders.backends.cutting_off import Watch
from smsproviders.contract import Deadline
from tests.services.waiting import wait_until


@dataclass(eq=False)
class ACall:
    deadline: Deadline
    is_over: bool = False
    cut_at: list[float] = field(default_factory=list)

    def cut(self) -> None:
        self.cut_at.append(time.monotonic())
        self.is_over = True


def in_seconds(seconds: float) -> ACall:
    return ACall(Deadline.after(seconds))


def test_each_call_is_cut_off_at_its_own_deadline_whatever_the_order_they_came_in() -> None:
    watch, calls = Watch(), [in_seconds(seconds) for seconds in (60, 0.3, 0.1, 0.2)]
    for call in calls:
        watch.over(call)
    last, *others = calls
    wait_until(lambda: all(call.cut_at for call in others))
    assert all(call.cut_at[0] >= call.deadline.at for call in others)
    assert sorted(others, key=lambda call: call.cut_at) == sorted(
        others, key=lambda call: call.deadline.at
    )
    assert not last.cut_at


def test_a_call_that_ended_is_left_alone_and_forgotten() -> None:
    watch, ended, late = Watch(), in_seconds(0.05), in_seconds(0.1)
    watch.over(ended)
    watch.over(late)
    ended.is_over = True
    wait_until(lambda: late.cut_at)
    assert not ended.cut_at
    assert not watch._calls


def test_many_calls_share_one_thread() -> None:
    before, watch = threading.active_count(), Watch()
    for _ in range(50):
        watch.over(in_seconds(60))
    assert threading.active_count() == before + 1


def test_a_child_process_watches_anew() -> None:
    parents = cutting_off.watch
    parents.over(in_seconds(60))
    cutting_off._after_fork()
    try:
        call = in_seconds(0)
        cutting_off.watch.over(call)
        wait_until(lambda: call.cut_at)
    finally:
        cutting_off.watch = parents
