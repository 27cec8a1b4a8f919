"""Asks registration for the names of organizations, over its HTTP interface."""

from collections.abc import Collection, Mapping
from uuid import UUID, uuid4

import httpx
import structlog
from techdock_shared.clock import Clock
from techdock_shared.http.services import passed_on, service_credential
from typing_extensions import override

from techdock_matching.app.names import Names

log = structlog.get_logger(__name__)

ASK_S = 1.0


class RegistrationNames(Names):
    """Names by registration's batch route; whatever goes wrong, there are just no names."""

    def __init__(self, client: httpx.AsyncClient, key: bytes, clock: Clock) -> None:
        """Take a client whose base URL is registration's, and the deployment's key."""
        self._client = client
        self._key = key
        self._clock = clock

    @override
    async def of_organizations(self, ids: Collection[UUID], language: str) -> Mapping[UUID, str]:
        if not ids:
            return {}
        body = {"organization_ids": [str(one) for one in sorted(ids)]}
        credential = service_credential("matching", self._key, self._clock.now())
        headers = {
            "Authorization": f"Bearer {credential}",
            "Idempotency-Key": str(uuid4()),
            **passed_on(),
        }
        try:
            response = await self._client.post(
                "/v1/names", json=body, headers=headers, timeout=ASK_S
            )
            if response.status_code != httpx.codes.OK:
                return {}
            found: Mapping[str, Mapping[str, str]] = response.json()["organizations"]
            return {UUID(one): _best(names, language) for one, names in found.items()}
        except (httpx.HTTPError, ValueError, KeyError, AttributeError, TypeError):
            log.info("no names from registration")
            return {}


def _best(names: Mapping[str, str], language: str) -> str:
    """Return the native name to readers of its language, else the Latin one."""
    own = str(names.get("language", "")).partition("-")[0] == language.partition("-")[0]
    return (own and names.get("native")) or names.get("latin") or names["native"]
