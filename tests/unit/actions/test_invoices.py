"""What a company's number must look like before an invoice is made out to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.invoices import clean_tax_number, is_tax_number

# GB 32100-2015's own example, and one whose check was computed by hand.
RIGHT = ("91350100M000100Y43", "91330106MA2700001L")
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    ("number", "right"),
    [
        *((number, True) for number in RIGHT),
        ("91330106MA2700001X", False),  # the check is L
        ("91330106MA270000IL", False),  # no I in a credit code
        ("110108000000016", True),  # 15 digits, from before 2015
        ("11010519491231002X", True),  # a person's trade
        ("04595257", True),  # Taiwan
        ("1234567", False),
        ("91330106MA27", False),
        ("", False),
    ],
)
def test_a_number_is_told_from_a_slip(number: str, right: bool) -> None:
    """By length, letters and check."""
    assert right is is_tax_number(number)


def test_spaces_and_small_letters_do_not_matter() -> None:
    """People copy numbers as they are printed."""
    assert RIGHT[0] == clean_tax_number(" 9135 0100 m000-100y43 ")


@given(place=st.integers(0, 16), letter=st.sampled_from(LETTERS))
def test_one_wrong_letter_is_always_noticed(place: int, letter: str) -> None:
    """That is what the check is for."""
    number = RIGHT[0]
    slipped = number[:place] + letter + number[place + 1 :]
    assert (slipped == number) is is_tax_number(slipped)
