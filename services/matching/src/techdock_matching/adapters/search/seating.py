"""Compiled: which table of its kind each meeting gets, and what depends on it."""

from techdock_matching.adapters.search.arrays import (
    AT,
    BEGIN,
    END,
    KIND,
    NONE,
    SESSION,
    Given,
)
from techdock_matching.adapters.search.compiled import Array, Number, compiled


@compiled
def seat_all(
    g: Given,
    seat: Array,
    order: Array,
    of_kind: Array,
    tables: Array,
    kind: Array,
    wanted: Array,
    free_at: Array,
    last: Array,
    found: Array,
) -> None:
    """Give each meeting a table of its kind.

    Of a kind never more tables are in use than there are, so that any free one will do when
    meetings are taken by their start.

    Args:
        order: Meetings by start; those who insist on a table before the others.
        of_kind: The part of `tables` of each kind.
        kind: Of each table.
        wanted: The table that each meeting should have; NONE: any.
        free_at: The atom from which each table is free: 0.
        last: The last table of each person in each session: NONE.
        found: Receives the table of each request; NONE: none.
    """
    first = 0
    while first < order.shape[0]:
        begin = g.stretch[seat[order[first], AT], BEGIN]
        end = first
        while end < order.shape[0] and g.stretch[seat[order[end], AT], BEGIN] == begin:
            end += 1
        for turn in range(3):
            for i in range(first, end):
                m = order[i]
                if found[m] != NONE or seat[m, KIND] == NONE:
                    continue
                table = _table(
                    g, seat, m, turn, begin, of_kind, tables, kind, wanted, free_at, last
                )
                if table != NONE:
                    found[m] = table
                    free_at[table] = g.stretch[seat[m, AT], END]
        for i in range(first, end):
            m = order[i]
            for j in range(g.sitting_of[m], g.sitting_of[m + 1]):
                last[g.sitting[j], g.stretch[seat[m, AT], SESSION]] = found[m]
        first = end


@compiled
def _table(
    g: Given,
    seat: Array,
    m: Number,
    turn: Number,
    begin: Number,
    of_kind: Array,
    tables: Array,
    kind: Array,
    wanted: Array,
    free_at: Array,
    last: Array,
) -> Number:
    """Return a free table: the wanted one, in the next turn one where somebody sat, then any."""
    mine = seat[m, KIND]
    if turn == 0:
        table = wanted[m]
        fine = table != NONE and kind[table] == mine and free_at[table] <= begin
        return table if fine else NONE
    if turn == 1:
        session = g.stretch[seat[m, AT], SESSION]
        for j in range(g.sitting_of[m], g.sitting_of[m + 1]):
            table = last[g.sitting[j], session]
            if table != NONE and kind[table] == mine and free_at[table] <= begin:
                return table
        return NONE
    for i in range(of_kind[mine], of_kind[mine + 1]):
        if free_at[tables[i]] <= begin:
            return tables[i]
    return NONE
