"""How long to wait before the next try: longer each time, capped, and at random."""

import random


class Backoff:
    """Pauses between tries: exponential, capped, with full jitter.

    Full jitter keeps a crowd that failed together from coming back together.
    """

    def __init__(self, first_s: float, longest_s: float, rng: random.Random | None = None) -> None:
        """Begin anew.

        Args:
            first_s: Upper bound of the first pause, in seconds; it doubles each time.
            longest_s: Upper bound of every pause, in seconds.
            rng: Where chance comes from; None takes the interpreter's.
        """
        self._first_s = first_s
        self._longest_s = longest_s
        self._uniform = (rng or random).uniform
        self._tries = 0

    def next_s(self) -> float:
        """Return the next pause, in seconds."""
        bound_s = min(self._longest_s, self._first_s * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return self._uniform(0.0, bound_s)

    def reset(self) -> None:
        """Start over after a success."""
        self._tries = 0
