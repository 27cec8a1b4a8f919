"""Lists a page at a time: an opaque cursor, at most 200 items, Link rel=next.

On a route:

    @router.get("/things", dependencies=[public])
    async def things(page: Paging, request: Request) -> Response:
        # `after`: what `position` gave for the last item of the page before, or None
        rows = await queries.things(after=page.after, limit=page.limit + 1)
        things = [ThingOut.of(row) for row in rows]
        return page.answer(request, things, lambda last: [last.name, str(last.id)])
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from techdock_shared.errors import FieldError, Invalid

MOST_ITEMS = 200
USUAL_ITEMS = 50
MOST_CURSOR_CHARACTERS = 1024

T = TypeVar("T", bound=BaseModel)


class Page(BaseModel, Generic[T]):
    """One page of a list.

    Attributes:
        items: At most `limit` of them.
        next: Cursor of the page after; null at the end.
    """

    items: list[T]
    next: str | None = None


def encode_cursor(position: Sequence[Any]) -> str:
    """Return an opaque cursor for a place in an ordered list.

    Args:
        position: The sort values of the last item shown: text, numbers, booleans, null.
    """
    return base64.urlsafe_b64encode(orjson.dumps(list(position))).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> list[Any]:
    """Return the place that a cursor stands for.

    Raises:
        Invalid: It was not made by `encode_cursor`.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise broken_cursor(cursor) from error
    if not isinstance(position, list):
        raise broken_cursor(cursor)
    return position


def broken_cursor(cursor: str) -> Invalid:
    """Return the problem of a cursor that no list gave out."""
    error = FieldError("query.cursor", "the `next` of an earlier page", cursor[:80])
    return Invalid("this cursor was not given out by this list", errors=[error])


class Slice:
    """The part of a list that a caller asked for.

    Attributes:
        limit: Most items to answer with, 1 to 200.
        after: Sort values of the last item the caller has; None from the start.
    """

    __slots__ = ("after", "limit")

    def __init__(self, limit: int, after: list[Any] | None) -> None:
        self.limit = limit
        self.after = after

    def cut(
        self, items: Sequence[T], position: Callable[[T], Sequence[Any]]
    ) -> tuple[Sequence[T], str | None]:
        """Return the items of this page and the cursor of the next.

        Args:
            items: Up to `limit + 1` of them: the one too many tells that there are more.
            position: The sort values of an item.
        """
        if len(items) <= self.limit:
            return items, None
        shown = items[: self.limit]
        return shown, encode_cursor(position(shown[-1]))

    def answer(
        self, request: Request, items: Sequence[T], position: Callable[[T], Sequence[Any]]
    ) -> Response:
        """Answer with this page; arguments as for `cut`."""
        shown, following = self.cut(items, position)
        body = Page[BaseModel].model_construct(items=list(shown), next=following)
        headers = {"Link": link_next(request, following)} if following else None
        return Response(
            body.model_dump_json(serialize_as_any=True).encode(), 200, headers, "application/json"
        )


def link_next(request: Request, cursor: str) -> str:
    """Return the Link header that names the next page of the same list."""
    url = request.url.include_query_params(cursor=cursor)
    return f'<{url.path}?{url.query}>; rel="next"'


async def paging(
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Most items.")] = USUAL_ITEMS,
    cursor: Annotated[str | None, Query(max_length=MOST_CURSOR_CHARACTERS)] = None,
) -> Slice:
    """Read `limit` and `cursor` of a list."""
    return Slice(limit, None if cursor is None else decode_cursor(cursor))


Paging = Annotated[Slice, Depends(paging)]
