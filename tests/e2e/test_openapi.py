"""The three OpenAPI documents are true: generated requests, answers checked against them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.authorization_requests import FIXED, IDS, NONE, RECIPES
from support.authorization_small import SENSIBLE, Small, build_small, version
from support.inside import Inside
from support.threaded import Elsewhere, program

SERVICES = ("matching", "reporting", "registration")
"""Registration comes last: it ends what the others speak of."""

EXAMPLES = {GenerationMode.POSITIVE: 8, GenerationMode.NEGATIVE: 4}


def only_the_ranker_is_away(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """Let pass what is promised while there is no ranker, which these tests do without."""
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        problem = response.json()
        if problem.get("code") == "ranker_starting":
            return None
    return not_a_server_error(ctx, response, case)


CHECKS = [
    only_the_ranker_is_away,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDS_THE_ACCOUNT = {"DELETE /v1/me"}
"""Asked by somebody else: the administrator is needed until the end."""

Asked = tuple[Elsewhere, Inside, Small]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with program(tmp_path_factory.mktemp("openapi"), build_small) as running:
        yield running


def in_order(operation: Any) -> tuple[int, str]:
    """Reads first, and last what ends things, so that there is something to ask for."""
    ends = operation.method.upper() == "DELETE" or operation.path.endswith("/state")
    return (ends + (operation.method.upper() != "GET"), operation.label)


def real(path: str, things: dict[str, str]) -> dict[str, str]:
    """Ids that are there, for the parameters of a path."""
    names = {**FIXED, **things, "token": things["calendar_token"]}
    parts = path.split("/")
    for before, part in pairwise(parts):
        if part == "{id}":
            names["id"] = names[IDS[before]]
    return names


def as_bytes(value: Any) -> Any:
    """A part of a form, whatever was generated for it."""
    if isinstance(value, tuple):
        return (value[0], as_bytes(value[1]), *value[2:])
    return value if isinstance(value, bytes) else str(value).encode()


async def send(running: Inside, service: str, case: Case, things: dict[str, str]) -> httpx.Response:
    """Send a generated request as the administrator, about something that is there."""
    if things:
        known = real(case.operation.path, things)
        case.path_parameters = {
            name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
        }
    kwargs = case.as_transport_kwargs(base_url=f"https://techdock.example/api/{service}")
    headers = dict(kwargs.pop("headers") or {})
    headers["Authorization"] = f"Bearer {running.token}"
    if things and "If-Match" in headers:
        path = httpx.URL(kwargs["url"]).path
        headers["If-Match"] = await version(running.http, path, headers) or headers["If-Match"]
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = str(uuid4())
    kwargs = {name: value for name, value in kwargs.items() if value is not None}
    kwargs.pop("cookies", None)
    if isinstance(kwargs.get("data"), bytes | str):
        kwargs["content"] = kwargs.pop("data")
    if files := kwargs.get("files"):
        parts = files.items() if isinstance(files, dict) else files
        kwargs["files"] = [(name, as_bytes(value)) for name, value in parts]
    answer = await running.http.request(headers=headers, **kwargs)
    answer.elapsed = timedelta()  # nobody measures here, and without it the checks fail
    return answer


def holding(asked: Asked, service: str, operation: Any, mode: GenerationMode) -> Callable[[], None]:
    """Return a test of one operation with generated requests.

    Half of the right ones say what a person would say where the document leaves it open: of
    words made at random hardly any is the code of a country.
    """
    elsewhere, running, small = asked
    things = small.things
    recipe = RECIPES[service].get(operation.label, NONE)
    known = SENSIBLE.get(operation.label, recipe.body)

    @settings(
        max_examples=EXAMPLES[mode],
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), sensible=booleans())
    def holds(case: Case, sensible: bool) -> None:
        body = case.body if isinstance(case.body, dict) else {}
        if sensible and mode is GenerationMode.POSITIVE and known is not None:
            case.body = {**body, **known(things)}
            case.media_type = case.media_type or "application/json"
        answer = elsewhere.do(send(running, service, case, things))
        case.validate_response(answer, checks=CHECKS)

    run: Callable[[], None] = holds
    return run


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("service", SERVICES)
def test_answers_are_what_the_document_promises(
    asked: Asked, service: str, mode: GenerationMode
) -> None:
    _, running, _ = asked
    document = running.techdock.services[service].http.openapi()
    schema = schemathesis.openapi.from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations()]
    wrong: dict[str, str] = {}
    for operation in sorted(operations, key=in_order):
        if operation.label in ENDS_THE_ACCOUNT:
            continue

        try:
            holding(asked, service, operation, mode)()
        except Unsatisfiable:  # nothing can be wrong with this request
            continue
        except BaseExceptionGroup as failures:
            wrong[operation.label] = "\n".join(map(str, failures.exceptions))
        except Exception as failure:  # noqa: BLE001 - all operations are told of, not the first
            wrong[operation.label] = f"{type(failure).__name__}: {failure}"
    assert not wrong, "\n\n".join(f"{label}: {what[:1500]}" for label, what in wrong.items())
