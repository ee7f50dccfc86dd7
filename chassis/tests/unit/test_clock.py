"""The service's clock: real time plus a forward-only shift."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from chassis.config.clock import Clock

SLACK = timedelta(seconds=5)


def shift_of(clock: Clock) -> timedelta:
    return clock.fresh() - datetime.now(UTC)


def write(file: Path, text: str) -> None:
    file.write_text(text)
    stat = file.stat()
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + int(time.monotonic() * 1000)))


def test_without_a_file_it_tells_real_aware_time():
    now = Clock().now()
    assert now.utcoffset() == timedelta()
    assert abs(now - datetime.now(UTC)) < SLACK


def test_a_shift_moves_it_forward_and_is_followed_while_running(tmp_path: Path):
    file = tmp_path / "shift"
    clock = Clock(file)
    assert abs(shift_of(clock)) < SLACK
    write(file, "86400\n")
    assert abs(shift_of(clock) - timedelta(days=1)) < SLACK
    write(file, "172800.5")
    assert abs(shift_of(clock) - timedelta(days=2)) < SLACK


def test_now_sees_a_new_shift_within_a_moment(tmp_path: Path):
    file = tmp_path / "shift"
    clock = Clock(file)
    clock.now()
    write(file, "86400")
    time.sleep(0.06)
    assert clock.now() - datetime.now(UTC) > timedelta(hours=23)


@pytest.mark.parametrize("bad", ["", "soon", "nan", "inf", "-86400", "3600", "1e300", "\0", "1 2", "ü"])
def test_what_is_no_forward_shift_leaves_the_last_good_one(tmp_path: Path, bad: str):
    file = tmp_path / "shift"
    clock = Clock(file)
    write(file, "86400")
    assert abs(shift_of(clock) - timedelta(days=1)) < SLACK
    write(file, bad)
    assert abs(shift_of(clock) - timedelta(days=1)) < SLACK


def test_a_file_that_vanishes_leaves_the_last_good_shift_and_a_later_one_counts(tmp_path: Path):
    file = tmp_path / "shift"
    clock = Clock(file)
    write(file, "86400")
    shift_of(clock)
    file.unlink()
    assert abs(shift_of(clock) - timedelta(days=1)) < SLACK
    write(file, "172800")
    assert abs(shift_of(clock) - timedelta(days=2)) < SLACK


def test_where_the_machine_differs_from_the_clock_that_is_followed_that_one_counts():
    clock, now = Clock(), datetime.now(UTC)
    assert clock.skew is None
    clock.follow(now - timedelta(hours=1), time.monotonic())
    assert abs(clock.now() - now + timedelta(hours=1)) < SLACK
    assert clock.skew == pytest.approx(3600, abs=1)
    clock.follow(datetime.now(UTC) - timedelta(milliseconds=500), time.monotonic())
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(milliseconds=100), "half a second is nothing to correct"
