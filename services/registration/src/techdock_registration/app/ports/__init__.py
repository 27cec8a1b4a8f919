"""What the commands and queries need from outside."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from techdock_registration.app.ports.docking_events import (
    AttendanceBook,
    DockingEvents,
    Participations,
    Sessions,
)
from techdock_registration.app.ports.letters import Mails, Talks
from techdock_registration.app.ports.outside import Letter, Letters, Passwords, Post
from techdock_registration.app.ports.people import Access, Accounts, Introductions, Tenants
from techdock_registration.app.ports.records import (
    ExternalIds,
    Organizations,
    Profiles,
    Slice,
    Store,
)
from techdock_registration.app.ports.spreadsheets import Imports, Spreadsheets

__all__ = [
    "Access",
    "Accounts",
    "AttendanceBook",
    "Begin",
    "DockingEvents",
    "ExternalIds",
    "Imports",
    "Introductions",
    "Letter",
    "Letters",
    "Mails",
    "Organizations",
    "Participations",
    "Passwords",
    "Post",
    "Profiles",
    "Sessions",
    "Slice",
    "Spreadsheets",
    "Store",
    "Talks",
    "Tenants",
    "Transaction",
]


class Transaction(Protocol):
    """One transaction and what can be reached in it."""

    @property
    def tenants(self) -> Tenants:
        """The tenants."""
        ...

    @property
    def accounts(self) -> Accounts:
        """The persons."""
        ...

    @property
    def introductions(self) -> Introductions:
        """What was said of persons who have not come yet."""
        ...

    @property
    def access(self) -> Access:
        """Roles, sign-ins, links and tokens."""
        ...

    @property
    def organizations(self) -> Organizations:
        """The organizations."""
        ...

    @property
    def docking_events(self) -> DockingEvents:
        """The docking events."""
        ...

    @property
    def sessions(self) -> Sessions:
        """The sessions of all docking events."""
        ...

    @property
    def participations(self) -> Participations:
        """The participations of all docking events."""
        ...

    @property
    def profiles(self) -> Profiles:
        """The needs and offers."""
        ...

    @property
    def external_ids(self) -> ExternalIds:
        """Names that others gave to our things."""
        ...

    @property
    def attendance(self) -> AttendanceBook:
        """Who was where."""
        ...

    @property
    def mails(self) -> Mails:
        """The mail ledger."""
        ...

    @property
    def imports(self) -> Imports:
        """Files that organizers sent, and the jobs that apply them."""
        ...

    @property
    def talks(self) -> Talks:
        """What matching told about requests and meetings."""
        ...


class Begin(Protocol):
    """Opens a transaction that commits when the block ends well, else rolls back."""

    def __call__(self) -> AbstractAsyncContextManager[Transaction]:
        """Open it."""
        ...
