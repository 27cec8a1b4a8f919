"""The chain notices what was changed, removed or put in; not what was lawfully erased."""

from hashlib import sha256

from techdock_reporting.domain.journal import GENESIS, broken, seal

Row = tuple[int, bytes, bytes, bytes | None]


def chain(*bodies: bytes) -> list[Row]:
    rows: list[Row] = []
    before = GENESIS
    for position, body in enumerate(bodies, 1):
        body_sha256 = sha256(body).digest()
        before = seal(before, body_sha256)
        rows.append((position, body_sha256, before, body))
    return rows


def test_a_sound_journal_has_nothing_to_say() -> None:
    assert list(broken(chain(b"a", b"b", b"c"))) == []


def test_an_erased_message_leaves_the_chain_sound() -> None:
    rows = chain(b"a", b"b", b"c")
    rows[1] = (*rows[1][:3], None)
    assert list(broken(rows)) == []


def test_a_changed_message_is_named() -> None:
    rows = chain(b"a", b"b", b"c")
    rows[1] = (*rows[1][:3], b"B")
    assert list(broken(rows)) == ["the message at position 2 is not the one received"]


def test_a_removed_row_is_named() -> None:
    rows = chain(b"a", b"b", b"c")
    del rows[1]
    assert any("position 2 is missing" in said for said in broken(rows))


def test_a_forged_hash_breaks_the_seal() -> None:
    rows = chain(b"a", b"b")
    forged = sha256(b"A").digest()
    rows[0] = (1, forged, rows[0][2], b"A")
    assert any("seal at position 1" in said for said in broken(rows))
