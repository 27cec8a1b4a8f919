"""A service asks another one in its own name: a credential signed with the deployment's key.

It lives for a minute, stands for no person and has no role, so it reads what any signed-in account
may read, and changes nothing.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from techdock_shared.http.principal import READ, Principal
from techdock_shared.telemetry import current_correlation

PREFIX = "svc."
LIVES = timedelta(seconds=60)


def passed_on() -> dict[str, str]:
    """Return the headers that tie what another service does to the present request."""
    correlation = current_correlation()
    return {} if correlation is None else {"X-Request-ID": str(correlation)}


def service_credential(service: str, key: bytes, now: datetime) -> str:
    """Return a credential of a service, good for a minute."""
    ends = int((now + LIVES).timestamp())
    return f"{PREFIX}{service}.{ends}.{_signature(service, ends, key)}"


def service_principal(credential: str, key: bytes, now: datetime) -> Principal | None:
    """Return the service whose credential it is; None when it is none, forged or too old."""
    parts = credential.removeprefix(PREFIX).split(".")
    if not credential.startswith(PREFIX) or len(parts) != 3 or not _is_number(parts[1]):  # noqa: PLR2004 - service, end, signature
        return None
    service, ends, signature = parts[0], int(parts[1]), parts[2]
    if not hmac.compare_digest(signature.encode(), _signature(service, ends, key).encode()):
        return None
    left = ends - now.timestamp()
    if not 0 < left <= LIVES.total_seconds() + 1:
        return None
    nobody = uuid5(NAMESPACE_URL, f"techdock service {service}")
    return Principal(account_id=nobody, person_id=nobody, scopes=frozenset({READ}))


def _signature(service: str, ends: int, key: bytes) -> str:
    message = f"techdock service\0{service}\0{ends}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 12  # noqa: PLR2004 - seconds since 1970
