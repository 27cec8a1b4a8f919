"""What every service's app does before and around its routes."""

import asyncio
import json
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import Field
from support.http import (
    ACCOUNT,
    TablePrincipals,
    a_principal,
    an_administrator,
    client_of,
)
from support.logs import logged_by
from techdock_shared import telemetry
from techdock_shared.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from techdock_shared.http.app import App, Body, given, new_app, no_content, seal
from techdock_shared.http.idempotency import changes_nothing
from techdock_shared.http.principal import (
    Principal,
    SignedIn,
    Visitor,
    public,
    requires,
)
from techdock_shared.http.rate import Rate, Rates
from techdock_shared.http.routes import accepts_up_to, api_routes, policy_of

ADMINISTRATOR = requires(lambda who: who.is_administrator, "administrator")


class Venue(Body):
    name: Annotated[str, Field(min_length=1, max_length=20)]
    capacity: Annotated[int, Field(ge=1)]


def router() -> APIRouter:
    routes = APIRouter(prefix="/v1")

    @routes.put("/venues", dependencies=[public])
    async def put_venue(body: Venue) -> dict[str, Any]:
        return {"name": body.name}

    @routes.put("/uploads", dependencies=[public, accepts_up_to(1024 * 1024)])
    async def upload(file: UploadFile) -> int:
        return len(await file.read())

    @routes.put("/small", dependencies=[public])
    async def small(request: Request) -> int:
        return len(await request.body())

    @routes.get("/fails/{how}", dependencies=[public])
    async def fail(how: str) -> None:
        match how:
            case "conflict":
                raise Conflict("venue 7 changed meanwhile")
            case "invalid":
                raise Invalid("no", [FieldError("body.a", "a number", "x")])
            case "missing":
                raise NotFound("no venue 7")
            case "away":
                raise Unavailable("the database does not answer")
            case "disk":
                raise OSError(28, "No space left on device")
            case "connection":
                raise ConnectionResetError("gone")
            case _:
                raise RuntimeError("a secret detail")

    @routes.get("/me")
    async def me(who: SignedIn) -> UUID:
        return who.account_id

    @routes.get("/lobby")
    async def lobby(who: Visitor) -> UUID | None:
        return who.account_id if who else None

    @routes.delete("/everything")
    async def wipe(who: Annotated[Principal, ADMINISTRATOR]) -> Response:
        return no_content()

    @routes.post("/checks", dependencies=[public, changes_nothing])
    async def check(body: Venue) -> str:
        return body.name

    @routes.get("/limited", dependencies=[public])
    async def limited(limit: Annotated[int, Query(ge=1, le=200)] = 50) -> int:
        return limit

    return routes


def an_app(**settings: Any) -> App:
    principals = TablePrincipals(
        {
            "ana": a_principal(),
            "root": an_administrator(),
            "reader": a_principal(scopes=frozenset({"read"})),
            "stale root": an_administrator(),
        }
    )
    app = new_app("Test", **({"service": "test", "principals": principals} | settings))
    app.include_router(router())
    seal(app)
    return app


async def test_a_problem_has_every_member_and_a_stable_code() -> None:
    async with client_of(an_app()) as client:
        answer = await client.get("/v1/fails/conflict")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:techdock:conflict",
        "code": "conflict",
        "title": "Conflict",
        "status": 409,
        "detail": "venue 7 changed meanwhile",
        "instance": "/v1/fails/conflict",
        "request_id": answer.headers["x-request-id"],
    }


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("invalid", 422, "invalid"),
        ("missing", 404, "not_found"),
        ("away", 503, "unavailable"),
        ("disk", 507, "no_space"),
        ("connection", 503, "unavailable"),
        ("bug", 500, "internal"),
    ],
)
async def test_each_failure_has_its_status(how: str, status: int, code: str) -> None:
    async with client_of(an_app()) as client:
        answer = await client.get(f"/v1/fails/{how}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_unknown_paths_and_methods_are_problems_too() -> None:
    async with client_of(an_app()) as client:
        missing = await client.get("/v1/nowhere")
        slash = await client.get("/v1/me/")
        wrong = await client.get("/v1/venues")

    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert slash.status_code == 404
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "PUT"


async def test_every_error_of_a_body_is_named_with_field_expected_and_found() -> None:
    async with client_of(an_app()) as client:
        answer = await client.put("/v1/venues", json={"name": "", "capacity": "x", "colour": 1})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"where": "body.name", "expected": "String should have at least 1 character", "found": ""},
        {
            "where": "body.capacity",
            "expected": "a valid integer, unable to parse string as an integer",
            "found": "x",
        },
        {"where": "body.colour", "expected": "no such field", "found": "colour"},
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b'"text"',
        b"\xff\xfe",
        b"",
        b"[" * 20_000,
        b'{"name": NaN, "capacity": 1e999}',
        b'{"name": "\\ud800", "capacity": 1, "\\udfff": 2}',
        b'{"name": "a", "capacity": ' + b"9" * 5000 + b"}",
        b'{"name": "a", "capacity": 18446744073709551616000}',
    ],
)
async def test_no_body_brings_the_service_down(body: bytes) -> None:
    async with client_of(an_app()) as client:
        answer = await client.put(
            "/v1/venues", content=body, headers={"content-type": "application/json"}
        )
    if answer.status_code != 200:
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        json.loads(answer.content)


async def test_a_secret_that_is_malformed_is_not_repeated() -> None:
    class Secret(Body):
        password: Annotated[str, Field(max_length=3)]

    app = new_app("Test", service="test")

    @app.put("/password", dependencies=[public])
    async def put(body: Secret) -> None:
        return None

    async with client_of(app) as client:
        answer = await client.put("/password", json={"password": "hunter2"})
    assert "hunter2" not in answer.text


async def test_a_parameter_of_a_query_is_named() -> None:
    async with client_of(an_app()) as client:
        answer = await client.get("/v1/limited?limit=201")
    assert answer.json()["errors"] == [
        {"where": "query.limit", "expected": "less than or equal to 200", "found": "201"}
    ]


async def test_a_body_over_256_kib_is_refused_with_and_without_its_length() -> None:
    async def parts() -> Any:
        for _ in range(300):
            yield b"x" * 1024

    async with client_of(an_app()) as client:
        at_the_limit = await client.put("/v1/small", content=b"x" * 256 * 1024)
        announced = await client.put("/v1/small", content=b"x" * (256 * 1024 + 1))
        streamed = await client.put("/v1/small", content=parts())

    assert at_the_limit.json() == 256 * 1024
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_an_upload_may_be_larger_where_the_route_says_so() -> None:
    async with client_of(an_app()) as client:
        fits = await client.put("/v1/uploads", files={"file": b"x" * 600_000})
        too_large = await client.put("/v1/uploads", files={"file": b"x" * 1_100_000})

    assert fits.json() == 600_000
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")


async def test_every_answer_has_an_id_and_the_security_headers() -> None:
    given_id = "0190c0de-1111-7000-8000-000000000001"
    async with client_of(an_app()) as client:
        own = await client.get("/v1/lobby", headers={"x-request-id": given_id})
        other = await client.get("/v1/fails/bug", headers={"x-request-id": "'; drop"})

    assert own.headers["x-request-id"] == given_id
    assert UUID(other.headers["x-request-id"])
    for answer in (own, other):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_what_a_request_causes_carries_its_id() -> None:
    app = new_app("Test", service="test")

    @app.get("/", dependencies=[public])
    async def read() -> str:
        return str(telemetry.current_correlation())

    async with client_of(app) as client:
        answers = await asyncio.gather(*(client.get("/") for _ in range(5)))
    assert [a.json() for a in answers] == [a.headers["x-request-id"] for a in answers]


async def test_each_request_is_one_line_and_one_observation() -> None:
    with logged_by("techdock_shared.http.edge") as lines:
        async with client_of(an_app(service="counted")) as client:
            await client.get("/v1/fails/missing")
            metrics = await client.get("/metrics")
            inside = client_of(an_app(), address="10.0.0.9")
            metrics_inside = await inside.get("/metrics")
            forwarded = await inside.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
            await inside.aclose()

    assert lines[0] | {"ms": 0, "request_id": ""} == {
        "event": "request",
        "log_level": "info",
        "service": "counted",
        "method": "GET",
        "route": "/v1/fails/{how}",
        "status": 404,
        "ms": 0,
        "request_id": "",
    }
    assert metrics.status_code == forwarded.status_code == 404
    line = 'techdock_http_request_seconds_count{method="GET",route="/v1/fails/{how}",'
    assert line + 'service="counted",status="404"} 1.0' in metrics_inside.text


async def test_a_bug_is_logged_with_its_reason() -> None:
    with logged_by("techdock_shared.http.edge") as lines:
        async with client_of(an_app()) as client:
            await client.get("/v1/fails/bug")
    assert isinstance(lines[0]["exc_info"], RuntimeError)


async def test_health_says_what_does_not_work() -> None:
    async def works() -> None:
        return None

    async def broken() -> None:
        raise ConnectionError("no database")

    async with client_of(an_app(checks={"log": works})) as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).json() == {"status": "ready", "failing": []}
    async with client_of(an_app(checks={"log": works, "database": broken})) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not_ready", "failing": ["database"]}
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer nobody"}, 401),
        ({"authorization": "Basic ana"}, 401),
        ({"authorization": "Bearer " + "x" * 600}, 401),
        ({"authorization": "Bearer ana"}, 200),
        ({"authorization": "bearer  ana "}, 200),
        ({"cookie": "techdock_session=ana"}, 200),
        ({"cookie": "__Host-techdock_session=ana; techdock_session=nobody"}, 200),
        ({"authorization": "Bearer reader"}, 200),
    ],
)
async def test_who_is_asking_comes_by_bearer_or_cookie(
    headers: dict[str, str], status: int
) -> None:
    async with client_of(an_app()) as client:
        answer = await client.get("/v1/me", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == str(ACCOUNT)
    else:
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_visitor_is_known_or_not() -> None:
    async with client_of(an_app()) as client:
        assert (await client.get("/v1/lobby")).json() is None
        known = await client.get("/v1/lobby", headers={"authorization": "Bearer ana"})
    assert known.json() == str(ACCOUNT)


@pytest.mark.parametrize(("token", "status"), [("ana", 403), ("root", 204), ("reader", 403)])
async def test_a_role_opens_what_needs_it(token: str, status: int) -> None:
    async with client_of(an_app(), authorization=f"Bearer {token}") as client:
        assert (await client.delete("/v1/everything")).status_code == status


async def test_an_administrator_whom_nobody_can_verify_changes_nothing() -> None:
    stale = TablePrincipals({"root": an_administrator()})
    stale.table["root"] = a_principal(roles=stale.table["root"].roles, stale=True)
    async with client_of(an_app(principals=stale), authorization="Bearer root") as client:
        change = await client.delete("/v1/everything")
        read = await client.get("/v1/me")
    assert (change.status_code, change.json()["code"]) == (503, "unavailable")
    assert read.status_code == 200


async def test_without_registration_strangers_get_503_and_public_pages_go_on() -> None:
    async with client_of(an_app(principals=TablePrincipals(away=True))) as client:
        known = await client.get("/v1/me", headers={"authorization": "Bearer ana"})
        public_page = await client.get("/v1/limited")
    assert known.status_code == 503
    assert public_page.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://techdock.example"}, 200),
        ({}, 403),
        ({"authorization": "Bearer ana", "sec-fetch-site": "cross-site"}, 200),
    ],
)
async def test_another_site_cannot_ride_on_a_cookie(headers: dict[str, str], status: int) -> None:
    async with client_of(an_app(), cookie="techdock_session=ana") as client:
        answer = await client.put(
            "/v1/venues", json={"name": "Hall", "capacity": 3}, headers=headers
        )
        read = await client.get("/v1/me", headers=headers)
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "cross_site"
    assert read.status_code == 200


async def test_a_change_without_a_cookie_needs_no_origin() -> None:
    async with client_of(an_app()) as client:
        answer = await client.put("/v1/venues", json={"name": "Hall", "capacity": 3})
    assert answer.status_code == 200


async def test_a_post_without_a_key_is_refused() -> None:
    async with client_of(an_app()) as client:
        missing = await client.post("/v1/checks", json={"name": "a", "capacity": 1})
        odd = await client.post(
            "/v1/checks", json={"name": "a", "capacity": 1}, headers={"idempotency-key": "k" * 201}
        )
        fine = await client.post(
            "/v1/checks", json={"name": "a", "capacity": 1}, headers={"idempotency-key": "k"}
        )
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_missing")
    assert odd.status_code == 400
    assert fine.status_code == 200


async def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    rates = Rates(principal=Rate(per_s=0.5, burst=3), address=Rate(per_s=0.5, burst=2))
    app = an_app(rates=rates)
    async with client_of(app, authorization="Bearer ana") as client:
        answers = [await client.get("/v1/me") for _ in range(5)]
    async with client_of(app) as stranger, client_of(app, address="127.0.0.1") as local:
        strangers = [(await stranger.get("/v1/limited")).status_code for _ in range(4)]
        locals_ = [(await local.get("/v1/limited")).status_code for _ in range(4)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert answers[3].json()["code"] == "too_many"
    assert answers[3].headers["retry-after"] == "2"
    assert strangers == [200, 200, 429, 429]
    assert locals_ == [200] * 4


async def test_a_route_without_a_policy_stops_the_start() -> None:
    app = new_app("Test", service="test")

    @app.get("/open")
    async def read() -> None:
        return None

    with pytest.raises(RuntimeError, match="GET /open: no policy"):
        seal(app)
    with pytest.raises(RuntimeError, match="no policy"):
        async with client_of(app) as client:
            await client.get("/open")


async def test_the_policy_may_come_with_the_router_that_is_included() -> None:
    app = new_app("Test", service="test")
    inner = APIRouter()

    @inner.get("/open")
    async def read() -> int:
        return 1

    app.include_router(inner, prefix="/v1", dependencies=[public])
    seal(app)
    async with client_of(app) as client:
        assert (await client.get("/v1/open")).json() == 1


def test_a_post_without_a_key_dependency_stops_the_start() -> None:
    app = new_app("Test", service="test")

    @app.post("/things", dependencies=[public])
    async def write() -> None:
        return None

    with pytest.raises(RuntimeError, match="POST /things: no Idempotency-Key"):
        seal(app)


def test_what_would_run_in_a_thread_stops_the_start() -> None:
    app = new_app("Test", service="test")

    def slow() -> int:
        return 1

    class Made:
        pass

    @app.get("/a", dependencies=[public, Depends(slow)])
    async def read() -> None:
        return None

    @app.get("/b", dependencies=[public])
    def also() -> None:
        return None

    @app.get("/c", dependencies=[public, Depends(Made)])
    async def made() -> None:
        return None

    with pytest.raises(RuntimeError) as refusal:
        seal(app)
    assert str(refusal.value).count("would run in a thread") == 3


def test_a_route_that_fastapi_does_not_know_stops_the_start() -> None:
    app = new_app("Test", service="test")

    async def raw(request: Request) -> Response:
        return Response()

    app.add_route("/raw", raw)
    with pytest.raises(RuntimeError, match="carry no policy"):
        seal(app)


def test_the_policy_of_each_route_can_be_listed() -> None:
    policies = {
        (method, route.path_format): policy_of(route)
        for route in api_routes(an_app())
        for method in route.methods
    }
    names = {where: policy.name for where, policy in policies.items() if policy is not None}
    assert names[("GET", "/v1/me")] == "signed_in"
    assert names[("DELETE", "/v1/everything")] == "administrator"
    assert names[("GET", "/v1/lobby")] == "visitor"
    assert names[("PUT", "/v1/venues")] == "public"
    assert set(policies) == set(names)


def test_the_openapi_document_names_policies_keys_and_problems() -> None:
    document = an_app().openapi()
    assert document["openapi"].startswith("3.1")
    wipe = document["paths"]["/v1/everything"]["delete"]
    check = document["paths"]["/v1/checks"]["post"]
    assert wipe["x-policy"] == "administrator"
    assert wipe["security"] == [{"bearer": []}, {"cookie": []}]
    assert "security" not in check
    assert [p["name"] for p in check["parameters"]] == ["Idempotency-Key"]
    problem = check["responses"]["default"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}
    assert "422" not in check["responses"]
    assert "Problem" in document["components"]["schemas"]


async def test_given_reads_what_wiring_put_there() -> None:
    app = new_app("Test", service="test")
    app.state.answer = 42

    @app.get("/", dependencies=[public])
    async def read(answer: Annotated[int, Depends(given("answer", int))]) -> int:
        return answer

    async with client_of(app) as client:
        assert (await client.get("/")).json() == 42


async def test_an_app_works_where_it_is_mounted() -> None:
    outer = FastAPI(openapi_url=None)
    outer.mount("/api/test", an_app())
    async with client_of(outer, authorization="Bearer ana") as client:
        me = await client.get("/api/test/v1/me")
        wrong = await client.get("/api/test/v1/fails/conflict")
        large = await client.put("/api/test/v1/uploads", files={"file": b"x" * 600_000})
    assert me.json() == str(ACCOUNT)
    assert wrong.json()["instance"] == "/api/test/v1/fails/conflict"
    assert large.json() == 600_000


async def test_too_many_at_once_are_refused_and_the_others_go_on() -> None:
    app = new_app("Test", service="test", most_at_once=2)
    goes_on = asyncio.Event()

    @app.get("/slow", dependencies=[public])
    async def slow() -> int:
        await goes_on.wait()
        return 1

    async with client_of(app) as client:
        under_way = [asyncio.ensure_future(client.get("/slow")) for _ in range(2)]
        while (refused := await client.get("/health/ready")).status_code == 200:
            await asyncio.sleep(0)
        alive = await client.get("/health/live")
        goes_on.set()
        answers = await asyncio.gather(*under_way)

        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert alive.status_code == 200
        assert [answer.json() for answer in answers] == [1, 1]
        assert (await client.get("/health/ready")).status_code == 200
