"""Needs and offers from a file."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from techdock_shared.ids import uuid7
from techdock_shared.sheets.lines import Line

from techdock_registration.app.import_cells import Cells, RowWarning
from techdock_registration.app.import_columns import TEXTS, VERSION
from techdock_registration.app.import_naming import Looking
from techdock_registration.app.import_organizations import OrganizationRows
from techdock_registration.app.import_tally import Tally
from techdock_registration.app.naming import names_of
from techdock_registration.app.organizations import KIND as ORGANIZATION
from techdock_registration.app.ports import Transaction
from techdock_registration.app.profiles import KIND
from techdock_registration.domain.participation import Belonging
from techdock_registration.domain.profile import (
    USUAL_VALIDITY,
    Incomplete,
    Profile,
    ProfileState,
)
from techdock_registration.domain.profile_content import NEED, Conditions, Content
from techdock_registration.domain.rules import is_language
from techdock_registration.domain.texts import Text, Version

_LISTS = (
    "cooperation",
    "technology_keywords",
    "market_keywords",
    "ipc",
    "isic",
    "languages",
    "partner_kinds",
    "partner_countries",
    "excluded_countries",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that can be taken.

    Attributes:
        has_validity: The row says until when it is valid.
    """

    line: Line
    external_id: str
    organization: str
    content: Content
    has_validity: bool


@dataclass(frozen=True, slots=True)
class ProfileRows:
    """How rows become needs or offers that are entered in a docking event.

    Attributes:
        kind: need or offer.
        today: Newly written ones are valid for a year from then on.
        take_in: Columns of an organization; when given, unknown ones are taken in.
        looking: Looks through the texts for names; None when nobody asked for that.
    """

    docking_event_id: UUID
    tenant_id: UUID
    account_id: UUID
    kind: str
    today: date
    take_in: Mapping[str, str] | None = None
    looking: Looking | None = None
    in_groups: ClassVar[bool] = False

    def draft(self, line: Line) -> tuple[Draft | None, Cells]:
        """Read a row; None when something is wrong with it."""
        cells = Cells(line)
        external_id = cells.needed("external_id", "an id of your own")
        organization = cells.needed("organization", "the external_id of an organization")
        language = cells.needed("language", "the BCP 47 tag of the texts, such as ru")
        if language and not is_language(language):
            cells.fault("language", "a BCP 47 tag such as ru or zh-Hans")
            language = ""
        cells.needed("title", "a title")
        if not (cells.text("summary") or cells.text("description")):
            cells.fault("summary", "a text, in summary or in description")
        texts = self._texts(cells, language) if language else {}
        parts = self._parts(cells)
        validity = cells.day("valid_until")
        if validity is not None and validity < self.today:
            cells.fault("valid_until", "a day that has not passed")
        if cells.errors:
            return None, cells
        content = cells.make(
            lambda: Content(
                (self.docking_event_id,),
                texts,
                validity or self.today + USUAL_VALIDITY,
                external_id=external_id,
                **parts,
            ),
            {"texts.title": "title"},
        )
        if content is None:
            return None, cells
        draft = Draft(line, external_id, organization, content, validity is not None)
        return draft, cells

    def _texts(self, cells: Cells, language: str) -> dict[str, Text]:
        versions: dict[str, dict[str, Version]] = {}
        for column, cell in cells.line.cells.items():
            if column in TEXTS:
                versions.setdefault(column, {})[language] = Version(cell)
            elif found := VERSION.fullmatch(column):
                versions.setdefault(found[1], {})[found[2]] = Version(cell)
        texts = {}
        for name, by_language in versions.items():
            if language not in by_language:
                cells.fault(name, f"a text in {language}, as there are other versions of it")
                continue
            text = cells.make(lambda by=by_language: Text(language, by), column=name)  # type: ignore[misc]  # bound now
            if text is not None:
                texts[name] = text
        return texts

    def _parts(self, cells: Cells) -> dict[str, Any]:
        parts: dict[str, Any] = {name: cells.listed(name) for name in _LISTS}
        for name in ("partner_countries", "excluded_countries"):
            parts[name] = tuple(code.upper() for code in parts[name])
        for name in ("trl_least", "trl_most") if self.kind == NEED else ("trl",):
            parts[name] = cells.number(name)
        parts["ipr_status"] = cells.text("ipr_status")
        parts["technology_field"] = cells.number("technology_field")
        parts["sdg"] = cells.numbers("sdg")
        parts["conditions"] = Conditions(
            cells.listed("climate"),
            cells.listed("water"),
            cells.listed("power"),
            cells.text("skill_level"),
            cells.text("price_band"),
            cells.listed("certificates"),
        )
        return parts

    async def settle(
        self, drafts: Sequence[Draft], transaction: Transaction, at: datetime, *, write: bool
    ) -> Tally:
        """Compare rows with what is stored, and store and publish what differs."""
        tally = Tally()
        known = await self._organizations(drafts, transaction, at, write=write)
        ids = await transaction.external_ids.find(
            self.docking_event_id, KIND, [draft.external_id for draft in drafts]
        )
        there = await transaction.profiles.get_many(list(ids.values()))
        changed: list[Profile] = []
        new: dict[str, UUID] = {}
        for draft in drafts:
            organization = known.get(draft.organization)
            if organization is None:
                cells = Cells(draft.line)
                cells.fault("organization", "the external_id of an organization taken in before")
                tally.note(cells.errors)
                continue
            organization_id, of = organization
            before = there.get(ids[draft.external_id]) if draft.external_id in ids else None
            if before is None:
                made = Profile(uuid7(), organization_id, self.kind, draft.content, at)
                new[draft.external_id] = made.id
                changed.append(made.publish_at_once(of, at))
                tally.new += 1
            else:
                self._revise(before, draft, (organization_id, of), at, changed, tally)
        if self.looking is not None:
            tally.warnings += await self._named(drafts, known, transaction)
        if write and changed:
            await transaction.profiles.save_many(changed)
            await transaction.external_ids.keep(self.docking_event_id, KIND, new)
        return tally

    async def _named(
        self,
        drafts: Sequence[Draft],
        known: Mapping[str, tuple[UUID, Belonging]],
        transaction: Transaction,
    ) -> list[RowWarning]:
        ids = list({id_ for id_, _ in known.values()})
        there = await transaction.organizations.get_many(ids)
        called = {
            name: names_of(there[id_].facts) for name, (id_, _) in known.items() if id_ in there
        }
        looking = self.looking

        def look() -> list[RowWarning]:
            return [
                warning
                for draft in drafts
                for warning in (
                    looking.through(draft.line, draft.content, called.get(draft.organization, ()))
                    if looking
                    else ()
                )
            ]

        return await asyncio.to_thread(look)

    def _revise(
        self,
        before: Profile,
        draft: Draft,
        organization: tuple[UUID, Belonging],
        at: datetime,
        changed: list[Profile],
        tally: Tally,
    ) -> None:
        cells = Cells(draft.line)
        if before.state not in (ProfileState.DRAFT, ProfileState.SUBMITTED, ProfileState.PUBLISHED):
            cells.fault("external_id", f"a profile that is not {before.state}")
        if before.organization_id != organization[0]:
            cells.fault("organization", "the organization that the profile is of")
        if before.kind != self.kind:
            cells.fault("external_id", f"the id of a {self.kind}, not of another kind")
        if cells.errors:
            tally.note(cells.errors)
            return
        content = _merged(before.content, draft)
        if content == before.content and before.state is ProfileState.PUBLISHED:
            tally.unchanged += 1
            return
        try:
            after = before.describe(content, organization[1], at)
            changed.append(after.publish_at_once(organization[1], at))
        except Incomplete as missing:
            cells.fault("valid_until", str(missing))
            tally.note(cells.errors)
            return
        tally.updated += 1

    async def _organizations(
        self, drafts: Sequence[Draft], transaction: Transaction, at: datetime, *, write: bool
    ) -> dict[str, tuple[UUID, Belonging]]:
        wanted = list(dict.fromkeys(draft.organization for draft in drafts))
        ids = await transaction.external_ids.find(self.tenant_id, ORGANIZATION, wanted)
        missing = [name for name in wanted if name not in ids]
        if missing and self.take_in is not None:
            rows = OrganizationRows(self.tenant_id, self.account_id)
            made = [rows.draft(self._row_of(name, drafts[0].line))[0] for name in missing]
            taken = [draft for draft in made if draft is not None]
            await rows.settle(taken, transaction, at, write=write)
            if not write:
                facts = {draft.external_id: draft.facts for draft in taken}
                nobody = UUID(int=0)
                return {
                    **await self._known(ids, transaction),
                    **{n: (nobody, Belonging(f.country, nobody)) for n, f in facts.items()},
                }
            ids = await transaction.external_ids.find(self.tenant_id, ORGANIZATION, wanted)
        return await self._known(ids, transaction)

    async def _known(
        self, ids: Mapping[str, UUID], transaction: Transaction
    ) -> dict[str, tuple[UUID, Belonging]]:
        found = await transaction.organizations.get_many(list(ids.values()))
        return {
            name: (id_, Belonging(found[id_].facts.country, found[id_].group_id))
            for name, id_ in ids.items()
            if id_ in found
        }

    def _row_of(self, name: str, line: Line) -> Line:
        """Return the row of an organization that the file only names."""
        cells = {"name_language": "en", **(self.take_in or {})}
        return Line(line.sheet, line.number, cells | {"external_id": name, "name_native": name})


def _merged(before: Content, draft: Draft) -> Content:
    """Return what a row says, with what a file has no columns for left as it is."""
    texts = {name: text for name, text in before.texts.items() if name not in TEXTS}
    events = dict.fromkeys((*before.docking_events, *draft.content.docking_events))
    return replace(
        draft.content,
        docking_events=tuple(events),
        texts={**texts, **draft.content.texts},
        disclosure=before.disclosure,
        valid_until=draft.content.valid_until if draft.has_validity else before.valid_until,
    )
