"""Free days of a community: why nothing is asked on a date, by name (expectations 18).

Public holidays of a country and Dutch school holidays come from the `holidays` package, everything else is a period
with a name: typed by a facilitator or read from a calendar. The package is imported when a community first asks for
it (0.04 s, and as much again for a country's first year); after that a date costs microseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from itertools import count, takewhile

# Countries with universities that work together in European programmes: the EU, EFTA and the United Kingdom.
COUNTRIES = (
    *("NL", "BE", "DE", "FR", "LU", "AT", "BG", "CH", "CY", "CZ", "DK", "EE", "ES", "FI", "GB", "GR", "HR", "HU"),
    *("IE", "IS", "IT", "LI", "LT", "LV", "MT", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)
SCHOOL_COUNTRY = "NL"
HORIZON = timedelta(days=400)  # a school year and the summer after it; chosen: further ahead nobody plans
_LANGUAGES = {"nl": ("nl", "en_US"), "en": ("en_GB", "en_US")}  # the first that a country's names exist in
_DAY = timedelta(days=1)
_SCHOOLS_SINCE = 2024  # inside what the package knows; before this Kring was not there


class SchoolRegion(StrEnum):
    """The three regions among which Dutch school holidays are spread."""

    NOORD = "Noord"
    MIDDEN = "Midden"
    ZUID = "Zuid"


@dataclass(frozen=True, slots=True)
class Period:
    """Free from the first to the last of these dates, both included."""

    name: str
    first_on: date
    last_on: date


@dataclass(frozen=True)
class FreeDays:
    """What a community chose to keep free. Without any choice no day is free; a weekend is no free day by itself."""

    country: str | None = None
    region: SchoolRegion | None = None
    periods: tuple[Period, ...] = ()
    language: str = "nl"

    def name_on(self, on: date) -> str | None:
        """The name of why that local date is free, in the community's language; None for an ordinary day.

        A community's own period comes first, then the school holiday, then the public holiday: on the 25th of
        December it is the Christmas holidays for who keeps those.
        """
        begun = takewhile(lambda period: period.first_on <= on, self._by_date)
        own = next((period.name for period in begun if period.last_on >= on), None)
        return own or self._school_on(on) or self._public_on(on)

    @cached_property
    def _by_date(self) -> tuple[Period, ...]:
        return tuple(sorted(self.periods, key=lambda period: (period.first_on, period.last_on, period.name)))

    def _school_on(self, on: date) -> str | None:
        return _school(self.region.value, on.year, self.language).get(on) if self.region else None

    def _public_on(self, on: date) -> str | None:
        return _public(self.country, on.year, self.language).get(on) if self.country else None

    def coming(self, start_on: date, within: timedelta = HORIZON) -> list[Period]:
        """List what is free from a date on, as periods: neighbouring dates with the same name belong together."""
        found: list[Period] = []
        for step in range(within.days + 1):
            on = start_on + step * _DAY
            if name := self.name_on(on):
                _lengthen(found, name, on)
        return found

    @property
    def schools_known_until(self) -> date | None:
        """The last date of which the school holidays are known; None when none were chosen.

        The ministry sets them some years ahead. What comes later is no working time by mistake, it is unknown, and
        whoever shows free days says so.
        """
        return _schools_known_until(self.region.value) if self.region else None


def _lengthen(found: list[Period], name: str, on: date) -> None:
    if found and found[-1].name == name and found[-1].last_on == on - _DAY:
        found[-1] = Period(name, found[-1].first_on, on)
    else:
        found.append(Period(name, on, on))


@lru_cache(maxsize=512)
def _public(country: str, year: int, language: str) -> Mapping[date, str]:
    return _names(country, year, language, "public")


@lru_cache(maxsize=128)
def _school(region: str, year: int, language: str) -> Mapping[date, str]:
    return _names(SCHOOL_COUNTRY, year, language, "school", region)


def _names(country: str, year: int, language: str, category: str, subdivision: str | None = None) -> Mapping[date, str]:
    """One year of a country; empty for years that the package does not know (it ends at 2100)."""
    from holidays import country_holidays, list_localized_countries  # noqa: PLC0415 - only who chose a country pays

    spoken = list_localized_countries(include_aliases=False).get(country, [])
    words = next((known for known in _LANGUAGES.get(language, ()) if known in spoken), None)
    days = country_holidays(
        country, subdiv=subdivision, years=year, expand=False, language=words, categories=(category,)
    )
    return {on: ", ".join(days.get_list(on)) for on in days}


@cache
def _schools_known_until(region: str) -> date:
    unknown = next(year for year in count(_SCHOOLS_SINCE) if not _school(region, year, "nl"))
    return max(_school(region, unknown - 1, "nl"))
