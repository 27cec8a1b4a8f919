"""From a credential to who is asking."""

from datetime import datetime
from typing import cast

from techdock_shared.clock import Clock
from techdock_shared.http.principal import Part, Principal, Role, RoleName

from techdock_registration.app.ports import Begin, Transaction
from techdock_registration.app.sign_in import digest, token_is_over
from techdock_registration.domain.access import TOKEN_PREFIX
from techdock_registration.domain.account import Account


async def resolve(credential: str, begin: Begin, clock: Clock) -> Principal | None:
    """Return whose session or API token it is; None when it is nobody's, or is over."""
    at = clock.now()
    async with begin() as transaction:
        if credential.startswith(TOKEN_PREFIX):
            token = await transaction.access.token(digest(credential))
            if token is None or token_is_over(token, at):
                return None
            account = await transaction.accounts.get(token.account_id)
            return await of_account(account, transaction, at, frozenset(token.scopes))
        sign_in = await transaction.access.signed_in(digest(credential))
        if sign_in is None or at >= sign_in.expires_at:
            return None
        account = await transaction.accounts.get(sign_in.account_id)
        return await of_account(account, transaction, at, None)


async def of_account(
    account: Account, transaction: Transaction, at: datetime, scopes: frozenset[str] | None
) -> Principal | None:
    """Return what an account may do; None when it may not sign in."""
    person_id = await transaction.accounts.person_id(account.id)
    if person_id is None or not account.may_sign_in:
        return None
    roles = await transaction.access.roles(account.id)
    parts = await transaction.participations.parts(person_id)
    return Principal(
        account_id=account.id,
        person_id=person_id,
        language=account.language,
        roles=tuple(
            Role(
                cast("RoleName", role.name),
                role.tenant_id,
                role.docking_event_id,
                role.organization_id,
            )
            for role in roles
        ),
        participations=tuple(
            Part(
                part.participation_id,
                part.docking_event_id,
                part.organization_id,
                head=part.role == "head",
            )
            for part in parts
        ),
        organizations=await transaction.accounts.represents(account.id, at),
        scopes=scopes,
        generation=await transaction.accounts.generation(account.id),
    )
