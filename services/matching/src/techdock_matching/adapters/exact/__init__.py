"""The exact engine: finds the best answer of a B2BSP and proves that it is the best."""

from techdock_matching.adapters.exact.portfolio import solve_b2bsp

__all__ = ["solve_b2bsp"]
