"""Plain text: the largest that fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.text import largest_that_fits


@given(st.integers(-3, 300), st.integers(0, 200), st.integers(0, 5))
def test_the_largest_that_fits_is_found_in_few_tries(limit, most, least):
    tried = []

    def fits(number):
        tried.append(number)
        return number <= limit

    assert largest_that_fits(fits, most, least) == max(least, min(limit, most))
    assert len(tried) <= max(0, most - least).bit_length()
    assert all(least < number <= most for number in tried)
