"""techdock timetable: the planner and the judge alone, on files."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from techdock_shared.errors import Invalid

from techdock_embedded.commands.app import errors, fail, interactive, out, techdock

if TYPE_CHECKING:
    from techdock_matching.app.ports import Progress as Found

timetable = typer.Typer(help="Plan a timetable from a file, or judge one.", no_args_is_help=True)
techdock.add_typer(timetable, name="timetable")

Problem = Annotated[
    Path,
    typer.Argument(
        metavar="PROBLEM",
        dir_okay=False,
        help="JSON as in contracts/schemas/techdock.timetable_problem.v1.json, or a B2BSP .dzn.",
    ),
]
Out = Annotated[Path, typer.Option("--out", dir_okay=False, help="Where the timetable goes.")]
Seconds = Annotated[
    float, typer.Option("--seconds", min=0.1, max=86_400, help="How long to search, at most.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Another one gives another timetable.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

USUAL_SECONDS = 10.0


@timetable.command("solve")
def solve(
    file: Problem,
    out_file: Out,
    seconds: Seconds = USUAL_SECONDS,
    seed: Seed = 1,
    as_json: Json = False,
) -> None:
    """Find a timetable; Ctrl-C stops and keeps the best."""
    with _told():
        figures = (
            _solve_b2bsp(file, out_file, seconds, seed)
            if file.suffix == ".dzn"
            else _solve(file, out_file, seconds, seed)
        )
    if as_json:
        out.print_json(json.dumps(figures))
        return
    for name, value in figures.items():
        out.print(f"{name.replace('_', ' ')}: {value}", markup=False)


@timetable.command("judge")
def judge(
    file: Problem,
    answer: Annotated[Path, typer.Argument(metavar="TIMETABLE", dir_okay=False)],
) -> None:
    """Print every violation with the rule's name; status 1 if there is any."""
    with _told():
        found = _judged_b2bsp(file, answer) if file.suffix == ".dzn" else _judged(file, answer)
    for violation in found:
        out.print(violation, markup=False)
    if found:
        raise typer.Exit(1)
    out.print("valid")


@contextmanager
def _told() -> Iterator[None]:
    """Say what is wrong with a file: each field in a line of its own."""
    try:
        yield
    except Invalid as error:
        for one in error.errors:
            errors.print(f"  {one.where}: expected {one.expected}, found {one.found}", markup=False)
        fail(str(error))
    except UnicodeDecodeError:
        fail("a file is not UTF-8 text")
    except OSError as error:
        fail(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))


class _Stop:
    """Whether somebody pressed Ctrl-C."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, *_: object) -> None:
        self.asked = True


@contextmanager
def _watched() -> Iterator[tuple[_Stop, Progress]]:
    """Show how far a search is, and let Ctrl-C end it."""
    stop = _Stop()
    before = signal.signal(signal.SIGINT, stop)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    shown = Progress(*columns, console=errors, transient=True, disable=not interactive())
    try:
        with shown:
            yield stop, shown
    finally:
        signal.signal(signal.SIGINT, before)


def _solve(file: Path, out_file: Path, seconds: float, seed: int) -> dict[str, Any]:
    from techdock_matching.adapters import problem_file  # noqa: PLC0415 - when asked for
    from techdock_matching.adapters.search.planner import (  # noqa: PLC0415 - as above
        LocalSearchPlanner,
        prepare,
    )
    from techdock_matching.app.ports import Limits  # noqa: PLC0415 - as above
    from techdock_matching.domain.timetable.judge import violations  # noqa: PLC0415 - as above
    from techdock_matching.domain.timetable.reasons import explain  # noqa: PLC0415 - as above

    problem, names = problem_file.read_problem(file)
    with _watched() as (stop, shown):
        task = shown.add_task("making ready; the first time this takes a minute", total=None)
        prepare()

        def told(found: "Found") -> bool:
            level = problem_file.by_level(found.cost)
            text = f"{found.placed} of {found.total} placed, {level['gaps']} idle gaps"
            shown.update(task, description=text)
            return not stop.asked

        limits = Limits(seconds=seconds, seed=seed)
        outcome = LocalSearchPlanner().solve(problem, None, limits, told)
    fault = next(violations(problem, outcome.timetable), None)
    if fault is not None:
        fail(f"the planner broke a rule, nothing is written: {names.told(str(fault))}")
    document = problem_file.written(
        problem,
        names,
        outcome.timetable,
        explain(problem, outcome.timetable),
        outcome.cost,
        bound=problem_file.by_level(outcome.cost) if outcome.proven else {},
        proven=outcome.proven,
        seed=seed,
        seconds=round(outcome.seconds, 2),
        iterations=outcome.iterations,
    )
    out_file.write_text(document.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return {
        "placed": len(document.placements),
        "unplaced": len(document.unplaced),
        **document.cost,
        "proven": document.proven,
        "seconds": document.seconds,
    }


def _judged(file: Path, answer: Path) -> list[str]:
    from techdock_matching.adapters import problem_file  # noqa: PLC0415 - when asked for
    from techdock_matching.domain.timetable.judge import violations  # noqa: PLC0415 - as above

    problem, names = problem_file.read_problem(file)
    timetable = problem_file.read_answer(answer, names)
    return [names.told(str(violation)) for violation in violations(problem, timetable)]


def _solve_b2bsp(file: Path, out_file: Path, seconds: float, seed: int) -> dict[str, Any]:
    from techdock_matching.adapters.exact.portfolio import solve_b2bsp  # noqa: PLC0415 - as above
    from techdock_matching.domain.timetable.b2bsp_file import read_b2bsp  # noqa: PLC0415 - as above

    problem = read_b2bsp(file.read_text(encoding="utf-8"), str(file))
    with _watched() as (stop, shown):
        task = shown.add_task("searching", total=None)

        def told(found: Any) -> bool:
            shown.update(task, description=f"{found.breaks} breaks, at least {found.bound}")
            return not stop.asked

        outcome = solve_b2bsp(problem, seconds=seconds, seed=seed, progress=told)
    figures: dict[str, Any] = {
        "status": str(outcome.status),
        "breaks": outcome.breaks,
        "bound": outcome.bound,
        "seconds": round(outcome.seconds, 2),
    }
    document = {"type": B2BSP_ANSWER, **figures, "slots": list(outcome.slots)}
    out_file.write_text(json.dumps(document) + "\n", encoding="utf-8")
    return figures


B2BSP_ANSWER = "techdock.b2bsp_answer.v1"


def _judged_b2bsp(file: Path, answer: Path) -> list[str]:
    from techdock_matching.domain.timetable.b2bsp import measure  # noqa: PLC0415 - when asked for
    from techdock_matching.domain.timetable.b2bsp_file import read_b2bsp  # noqa: PLC0415 - as above

    problem = read_b2bsp(file.read_text(encoding="utf-8"), str(file))
    try:
        document = json.loads(answer.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Invalid(f"{answer}: expected JSON: {error}") from error
    slots = document.get("slots") if isinstance(document, dict) else None
    if not isinstance(slots, list) or not all(isinstance(slot, int) for slot in slots):
        raise Invalid(f"{answer}: slots: expected a number for each meeting")
    if len(slots) != len(problem.meetings):
        count = len(problem.meetings)
        raise Invalid(f"{answer}: slots: expected {count} numbers, found {len(slots)}")
    return list(measure(problem, slots).violations)
