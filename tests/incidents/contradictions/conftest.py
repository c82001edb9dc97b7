"""The named incidents as the product loads them."""

from tests.incidents.totals.conftest import held, own, world

__all__ = ["held", "own", "world"]
