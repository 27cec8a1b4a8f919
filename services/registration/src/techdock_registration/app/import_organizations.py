"""Organizations from a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from techdock_shared.ids import uuid7
from techdock_shared.sheets.lines import Line

from techdock_registration.app.import_cells import Cells
from techdock_registration.app.import_tally import Tally
from techdock_registration.app.organizations import KIND
from techdock_registration.app.ports import Transaction
from techdock_registration.domain.organization import Facts, Organization
from techdock_registration.domain.texts import Names

_WHERE = {
    "names.native": "name_native",
    "names.latin": "name_latin",
    "names.language": "name_language",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that can be taken."""

    external_id: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class OrganizationRows:
    """How rows become organizations of a tenant."""

    tenant_id: UUID
    account_id: UUID
    in_groups: ClassVar[bool] = False

    def draft(self, line: Line) -> tuple[Draft | None, Cells]:
        """Read a row; None when something is wrong with it."""
        cells = Cells(line)
        external_id = cells.needed("external_id", "an id of your own")
        native = cells.needed("name_native", "a name")
        names = (
            cells.make(lambda: Names(native, cells.text("name_latin")), _WHERE) if native else None
        )
        kind = cells.needed("kind", "a code of organization_kind")
        language = cells.needed("name_language", "a BCP 47 tag such as ru")
        country = cells.needed("country", "two letters of ISO 3166-1")
        if cells.errors or names is None:
            return None, cells
        facts = cells.make(
            lambda: Facts(
                kind,
                names,
                language,
                country.upper(),
                cells.listed("aliases"),
                cells.text("region"),
                cells.text("size"),
                website=cells.text("website"),
                external_id=external_id,
            ),
            _WHERE,
        )
        return (Draft(external_id, facts), cells) if facts is not None else (None, cells)

    async def settle(
        self, drafts: Sequence[Draft], transaction: Transaction, at: datetime, *, write: bool
    ) -> Tally:
        """Compare rows with what is stored, and store what differs."""
        tally = Tally()
        ids = await transaction.external_ids.find(
            self.tenant_id, KIND, [draft.external_id for draft in drafts]
        )
        there = await transaction.organizations.get_many(list(ids.values()))
        changed: list[Organization] = []
        new: dict[str, UUID] = {}
        for draft in drafts:
            known = there.get(ids[draft.external_id]) if draft.external_id in ids else None
            if known is None:
                made = Organization.register(
                    uuid7(), draft.facts, None, at, by=self.account_id, tenant=self.tenant_id
                )
                new[draft.external_id] = made.id
                changed.append(made)
                tally.new += 1
                continue
            kept = known.facts
            facts = replace(draft.facts, identifiers=kept.identifiers, example=kept.example)
            after = known.describe(facts, known.group_id, at)
            if after is known:
                tally.unchanged += 1
            else:
                changed.append(after)
                tally.updated += 1
        if write and changed:
            await transaction.organizations.save_many(changed)
            await transaction.external_ids.keep(self.tenant_id, KIND, new)
        return tally
