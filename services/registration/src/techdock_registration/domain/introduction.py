"""What somebody said of a person whom they brought along, before the person came themself."""

from dataclasses import dataclass
from uuid import UUID

from techdock_registration.domain.texts import Names


@dataclass(frozen=True, slots=True)
class Introduction:
    """A person as one who does not organize named them, by mail address, in a participation.

    Until the person has come, others see these names and not those of the account: else
    anybody who may apply would learn whose a mail address is. It ends when the person signs
    in and the organizers have confirmed the participation.

    Attributes:
        id: Random; shown in place of the counting id until the participation is confirmed,
            for that would tell too that the account was there before.
        person_id: Counting id.
    """

    id: UUID
    participation_id: UUID
    person_id: UUID
    account_id: UUID
    names: Names
