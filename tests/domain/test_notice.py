from ctibridge.domain.notice import Notice


def test_ids_are_what_a_notice_is_about() -> None:
    notice = Notice("line_deaf", "Line 6001 cannot be heard.", (("trunk", "pbx"), ("line", "6001")))
    assert dict(notice.ids) == {"trunk": "pbx", "line": "6001"}
    assert Notice("kind", "text").ids == ()
