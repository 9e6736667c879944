"""Comings and goings in the pretend Teams: who and what is there, told as Teams tells it."""

from tests.fakes.teams.server import FakeTeams
from tests.fakes.teams.telling import Teller, accounts
from tests.fakes.teams.ways import Answered, Way
from tests.fakes.teams.world import BOT, Conversation, Json, Team, User, World


class Changes:
    """Installs, members, channels and teams; by whom is the first argument, where Teams says so."""

    def __init__(self, teams: FakeTeams, way: Way) -> None:
        self.teams, self.way = teams, way
        self.told: list[Json] = []

    @property
    def world(self) -> World:
        """What is there."""
        return self.teams.world

    @property
    def teller(self) -> Teller:
        """Makes the activities."""
        return Teller(self.world, self.teams.service_url)

    def place(self, who: str, where: str = "") -> Conversation:
        """A conversation; empty is the personal chat of someone."""
        return self.world.conversations[where] if where else self.world.personal(who)

    async def tell(self, told: Json, **claims: object) -> Answered:
        """Deliver an activity."""
        self.told.append(told)
        return await self.way.tell(told, **claims)

    async def again(self, told: Json, **claims: object) -> Answered:
        """Deliver an activity once more."""
        return await self.way.tell(told, **claims)

    async def event(self, **activity: object) -> Answered:
        """Tell of anything: what is not given is as usual, what is None is left out."""
        told = {**self.teller.activity("event"), **activity}
        return await self.tell({name: value for name, value in told.items() if value is not None})

    async def install(self, who: str, team: Team, selected: str = "") -> Answered:
        """Put Kring in a team, in the channel that was chosen then: two activities, in no order that is promised."""
        team.has_bot = True
        chosen = self.world.conversations[selected] if selected else None
        place, person = chosen or self.world.conversations[team.id], self.world.users[who]
        await self.tell(self.teller.installed("add", person, place, chosen))
        told = self.teller.of_team("teamMemberAdded", person, team, membersAdded=[{"id": BOT}])
        told["conversation"] = self.teller.named(place)
        told["channelData"] |= self.teller.source(chosen)
        return await self.tell(told)

    async def uninstall(self, who: str, team: Team) -> Answered:
        """Take Kring out of a team."""
        team.has_bot = False
        person, place = self.world.users[who], self.world.conversations[team.id]
        await self.tell(self.teller.of_team("teamMemberRemoved", person, team, membersRemoved=[{"id": BOT}]))
        return await self.tell(self.teller.installed("remove", person, place))

    async def install_personal(self, who: str) -> Answered:
        """Add Kring for oneself."""
        person, place = self.world.users[who], self.world.personal(who)
        place.uninstalled = False
        await self.tell(self._members(person, place, membersAdded=[{"id": BOT}, *accounts(person)]))
        return await self.tell(self.teller.installed("add", person, place))

    async def uninstall_personal(self, who: str) -> Answered:
        """Throw Kring out for oneself."""
        place = self.world.personal(who)
        place.uninstalled = True
        return await self.tell(self.teller.installed("remove", self.world.users[who], place))

    async def add_to_chat(self, who: str, chat: Conversation) -> Answered:
        """Add Kring to a group chat."""
        chat.has_bot = True
        person = self.world.users[who]
        await self.tell(self._members(person, chat, membersAdded=[{"id": BOT}]))
        return await self.tell(self.teller.installed("add", person, chat))

    async def remove_from_chat(self, who: str, chat: Conversation) -> Answered:
        """Take Kring out of a group chat."""
        chat.has_bot = False
        person = self.world.users[who]
        await self.tell(self._members(person, chat, membersRemoved=[{"id": BOT}]))
        return await self.tell(self.teller.installed("remove", person, chat))

    async def let_in(self, who: str, place: Conversation) -> Answered:
        """Let Kring, which the team has, into a private or shared channel."""
        place.has_bot = True
        return await self.tell(self._of_own(self.world.users[who], place, "Added", membersAdded=[{"id": BOT}]))

    async def put_out(self, who: str, place: Conversation) -> Answered:
        """Put Kring out of such a channel."""
        place.has_bot = False
        return await self.tell(self._of_own(self.world.users[who], place, "Removed", membersRemoved=[{"id": BOT}]))

    async def upgrade(self, who: str, where: str) -> Answered:
        """Renew the app where it is already."""
        place = self.world.conversations[where]
        return await self.tell(self.teller.installed("add-upgrade", self.world.users[who], place))

    async def rename_chat(self, who: str, chat: Conversation, name: str) -> Answered:
        """Give a group chat another name."""
        chat.name = name
        return await self.tell(self._members(self.world.users[who], chat, topicName=name))

    async def join(self, where: str, *names: str, by: str = "") -> Answered:
        """Come into a team, a private or shared channel, or a chat, all at once."""
        people = [self.world.users[name] for name in names]
        self._roster(where).extend(names)
        return await self._moved(where, people, by, "Added")

    async def leave(self, where: str, *names: str, by: str = "") -> Answered:
        """Go out of it."""
        people = [self.world.users[name] for name in names]
        self._roster(where)[:] = [name for name in self._roster(where) if name not in names]
        return await self._moved(where, people, by, "Removed")

    async def create_channel(self, who: str, team: Team, key: str, name: str = "") -> Answered:
        """Make a standard channel, in which Kring then is too."""
        return await self._channel("channelCreated", who, self.world.add_channel(team, key, name=name))

    async def rename_channel(self, who: str, place: Conversation, name: str) -> Answered:
        """Give a channel another name."""
        place.name = name
        return await self._channel("channelRenamed", who, place)

    async def delete_channel(self, who: str, place: Conversation) -> Answered:
        """Delete a channel."""
        place.deleted = True
        return await self._channel("channelDeleted", who, place)

    async def restore_channel(self, who: str, place: Conversation) -> Answered:
        """Bring a channel back."""
        place.deleted = False
        return await self._channel("channelRestored", who, place)

    async def rename_team(self, who: str, team: Team, name: str) -> Answered:
        """Give a team another name."""
        team.name = name
        return await self._team("teamRenamed", who, team)

    async def archive_team(self, who: str, team: Team, *, archived: bool = True) -> Answered:
        """Archive a team, or take it out of the archive."""
        team.archived = archived
        return await self._team("teamArchived" if archived else "teamUnarchived", who, team)

    async def delete_team(self, who: str, team: Team, *, deleted: bool = True) -> Answered:
        """Delete a team, or bring it back."""
        team.deleted = deleted
        return await self._team("teamDeleted" if deleted else "teamRestored", who, team)

    async def _channel(self, event: str, who: str, place: Conversation) -> Answered:
        return await self.tell(self.teller.of_channel(event, self.world.users[who], place))

    async def _team(self, event: str, who: str, team: Team) -> Answered:
        return await self.tell(self.teller.of_team(event, self.world.users[who], team))

    def _roster(self, where: str) -> list[str]:
        return self.world.members(self.world.conversations[where])

    async def _moved(self, where: str, people: list[User], by: str, how: str) -> Answered:
        place = self.world.conversations[where]
        doer = self.world.users[by] if by else people[0]
        moved = {f"members{how}": accounts(*people)}
        if place.team and not place.own:
            team = self.world.teams[place.team]
            return await self.tell(self.teller.of_team(f"teamMember{how}", doer, team, **moved))
        if place.own:
            return await self.tell(self._of_own(doer, place, how, **moved))
        return await self.tell(self._members(doer, place, **moved))

    def _of_own(self, doer: User, place: Conversation, how: str, **moved: object) -> Json:
        """People come and go in a channel with members of its own: the conversation is the channel."""
        told = self.teller.of_channel(f"channelMember{how}", doer, place)
        return told | {"conversation": self.teller.conversation(place), **moved}

    def _members(self, person: User, place: Conversation, **moved: object) -> Json:
        """People come and go in a chat: the conversation is the chat."""
        where = self.teller.conversation(place)
        return self.teller.activity("conversationUpdate", person, conversation=where, **moved)
