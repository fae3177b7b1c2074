import json
from urllib.parse import parse_qs

from ctibridge.delivery import encode
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.webhooks.cursor import Position
from ctibridge.delivery.webhooks.forms import CLOUDEVENTS, CloudEvents, Generic
from ctibridge.delivery.webhooks.lane import Gap
from tests.delivery.examples import AT, call, ended
from tests.delivery.kept_examples import event, pop_data

KEY = bytes(32)
ALL, SOME = CloudEvents("/ctibridge/desk-1", KEY, some=False), CloudEvents("/ctibridge/desk-1", KEY, some=True)
GAP = Gap(Position("e1", 10), Position("e1", 901), "dropped", 890)


def ringing(sequence: int = 7) -> KeptEvent:
    return event(sequence, kind="call.ringing", call="01JDX001", data=pop_data())


def test_a_receiver_of_all_reads_the_event_as_the_desk_does_and_whose_it_is() -> None:
    one = ringing()
    (message,) = ALL.messages(one, 3)
    stream = json.loads(encode.event_again("/ctibridge/desk-1", one))
    assert json.loads(message.body) == stream | {"desk": "ana"}
    assert (message.id, message.content_type) == ("e1.7", CLOUDEVENTS)


def test_a_receiver_of_some_accounts_is_told_no_number_that_counts_the_others() -> None:
    (message,) = SOME.messages(ringing(4711), 3)
    said = json.loads(message.body)
    assert said["sequence"] == "3"
    assert said["id"] == message.id
    assert "4711" not in message.id
    assert SOME.messages(ringing(4711), 3) == [message], "each attempt has the same id"
    assert SOME.messages(ringing(4712), 3)[0].id != message.id


def test_a_loss_is_named_and_for_a_receiver_of_some_accounts_not_counted() -> None:
    (of_all,), (of_some,) = ALL.gap("ana", GAP, AT), SOME.gap("ana", GAP, AT)
    said = json.loads(of_all.body)
    assert (said["type"], said["desk"], said["id"]) == ("webhook.gap", "ana", of_all.id)
    assert said["data"] == {"desk": "ana", "after": "e1.10", "now": "e1.901", "why": "dropped"}
    assert json.loads(of_some.body)["data"] == {"desk": "ana", "after": None, "now": None, "why": "dropped"}
    assert b"901" not in of_some.body.replace(of_some.id.encode(), b"")


def test_zammad_is_told_in_its_own_words_and_what_was_said_outlives_the_process() -> None:
    form = Generic()
    (new,) = form.messages(ringing(), 1)
    assert parse_qs(new.body.decode())["event"] == ["newCall"]
    kept = {call: text for call, text in form.took(new).items() if text is not None}
    after = Generic(kept)
    assert after.messages(ringing(), 1) == [], "it knows that call"
    over = event(8, call="01JDX001", data=encode.call_data(ended(call())))
    (hangup,) = after.messages(over, 2)
    assert parse_qs(hangup.body.decode())["event"] == ["hangup"]


def test_zammad_hears_the_end_of_calls_of_which_events_were_lost_but_not_for_one_it_refused() -> None:
    form = Generic()
    form.took(*form.messages(ringing(), 1))
    assert form.gap("ana", Gap(GAP.after, GAP.now, "refused", 1), AT) == []
    (hangup,) = form.gap("ana", GAP, AT)
    assert parse_qs(hangup.body.decode())["event"] == ["hangup"]
