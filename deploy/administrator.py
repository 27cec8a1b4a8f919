"""Lets an address administer a distributed Techdock, and prints how to come in as it.

    python deploy/administrator.py sign-in-link ADDRESS      works once, within 15 minutes
    python deploy/administrator.py token ADDRESS             for --token of the techdock command

Runs where registration runs, with its settings: whoever can read its database address is trusted
here, because they could write to the database as well. The embedded program has the same two
commands.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from uuid import UUID

from techdock_registration.adapters.transaction import SqlBegin
from techdock_registration.app.sign_in import (
    create_administrator,
    issue_sign_in_link,
    make_token_for,
)
from techdock_registration.settings import Settings
from techdock_shared.cache.redis import open_cache
from techdock_shared.clock import SystemClock
from techdock_shared.errors import Problem
from techdock_shared.http.principals import raise_generation
from techdock_shared.sql.engine import open_engine

SCOPES = ("read", "write")


async def come_in(how: str, address: str, settings: Settings) -> str:
    """Make the account if need be, and return a link or a token.

    Args:
        how: `sign-in-link` or `token`.
        address: Mail address of the administrator.
        settings: Those of registration.
    """
    clock = SystemClock()
    engine = open_engine(settings.database_url.get_secret_value(), application="administrator")
    cache = open_cache(settings.redis_url.get_secret_value())

    async def voided(generations: Mapping[UUID, int]) -> None:
        for account_id, generation in generations.items():
            await raise_generation(cache, account_id, generation)

    begin = SqlBegin(engine, clock, voided)
    try:
        await create_administrator(address, begin, clock)
        if how == "token":
            return await make_token_for(address, "command line", SCOPES, begin, clock)
        ticket = await issue_sign_in_link(address, begin, clock)
        return f"{settings.public_url.rstrip('/')}/sign-in/{ticket}"
    finally:
        await cache.close()
        await engine.dispose()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("how", choices=["sign-in-link", "token"])
    parser.add_argument("address", help="mail address of the administrator")
    asked = parser.parse_args()
    try:
        print(asyncio.run(come_in(asked.how, asked.address, Settings())))
    except Problem as problem:
        sys.exit(f"administrator: {problem}")


if __name__ == "__main__":
    main()
