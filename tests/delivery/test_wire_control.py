from ctibridge.delivery import wire_control as wire
from ctibridge.delivery.wire import CallBody, PersonBody
from ctibridge.delivery.wire_context import AccountBody

AT = "2026-11-21T18:00:00Z"
CALL = CallBody("c", "ended", "6001", "pbx", AT)


def test_names_of_the_welcome_stand_in_the_order_of_the_contract_first() -> None:
    names = wire.WelcomeData.__struct_fields__
    assert names[:6] == ("agent", "epoch", "sequence", "lines", "resumed", "calls")
    assert names[6:] == ("details", "rings", "notification", "live_only", "name", "expires_in", "node_alone")
    assert wire.DetailBody.__struct_fields__ == ("call", "rang_in", "pop", "notes", "work")
    assert wire.LineBody.__struct_fields__[:2] == ("line", "state")


def test_a_welcome_without_what_came_later_is_one_of_a_connection_that_does_not_ring() -> None:
    one, other = (wire.WelcomeData("ana", "e", 0, [], False, []) for _ in range(2))
    assert (one.rings, one.notification, one.live_only, one.node_alone) == (False, "company", False, False)
    one.details.append(wire.DetailBody("c", 1, None, [], None))
    assert other.details == []


def test_a_pong_says_what_is_stored() -> None:
    assert wire.PongData.__struct_fields__ == ("lines", "stored")
    assert wire.PongData([]).stored == 0


def test_whom_a_search_found_does_not_print() -> None:
    person = PersonBody("acme", "p1", "Regula Frei", None, None, None, None, None, None, False, False, None)
    found = wire.FoundBody(person, AccountBody("acme", "ACME AG"))
    assert "frei" not in repr(wire.People(wire.PeopleData("c", "frei", [found]))).lower()


def test_who_called_today_does_not_print() -> None:
    body = wire.TodayCallBody(
        CALL, "ACME", None, "identified", "Regula Frei", "015112345678", None, "de", "Deutsch", 0, None
    )
    printed = repr(wire.Today(wire.TodayData("2026-11-21", [body])))
    assert "Regula" not in printed
    assert "5678" not in printed


def test_every_frame_has_a_word_of_its_own() -> None:
    tags = [str(one.__struct_config__.tag) for one in wire.CONTROL]
    assert tags == ["welcome", "pong", "leader", "people", "today", "colleagues", "error"]
