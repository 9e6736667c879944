"""Every table, in one place, for Alembic and for tests."""

from sqlmodel import SQLModel

from storage import (
    checkins,
    communities,
    deliveries,
    free_days,
    inbox,
    installations,
    lanes,
    nudges,
    occurrences,
    people,
    pulses,
    references,
    reflections,
    rhythms,
    schema,
    timers,
)

metadata = SQLModel.metadata
NOUNS = (
    checkins,
    communities,
    deliveries,
    free_days,
    inbox,
    installations,
    lanes,
    nudges,
    occurrences,
    people,
    pulses,
    references,
    reflections,
    rhythms,
    schema,
    timers,
)
