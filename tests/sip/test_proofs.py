"""One line at a time shows a password that several share."""

from ctibridge.sip.digest import Credentials
from ctibridge.sip.proofs import Proofs

OLD, NEW = Credentials("cti", "old"), Credentials("cti", "new")


def sharing(*lines: str) -> Proofs:
    proofs = Proofs()
    for line in lines:
        proofs.join(line, OLD)
    return proofs


def test_one_goes_first_and_its_word_lets_the_others_go() -> None:
    proofs = sharing("a", "b", "c")
    assert [proofs.may(line, OLD) for line in ("a", "b", "c", "a")] == [True, False, False, True]
    assert (proofs.take(OLD), proofs.proved(OLD)) == (["b", "c"], True)
    assert proofs.may("b", OLD)
    proofs.refuse(OLD)
    assert [proofs.may(line, OLD) for line in ("b", "a")] == [True, False]


def test_who_cannot_prove_it_lets_the_next_try() -> None:
    proofs = sharing("a", "b", "c")
    for line in ("a", "b", "c"):
        proofs.may(line, OLD)
    assert proofs.pass_on("b", OLD) == [], "it is not the one who tries"
    assert proofs.pass_on("a", OLD) == ["b", "c"]
    assert proofs.may("b", OLD)


def test_who_goes_while_it_proves_leaves_the_others_free_to_try() -> None:
    proofs = sharing("a", "b", "c")
    for line in ("a", "b", "c"):
        proofs.may(line, OLD)
    proofs.leave("b", OLD)
    assert proofs.free(OLD) == [], "a tries still"
    proofs.leave("a", OLD)
    assert proofs.free(OLD) == ["c"]
    assert proofs.sharing(OLD) == ["c"]


def test_a_password_that_nobody_asks_with_is_forgotten() -> None:
    proofs = sharing("a", "b")
    proofs.may("a", OLD)
    proofs.may("b", OLD)
    proofs.take(OLD)
    for line in ("a", "b"):
        proofs.leave(line, OLD)
        proofs.join(line, NEW)
    assert (proofs.proved(OLD), proofs.sharing(OLD), proofs.free(OLD)) == (False, [], [])
    assert [proofs.may(line, NEW) for line in ("a", "b")] == [True, False]
