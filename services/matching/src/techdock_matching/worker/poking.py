"""Tells live pages which lists changed, beside the ranker, which never waits for it."""

import asyncio
from collections.abc import Collection

from techdock_shared.cache.ports import Cache

from techdock_matching.app.lists import list_channel, lists_channel
from techdock_matching.app.ranking_store import ListKey

MOST_POKED = 400
"""With more lists than this, every page of the docking event is told to look."""


class Pokes:
    """Collects what changed while the last pokes are under way; what is lost is looked up later."""

    def __init__(self, cache: Cache) -> None:
        """Take the cache whose channels the pages listen to."""
        self._cache = cache
        self._changed: set[ListKey] = set()
        self._news = asyncio.Event()

    def note(self, keys: Collection[ListKey]) -> None:
        """Take note of lists that changed in a transaction that has committed."""
        self._changed.update(keys)
        self._news.set()

    async def run(self) -> None:
        """Poke for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            keys, self._changed = self._changed, set()
            if len(keys) > MOST_POKED:
                channels = {lists_channel(docking_event_id) for _, docking_event_id in keys}
            else:
                channels = {list_channel(profile_id) for profile_id, _ in keys}
            for channel in sorted(channels):
                await self._cache.publish(channel, b"")
