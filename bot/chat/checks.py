"""What can be wrong between Kring and a platform, looked at from here; `kring doctor` says what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What is wrong."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    MISSING = "missing"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was wrong, if anything was; `detail` is the platform's word for it."""

    matter: StrEnum
    fault: Fault | None = None
    detail: str = ""
