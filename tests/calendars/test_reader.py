"""Reading in a process of its own: the same answer, and an end to what would never end."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.calendars import ics
from bot.calendars.reader import read
from bot.domain.free_calendar import Trouble
from tests.calendars.files import EXAMS, START, UNTIL, ZONE, calendar, days


def test_another_process_understands_the_same() -> None:
    data = calendar(EXAMS, days("Dies – ’t feest", "20270208"))

    assert read(data, START, UNTIL, ZONE) == ics.understand(data, START, UNTIL, ZONE)


def test_another_process_has_the_same_troubles() -> None:
    assert read(b"<html>", START, UNTIL, ZONE) is Trouble.NO_CALENDAR
    assert read(calendar(), START, UNTIL, ZONE) is Trouble.EMPTY


def test_a_rule_that_keeps_a_processor_busy_is_ended() -> None:
    never = [days(f"Nooit {n}", "20261019", None, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31") for n in range(50)]

    assert read(calendar(*never), START, UNTIL, ZONE, within=1.0) is Trouble.TOO_MUCH


def test_a_process_that_breaks_down_has_read_no_calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))

    assert read(calendar(EXAMS), START, UNTIL, ZONE) is Trouble.NO_CALENDAR


def test_kring_itself_does_not_load_what_reads_calendars() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, bot.calendars.keeper; print('icalendar' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "False"
