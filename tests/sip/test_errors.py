"""The one error that a peer can cause."""

import pytest

from ctibridge.sip.errors import RemoteFault


@pytest.mark.parametrize(("fault", "status"), [(RemoteFault("no Via"), 400), (RemoteFault("too long", 413), 413)])
def test_a_fault_suggests_what_to_answer(fault: RemoteFault, status: int) -> None:
    assert fault.status == status


def test_a_fault_brings_the_header_lines_that_its_status_needs() -> None:
    assert RemoteFault("not allowed", 405, (("allow", "INVITE"),)).extra == (("allow", "INVITE"),)
    assert RemoteFault("no Via").extra == ()


def test_the_text_names_the_part() -> None:
    assert str(RemoteFault("no Via")) == "no Via"
