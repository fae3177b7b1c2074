"""A whole copy, made and taken."""

from pathlib import Path

import pytest

from ctibridge.lookup.adapters.following import whole
from ctibridge.lookup.following import Standing
from tests.lookup.adapters.files import WHOLE, imported
from tests.lookup.adapters.following.copies import copy_in, people, told
from tests.lookup.adapters.stored import everything

NOBODY = [0, 0, 0]


async def test_it_is_as_the_one_that_it_was_made_of_and_private(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        one.begin(Standing("h"))
        await imported(one.path, tmp_path / "files", WHOLE)
        with pytest.raises(whole.NotNow):
            whole.make(one, tmp_path / "whole")
        told(one)
        made = whole.make(one, tmp_path / "whole")
        assert made == one.standing()
        assert (tmp_path / "whole").stat().st_mode & 0o777 == 0o600
        assert whole.take(two, tmp_path / "whole") == []
        assert everything(two.path) == everything(one.path)
        assert two.standing() == made
        assert two.name != one.name
        assert not two.is_pending(act=True)


async def test_an_order_that_was_carried_out_elsewhere_is_named(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        for copy in (one, two):
            copy.begin(Standing("h"))
        one.db.execute(
            "INSERT INTO directory_erasure VALUES (1, 'now', 'eva', NULL, 'now'), (2, 'now', 'eva', x'00', NULL)"
        )
        told(one)
        whole.make(one, tmp_path / "whole")
        assert whole.take(two, tmp_path / "whole") == [1]
        orders = two.db.execute("SELECT no, what, done FROM directory_erasure").fetchall()
        assert orders == [(1, None, None), (2, b"\0", None)]


async def test_what_desks_taught_here_and_nobody_has_heard_stays(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        for copy in (one, two):
            copy.begin(Standing("h"))
        await imported(one.path, tmp_path / "files", WHOLE)
        for entry in told(one):
            two.put(entry)
        one.db.execute("UPDATE directory_agent SET name = 'Anna' WHERE id = 'ana'")
        told(one)
        two.db.execute("INSERT INTO directory_contact VALUES ('acme', 'p17', 5)")
        whole.make(one, tmp_path / "whole")
        whole.take(two, tmp_path / "whole")
        assert two.db.execute("SELECT at FROM directory_contact").fetchall() == [(5,)]
        assert two.is_pending(act=False)
        assert two.db.execute("SELECT name FROM directory_agent WHERE id = 'ana'").fetchone() == ("Anna",)


async def test_a_small_one_has_no_people_and_a_lean_copy_takes_it(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two", lean=True) as two:
        one.begin(Standing("h"))
        await imported(one.path, tmp_path / "files", WHOLE)
        told(one)
        made = whole.make(one, tmp_path / "small", small=True)
        assert b"Zgraggen" not in (tmp_path / "small").read_bytes()
        assert (tmp_path / "small").stat().st_mode & 0o777 == 0o600
        assert whole.take(two, tmp_path / "small") == []
        assert (two.standing(), two.lean, people(two)) == (made, True, NOBODY)
        assert two.db.execute("SELECT count(*) FROM directory_agent").fetchone() == (2,)
        whole.make(one, tmp_path / "whole")
        two.db.execute("UPDATE directory_following SET history = ''")
        whole.take(two, tmp_path / "whole")
        assert people(two) == NOBODY, "of a whole one neither"
        whole.make(two, tmp_path / "of-two", small=True)
        with await copy_in(tmp_path / "three", lean=True) as three:
            whole.take(three, tmp_path / "of-two")
            assert three.standing() == made


async def test_a_lean_copy_takes_the_people_of_the_same_act_and_keeps_what_else_it_has(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two", lean=True) as two:
        one.begin(Standing("h"))
        await imported(one.path, tmp_path / "files", WHOLE)
        entries = told(one)
        whole.make(one, tmp_path / "whole")
        assert not whole.keep(two, tmp_path / "whole"), "of another history"
        two.begin(Standing("h"))
        for entry in entries:
            two.put(entry)
        two.db.execute("INSERT INTO directory_contact VALUES ('acme', 'p17', 5)")
        (contact,) = told(two)
        standing = two.standing()
        whole.make(two, tmp_path / "small", small=True)
        assert not whole.keep(two, tmp_path / "small"), "there are none in it"
        assert whole.keep(two, tmp_path / "whole")
        assert (two.lean, two.standing()) == (False, standing)
        assert two.db.execute("SELECT at FROM directory_contact").fetchall() == [(5,)]
        one.put(contact)
        assert everything(two.path) == everything(one.path)
        one.db.execute("UPDATE directory_agent SET name = 'Anna' WHERE id = 'ana'")
        told(one)
        whole.make(one, tmp_path / "whole")
        assert not whole.keep(two, tmp_path / "whole"), "of a later act"


async def test_who_has_the_same_people_takes_a_small_one(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as one, await copy_in(tmp_path / "two") as two:
        one.begin(Standing("h"))
        await imported(one.path, tmp_path / "files", WHOLE)
        told(one)
        whole.make(one, tmp_path / "whole")
        whole.take(two, tmp_path / "whole")
        one.db.execute("UPDATE directory_agent SET name = 'Anna' WHERE id = 'ana'")
        one.db.execute("UPDATE directory_change SET version = version + 1, tables = version + 1")
        told(one)
        whole.make(one, tmp_path / "small", small=True)
        whole.take(two, tmp_path / "small")
        assert everything(two.path) == everything(one.path)
        await imported(one.path, tmp_path / "files", {**WHOLE, "people": WHOLE["people"].replace("Urs", "Uli")})
        told(one)
        before = two.standing()
        whole.make(one, tmp_path / "small", small=True)
        with pytest.raises(whole.OtherPeople):
            whole.take(two, tmp_path / "small")
        assert two.standing() == before
