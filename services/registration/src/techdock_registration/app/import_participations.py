"""Participations from a file: one row for each person, one external_id for each participation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from techdock_shared.errors import Conflict, Invalid, Problem
from techdock_shared.sheets.lines import Line

from techdock_registration.app import participations
from techdock_registration.app.entries import Comer, Wishes, attendee, listed, listed_again
from techdock_registration.app.import_cells import Cells, RowError
from techdock_registration.app.import_tally import Tally
from techdock_registration.app.organizations import KIND as ORGANIZATION
from techdock_registration.app.participations import KIND
from techdock_registration.app.persons import Named
from techdock_registration.app.ports import Transaction
from techdock_registration.domain.account import Account
from techdock_registration.domain.docking_event import DockingEvent
from techdock_registration.domain.participation import (
    ON_SITE,
    REMOTE,
    Participation,
    ParticipationState,
)
from techdock_registration.domain.rules import is_email, normal_email
from techdock_registration.domain.texts import Names
from techdock_registration.domain.venue import Venue


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be taken: a person of a participation."""

    line: Line
    external_id: str
    organization: str
    comer: Comer
    least_meetings: int | None
    most_meetings: int | None


@dataclass(frozen=True, slots=True)
class ParticipationRows:
    """How rows become participations of a docking event.

    Attributes:
        confirm: Confirm them at once, because the organizer vetted them outside.
    """

    docking_event: DockingEvent
    confirm: bool = False
    in_groups: ClassVar[bool] = True

    def draft(self, line: Line) -> tuple[Row | None, Cells]:
        """Read a row; None when something is wrong with it."""
        cells = Cells(line)
        external_id = cells.needed("external_id", "an id of your own")
        organization = cells.needed("organization", "the external_id of an organization")
        native = cells.needed("person_name_native", "a name")
        latin = cells.text("person_name_latin")
        names = (
            cells.make(lambda: Names(native, latin), column="person_name_native")
            if native
            else None
        )
        email = cells.text("email")
        if email is not None and not is_email(normal_email(email)):
            cells.fault("email", "a mail address")
        mode = cells.text("mode") or ON_SITE
        venue = self._venue(cells, mode)
        languages = cells.listed("languages")
        row = Row(
            line,
            external_id,
            organization,
            Comer(
                Named(names, email, languages[0] if languages else "en", languages),
                cells.text("role") or "member",
                mode,
                venue.id if venue else None,
                cells.text("zone"),
            ),
            cells.number("least_meetings"),
            cells.number("most_meetings"),
        )
        if not cells.errors:
            cells.make(lambda: attendee(row.comer, UUID(int=0), self.docking_event))
        return (None if cells.errors else row), cells

    def _venue(self, cells: Cells, mode: str) -> Venue | None:
        label = cells.text("venue")
        if mode == REMOTE:
            if label is not None:
                cells.fault("venue", "nothing for a remote person")
            return None
        if label is None:
            return self.docking_event.main_venue
        wanted = label.casefold()
        for venue in self.docking_event.venues:
            texts = (venue.names, *([venue.city] if venue.city else []))
            called = {v.text.casefold() for text in texts for v in text.versions.values()}
            if wanted in called or wanted == venue.kind == "main":
                return venue
        cells.fault("venue", "main, or the city of a venue of the docking event")
        return None

    async def settle(
        self, drafts: Sequence[Row], transaction: Transaction, at: datetime, *, write: bool
    ) -> Tally:
        """Compare rows with what is stored, and store what differs."""
        tally = Tally()
        groups: dict[str, list[Row]] = {}
        for row in drafts:
            groups.setdefault(row.external_id, []).append(row)
        tenant, event = self.docking_event.tenant_id, self.docking_event.id
        organizations = await transaction.external_ids.find(
            tenant, ORGANIZATION, [row.organization for row in drafts]
        )
        ids = await transaction.external_ids.find(event, KIND, list(groups))
        there = await transaction.participations.get_many(list(ids.values()))
        for external_id, rows in groups.items():
            before = there.get(ids[external_id]) if external_id in ids else None
            organization_id = organizations.get(rows[0].organization)
            errors = _faults(rows, organization_id, before)
            if errors:
                tally.note(errors)
                continue
            assert organization_id is not None  # noqa: S101 - else it was a fault
            try:
                await self._settle(
                    rows, organization_id, before, transaction, at, tally, write=write
                )
            except Problem as problem:
                if not isinstance(problem, Invalid | Conflict):
                    raise
                cells = Cells(rows[0].line)
                cells.fault("external_id", str(problem))
                tally.note(cells.errors)
        return tally

    async def _settle(
        self,
        rows: Sequence[Row],
        organization_id: UUID,
        before: Participation | None,
        transaction: Transaction,
        at: datetime,
        tally: Tally,
        *,
        write: bool,
    ) -> None:
        wishes = Wishes(
            tuple(row.comer for row in rows),
            0,
            next((r.least_meetings for r in rows if r.least_meetings is not None), 0),
            next((r.most_meetings for r in rows if r.most_meetings is not None), None),
            external_id=rows[0].external_id,
        )
        if before is not None:
            wishes = await _recognised(wishes, before, transaction)
            if self._is_same(wishes, before):
                tally.unchanged += 1
                return
            tally.updated += 1
        else:
            tally.new += 1
        if not write:
            return
        event = self.docking_event
        if before is not None:
            entry = await listed(wishes, before.entry, event, transaction, at)
            await participations.change(before, entry, transaction, at)
            return
        saved = await participations.enter(event, organization_id, wishes, transaction, at)
        if self.confirm:
            await participations.confirm_at_once(saved, transaction, at)

    def _is_same(self, wishes: Wishes, before: Participation) -> bool:
        """Whether rows say what is stored; nobody new is in them then."""
        if any(comer.who.person_id is None for comer in wishes.comers):
            return False
        return listed_again(wishes, before.entry, self.docking_event) == before.entry


async def _recognised(wishes: Wishes, before: Participation, transaction: Transaction) -> Wishes:
    """Find the persons of a file among those of the participation: by address, else by name."""
    ids = [person.person_id for person in before.entry.persons]
    accounts = await transaction.accounts.of_persons(ids)
    comers = []
    for comer in wishes.comers:
        known = next((i for i, a in accounts.items() if _is(comer.who, a)), None)
        comers.append(replace(comer, who=replace(comer.who, person_id=known)) if known else comer)
    return replace(wishes, comers=tuple(comers))


def _is(named: Named, account: Account) -> bool:
    if named.email:
        return account.email == normal_email(named.email)
    return account.email is None and account.names == named.names


def _faults(
    rows: Sequence[Row], organization_id: UUID | None, before: Participation | None
) -> list[RowError]:
    return list(_each_fault(rows, organization_id, before))


def _each_fault(
    rows: Sequence[Row], organization_id: UUID | None, before: Participation | None
) -> Iterator[RowError]:
    cells = Cells(rows[0].line)
    if organization_id is None:
        cells.fault("organization", "the external_id of an organization taken in before")
    elif before is not None and before.organization_id != organization_id:
        cells.fault("organization", "the organization that the participation is of")
    if before is not None and before.state not in (
        ParticipationState.APPLIED,
        ParticipationState.VETTED,
        ParticipationState.CONFIRMED,
    ):
        cells.fault("external_id", f"a participation that is not {before.state}")
    yield from cells.errors
    for row in rows[1:]:
        other = Cells(row.line)
        if row.organization != rows[0].organization:
            other.fault("organization", f"{rows[0].organization}, as in row {rows[0].line.number}")
        yield from other.errors
