"""What routes need, as wiring put it into the app's state."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from techdock_shared.cache.ports import Cache
from techdock_shared.clock import Clock
from techdock_shared.errors import FieldError, Invalid
from techdock_shared.http.app import given

from techdock_matching.app.names import Names
from techdock_matching.app.repositories import Begin

BeginDep = Annotated[Begin, Depends(given("begin", Begin))]
"""Opens transactions of commands."""

ReadDep = Annotated[Begin, Depends(given("read", Begin))]
"""Opens views of queries, which never wait for a writer."""

ClockDep = Annotated[Clock, Depends(given("clock", Clock))]
CacheDep = Annotated[Cache | None, Depends(given("cache", object))]
NamesDep = Annotated[Names, Depends(given("names", Names))]


def id_after(position: list[Any] | None) -> UUID | None:
    """Return the id of the last item of the page before.

    Raises:
        Invalid: The cursor is not of this list.
    """
    if position is None:
        return None
    try:
        return UUID(position[0])
    except (ValueError, IndexError, AttributeError, TypeError) as error:
        wrong = FieldError("query.cursor", "the `next` of an earlier page", str(position)[:80])
        raise Invalid("this cursor was not given out by this list", errors=[wrong]) from error
