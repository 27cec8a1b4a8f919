"""What the index in PostgreSQL keeps there, and what it asks.

Everything can be made again from matching's own tables, so these are no part of its migrations.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_matching.domain.ranking.terms import Counts
from techdock_matching.domain.ranking.vectors import Floats
from techdock_matching.domain.ranking.words import Columns

_DIMENSIONS = 999_999_937
"""A prime below what pgvector allows; the few columns beyond it fall on others."""

_MOST_TERMS = 16_000
_SATURATION = 1.2

_TABLES = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS index_state (recipe bytea NOT NULL, generation bigint NOT NULL);
CREATE TABLE IF NOT EXISTS index_profiles (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  valid_until date NOT NULL,
  docking_events uuid[] NOT NULL,
  sampling bytea NOT NULL,
  facts text NOT NULL,
  digest bytea NOT NULL,
  generation bigint NOT NULL,
  codes bytea,
  language text,
  words double precision,
  meaning halfvec
);
CREATE INDEX IF NOT EXISTS index_profiles_sampling ON index_profiles (kind, sampling);
CREATE TABLE IF NOT EXISTS index_terms (
  profile_id uuid NOT NULL REFERENCES index_profiles ON DELETE CASCADE,
  space text NOT NULL,
  counts bytea NOT NULL,
  columns int[] NOT NULL,
  said sparsevec NOT NULL,
  PRIMARY KEY (profile_id, space)
) WITH (toast_tuple_target = 8160);
ALTER TABLE index_terms ALTER COLUMN said SET STORAGE MAIN;
CREATE INDEX IF NOT EXISTS index_terms_columns ON index_terms USING gin (columns)
"""

ADD_PROFILE = text("""
INSERT INTO index_profiles
  (id, kind, valid_until, docking_events, sampling, facts, digest, generation)
VALUES (:id, :kind, :valid_until, :docking_events, :sampling, :facts, :digest, :generation)
""")
ADD_TERMS = text("""
INSERT INTO index_terms (profile_id, space, counts, columns, said)
VALUES (:profile_id, :space, :counts, :columns, CAST(CAST(:said AS text) AS sparsevec))
""")
KNOWN = text("SELECT id, digest FROM index_profiles WHERE id = ANY(:ids)")
SEEN = text("UPDATE index_profiles SET generation = :generation WHERE id = ANY(:ids)")
REMOVE = text("DELETE FROM index_profiles WHERE id = ANY(:ids) RETURNING id")
SWEEP = text("DELETE FROM index_profiles WHERE generation <> :generation")
MEAN = text("""
UPDATE index_profiles SET codes = :codes, language = :language, words = :words,
  meaning = CAST(CAST(:meaning AS text) AS halfvec)
WHERE id = :id
""")
LANGUAGES = text("SELECT space, count(*) FROM index_terms GROUP BY space")
COUNT = text("SELECT count(*) FROM index_profiles")
MEANT = text("SELECT count(*) FROM index_profiles WHERE codes IS NOT NULL")
FREQUENCY = text("""
SELECT each, count(*) FROM index_terms, unnest(columns) AS each WHERE space = :space
GROUP BY each ORDER BY each
""")
SAMPLE = text("""
SELECT p.id, p.number, t.counts FROM index_profiles p JOIN index_terms t ON t.profile_id = p.id
WHERE t.space = :space AND p.kind = :kind ORDER BY p.sampling LIMIT :most
""")
MEANT_SAMPLE = text("""
SELECT id, number, codes, language, words FROM index_profiles
WHERE codes IS NOT NULL AND kind = :kind ORDER BY sampling LIMIT :most
""")
PROFILES = text("""
SELECT id, number, facts, codes, language, words FROM index_profiles WHERE id = ANY(:ids)
ORDER BY id
""")
TERMS = text("SELECT profile_id, space, counts FROM index_terms WHERE profile_id = ANY(:ids)")

_LET_IN = """
p.kind = :kind AND p.valid_until >= :on AND NOT (p.id = ANY(:excluded))
AND (CAST(:event AS uuid) IS NULL OR CAST(:event AS uuid) = ANY(p.docking_events))
"""
_OPEN = "SELECT p.id FROM index_profiles p WHERE" + _LET_IN  # noqa: S608 - constants alone
_SAYING = (
    "SELECT p.id FROM index_terms t JOIN index_profiles p ON p.id = t.profile_id"  # noqa: S608
    " WHERE t.space = :space AND t.columns && CAST(:rare AS int[]) AND" + _LET_IN
)
ELIGIBLE = text(_OPEN + "LIMIT :most")
BY_WORDS = text(
    _SAYING + "ORDER BY t.said <#> CAST(CAST(:asked AS text) AS sparsevec), p.id LIMIT :most"
)


def by_meaning(dimension: int, *, exact: bool) -> TextClause:
    """Return what finds the nearest vectors: compared with all, or by the graph of pgvector.

    The graph is used only when nothing else is sorted by; then equals may stand in any order.
    """
    kind = f"halfvec({int(dimension)})"
    near = f"CAST(p.meaning AS {kind}) <=> CAST(CAST(:asked AS text) AS {kind})"
    ties = ", p.id" if exact else ""
    return text(f"{_OPEN} AND p.meaning IS NOT NULL ORDER BY {near}{ties} LIMIT :most")


async def prepare(connection: AsyncConnection, recipe: bytes) -> int:
    """Make the tables, empty those of another recipe, and return a new generation."""
    for statement in _TABLES.split(";\n"):
        await connection.execute(text(statement))
    found = (await connection.execute(text("SELECT recipe, generation FROM index_state"))).first()
    if found is None or found.recipe != recipe:
        await connection.execute(text("TRUNCATE index_profiles, index_terms"))
        await connection.execute(text("DROP INDEX IF EXISTS index_profiles_meaning"))
    generation = 1 if found is None else found.generation + 1
    await connection.execute(text("DELETE FROM index_state"))
    state = text("INSERT INTO index_state (recipe, generation) VALUES (:recipe, :generation)")
    await connection.execute(state, {"recipe": recipe, "generation": generation})
    return generation


async def keep_graph(connection: AsyncConnection, dimension: int) -> None:
    """Build pgvector's graph of near vectors, unless it is there."""
    await connection.execute(
        text(
            "CREATE INDEX IF NOT EXISTS index_profiles_meaning ON index_profiles "
            f"USING hnsw (CAST(meaning AS halfvec({int(dimension)})) halfvec_cosine_ops)"
        )
    )


def packed(counts: Counts) -> bytes:
    """Return counts as they are kept; `unpacked` reads them."""
    return counts.columns.astype("<i4").tobytes() + counts.counts.astype("<u2").tobytes()


def unpacked(kept: bytes) -> Counts:
    """Return counts."""
    size = len(kept) // 6
    columns = np.frombuffer(kept, "<i4", size).astype(np.int32)
    return Counts(columns, np.frombuffer(kept, "<u2", size, 4 * size).astype(np.uint16))


def terms_of(counted: Mapping[str, Counts]) -> list[dict[str, Any]]:
    """Return what is kept of what a profile says; how rare a word is, the question weighs."""
    found = []
    for space, counts in counted.items():
        often = counts.counts.astype(np.float64)
        damped = often * (_SATURATION + 1.0) / (often + _SATURATION)
        said = sparse(counts.columns, damped / np.sqrt((damped * damped).sum()))
        columns = counts.columns.tolist()
        found.append({"space": space, "counts": packed(counts), "columns": columns, "said": said})
    return found


def sparse(columns: Columns, weights: Floats) -> str:
    """Return a vector as pgvector reads it; of very many terms the heaviest."""
    if len(columns) > _MOST_TERMS:
        heaviest = np.argsort(-weights, kind="stable")[:_MOST_TERMS]
        columns, weights = columns[heaviest], weights[heaviest]
    places, where = np.unique(columns.astype(np.int64) % _DIMENSIONS + 1, return_inverse=True)
    sums = np.bincount(where, weights, len(places))
    parts = (
        f"{at}:{weight:.5g}" for at, weight in zip(places.tolist(), sums.tolist(), strict=True)
    )
    return "{" + ",".join(parts) + "}/" + str(_DIMENSIONS)
