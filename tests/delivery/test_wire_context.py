from ctibridge.delivery import wire_context as wire


def test_names_of_the_context_stand_in_the_order_of_the_contract_first() -> None:
    names = wire.ContextBody.__struct_fields__
    assert names[:4] == ("services", "configuration_items", "requests", "complete")
    assert set(names[4:]) == {"standard_requests", "knowledge_articles", "major_incidents", "repeat", "failed"}


def test_two_contexts_do_not_share_their_lists() -> None:
    first, second = wire.ContextBody([], [], [], True), wire.ContextBody([], [], [], True)
    first.failed.append("requests")
    assert second.failed == []
