"""What a subscription says prints nothing personal."""

from ctibridge.sip.dialog_info import parse
from ctibridge.sip.digest import Credentials
from ctibridge.sip.subscriber import Document, Subscriber
from tests.sip.documents import element, xml
from tests.sip.scripts import NUMBER


def test_print_shows_neither_password_nor_contact_nor_caller() -> None:
    who = Subscriber("6001", "sip:6001@pbx", "sip:cti@pbx", "sip:token@192.0.2.1", Credentials("cti", "secret"), 300)
    assert "secret" not in repr(who)
    assert "token" not in repr(who)
    assert NUMBER not in repr(Document(parse(xml(element("1", "early"))), anew=True))
