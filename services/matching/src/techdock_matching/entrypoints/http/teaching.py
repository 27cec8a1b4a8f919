"""What people do with the places of their lists, over HTTP: save, dismiss, take that back."""

from collections.abc import Sequence
from functools import partial
from typing import Literal, Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_contracts.texts import Text
from techdock_shared.http.app import Body, no_content
from techdock_shared.http.idempotency import Once
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import teaching
from techdock_matching.app.teaching import Kept
from techdock_matching.entrypoints.http.given import BeginDep, ReadDep

router = APIRouter(prefix="/v1", tags=["lists"])


class KeptOut(BaseModel):
    """A counterpart that was saved or dismissed, by whom and when."""

    profile_id: UUID
    kind: Literal["need", "offer"]
    organization_id: UUID
    country: str
    title: Text | None
    person_id: UUID
    at: AwareDatetime
    reason: str | None = Field(description="Of a dismissal.")

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """Return it as it is shown."""
        content = kept.profile.content
        return cls(
            profile_id=kept.profile.id,
            kind=content.kind,
            organization_id=kept.profile.organization_id,
            country=content.country,
            title=content.texts.get("title"),
            person_id=kept.person_id,
            at=kept.at,
            reason=kept.reason,
        )


class KeptPage(BaseModel):
    """All of them that are still published, the latest first."""

    items: tuple[KeptOut, ...]
    next: None = None


def _page(kept: Sequence[Kept]) -> KeptPage:
    return KeptPage(items=tuple(map(KeptOut.of, kept)))


class SaveBody(Body):
    """Whom to keep in mind."""

    profile_id: UUID


class DismissBody(Body):
    """Who does not fit, and why.

    One of not_fitting, known, competitor, too_early, too_late, country, field, other.
    """

    profile_id: UUID
    reason: str = Field(max_length=40)


@router.get("/profiles/{profile_id}/saved-matches")
async def saved_matches(profile_id: UUID, who: SignedIn, read: ReadDep) -> KeptPage:
    """Show what the people of one's own profile saved."""
    return _page(await teaching.saved(profile_id, read, who=who))


@router.post("/profiles/{profile_id}/saved-matches", status_code=204)
async def saved(
    profile_id: UUID, body: SaveBody, who: SignedIn, once: Once, begin: BeginDep
) -> Response:
    """Save a counterpart; it teaches the order of the list."""
    command = teaching.Save(profile_id, body.profile_id)
    return await once(begin, partial(teaching.save, command, who=who), lambda _: no_content())


@router.delete("/profiles/{profile_id}/saved-matches/{counterpart_id}", status_code=204)
async def unsaved(
    profile_id: UUID, counterpart_id: UUID, who: SignedIn, begin: BeginDep
) -> Response:
    """Save it no longer; what it taught is forgotten."""
    await teaching.unsave(teaching.TakeBack(profile_id, counterpart_id), begin, who=who)
    return no_content()


@router.get("/profiles/{profile_id}/dismissals")
async def dismissals(profile_id: UUID, who: SignedIn, read: ReadDep) -> KeptPage:
    """Show what the people of one's own profile keep out of its list, and why."""
    return _page(await teaching.dismissed(profile_id, read, who=who))


@router.post("/profiles/{profile_id}/dismissals", status_code=204)
async def dismissed(
    profile_id: UUID, body: DismissBody, who: SignedIn, once: Once, begin: BeginDep
) -> Response:
    """Keep a counterpart out of the list of one's own profile."""
    command = teaching.Dismiss(profile_id, body.profile_id, body.reason)
    return await once(begin, partial(teaching.dismiss, command, who=who), lambda _: no_content())


@router.delete("/profiles/{profile_id}/dismissals/{counterpart_id}", status_code=204)
async def restored(
    profile_id: UUID, counterpart_id: UUID, who: SignedIn, begin: BeginDep
) -> Response:
    """Let it stand in the list again; what the dismissal taught is forgotten."""
    await teaching.restore(teaching.TakeBack(profile_id, counterpart_id), begin, who=who)
    return no_content()
