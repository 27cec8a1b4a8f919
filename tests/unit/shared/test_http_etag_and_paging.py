"""Versions and pages on the wire."""

from contextlib import suppress
from typing import Annotated, Any

import pytest
from fastapi import Query, Request
from fastapi.responses import Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from support.http import client_of
from techdock_shared.errors import Invalid, PreconditionRequired
from techdock_shared.http.app import App, new_app
from techdock_shared.http.etag import ExpectedVersion, etag, parse_if_match, versioned
from techdock_shared.http.paging import Paging, decode_cursor, encode_cursor
from techdock_shared.http.principal import public


class Item(BaseModel):
    number: int
    name: str


class Special(Item):
    extra: str = "also shown"


def an_app() -> App:
    app = new_app("Test", service="test")
    items = [Special(number=n, name=f"name {n}") for n in range(7)]

    @app.get("/items", dependencies=[public])
    async def read(request: Request, page: Paging, q: Annotated[str, Query()] = "") -> Response:
        start = -1 if page.after is None else page.after[0]
        found = [item for item in items if item.number > start][: page.limit + 1]
        return page.answer(request, found, lambda last: [last.number])

    @app.patch("/items/{number}", dependencies=[public])
    async def change(number: int, expected: ExpectedVersion) -> Response:
        return versioned(items[number], expected + 1)

    return app


@pytest.mark.parametrize(("value", "version"), [('"3"', 3), (' "12" ', 12), ('"0"', 0)])
def test_a_version_is_read_from_if_match(value: str, version: int) -> None:
    assert parse_if_match(value) == version


@pytest.mark.parametrize("value", [None, "*"])
def test_a_change_must_name_its_version(value: str | None) -> None:
    with pytest.raises(PreconditionRequired):
        parse_if_match(value)


@pytest.mark.parametrize(
    "value", ["3", '"', '""', '"x"', 'W/"3"', '"3", "4"', '"-1"', '"٣"', '"1' + "0" * 30 + '"']
)
def test_what_is_no_version_is_refused(value: str) -> None:
    with pytest.raises(Invalid):
        parse_if_match(value)


@given(st.integers(0, 10**18 - 1))
def test_an_etag_comes_back_as_the_version(version: int) -> None:
    assert parse_if_match(etag(version)) == version


async def test_a_change_answers_428_without_and_the_new_etag_with_a_version() -> None:
    async with client_of(an_app()) as client:
        without = await client.patch("/items/1")
        done = await client.patch("/items/1", headers={"if-match": '"4"'})
    assert (without.status_code, without.json()["code"]) == (428, "precondition_required")
    assert done.headers["etag"] == '"5"'
    assert done.json() == {"number": 1, "name": "name 1", "extra": "also shown"}


async def test_following_next_shows_every_item_once() -> None:
    seen: list[Any] = []
    address: str | None = "/items?limit=3&q=a+b"
    async with client_of(an_app()) as client:
        while address is not None:
            answer = await client.get(address)
            seen += answer.json()["items"]
            assert (answer.json()["next"] is None) == ("link" not in answer.headers)
            link = answer.links.get("next")
            address = link["url"] if link else None
            assert address is None or "q=a+b" in address
    assert [item["number"] for item in seen] == list(range(7))
    assert seen[0]["extra"] == "also shown"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=%21", "cursor=abc"])
async def test_a_page_that_cannot_be_is_refused(query: str) -> None:
    async with client_of(an_app()) as client:
        answer = await client.get(f"/items?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] in {"query.limit", "query.cursor"}


@given(st.lists(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), max_size=4))
def test_a_cursor_comes_back_as_the_place(position: list[Any]) -> None:
    cursor = encode_cursor(position)
    assert decode_cursor(cursor) == position
    assert cursor.isascii()


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert isinstance(decode_cursor(text), list)
