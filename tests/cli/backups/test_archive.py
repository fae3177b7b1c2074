"""The file of a backup: as others read it, and as it comes back from wherever it was."""

import gzip
import io
import random
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from ctibridge.cli.backups import archive
from ctibridge.cli.backups.archive import BadArchive, Manifest, Member

AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
CONTENT = {"ctibridge.db": random.Random(1).randbytes(700_001), "desks.db": b"d" * 512, "instance": b"0123456789abcdef"}


def nobody(*_: object) -> None: ...


def members() -> tuple[Member, ...]:
    return tuple(Member(name, len(body), archive.digest(io.BytesIO(body))) for name, body in CONTENT.items())


def manifest(**changed: object) -> Manifest:
    whole = {"format": 1, "ctibridge": "0.1.0", "node": "desk-1", "made_at": AT, "members": members()}
    return Manifest(**(whole | changed))  # type: ignore[arg-type]


def packed(said: Manifest | None = None) -> bytes:
    out = io.BytesIO()
    archive.write(out, said or manifest(), {name: io.BytesIO(body) for name, body in CONTENT.items()}, nobody)
    return out.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    found = {}
    with archive.opened(io.BytesIO(content)) as one:
        for member in one.manifest.members:
            out = io.BytesIO()
            one.extract(member, out, nobody)
            found[member.name] = out.getvalue()
        one.end()
    return found


def refused(content: bytes) -> str:
    with pytest.raises(BadArchive) as fault:
        unpacked(content)
    return str(fault.value)


def retold(change: Callable[[tarfile.TarInfo, bytes], list[tuple[tarfile.TarInfo, bytes]]]) -> bytes:
    """The same backup as another tar program would write it, member by member as `change` wants it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(packed())) as before, tarfile.open(fileobj=out, mode="w:gz") as after:
        for info in before.getmembers():
            body = before.extractfile(info)
            assert body is not None
            for made, text in change(info, body.read()):
                made.size = len(text) if made.isreg() else 0
                after.addfile(made, io.BytesIO(text))
    return out.getvalue()


def renamed(name: str, **more: object) -> Callable[[tarfile.TarInfo, bytes], list[tuple[tarfile.TarInfo, bytes]]]:
    def change(info: tarfile.TarInfo, body: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        if info.name == "instance":
            info.name = name
            for key, value in more.items():
                setattr(info, key, value)
        return [(info, body)]

    return change


def test_what_goes_in_comes_out() -> None:
    assert unpacked(packed()) == CONTENT


def test_any_tar_opens_it_and_the_manifest_comes_first() -> None:
    with tarfile.open(fileobj=io.BytesIO(packed())) as opened:
        assert opened.getnames() == ["manifest.json", *CONTENT]
        assert {info.mode for info in opened.getmembers()} == {0o600}
        told = opened.extractfile("manifest.json")
        assert told is not None
        assert msgspec.json.decode(told.read(), type=Manifest) == manifest()


def test_a_size_that_octal_digits_cannot_say() -> None:
    """A store of ten million people has some gigabytes."""
    size = 9 << 30
    assert tarfile.TarInfo.frombuf(archive._head("ctibridge.db", size, 0), "ascii", "strict").size == size


def test_cut_off_anywhere_it_is_damaged() -> None:
    content = packed()
    for end in {0, 1, 9, 10, 200, *random.Random(2).sample(range(len(content)), 40), len(content) - 1}:
        refused(content[:end])


def test_a_byte_that_was_turned_is_found() -> None:
    content = packed()
    for at in random.Random(3).sample(range(10, len(content)), 60):
        refused(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("../instance", {}),
        ("/etc/passwd", {}),
        ("./instance", {}),
        ("instance/", {"type": tarfile.DIRTYPE}),
        ("instance", {"type": tarfile.SYMTYPE, "linkname": "/etc/shadow"}),
        ("instance", {"type": tarfile.LNKTYPE, "linkname": "ctibridge.db"}),
        ("instance", {"type": tarfile.CHRTYPE}),
        ("instance", {"type": tarfile.FIFOTYPE}),
        ("instance", {"type": tarfile.AREGTYPE}),
        ("a" * 300, {}),
        ("instance", {"pax_headers": {"path": "../../x"}}),
        ("ctibridge.toml", {}),
    ],
)
def test_nothing_but_our_files_is_taken(name: str, more: dict[str, object]) -> None:
    assert "has something else where instance should be" in refused(retold(renamed(name, **more)))


def test_a_member_that_is_not_what_the_manifest_says() -> None:
    def longer(info: tarfile.TarInfo, body: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        return [(info, body + b"!" * (info.name == "desks.db"))]

    def another(info: tarfile.TarInfo, body: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        return [(info, b"e" * 512 if info.name == "desks.db" else body)]

    def more(info: tarfile.TarInfo, body: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        return [(info, body), (tarfile.TarInfo("more"), b"")] if info.name == "instance" else [(info, body)]

    assert refused(retold(longer)) == "is damaged: desks.db is not as long as its manifest says"
    assert refused(retold(another)) == "is damaged: desks.db is not what its manifest says (sha256)"
    assert refused(retold(more)) == "holds more than its manifest says"


def test_no_manifest_makes_us_read_without_end() -> None:
    def flood(info: tarfile.TarInfo, body: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        return [(info, b" " * (10 << 20) if info.name == "manifest.json" else body)]

    assert "its manifest is too long" in refused(retold(flood))
    long = Member("instance", archive.MOST_NAME + 1, "0" * 64)
    assert "says what cannot be" in refused(packed_alone(manifest(members=(*members()[:2], long))))


def packed_alone(said: Manifest) -> bytes:
    """A manifest, and nothing behind it."""
    text = msgspec.json.encode(said)
    return gzip.compress(archive._head("manifest.json", len(text), 0) + text + archive._padding(len(text)))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"format": 2}, "has format 2, this ctibridge knows 1: a newer ctibridge made it"),
        ({"format": 0}, "has format 0"),
        ({"members": ()}, "names other files than ours"),
        ({"members": members()[1:]}, "names other files than ours"),
        ({"members": tuple(reversed(members()))}, "names other files than ours"),
        ({"members": (*members(), members()[2])}, "names other files than ours"),
        ({"members": (members()[0], Member("../x", 1, "0" * 64))}, "names other files than ours"),
        ({"members": (Member("ctibridge.db", -1, "0" * 64),)}, "its manifest does not hold"),
        ({"members": (Member("ctibridge.db", 1, "no sum"),)}, "its manifest does not hold"),
        ({"node": "x" * 257}, "its manifest does not hold"),
        ({"made_at": datetime(2026, 1, 1)}, "its manifest does not hold"),  # noqa: DTZ001 - that is the point
        ({"made_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "its manifest does not hold"),
    ],
)
def test_a_manifest_that_does_not_hold(changed: dict[str, object], why: str) -> None:
    assert why in refused(packed_alone(manifest(**changed)))


def test_a_manifest_that_is_nested_without_end() -> None:
    text = b'{"format": 1, "x": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    content = gzip.compress(archive._head("manifest.json", len(text), 0) + text + archive._padding(len(text)))
    assert "its manifest does not hold" in refused(content)


@pytest.mark.parametrize(
    "content",
    # Without its time: the tests have to be called the same in each worker.
    [b"", b"PK\3\4", gzip.compress(b"", mtime=0), gzip.compress(b"x" * 2000, mtime=0), packed() + b"!"],
    ids=["empty", "zip", "nothing", "no tar", "more behind it"],
)
def test_what_is_no_backup(content: bytes) -> None:
    assert "damaged" in refused(content) or "is no backup" in refused(content)
