"""A service's credential: for a minute, with the deployment's key, for nobody in particular."""

from datetime import UTC, datetime, timedelta

import pytest
from techdock_shared.http.services import service_credential, service_principal

NOON = datetime(2027, 5, 17, 12, tzinfo=UTC)
KEY = b"k" * 32


def test_it_reads_and_has_no_role() -> None:
    who = service_principal(service_credential("matching", KEY, NOON), KEY, NOON)
    assert who is not None
    assert (who.roles, who.participations, who.scopes) == ((), (), frozenset({"read"}))


@pytest.mark.parametrize("later", [timedelta(seconds=61), timedelta(days=-1)])
def test_it_ends_after_a_minute_and_is_not_taken_early(later: timedelta) -> None:
    credential = service_credential("matching", KEY, NOON)
    assert service_principal(credential, KEY, NOON + later) is None


@pytest.mark.parametrize("forged", ["svc.matching.9999999999.x", "svc.", "svc.a.b.c", "td_x", ""])
def test_a_forged_one_is_nobodys(forged: str) -> None:
    assert service_principal(forged, KEY, NOON) is None


def test_another_key_or_service_does_not_fit() -> None:
    credential = service_credential("matching", KEY, NOON)
    assert service_principal(credential, b"x" * 32, NOON) is None
    assert service_principal(credential.replace("matching", "registrar"), KEY, NOON) is None
