"""The fake keeps the promises of a real messenger, so that tests with it say something about the real ones."""

from dataclasses import dataclass, field

import pytest

from bot.chat.messages import Channel
from bot.errors import RateLimited, Unreachable, Unsure
from tests.contracts.messenger import MessengerContract, card
from tests.fakes.messenger import FakeMessenger, Fault


@dataclass
class FakeSide:
    """The fake, looked at from the other side."""

    messenger: FakeMessenger = field(default_factory=FakeMessenger)
    channel: str = "plaza"
    person: str = "lotte"
    other: str = "daan"

    @property
    def recognises(self) -> bool:
        return self.messenger.can_find

    async def seen(self, person: str, conversation: str | None = None) -> list[str]:
        place = conversation or f"dm:{person}"
        here = [post for post in self.messenger.posts if post.handle.conversation == place]
        return [str(post.card.summary) for post in here if post.only_for in (None, person)]

    async def gesture(self, person: str) -> str:
        return self.messenger.gesture(person)

    async def form_before(self, person: str) -> str | None:
        form = self.messenger.forms.get(person)
        return form.title if form else None


class TestTheFake(MessengerContract):
    @pytest.fixture
    def side(self) -> FakeSide:
        return FakeSide()


class TestTheFakeThatCannotBeAsked(MessengerContract):
    @pytest.fixture
    def side(self) -> FakeSide:
        return FakeSide(FakeMessenger(can_find=False))


async def test_a_fault_happens_to_one_send_and_the_next_one_goes_well() -> None:
    messenger = FakeMessenger()
    messenger.will(RateLimited(0.01), None, Unreachable())
    errors: list[Exception] = []

    for key in "abcd":
        try:
            await messenger.post(Channel("plaza"), card(key), key=key)
        except (RateLimited, Unreachable) as error:
            errors.append(error)

    assert messenger.said() == ["b", "d"]
    assert [type(error) for error in errors] == [RateLimited, Unreachable]


@pytest.mark.parametrize(("arrives", "said"), [(True, ["hallo"]), (False, [])])
async def test_a_post_whose_outcome_is_unknown_may_have_arrived_or_not(said: list[str], *, arrives: bool) -> None:
    messenger = FakeMessenger()
    messenger.will(Fault(Unsure(), arrives=arrives))

    with pytest.raises(Unsure):
        await messenger.post(Channel("plaza"), card("hallo"), key="a")

    assert messenger.said() == said
