"""Names of organizations come from registration, and nothing goes wrong without them."""

from typing import Any
from uuid import uuid4

import httpx
from support.clock import FrozenClock
from support.correlation import correlated
from techdock_matching.adapters.names import RegistrationNames
from techdock_shared.http.services import service_principal

KEY = b"k" * 32
ORGANIZATION = uuid4()


def names(answer: Any, clock: FrozenClock) -> tuple[RegistrationNames, httpx.AsyncClient]:
    transport = httpx.MockTransport(answer)
    client = httpx.AsyncClient(transport=transport, base_url="http://registration")
    return RegistrationNames(client, KEY, clock), client


async def test_registration_is_asked_as_matching_and_as_part_of_the_request() -> None:
    clock, seen = FrozenClock(), []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        brief = {"native": "Пример", "latin": "Primer", "language": "ru"}
        return httpx.Response(200, json={"organizations": {str(ORGANIZATION): brief}})

    asking, client = names(answer, clock)
    request_id = uuid4()
    async with client:
        with correlated(request_id):
            english = await asking.of_organizations([ORGANIZATION], "en")
        russian = await asking.of_organizations([ORGANIZATION], "ru-KZ")

    assert (english, russian) == ({ORGANIZATION: "Primer"}, {ORGANIZATION: "Пример"})
    assert [r.headers.get("x-request-id") for r in seen] == [str(request_id), None]
    credential = seen[0].headers["authorization"].removeprefix("Bearer ")
    assert service_principal(credential, KEY, clock.now()) is not None


async def test_without_registration_there_are_no_names() -> None:
    for status, content in ((503, b""), (200, b"no JSON"), (200, b'{"organizations": []}')):
        asking, client = names(
            lambda _, s=status, c=content: httpx.Response(s, content=c), FrozenClock()
        )
        async with client:
            assert await asking.of_organizations([ORGANIZATION], "en") == {}
