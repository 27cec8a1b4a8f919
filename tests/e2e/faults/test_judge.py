"""The judge finds what it is there for."""

from support.history import History, twice


def _history(**outcomes: str) -> History:
    history = History()
    for name, outcome in outcomes.items():
        history.invoke(1, "profile", name).outcome = outcome  # type: ignore[assignment] # of the four
    return history


def test_what_the_history_allows_is_right() -> None:
    history = _history(a="ok", b="fail", c="info", d="info", e="invoked")
    assert list(history.judge("profile", ["a", "c"])) == []


def test_lost_repeated_refused_and_phantom_effects_are_found() -> None:
    history = _history(lost="ok", twice="ok", refused="fail", unknown="info")
    found = ["twice", "twice", "refused", "unknown", "unknown", "phantom"]
    said = sorted(history.judge("profile", found))
    assert [line.split(":")[0].split()[1] for line in said] == [
        "lost",
        "phantom",
        "refused",
        "twice",
        "unknown",
    ]
    assert len(said) == 5


def test_other_kinds_are_judged_apart() -> None:
    history = _history(a="ok")
    history.invoke(1, "request", "b").outcome = "ok"
    assert list(history.judge("profile", ["a"])) == []
    assert len(list(history.judge("request", []))) == 1


def test_a_slot_that_is_booked_twice_is_found() -> None:
    assert list(twice([("ana", "10:00"), ("ana", "10:05"), ("bek", "10:00")])) == []
    assert len(list(twice([("T01", "10:00"), ("T01", "10:00")]))) == 1
