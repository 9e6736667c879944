"""What Kring keeps of one person, counted over every table that holds something of theirs."""

import sqlalchemy as sa
from sqlmodel import col

from storage.checkins import Answer
from storage.db import UnitOfWork
from storage.people import Member
from storage.pulses import EnergyNote
from storage.reflections import Reflection


async def counts(work: UnitOfWork, person_id: int) -> dict[str, int]:
    """Count memberships, check-in answers, reflections and journal entries. Answers to a pulse lead to nobody."""
    members = sa.select(col(Member.id)).where(col(Member.person_id) == person_id)
    queries = {
        "communities": sa.select(sa.func.count()).where(
            col(Member.person_id) == person_id, col(Member.left_at).is_(None)
        ),
        "answers": sa.select(sa.func.count()).where(col(Answer.member_id).in_(members), col(Answer.skipped).is_(False)),
        "reflections": sa.select(sa.func.count()).where(col(Reflection.member_id).in_(members)),
        "journal": sa.select(sa.func.count()).where(col(EnergyNote.person_id) == person_id),
    }
    return {name: int((await work.run(query)).scalar_one()) for name, query in queries.items()}
