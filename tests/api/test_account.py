"""The answers of /models and /user/balance, in every shape that is documented or was seen."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.api.account import Amount, Balance, ModelInfo, balance, models, sole_model
from deepseek_magic.errors import ConfigurationError, UnexpectedResponse

RICH = {
    "id": "deepseek-v5",
    "object": "model",
    "name": "DeepSeek V5",
    "context_window": 2_000_000,
    "max_output_tokens": 400_000,
    "input_modalities": ["text", "image"],
    "effort": {"supported_levels": ["none", "max"], "default_level": "max"},
}


def test_the_plain_shape_is_filled_in_from_what_is_known():
    flash, unknown = models({"data": [{"id": "deepseek-flash"}, {"id": "other"}]}, "h")
    assert flash == ModelInfo("deepseek-flash", "V4.1-Flash", 1_048_576, 393_216, True)
    assert unknown == ModelInfo("other")


def test_the_rich_shape():
    assert models({"data": [RICH]}, "h") == (
        ModelInfo("deepseek-v5", "DeepSeek V5", 2_000_000, 400_000, True, ("none", "max")),
    )


def test_a_list_without_a_frame_and_the_length_of_vllm():
    assert models([{"id": "m", "max_model_len": 4096}], "h") == (ModelInfo("m", context=4096),)


@pytest.mark.parametrize("entry", [None, 17, {}, {"id": None}, {"id": ""}, {"id": " "}, {"id": 5}, []])
def test_an_entry_without_a_name_is_left_out(entry):
    assert models({"data": [entry, {"id": "m"}]}, "h") == (ModelInfo("m"),)


@pytest.mark.parametrize(
    "field",
    [
        *({"context_window": "many"}, {"context_window": True}, {"context_window": -1}, {"name": 5}),
        *({"effort": "max"}, {"effort": {"supported_levels": 5}}, {"input_modalities": "image"}),
    ],
)
def test_an_extra_that_cannot_be_read_is_unknown(field):
    assert models({"data": [{"id": "m", **field}]}, "h") == (ModelInfo("m"),)


@pytest.mark.parametrize("answer", [None, "x", 5, {}, {"data": None}, {"data": {}}, {"object": "error"}])
def test_what_is_no_list(answer):
    with pytest.raises(UnexpectedResponse, match=r"h\.example lists no models"):
        models(answer, "h.example")


def named(*names):
    return tuple(ModelInfo(name) for name in names)


def test_the_one_model_of_a_server():
    assert sole_model(named("a"), "d", "h") == "a"
    assert sole_model(named("a", "d", "b"), "d", "h") == "d"


def test_several_models_are_listed_in_part():
    with pytest.raises(ConfigurationError, match=r"h has 2 models \(a, b\): choose one with -m"):
        sole_model(named("a", "b"), "d", "h")
    with pytest.raises(ConfigurationError, match=r"\(m0, m1, m2, m3, m4 and 95 more\)"):
        sole_model(named(*(f"m{n}" for n in range(100))), "d", "h")


def test_no_model_at_all():
    with pytest.raises(ConfigurationError, match="h lists no model"):
        sole_model((), "d", "h")


def info(currency="USD", total="110.00", granted="10.00", topped_up="100.00"):
    return {
        "currency": currency,
        "total_balance": total,
        "granted_balance": granted,
        "topped_up_balance": topped_up,
    }


def test_a_balance_in_two_currencies():
    found = balance({"is_available": True, "balance_infos": [info("CNY"), info("USD", "5.50", "0.00", "5.50")]}, "h")
    assert found == Balance(
        True,
        (
            Amount("CNY", Decimal("110.00"), Decimal("10.00"), Decimal("100.00")),
            Amount("USD", Decimal("5.50"), Decimal("0.00"), Decimal("5.50")),
        ),
    )
    assert str(found.amounts[1].total) == "5.50"


def test_no_money_and_nothing_listed():
    assert balance({"is_available": False, "balance_infos": []}, "h") == Balance(False, ())
    assert balance({"is_available": True}, "h") == Balance(True, ())


@pytest.mark.parametrize(
    "total", [None, "", "much", "NaN", "Infinity", [], True, "9" * 60, "1e99999", "1e-99999", "1e999999999999999999999"]
)
def test_an_amount_that_cannot_be_read_is_unknown(total):
    found = balance({"is_available": True, "balance_infos": [info(total=total), None]}, "h")
    assert [amount.total for amount in found.amounts] == [None]


@pytest.mark.parametrize("answer", [None, [], {}, {"is_available": "yes"}, {"detail": "Not Found"}])
def test_what_is_no_balance(answer):
    with pytest.raises(UnexpectedResponse, match=r"h\.example reports no balance"):
        balance(answer, "h.example")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*RICH, *info(), "data", "is_available"]), inner),
    max_leaves=20,
)


@given(JSON)
def test_no_answer_costs_more_than_our_own_error(answer):
    assert all(model.name for model in models({"data": [answer, {"id": "x", "effort": answer}]}, "h"))
    assert balance({"is_available": True, "balance_infos": [answer]}, "h").available
    with contextlib.suppress(UnexpectedResponse):
        assert isinstance(balance(answer, "h"), Balance)
