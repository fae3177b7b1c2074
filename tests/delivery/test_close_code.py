from ctibridge.delivery.close_code import CloseCode


def test_the_numbers_are_those_of_the_contract() -> None:
    assert {code.value for code in CloseCode} == {1012, 1013, 4008, 4400, 4401, 4403, 4408}
