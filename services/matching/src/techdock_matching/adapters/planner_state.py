"""A timetable in the planner's hands: what is taken, what it costs, and how to take back a step."""

from techdock_matching.adapters.planner_model import NONE, Model, Option, Seat

BELOW_WISH = 10_000_000
UNPLACED = 100_000
HOUR = 400
GAP = 100
UNEVEN = 10
MOVED = 20
"""What the search minimises is one sum; the levels of the cost are so far apart in it that a
lower one hardly ever outweighs a higher one. What counts in the end is the cost by level."""


class State:
    """Which request has which seat."""

    def __init__(self, model: Model, held: dict[int, Seat]) -> None:
        self._model = model
        self._held = held
        self.seats: list[Seat | None] = [None] * len(model.requests)
        self.unplaced = set(range(len(model.requests)))
        self.fixed: set[int] = set()
        self.meetings: list[list[int]] = [[] for _ in model.persons]
        self._people = [0] * len(model.persons)
        self._tables = [0] * len(model.tables)
        self._seated: list[list[int]] = [[] for _ in model.tables]
        self._slots: list[dict[int, int]] = [{} for _ in model.persons]
        self._party = [0] * len(model.parties)
        self._worth = [0] * len(model.persons)
        self.cost = sum(UNPLACED * request.weight for request in model.requests)
        for person, wish in enumerate(model.wish):
            if wish:
                self._worth[person] = BELOW_WISH
                self.cost += BELOW_WISH
        self._steps: list[tuple[int, Seat | None]] = []

    # Steps ---------------------------------------------------------------------------------

    def seat(self, number: int, seat: Seat | None) -> None:
        """Give a request a seat, another one, or none."""
        self._steps.append((number, self.seats[number]))
        self._change(number, seat)

    def mark(self) -> int:
        """Return a point to which `take_back` can return."""
        return len(self._steps)

    def take_back(self, mark: int) -> None:
        """Undo every step since a mark."""
        while len(self._steps) > mark:
            self._change(*self._steps.pop())

    def settle(self) -> None:
        """Forget how to take back what was done."""
        self._steps.clear()

    # Questions -----------------------------------------------------------------------------

    def fitting(self, number: int, option: Option) -> Seat | None:
        """Return a free seat of an option; none when something is in the way."""
        model, bits = self._model, option.bits
        for person in model.sitting[number]:
            if self._people[person] & bits:
                return None
        if self.is_full(number) or not self._in_order(number, option):
            return None
        if model.travels and not self._in_reach(number, option):
            return None
        return self._seat(number, option)

    def is_full(self, number: int) -> bool:
        """Whether somebody of a request takes no more meetings."""
        model = self._model
        for person in model.sitting[number]:
            most = model.most.get(person)
            if most is not None and len(self.meetings[person]) >= most:
                return True
        return any(
            self._party[side] >= model.most_of_party.get(side, 1 << 30)
            for side in model.sides[number]
        )

    def in_the_way(self, number: int, option: Option) -> set[int]:
        """Return the requests whose persons are taken by an option; tables are not looked at."""
        found: set[int] = set()
        for person in self._model.sitting[number]:
            if self._people[person] & option.bits:
                for other in self.meetings[person]:
                    seat = self.seats[other]
                    if seat is not None and seat.option.bits & option.bits:
                        found.add(other)
        return found

    def at_table(self, table: int, bits: int) -> set[int]:
        """Return the requests at a table during some ticks."""
        found: set[int] = set()
        for number in self._seated[table]:
            seat = self.seats[number]
            if seat is not None and seat.option.bits & bits:
                found.add(number)
        return found

    # Inside --------------------------------------------------------------------------------

    def _seat(self, number: int, option: Option) -> Seat | None:
        helper = NONE
        if option.helpers[0] != NONE:
            free = (one for one in option.helpers if not self._people[one] & option.bits)
            helper = next(free, NONE)
            if helper == NONE:
                return None
        if option.tables[0] == NONE:
            return Seat(option, NONE, helper)
        near = self._near_table(number, option)
        if near is not None:
            return Seat(option, near, helper)
        for table in option.tables:
            if not self._tables[table] & option.bits:
                return Seat(option, table, helper)
        return None

    def _near_table(self, number: int, option: Option) -> int | None:
        """Return the table at which somebody sits just before or after, if it is free."""
        start, end = option.span
        for person in self._model.sitting[number]:
            for other in self.meetings[person]:
                seat = self.seats[other]
                if seat is None or seat.table == NONE or seat.option.session != option.session:
                    continue
                near = seat.option.span[1] + 1 >= start and end + 1 >= seat.option.span[0]
                free = near and seat.table in option.tables
                if free and not self._tables[seat.table] & option.bits:
                    return seat.table
        return None

    def _in_order(self, number: int, option: Option) -> bool:
        for other in self._model.before.get(number, ()):
            seat = self.seats[other]
            if seat is not None and seat.option.span[1] > option.span[0]:
                return False
        for other in self._model.after.get(number, ()):
            seat = self.seats[other]
            if seat is not None and option.span[1] > seat.option.span[0]:
                return False
        return True

    def _in_reach(self, number: int, option: Option) -> bool:
        model = self._model
        for person in model.sitting[number]:
            here = model.where(person, option)
            for other in self.meetings[person]:
                seat = self.seats[other]
                if seat is None or here is None:
                    continue
                there = model.where(person, seat.option)
                if there is None or there == here:
                    continue
                if seat.option.span < option.span:
                    late = seat.option.span[1] + model.way(there, here) > option.span[0]
                else:
                    late = option.span[1] + model.way(here, there) > seat.option.span[0]
                if late:
                    return False
        return True

    def _change(self, number: int, seat: Seat | None) -> None:
        before = self.seats[number]
        if before is not None:
            self._toggle(number, before)
            self.cost += UNPLACED * self._model.requests[number].weight
            self.unplaced.add(number)
        self.seats[number] = seat
        if seat is not None:
            self._toggle(number, seat, sign=1)
            self.cost -= UNPLACED * self._model.requests[number].weight
            self.unplaced.discard(number)
        for person in self._model.sitting[number]:
            worth = self._worth_of(person)
            self.cost += worth - self._worth[person]
            self._worth[person] = worth

    def _toggle(self, number: int, seat: Seat, sign: int = -1) -> None:
        """Take what a seat takes, or give it free."""
        option = seat.option
        self.cost += sign * HOUR * option.off * option.off
        held = self._held.get(number)
        if held is not None and held != seat:
            self.cost += sign * MOVED
        if seat.table != NONE:
            self._tables[seat.table] ^= option.bits
            _note(self._seated[seat.table], number, sign)
        if seat.helper != NONE:
            self._people[seat.helper] ^= option.bits
        for person in self._model.sitting[number]:
            self._people[person] ^= option.bits
            slots = self._slots[person]
            slots[option.session] = slots.get(option.session, 0) ^ option.slots
            _note(self.meetings[person], number, sign)
        for side in self._model.sides[number]:
            self._party[side] += sign

    def _worth_of(self, person: int) -> int:
        """Return what the day of a person costs."""
        gaps = 0
        for used in self._slots[person].values():
            if used:
                gaps += (used & ~(used << 1)).bit_count() - 1
        short = len(self.meetings[person]) < self._model.wish[person]
        return GAP * gaps + UNEVEN * gaps * gaps + (BELOW_WISH if short else 0)


def _note(numbers: list[int], number: int, sign: int) -> None:
    if sign > 0:
        numbers.append(number)
    else:
        numbers.remove(number)
