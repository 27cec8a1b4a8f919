"""Every state machine of registration: only its arrows can be walked, and each is told once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build_registration import (
    NOON,
    OF,
    content,
    docking_event,
    outline,
    participation,
    profile,
    session,
)
from techdock_registration.domain import docking_event as docking
from techdock_registration.domain import participation as part
from techdock_registration.domain import profile as prof
from techdock_registration.domain import session as agenda
from techdock_registration.domain.docking_event import DockingEventState, NotReady
from techdock_registration.domain.mail import Mail, MailState
from techdock_registration.domain.participation import ParticipationState
from techdock_registration.domain.profile import Incomplete, ProfileState
from techdock_registration.domain.session import SessionState
from techdock_registration.domain.states import ChangedMeanwhile, WrongState, at_version
from techdock_shared.errors import Invalid


def walk(thing: Any, steps: list[Any], arrows: Mapping[Any, frozenset[Any]], move: Any) -> Any:
    """Take steps; those that no arrow allows must be refused and change nothing."""
    for to in steps:
        allowed = to in arrows.get(thing.state, frozenset())
        try:
            after = move(thing, to)
        except WrongState:
            after = thing
        assert (after.state == to) == allowed or (after is thing and to == thing.state)
        thing = after
    return thing


@given(st.lists(st.sampled_from(DockingEventState), max_size=12))
def test_a_docking_event_walks_only_along_its_arrows(steps: list[DockingEventState]) -> None:
    after = walk(docking_event(), steps, docking.ARROWS, lambda d, to: d.move(to, NOON))

    told = [happening.to for happening in after.happened]
    assert told == sorted(told, key=list(DockingEventState).index)
    assert not told or told[0] is DockingEventState.ANNOUNCED
    assert after.is_told == bool(told)


@given(st.lists(st.sampled_from(ParticipationState), max_size=8))
def test_a_participation_walks_only_along_its_arrows(steps: list[ParticipationState]) -> None:
    after = walk(participation(), steps, part.ARROWS, lambda p, to: p.move(to, OF, NOON))

    kinds = [type(happening) for happening in after.happened]
    assert kinds in ([], [part.Confirmed], [part.Confirmed, part.Withdrawn])
    assert (kinds == [part.Confirmed]) == after.is_confirmed


@given(st.lists(st.sampled_from(ProfileState), max_size=8))
def test_a_profile_walks_only_along_its_arrows(steps: list[ProfileState]) -> None:
    after = walk(profile(), steps, prof.ARROWS, lambda p, to: p.move(to, OF, NOON))

    assert after.revision == int(any(isinstance(h, prof.Published) for h in after.happened))
    if after.happened:
        ended = after.state in (ProfileState.WITHDRAWN, ProfileState.EXPIRED)
        assert len(after.happened) == 1 + ended


@given(st.lists(st.sampled_from([SessionState.HELD, SessionState.CANCELLED]), max_size=4))
def test_a_session_ends_once(steps: list[SessionState]) -> None:
    known = session().tell(NOON)

    after = walk(known, steps, agenda.ARROWS, lambda s, to: s.move(to, NOON))

    assert len(after.happened) == 1 + bool(steps)


@given(st.lists(st.sampled_from(["take", "sent", "failed", "again"]), max_size=12))
def test_a_mail_is_never_sent_without_a_lease(steps: list[str]) -> None:
    mail = Mail(OF.group_id, OF.group_id, "invitation", "en", "cause", NOON, NOON)
    for step in steps:
        before = mail
        try:
            if step == "take":
                mail = mail.take(NOON)
            elif step == "sent":
                mail = mail.sent("s", "b", NOON, kept=False, link_until=None)
            elif step == "failed":
                mail = mail.failed("away", NOON)
            else:
                mail = mail.again(NOON)
        except WrongState:
            assert mail == before
        else:
            if mail.state is MailState.SENT:
                assert before.state is MailState.SENDING


def test_a_draft_that_is_cancelled_is_told_to_nobody() -> None:
    after = docking_event().move(DockingEventState.CANCELLED, NOON)

    assert after.happened == ()


def test_announcing_needs_a_main_venue_and_a_host() -> None:
    with pytest.raises(NotReady, match="main venue"):
        docking_event(venues=()).move(DockingEventState.ANNOUNCED, NOON)
    with pytest.raises(NotReady, match="host"):
        docking_event(outline=outline(organizers=())).move(DockingEventState.ANNOUNCED, NOON)


def test_nothing_is_held_before_its_first_day_at_the_main_venue() -> None:
    running = docking_event(state=DockingEventState.RUNNING, announced_at=NOON)
    # 30 April, 18:59 UTC is still 30 April in Urumqi's zone; a minute later it is 1 May there.
    midnight = NOON - timedelta(hours=18)

    with pytest.raises(NotReady, match="begins on 2030-05-01"):
        running.move(DockingEventState.HELD, midnight - timedelta(minutes=1))
    held = running.move(DockingEventState.HELD, midnight)

    assert held.state is DockingEventState.HELD


def test_a_change_of_a_draft_is_told_to_nobody_and_of_an_announced_one_once() -> None:
    draft = docking_event()
    other = outline(code="TD-2", organizers=draft.outline.organizers)

    assert draft.describe(other, NOON).happened == ()
    announced = draft.move(DockingEventState.ANNOUNCED, NOON)
    assert announced.describe(draft.outline, NOON) is not None
    assert len(announced.describe(draft.outline, NOON).happened) == 1
    assert isinstance(announced.describe(other, NOON).happened[-1], docking.FrameChanged)


def test_a_held_docking_event_keeps_its_frame() -> None:
    held = docking_event(state=DockingEventState.HELD, announced_at=NOON)

    with pytest.raises(WrongState, match="is held"):
        held.describe(outline(code="TD-2"), NOON)


def test_publishing_needs_texts_a_docking_event_and_time() -> None:
    bare = content(docking_events=(), texts={"title": content().title})
    late = profile(content=content(valid_until=NOON.date() - timedelta(days=1)))

    with pytest.raises(Incomplete, match="a summary or a description and a docking event"):
        profile(content=bare).move(ProfileState.SUBMITTED, OF, NOON)
    with pytest.raises(Incomplete, match="valid_until"):
        late.move(ProfileState.SUBMITTED, OF, NOON)


def test_a_change_of_a_published_profile_is_a_new_revision_and_no_change_is_none() -> None:
    published = profile(state=ProfileState.PUBLISHED, revision=3)

    same = published.describe(published.content, OF, NOON)
    revised = published.describe(content(trl_least=4), OF, NOON)

    assert same is published
    assert revised.revision == 4
    assert isinstance(revised.happened[-1], prof.Revised)


def test_a_need_seeks_a_range_of_readiness_and_an_offer_has_one() -> None:
    with pytest.raises(Invalid, match="trl must be none"):
        profile(kind="need", content=content(trl=4))
    with pytest.raises(Invalid, match="trl_least must be none"):
        profile(kind="offer", content=content(trl_least=4))


def test_a_thing_at_another_version_is_refused() -> None:
    with pytest.raises(ChangedMeanwhile, match="version 3, not 2"):
        at_version("the profile", 3, 2)
