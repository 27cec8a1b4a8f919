"""What routes are given: put into `app.state` by wiring."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from techdock_shared.clock import Clock
from techdock_shared.errors import FieldError, Invalid
from techdock_shared.http.app import given
from techdock_shared.http.paging import Slice as Page

from techdock_registration.app.ports import Begin, Passwords, Slice
from techdock_registration.domain.naming.finder import Phones
from techdock_registration.domain.rules import is_in_reach

Ask = Callable[[str], Awaitable[Mapping[str, Any] | None]]
"""Resolves a credential to a signed principal, freshly."""

BeginDep = Annotated[Begin, Depends(given("begin", Begin))]
ReadDep = Annotated[Begin, Depends(given("read", Begin))]
ClockDep = Annotated[Clock, Depends(given("clock", Clock))]
PhonesDep = Annotated[Phones, Depends(given("phones", Phones))]
PasswordsDep = Annotated[Passwords, Depends(given("passwords", Passwords))]


def more(page: Page, *kinds: Callable[[str], object]) -> Slice:
    """Return the slice of a list for a page: one more than shown, to know whether it goes on.

    Args:
        kinds: How each sort value of the cursor is read, such as `UUID`; the values
            themselves stay text.

    Raises:
        Invalid: The cursor was not given out by this list.
    """
    after = page.after
    if after is not None:
        try:
            if len(after) != len(kinds):
                raise ValueError  # noqa: TRY301 - one problem for every wrong cursor
            for kind, value in zip(kinds, after, strict=True):
                if not isinstance(value, str) or "\0" in value:
                    raise TypeError  # noqa: TRY301 - as above
                kind(value)
        except (ValueError, TypeError, AttributeError) as error:
            wrong = FieldError("query.cursor", "the `next` of an earlier page", str(after)[:80])
            raise Invalid("this cursor was not given out by this list", [wrong]) from error
    return Slice(page.limit + 1, after)


def moment(value: str) -> datetime:
    """Read an instant of a cursor.

    Raises:
        ValueError: It is none, has no zone, or lies beyond what a database holds.
    """
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None or not is_in_reach(instant):
        raise ValueError
    return instant


__all__ = [
    "UUID",
    "Ask",
    "BeginDep",
    "ClockDep",
    "PasswordsDep",
    "PhonesDep",
    "ReadDep",
    "moment",
    "more",
]
