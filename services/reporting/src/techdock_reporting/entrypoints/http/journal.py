"""The journal's end, and the rebuilding of what is derived from it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel
from techdock_shared.errors import Forbidden
from techdock_shared.http.app import given
from techdock_shared.http.idempotency import Once
from techdock_shared.http.operations import Administrator
from techdock_shared.http.principal import SignedIn

from techdock_reporting.app.ports import Begin

router = APIRouter(prefix="/v1")

ReadDep = Annotated[Begin, Depends(given("read", Begin))]
BeginDep = Annotated[Begin, Depends(given("begin", Begin))]


class HeadOut(BaseModel):
    """The end of the journal: whoever knows it can tell later that nothing was changed."""

    position: int
    hash: str
    received_at: AwareDatetime | None


@router.get("/journal/head")
async def head(who: SignedIn, read: ReadDep) -> HeadOut:
    """Say how far the journal is."""
    if not (who.is_administrator or any(role.name == "organizer" for role in who.roles)):
        raise Forbidden("the journal's head is for organizers and administrators")
    async with read() as transaction:
        found = await transaction.journal.head()
    return HeadOut(position=found.position, hash=found.seal.hex(), received_at=found.received_at)


class JobStarted(BaseModel):
    """A long work was asked for; see /v1/jobs/{id}."""

    id: UUID


@router.post("/rebuild", status_code=202, response_model=JobStarted)
async def rebuild(who: Administrator, once: Once, begin: BeginDep) -> Response:
    """Derive all facts anew from the journal; the old ones are read until the new ones stand."""

    async def act(inside: Begin) -> UUID:
        async with inside() as transaction:
            return await transaction.ask_for("rebuild", {"account_id": str(who.account_id)})

    return await once(begin, act, _started)


def _started(job_id: UUID) -> Response:
    content = JobStarted(id=job_id).model_dump_json()
    return Response(content, 202, media_type="application/json")
