"""The figures of a ranking, the cap, and files of labelled needs and offers."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from techdock_matching.adapters import labelled
from techdock_matching.adapters.labelled import BrokenLineError
from techdock_matching.domain.ranking.capping import capped, evened, first_places, usual_cap
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.quality import SHOWN, exposure, figures


def test_figures_by_hand() -> None:
    ranked = {"a": ["x", "y", "z"], "b": ["y", "x"], "c": []}
    wanted = {"a": {"y"}, "b": {"y", "w"}, "c": {"x"}}
    found = figures(ranked, wanted)
    second = 0.6309297535714574  # 1 / log2(3)
    assert found["ndcg_10"] == pytest.approx((second + 1 / (1 + second) + 0) / 3)
    assert found["recall_10"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert found["mrr"] == pytest.approx((0.5 + 1 + 0) / 3)


def test_only_ten_places_count_for_ndcg_and_fifty_for_recall() -> None:
    ranked = {"a": [*map(str, range(49)), "right"]}
    found = figures(ranked, {"a": {"right"}})
    assert (found["ndcg_10"], found["recall_10"], found["recall_50"]) == (0.0, 0.0, 1.0)


def test_exposure_by_hand() -> None:
    even = exposure([["x"], ["y"]], ["x", "y"])
    assert even == {"ever_shown": 1.0, "gini": 0.0, "most_shown": 1.0}
    one = exposure([["x"], ["x"]], ["x", "y"])
    assert one == {"ever_shown": 0.5, "gini": 0.5, "most_shown": 2.0}
    assert exposure([], ["x"])["ever_shown"] == 0.0


LISTS = st.dictionaries(
    st.integers(0, 30),
    st.lists(
        st.tuples(st.integers(100, 140), st.integers(0, 99)), max_size=30, unique_by=lambda t: t[0]
    ),
    max_size=20,
).map(lambda d: {k: sorted(v, key=lambda t: (-t[1], t[0])) for k, v in d.items()})


@given(lists=LISTS, cap=st.integers(1, 5))
def test_a_cap_loses_nobody_and_shows_no_fewer(lists: dict, cap: int) -> None:
    found = capped(lists, cap)
    for owner, places in found.items():
        assert sorted(places) == sorted(other for other, _ in lists[owner])
    before = exposure([[o for o, _ in p] for p in lists.values()], range(100, 141))
    after = exposure(found.values(), range(100, 141))
    assert after["ever_shown"] >= before["ever_shown"]


def test_with_a_high_cap_and_room_nothing_changes() -> None:
    lists = {"a": [("x", 9), ("y", 5)], "b": [("x", 8)]}
    assert capped(lists, 100) == {"a": ["x", "y"], "b": ["x"]}


def test_whom_everybody_lists_gives_way_and_the_unseen_is_seen() -> None:
    lists = {
        owner: [("star", 1000 + owner), *((f"o{owner}.{n}", 500 - n) for n in range(10))]
        for owner in range(4)
    }
    found = capped(lists, 2)
    with_star = [owner for owner, places in found.items() if "star" in places[:SHOWN]]
    assert with_star == [2, 3]
    assert all("star" in places for places in found.values())
    everybody = {other for places in lists.values() for other, _ in places}
    shown = {other for places in found.values() for other in places[:SHOWN]}
    assert len(everybody - shown) < len(everybody - {o for p in lists.values() for o, _ in p[:10]})


def file_of(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "needs.jsonl"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    return file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, file: expected one JSON object a line"),
        ('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "line 2, id: expected an id that"),
        ('{"id": "a", "text": 5}', "line 1, text: expected a text, found '5'"),
        ('{"id": "a"}', "line 1, text: expected a text, or texts (a list)"),
        ('{"text": "x"}', "line 1, id: expected a text or a number, found 'None'"),
        ('{"id": "a", "texts": "x"}', "line 1, texts: expected a list of texts"),
        ('{"id": "a", "text": "x", "fields": ["b"]}', "line 1, fields: expected a list of WIPO"),
        ("[1]", "line 1, line: expected a JSON object"),
        ('{"id": "a", ', "line 1, column 13: expected JSON"),
        ('{"id": "a", "text": "\ud800"}', "line 1, bytes: expected text in UTF-8"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BrokenLineError) as refused:
        labelled.rows(file_of(tmp_path, text))
    assert f"needs.jsonl, {said}" in str(refused.value)


def test_rows_and_pairs_are_read(tmp_path: Path) -> None:
    text = '\ufeff{"id": 1, "title": "t", "texts": ["a", "b"], "language": "ru"}\n\n{"id": "n", "text": ""}'
    needs = labelled.rows(file_of(tmp_path, text))
    assert needs["1"].documents == ("a", "b")
    assert needs["n"].documents == ("",)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("need\toffer\n1\tn\t1\n")
    assert list(labelled.pairs(pairs, needs, needs)) == [("1", "n")]
    pairs.write_text("need\toffer\n1\tq\n")
    with pytest.raises(BrokenLineError, match=r"pairs.tsv, line 2, offer: expected the id of one"):
        list(labelled.pairs(pairs, needs, needs))
    pairs.write_text("1 n\n")
    with pytest.raises(BrokenLineError, match=r"line 1, columns: expected need and offer"):
        list(labelled.pairs(pairs, needs, needs))


def test_who_gives_way_scores_less_than_before_whom_it_stood() -> None:
    star = UUID(int=1)
    others = {owner: [UUID(int=100 * owner + n) for n in range(11)] for owner in (2, 3, 4)}
    lists = {
        UUID(int=owner): [
            Candidate(star, 1000 + owner),
            *(Candidate(one, 900 - n) for n, one in enumerate(some)),
        ]
        for owner, some in others.items()
    }
    each = ((one, [(c.profile_id, c.score) for c in places]) for one, places in lists.items())
    first = first_places(each, 1)
    found = {one: evened(places, first[one]) for one, places in lists.items()}
    assert found[UUID(int=4)] == lists[UUID(int=4)]
    for owner in (UUID(int=2), UUID(int=3)):
        assert [c.profile_id for c in found[owner]][10] == star
        scores = [c.score for c in found[owner]]
        assert scores == sorted(scores, reverse=True)
        assert found[owner][10].score < found[owner][9].score


def test_the_usual_cap_is_twice_a_fair_share_and_at_least_five() -> None:
    assert usual_cap(3769, 16015) == 5
    assert usual_cap(16015, 3769) == 85
    assert usual_cap(3, 0) == 60
