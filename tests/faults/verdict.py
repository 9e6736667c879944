"""What became of a scenario: every expected post counted on the platform, every row looked at in the store."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.db import Store
from tests.faults.drum import ASKED, LATE, words
from tests.faults.loopback.manners import DOUBTFUL
from tests.faults.oracle import Beat
from tests.storage.rows import look

UNSETTLED = {
    "deliveries": "select state, count(*) from delivery where state not in ('sent', 'expired') group by state",
    "occurrences": "select state, count(*) from occurrence where state in ('open', 'late') group by state",
    "inbox": "select state, count(*) from inbox where state <> 'done' group by state",
    "contents": "select 'kept', count(*) from delivery where payload is not null having count(*) > 0",
}
"""What is not settled. An answer may expire while it is in doubt, and it is in the log whether it was posted."""
Expected = Mapping[int, Sequence[Beat]]
"""The beats of each drum, by the number of its rhythm."""


@dataclass
class Verdict:
    """What is wrong, and what was counted."""

    expected: int = 0
    lost: list[str] = field(default_factory=list)
    twice: int = 0
    late: int = 0
    wrong: list[str] = field(default_factory=list)


def missing(expected: Expected, seen: Mapping[str, int], until: datetime) -> Iterator[tuple[Beat, str]]:
    """List the posts that should have come by now and have not."""
    for drum, beats in expected.items():
        for beat in beats:
            if beat.at > until:
                break
            if not seen.get(words(drum, beat.local, LATE)):
                yield from ((beat, one) for part in ASKED if not seen.get(one := words(drum, beat.local, part)))


def judge(
    expected: Expected, people: int, posts: Sequence[Mapping[str, Any]], latest: Mapping[str, datetime]
) -> Verdict:
    """Hold what was posted against what was expected; `latest` is the time of the clocks when each post came."""
    verdict = Verdict()
    seen = Counter(_name(post) for post in posts)
    for drum, beats in expected.items():
        for beat in beats:
            _judge_beat(verdict, seen, drum, beat, latest)
    for number in range(people):
        _judge_one(verdict, seen, f"dm:u{number}")
    verdict.wrong += [f"nobody asked for {name}" for name in seen]
    verdict.wrong += list(_out_of_order(posts))
    return verdict


def _judge_beat(verdict: Verdict, seen: Counter[str], drum: int, beat: Beat, latest: Mapping[str, datetime]) -> None:
    late = words(drum, beat.local, LATE)
    if seen[late]:
        verdict.late += 1
        _judge_one(verdict, seen, late)
        return
    for part in ASKED:
        one = words(drum, beat.local, part)
        _judge_one(verdict, seen, one)
        if one in latest and latest[one] < beat.at:
            verdict.wrong.append(f"{one} came early")


def _judge_one(verdict: Verdict, seen: Counter[str], name: str) -> None:
    times = seen.pop(name, 0)
    verdict.expected += 1
    verdict.twice += max(0, times - 1)
    if not times:
        verdict.lost.append(name)


def _name(post: Mapping[str, Any]) -> str:
    """Tell posts apart: drums by what they say, answers by whom they went to."""
    conversation = str(post["conversation"])
    return conversation if conversation.startswith("dm:") else str(post["text"])


def _out_of_order(posts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """In one conversation, what one drum says comes in the order of its beats, and a reply after what it replies to.

    That something was missed may be said after what came on time.
    """
    heard: dict[tuple[str, str], tuple[str, int]] = {}
    known: set[str] = set()
    for post in posts:
        if post["conversation"].startswith("dm:") or post["text"] in known:
            continue
        known.add(post["text"])
        drum, slot, part = post["text"].split()
        if part == LATE:
            continue
        turn = (slot, ASKED.index(part))
        where = (post["conversation"], drum)
        if turn < heard.get(where, turn):
            yield f"{post['text']} came after {heard[where]}"
        heard[where] = max(turn, heard.get(where, turn))


def too_often(posts: Sequence[Mapping[str, Any]], kills: int) -> Iterator[str]:
    """Where a platform cannot be asked, a conversation has one more for each kill, as only one post to it is under way
    at a time, and one more for each post of which the platform itself said that it had not happened.
    """
    heard: dict[str, Counter[str]] = defaultdict(Counter)
    swallowed = Counter(post["conversation"] for post in posts if post["doubtful"])
    for post in posts:
        heard[post["conversation"]][post["text"]] += 1
    for conversation, said in heard.items():
        more = said.total() - len(said)
        if more > kills + swallowed[conversation]:
            yield f"{more} too many in {conversation}, and {kills + swallowed[conversation]} may be"


def doubtful(counts: Mapping[str, int]) -> int:
    """Count the posts that happened and whose sender was told otherwise."""
    return sum(counts.get(fault, 0) for fault in DOUBTFUL)


async def unsettled(store: Store) -> list[str]:
    """List what the store still has open."""
    found = [(name, await look(store, query)) for name, query in UNSETTLED.items()]
    return [f"{count} {name} {state}" for name, rows in found for state, count in rows]
