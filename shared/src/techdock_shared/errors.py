"""Failures a caller can act on. Each has a stable code; none knows HTTP or Kafka."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request.

    Attributes:
        where: Path of the field, like `body.windows.0.start` or `query.cursor`.
        expected: What would have been right, in words a person can act on.
        found: What stood there, shortened; never a secret.
    """

    where: str
    expected: str
    found: str


class Problem(Exception):  # noqa: N818 - the problem is the message, not an "error"
    """Base of every expected failure.

    Attributes:
        code: Stable slug that clients match on; never reworded.
    """

    code: ClassVar[str] = "problem"


class NotFound(Problem):
    """The thing named does not exist, or the caller may not see it."""

    code = "not_found"


class Conflict(Problem):
    """The request was valid but the present state forbids it."""

    code = "conflict"


class Invalid(Problem):
    """The request can never succeed as written.

    Attributes:
        errors: The fields at fault, when it is known which they are.
    """

    code = "invalid"

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class Unavailable(Problem):
    """Something this depends on is down; the same request may succeed later."""

    code = "unavailable"


class Unauthorized(Problem):
    """The caller has to say who it is, and did not or did so wrongly."""

    code = "unauthorized"


class Forbidden(Problem):
    """The caller is known and may not do this."""

    code = "forbidden"


class PreconditionRequired(Problem):
    """A change must name the version that it starts from."""

    code = "precondition_required"


class TooMany(Problem):
    """The caller asks more often than it may."""

    code = "too_many"


def kind_of(error: BaseException) -> str:
    """Return the kind of a failure, which names no content and may be shown to anybody."""
    return error.code if isinstance(error, Problem) else type(error).__name__
