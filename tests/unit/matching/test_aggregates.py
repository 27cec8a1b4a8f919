"""Requests, meetings and cooperation projects: states move along their arrows only."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from techdock_matching.domain import happenings as h
from techdock_matching.domain.meeting import Meeting, MeetingState, Party, Place
from techdock_matching.domain.meeting_request import (
    MeetingRequest,
    Message,
    NotYourTurn,
    RequestState,
)
from techdock_matching.domain.project import (
    AlreadyAnswered,
    AlreadyDeclared,
    Contract,
    CooperationProject,
    Ended,
    EntryState,
    NotAParty,
    ProjectParty,
    Stage,
)
from techdock_matching.domain.spans import Span, joined, tick, tick_start, ticks
from techdock_matching.domain.states import WrongState
from techdock_shared.errors import Invalid

NOW = datetime(2027, 4, 1, 20, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
ASKING, ASKED = UUID(int=1), UUID(int=2)
ZONE = "Asia/Shanghai"


def request(**facts) -> MeetingRequest:
    given = {
        "tenant_id": UUID(int=9),
        "docking_event_id": UUID(int=8),
        "zone": ZONE,
        "asking_id": ASKING,
        "asked_id": ASKED,
        "asking_persons": (UUID(int=11),),
        "asked_persons": (UUID(int=21), UUID(int=22)),
        "at": NOW,
        "expires_at": LATER,
    }
    return MeetingRequest.send(UUID(int=5), **{**given, **facts})


def test_sending_is_told_with_the_local_date() -> None:
    sent = request()
    assert sent.happened == (
        h.Requested(sent.id, sent.asking_persons, sent.asked_persons, 1, LATER, date(2027, 4, 2)),
    )
    assert sent.waits_for == ASKED
    assert sent.is_open


def test_each_person_of_one_side_makes_a_pair_with_each_of_the_other() -> None:
    assert request().pairs == ((UUID(int=11), UUID(int=21)), (UUID(int=11), UUID(int=22)))


@pytest.mark.parametrize(
    "facts",
    [
        {"asked_id": ASKING},
        {"asked_persons": ()},
        {"asked_persons": (UUID(int=11),)},
        {"asked_persons": (UUID(int=21), UUID(int=21))},
        {"slots": 0},
        {"slots": 9},
        {"expires_at": NOW},
    ],
)
def test_an_invalid_request_cannot_be_made(facts: dict) -> None:
    with pytest.raises(Invalid):
        request(**facts)


def test_a_message_has_an_end() -> None:
    with pytest.raises(Invalid):
        Message("en", "x" * 1001)


def test_the_asked_side_answers() -> None:
    accepted = request().accept(ASKED, NOW)
    assert accepted.state is RequestState.ACCEPTED
    assert accepted.happened[-1] == h.Accepted(accepted.id, date(2027, 4, 2))
    with pytest.raises(NotYourTurn):
        request().accept(ASKING, NOW)
    with pytest.raises(WrongState):
        accepted.decline(ASKED, NOW)


def test_a_refusal_keeps_its_words_to_itself() -> None:
    declined = request().decline(ASKED, NOW, "no time")
    assert declined.answer_reason == "no time"
    assert "no time" not in str(declined.happened)
    assert not declined.is_open


def test_a_counter_proposal_turns_the_table() -> None:
    countered = request().counter(ASKED, NOW, asked_persons=(UUID(int=22),), slots=2)
    assert (countered.waits_for, countered.slots) == (ASKING, 2)
    assert isinstance(countered.happened[-1], h.Countered)
    assert countered.accept(ASKING, NOW).state is RequestState.ACCEPTED
    with pytest.raises(NotYourTurn):
        countered.accept(ASKED, NOW)
    with pytest.raises(WrongState):
        countered.counter(ASKING, NOW)
    with pytest.raises(Invalid):
        request().counter(ASKED, NOW, asked_persons=(UUID(int=11),))


def test_only_who_asked_withdraws() -> None:
    assert request().withdraw(ASKING, NOW).state is RequestState.WITHDRAWN
    with pytest.raises(NotYourTurn):
        request().withdraw(ASKED, NOW)


def test_a_request_expires_when_its_time_is_over_and_not_before() -> None:
    with pytest.raises(WrongState):
        request().expire(NOW)
    assert request().expire(LATER).state is RequestState.EXPIRED
    with pytest.raises(WrongState):
        request().accept(ASKED, LATER)


def test_an_accepted_request_is_placed_or_told_why_not() -> None:
    accepted = request().accept(ASKED, NOW)
    unplaced = accepted.unplace(3, "tables_full")
    assert unplaced.happened[-1] == h.Unplaced(accepted.id, 3, "tables_full")
    assert unplaced.place().unplaced_reason is None
    assert unplaced.place().cancel().state is RequestState.CANCELLED
    with pytest.raises(WrongState):
        request().place()


ANSWERS = {
    "accept": lambda r: r.accept(r.waits_for or ASKED, NOW),
    "decline": lambda r: r.decline(r.waits_for or ASKED, NOW),
    "counter": lambda r: r.counter(ASKED, NOW),
    "withdraw": lambda r: r.withdraw(ASKING, NOW),
    "expire": lambda r: r.expire(LATER),
    "place": lambda r: r.place(),
    "unplace": lambda r: r.unplace(1, "x"),
    "cancel": lambda r: r.cancel(),
}
FINAL = {RequestState.DECLINED, RequestState.WITHDRAWN, RequestState.EXPIRED}


@settings(max_examples=200)
@given(st.lists(st.sampled_from(sorted(ANSWERS)), max_size=8))
def test_no_path_of_commands_leaves_the_arrows(commands: list[str]) -> None:
    held = request()
    for command in commands:
        before = held
        try:
            held = ANSWERS[command](before)
        except WrongState:
            continue
        assert before.state not in FINAL
        assert before.state is not RequestState.CANCELLED
        placed = {RequestState.PLACED, RequestState.UNPLACED}
        if held.state in placed:
            assert any(isinstance(one, h.Accepted) for one in held.happened)
        assert len(held.happened) - len(before.happened) in {0, 1}


# Meetings ----------------------------------------------------------------------------------

PARTIES = tuple(
    Party(UUID(int=n), UUID(int=30 + n), UUID(int=40 + n), "CN", (UUID(int=10 + n),))
    for n in (1, 2)
)
PLACE = Place(
    datetime(2027, 4, 21, 16, 0, tzinfo=UTC),
    datetime(2027, 4, 21, 16, 30, tzinfo=UTC),
    ZONE,
    session_id=UUID(int=60),
    venue_id=UUID(int=61),
    table_id=UUID(int=62),
)


def meeting(**facts) -> Meeting:
    given = {
        "tenant_id": UUID(int=9),
        "docking_event_id": UUID(int=8),
        "parties": PARTIES,
        "place": PLACE,
        "timetable_version": 1,
    }
    return Meeting.book(UUID(int=70), **{**given, **facts})


def test_a_meeting_occupies_every_tick_that_it_touches() -> None:
    held = meeting()
    assert len(held.ticks()) == 6
    assert tick_start(held.ticks()[0]) == PLACE.start


@pytest.mark.parametrize(
    "facts",
    [
        {"parties": PARTIES[:1]},
        {"parties": (PARTIES[0], PARTIES[0])},
        {"parties": (PARTIES[0], replace(PARTIES[1], persons=PARTIES[0].persons))},
        {"timetable_version": 0},
    ],
)
def test_an_invalid_meeting_cannot_be_booked(facts: dict) -> None:
    with pytest.raises(Invalid):
        meeting(**facts)


def test_a_place_lies_on_ticks() -> None:
    with pytest.raises(Invalid):
        replace(PLACE, end=PLACE.end + timedelta(minutes=1))
    with pytest.raises(Invalid):
        replace(PLACE, end=PLACE.start)


def test_a_move_raises_the_calendar_sequence_and_the_same_place_does_not() -> None:
    moved = meeting().move(replace(PLACE, table_id=UUID(int=63)), 2)
    assert (moved.state, moved.calendar_sequence) == (MeetingState.MOVED, 1)
    assert moved.happened[-1] == h.Moved(moved.id, 2)
    assert moved.move(moved.place, 3) is moved


def test_booked_and_held_are_never_mixed() -> None:
    held = meeting().hold()
    assert held.happened[-1] == h.Held(held.id, date(2027, 4, 22))
    for again in (held.hold, lambda: held.cancel(2), lambda: held.miss((UUID(int=1),))):
        with pytest.raises(WrongState):
            again()


def test_a_no_show_names_a_party() -> None:
    missed = meeting().miss((UUID(int=2),))
    assert missed.absent == (UUID(int=2),)
    assert missed.is_live
    for absent in ((), (UUID(int=99),)):
        with pytest.raises(Invalid):
            meeting().miss(absent)


def test_a_cancelled_meeting_gives_its_place_free() -> None:
    cancelled = meeting().cancel(2)
    assert not cancelled.is_live
    assert cancelled.calendar_sequence == 1
    with pytest.raises(WrongState):
        cancelled.move(PLACE, 3)


# Spans -------------------------------------------------------------------------------------


def test_spans_join_and_ticks_count() -> None:
    a, b, c = (NOW + timedelta(minutes=m) for m in (0, 30, 60))
    assert joined([Span(b, c), Span(a, b)]) == (Span(a, c),)
    assert list(ticks(a, a + timedelta(minutes=7))) == [tick(a), tick(a) + 1]
    with pytest.raises(Invalid):
        Span(b, a)
    with pytest.raises(Invalid):
        Span(datetime(2027, 1, 1), datetime(2027, 1, 2))  # noqa: DTZ001 - that is the point


# Projects ----------------------------------------------------------------------------------

ORGANIZATIONS = tuple(UUID(int=100 + n) for n in range(3))
DAY = date(2027, 4, 1)
DIGEST = "a" * 64


def project(parties: int = 2) -> CooperationProject:
    return CooperationProject.open(
        UUID(int=80),
        tenant_id=UUID(int=9),
        zone=ZONE,
        parties=tuple(ProjectParty(one, one, "CN") for one in ORGANIZATIONS[:parties]),
    )


def reached(stage: Stage, held: CooperationProject | None = None) -> CooperationProject:
    """Return a project in which all parties confirmed a stage."""
    declared = (held or project()).declare(stage, DAY, ORGANIZATIONS[0], NOW)
    return declared.confirm(stage, ORGANIZATIONS[1])


def test_one_word_is_unconfirmed_and_all_words_confirm() -> None:
    one = project(3).declare(Stage.INTENTION, DAY, ORGANIZATIONS[0], NOW, evidence_sha256=DIGEST)
    two = one.confirm(Stage.INTENTION, ORGANIZATIONS[1])
    three = two.confirm(Stage.INTENTION, ORGANIZATIONS[2], evidence_sha256="b" * 64)
    assert one.stage is two.stage is None
    assert three.stage is Stage.INTENTION
    assert three.happened[-1] == h.StageConfirmed(three.id, "intention", DAY, ZONE)
    assert [len(p.happened) for p in (one, two, three)] == [2, 2, 3]
    entry = three.entry(Stage.INTENTION)
    assert entry is not None
    assert dict(entry.evidence) == {ORGANIZATIONS[0]: DIGEST, ORGANIZATIONS[2]: "b" * 64}


def test_a_dispute_stays_visible_when_the_stage_is_declared_anew() -> None:
    declared = project().declare(Stage.CONTRACT, DAY, ORGANIZATIONS[0], NOW)
    disputed = declared.dispute(Stage.CONTRACT, ORGANIZATIONS[1], "not signed")
    assert isinstance(disputed.happened[-1], h.StageDisputed)
    assert "not signed" not in str(disputed.happened)
    again = reached(Stage.CONTRACT, disputed)
    assert again.stage is Stage.CONTRACT
    assert [e.state for e in again.entries] == [EntryState.DISPUTED, EntryState.CONFIRMED]


def test_who_declares_must_be_a_party_and_answers_once() -> None:
    declared = project().declare(Stage.INTENTION, DAY, ORGANIZATIONS[0], NOW)
    with pytest.raises(NotAParty):
        project().declare(Stage.INTENTION, DAY, ORGANIZATIONS[2], NOW)
    with pytest.raises(AlreadyAnswered):
        declared.confirm(Stage.INTENTION, ORGANIZATIONS[0])
    with pytest.raises(AlreadyDeclared):
        declared.declare(Stage.INTENTION, DAY, ORGANIZATIONS[1], NOW)
    with pytest.raises(WrongState):
        project().confirm(Stage.INTENTION, ORGANIZATIONS[1])
    with pytest.raises(AlreadyAnswered):
        reached(Stage.INTENTION).dispute(Stage.INTENTION, ORGANIZATIONS[1], "")


def test_dates_follow_the_ladder_and_are_not_to_come() -> None:
    agreed = reached(Stage.AGREEMENT)
    before, after = DAY - timedelta(days=1), date(2027, 4, 3)
    for stage, day in ((Stage.CONTRACT, before), (Stage.CONTRACT, after)):
        with pytest.raises(Invalid):
            agreed.declare(stage, day, ORGANIZATIONS[0], NOW)
    with pytest.raises(Invalid):
        agreed.declare(Stage.INTENTION, date(2027, 4, 2), ORGANIZATIONS[0], NOW)
    assert agreed.declare(Stage.INTENTION, before, ORGANIZATIONS[0], NOW)


def test_verified_stands_on_landed() -> None:
    with pytest.raises(Invalid):
        reached(Stage.CONTRACT).declare(Stage.VERIFIED, DAY, ORGANIZATIONS[0], NOW)
    assert reached(Stage.VERIFIED, reached(Stage.LANDED)).stage is Stage.VERIFIED


def test_an_ended_project_keeps_what_it_reached() -> None:
    ended = reached(Stage.LANDED).end(ORGANIZATIONS[0], NOW)
    assert (ended.stage, ended.ended_on) == (Stage.LANDED, date(2027, 4, 2))
    with pytest.raises(Ended):
        ended.declare(Stage.VERIFIED, DAY, ORGANIZATIONS[0], NOW)
    with pytest.raises(Ended):
        ended.end(ORGANIZATIONS[1], NOW)
    with pytest.raises(NotAParty):
        reached(Stage.LANDED).end(ORGANIZATIONS[2], NOW)


@pytest.mark.parametrize(
    "make",
    [
        lambda: project(1),
        lambda: replace(project(), technology_field=36),
        lambda: project().declare(
            Stage.CONTRACT, DAY, ORGANIZATIONS[0], NOW, evidence_sha256="not a digest"
        ),
        lambda: Contract("licence", amount=5),
        lambda: Contract("licence", amount=-5, currency="CNY"),
    ],
)
def test_an_invalid_project_cannot_be_made(make) -> None:
    with pytest.raises(Invalid):
        make()


class Ladder(RuleBasedStateMachine):
    """Three parties say what they like, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.project = project(3)
        self.confirmed: set[Stage] = set()

    stages = st.sampled_from(list(Stage))
    parties = st.sampled_from(ORGANIZATIONS)

    def attempt(self, command) -> None:
        try:
            self.project = command(self.project)
        except (Invalid, WrongState, AlreadyAnswered, AlreadyDeclared, Ended):
            return

    @rule(stage=stages, by=parties)
    def declare(self, stage: Stage, by: UUID) -> None:
        self.attempt(lambda p: p.declare(stage, DAY, by, NOW))

    @rule(stage=stages, by=parties)
    def confirm(self, stage: Stage, by: UUID) -> None:
        self.attempt(lambda p: p.confirm(stage, by))

    @rule(stage=stages, by=parties)
    def dispute(self, stage: Stage, by: UUID) -> None:
        self.attempt(lambda p: p.dispute(stage, by, "no"))

    @precondition(lambda self: len(self.project.happened) > 6)
    @rule(by=parties)
    def end(self, by: UUID) -> None:
        self.attempt(lambda p: p.end(by, NOW))

    @invariant()
    def confirmed_means_everybody_and_stays(self) -> None:
        for entry in self.project.entries:
            everybody = set(entry.confirmed_by) == set(ORGANIZATIONS)
            assert (entry.state is EntryState.CONFIRMED) == everybody
            assert not {by for by, _ in entry.disputed_by} & set(entry.confirmed_by)
        now = {e.stage for e in self.project.entries if e.state is EntryState.CONFIRMED}
        assert self.confirmed <= now
        self.confirmed = now
        assert (self.project.stage is None) == (not now)

    @invariant()
    def a_confirmed_stage_is_told_once(self) -> None:
        told = [one.stage for one in self.project.happened if isinstance(one, h.StageConfirmed)]
        now = [e.stage for e in self.project.entries if e.state is EntryState.CONFIRMED]
        assert sorted(told) == sorted(now)


Ladder.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLadder = Ladder.TestCase
