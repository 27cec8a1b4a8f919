"""A proposal moves only along its arrows, and nobody learns what the other side said."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.matching import NOON, named
from techdock_matching.domain.proposal import Outcome, Proposal, ProposalState
from techdock_matching.domain.states import WrongState
from techdock_shared.errors import Invalid, Problem

LOW, HIGH = UUID(int=1), UUID(int=2)
LATER = NOON + timedelta(days=14)
S = ProposalState


def drafted() -> Proposal:
    return Proposal(
        named("p"), named("tenant"), named("event"), LOW, HIGH, named("n"), named("o"), 5000
    )


def sent() -> Proposal:
    return drafted().send(LATER)


@pytest.mark.parametrize(("first", "second"), [(LOW, HIGH), (HIGH, LOW)])
def test_two_times_yes_is_agreed(first: UUID, second: UUID) -> None:
    once = sent().accept(first, NOON)
    assert (once.outcome, once.first) == (Outcome.WAITING, first)
    assert (once.answer_of(first), once.answer_of(second)) == (True, None)
    with pytest.raises(WrongState):
        once.accept(first, NOON)
    both = once.accept(second, NOON)
    assert (both.state, both.outcome) == (S.AGREED, Outcome.AGREED)


def test_who_declined_knows_it_and_the_other_does_not() -> None:
    for declined in (sent().decline(LOW, NOON), sent().accept(HIGH, NOON).decline(LOW, NOON)):
        assert declined.outcome is Outcome.NOT_AGREED
        assert declined.answer_of(LOW) is False
        assert declined.answer_of(HIGH) is None
    late = sent().at(LATER)
    assert (late.state, late.outcome) == (S.EXPIRED, Outcome.NOT_AGREED)
    assert sent().withdraw().outcome is Outcome.NOT_AGREED


def test_the_others_yes_changes_nothing_that_one_may_know() -> None:
    asked, once = sent(), sent().accept(LOW, NOON)
    assert once.version_for(HIGH) == asked.version_for(HIGH)
    assert once.version_for(LOW) > asked.version_for(LOW)


def test_a_yes_can_be_taken_back_until_the_other_has_said_yes() -> None:
    assert sent().accept(LOW, NOON).decline(LOW, NOON).state is S.DECLINED
    with pytest.raises(WrongState):
        sent().accept(LOW, NOON).accept(HIGH, NOON).decline(LOW, NOON)


def test_nobody_answers_a_draft_or_after_its_time() -> None:
    for refused in (drafted(), sent().decline(HIGH, NOON), sent().withdraw()):
        for act in (refused.accept, refused.decline):
            with pytest.raises(WrongState):
                act(LOW, NOON)
    with pytest.raises(WrongState):
        sent().accept(LOW, LATER)
    with pytest.raises(WrongState):
        sent().send(LATER)


def test_a_pair_is_written_in_one_order_only() -> None:
    with pytest.raises(Invalid):
        Proposal(
            named("p"), named("tenant"), named("event"), HIGH, LOW, named("n"), named("o"), 5000
        )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("send", "accept", "decline", "withdraw")),
        st.sampled_from((LOW, HIGH)),
        st.sampled_from((NOON, LATER)),
    ),
    max_size=8,
)


@given(STEPS)
def test_agreed_is_what_both_said_yes_to_in_time(steps: list[tuple[str, UUID, object]]) -> None:
    proposal, yes = drafted(), set()
    for what, side, at in steps:
        before = proposal
        try:
            if what == "send":
                proposal = proposal.send(LATER)
            elif what == "withdraw":
                proposal = proposal.withdraw()
            else:
                proposal = getattr(proposal, what)(side, at)
                yes |= {side} if what == "accept" else set()
        except Problem:
            assert proposal is before
        if before.outcome in {Outcome.AGREED, Outcome.NOT_AGREED}:
            assert proposal is before
    if proposal.state is S.AGREED:
        assert yes == {LOW, HIGH}
