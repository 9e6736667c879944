"""How a conversation of a platform is reached, where its id alone does not tell."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A conversation reference: `service_url` is where the platform takes messages for it.

    `group` is the team that a channel is of, empty elsewhere; `user_id` is whose direct conversation it is, empty where
    it is none; `name` is what the platform calls the conversation, where it says.
    """

    conversation: str
    service_url: str
    group: str = ""
    user_id: str = ""
    name: str = ""
