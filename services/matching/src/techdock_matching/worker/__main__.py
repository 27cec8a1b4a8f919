"""`python -m techdock_matching.worker`, as a program or as somebody's child."""

import argparse
from functools import partial

from techdock_matching.adapters.child import Parent


def main() -> None:
    """Rank and solve until told to stop."""
    parser = argparse.ArgumentParser(description="Ranks profiles and solves timetables.")
    parser.add_argument("--end-with-parent", action="store_true", help="for a child process")
    parent = Parent()
    if parser.parse_args().end_with_parent:
        # Before the imports below, which take a second or more: nobody may outlive its parent.
        parent.watch()

    from techdock_shared import telemetry  # noqa: PLC0415 - see above
    from techdock_shared.http.serving import run  # noqa: PLC0415 - see above

    from techdock_matching.settings import Settings  # noqa: PLC0415 - see above
    from techdock_matching.worker.loops import work_by  # noqa: PLC0415 - see above

    settings = Settings()
    telemetry.configure_logging(settings.log_form)
    telemetry.configure_tracing("matching-worker")
    run(partial(work_by, settings, parent.on_end))


main()
