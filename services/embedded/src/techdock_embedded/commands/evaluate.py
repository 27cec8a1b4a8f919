"""techdock evaluate: how good the ranking is, on files of one's own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID
from rich.table import Table

from techdock_embedded.commands.app import errors, fail, out, techdock

evaluate = typer.Typer(help="How good the ranking is, on your own files.", no_args_is_help=True)
techdock.add_typer(evaluate, name="evaluate")

Needs = Annotated[
    Path,
    typer.Option(
        "--needs",
        dir_okay=False,
        help="JSON Lines (.jsonl or .jsonl.gz), a row: id, text or texts (a list: the documents of"
        " one organization), and as you have them title, language, country, fields.",
    ),
]
Offers = Annotated[Path, typer.Option("--offers", dir_okay=False, help="Offers, the same way.")]
Pairs = Annotated[
    Path | None,
    typer.Option("--pairs", dir_okay=False, help="Known pairs: need and offer, tab between."),
]
Run = Annotated[
    Path | None,
    typer.Option("--run", dir_okay=False, help="Write the lists of the needs in TREC run format."),
]
Places = Annotated[int, typer.Option("--k", min=10, max=1000, help="Places of a list.")]
Cap = Annotated[
    int | None,
    typer.Option("--cap", min=1, help="Show each offer at most so often among the first ten."),
]
Words = Annotated[
    bool, typer.Option("--words-only", help="Without the encoder: by words and concepts alone.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

TAG = "techdock"

Lists = Mapping[str, Sequence[str]]


@evaluate.command("ranking")
def ranking_command(
    needs: Needs,
    offers: Offers,
    pairs: Pairs = None,
    run: Run = None,
    k: Places = 100,
    cap: Cap = None,
    words_only: Words = False,
    as_json: Json = False,
) -> None:
    """Rank needs and offers with the very engine of the service, and compare with known pairs."""
    from techdock_matching.adapters import evaluating, labelled  # noqa: PLC0415 - when asked for
    from techdock_matching.domain.ranking.capping import capped  # noqa: PLC0415 - as above

    try:
        asking, answering = labelled.rows(needs), labelled.rows(offers)
        known = [] if pairs is None else list(labelled.pairs(pairs, asking, answering))
    except (labelled.BrokenLineError, OSError) as error:
        fail(str(error))
    with Progress(console=errors, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def told(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=1.0)
            progress.update(tasks[what], completed=share)

        found = evaluating.rank(asking, answering, k, told, meanings=not words_only)
    of_needs: dict[str, list[str]] = (
        {one: [other for other, _ in places] for one, places in found.of_needs.items()}
        if cap is None
        else capped(found.of_needs, cap)
    )
    of_offers = {one: [other for other, _ in places] for one, places in found.of_offers.items()}
    if run is not None:
        try:
            _write_run(run, of_needs, found.of_needs)
        except OSError as error:
            fail(f"{error.strerror}: {run}")
    figures = {
        "need_to_offer": _figures(of_needs, known, list(answering)),
        "offer_to_need": _figures(of_offers, [(b, a) for a, b in known], list(asking)),
    }
    counts = {"needs": len(asking), "offers": len(answering), "pairs": len(set(known))}
    if as_json:
        out.print_json(json.dumps(counts | figures))
        return
    out.print(f"{counts['needs']:,} needs, {counts['offers']:,} offers, {counts['pairs']:,} pairs")
    table = Table("", *NAMES.values(), box=None)
    for direction, values in figures.items():
        cells = ("-" if name not in values else f"{values[name]:.3f}" for name in NAMES)
        table.add_row(direction.replace("_", " "), *cells)
    out.print(table)


NAMES = {
    "ndcg_10": "nDCG@10",
    "recall_10": "R@10",
    "recall_50": "R@50",
    "mrr": "MRR",
    "gini": "Gini of exposure",
    "ever_shown": "ever shown",
    "most_shown": "most shown",
}


def _figures(
    lists: Lists, known: Sequence[tuple[str, str]], shown: Sequence[str]
) -> dict[str, float]:
    from techdock_matching.domain.ranking import quality  # noqa: PLC0415 - when asked for

    wanted: dict[str, set[str]] = {}
    for one, other in known:
        wanted.setdefault(one, set()).add(other)
    found = quality.figures(lists, wanted) if wanted else {}
    found |= quality.exposure(lists.values(), shown)
    return {name: round(value, 4) for name, value in found.items()}


def _write_run(run: Path, lists: Lists, scored: Mapping[str, Sequence[tuple[str, int]]]) -> None:
    """Write `need Q0 offer rank score tag`; spaces in ids are replaced."""
    with run.open("w", encoding="utf-8") as lines:
        lines.writelines(_run_lines(lists, scored))


def _run_lines(lists: Lists, scored: Mapping[str, Sequence[tuple[str, int]]]) -> Iterator[str]:
    for need, places in lists.items():
        scores = dict(scored[need])
        least: float | None = None
        for rank, offer in enumerate(places, start=1):
            # With a cap an earlier place may score less: readers sort by score, so it never rises.
            score = scores[offer] / 1000
            least = score if least is None else min(least, score)
            yield f"{_word(need)} Q0 {_word(offer)} {rank} {least:.3f} {TAG}\n"


def _word(ident: str) -> str:
    return "_".join(ident.split()) or "_"
