"""Versions on the wire: ETag on answers, If-Match on changes.

On a route:

    @router.patch("/{id}")
    async def change(id: UUID, body: Change, expected: ExpectedVersion, ...) -> Response:
        thing = await commands.change(..., expected=expected)
        return versioned(ThingOut.of(thing), thing.version)
"""

import re
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from techdock_shared.errors import FieldError, Invalid, PreconditionRequired

# At most what a 64-bit column holds.
ONE_VERSION = re.compile(r'"([0-9]{1,18})"')


def etag(version: int) -> str:
    """Return the entity tag of a version: the number in double quotes."""
    return f'"{version}"'


def parse_if_match(value: str | None) -> int:
    """Return the version that an If-Match header names.

    Args:
        value: The header; weak tags and lists are refused, because a change rests on
            exactly one version.

    Raises:
        PreconditionRequired: The header is missing, or is `*`, which names no version.
        Invalid: It is not one version in double quotes.
    """
    if value is None or value.strip() == "*":
        raise PreconditionRequired(
            'a change needs If-Match with the version read, like If-Match: "3"'
        )
    match = ONE_VERSION.fullmatch(value.strip())
    if match is None:
        error = FieldError("header.If-Match", 'one version in quotes, like "3"', value[:80])
        raise Invalid("If-Match is not a version", errors=[error])
    return int(match[1])


async def expected_version(request: Request) -> int:
    """Return the version that the caller's change rests on."""
    return parse_if_match(request.headers.get("if-match"))


ExpectedVersion = Annotated[int, Depends(expected_version)]


def versioned(body: BaseModel, version: int, status: int = 200) -> Response:
    """Answer with a thing and its version as ETag."""
    content = body.model_dump_json().encode()
    return Response(content, status, {"ETag": etag(version)}, "application/json")
