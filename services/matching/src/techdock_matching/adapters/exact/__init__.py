"""The exact engine: finds the best answer of a B2BSP and proves that it is the best."""

from techdock_matching.adapters.exact.conflict import conflict
from techdock_matching.adapters.exact.portfolio import solve_b2bsp
from techdock_matching.adapters.exact.search import prepare

__all__ = ["conflict", "prepare", "solve_b2bsp"]
