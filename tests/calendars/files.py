"""Calendar files for tests."""

from datetime import date

START, UNTIL = date(2026, 9, 1), date(2028, 8, 31)
ZONE = "Europe/Amsterdam"


def event(*lines: str) -> str:
    """One event, from the lines that matter."""
    return "\r\n".join(["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def days(name: str, first: str, after: str | None = None, *lines: str) -> str:
    """An event of whole days; `after` is the day after its last, as calendars write it."""
    ends = [f"DTEND;VALUE=DATE:{after}"] if after else []
    return event(f"UID:{name}{first}", f"SUMMARY:{name}", f"DTSTART;VALUE=DATE:{first}", *ends, *lines)


def calendar(*events: str, name: str = "Jaarkalender") -> bytes:
    """A whole file."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", f"X-WR-CALNAME:{name}"]
    return "\r\n".join([*head, *events, "END:VCALENDAR", ""]).encode()


EXAMS = days("Tentamens", "20261019", "20261024")
