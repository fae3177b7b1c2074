"""The OPTIONS that ask whether the registrar is there."""

from ctibridge.sip import message
from ctibridge.sip.options import Options


def test_each_has_the_next_number_and_names_who_asks_just_then() -> None:
    options = Options("call")
    first, second = options.ask("sip:6001@pbx", "sip:pbx"), options.ask("sip:6002@pbx", "sip:pbx")
    assert (first.method, first.uri) == ("OPTIONS", "sip:pbx")
    assert [each.headers.need("cseq") for each in (first, second)] == ["1 OPTIONS", "2 OPTIONS"]
    assert second.headers.need("from") == "<sip:6002@pbx>;tag=call"
    assert first.headers.need("call-id") == second.headers.need("call-id") == "call"
    assert isinstance(message.parse(bytes(first)), message.Request)
