"""What the package says that stands in no file of the tree: `python packaging/parts.py copyright|libc|preinst FOLDER`.

Comes in: the folder of the installed parts, or that of the scripts. Goes out: text on standard output.
"""

import json
import re
import sys
from email.parser import HeaderParser
from pathlib import Path

from ctibridge import __version__
from ctibridge.cli.checks import stored

_HEAD = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ctibridge
Comment: The programs below {folder} come with their own licences, whole
 in the folder DIST-INFO of each; of those that a licence names, the first line
 stands here.

Files: *
Copyright: the ctibridge developers
License: Apache-2.0

"""
_APACHE = """\
License: Apache-2.0
 On Debian systems the whole text is in /usr/share/common-licenses/Apache-2.0
"""


def copyright_of(site: Path) -> str:
    """Each installed part with its version and licence, in Debian's form (DEP 5)."""
    folder = "/" + str(site.relative_to(site.parents[4]))
    parts = [_part(found, folder) for found in sorted(site.glob("*.dist-info")) if "ctibridge" not in found.name]
    return "\n".join([_HEAD.format(folder=folder).rstrip() + "\n", *parts, _APACHE])


def _part(found: Path, folder: str) -> str:
    meta = HeaderParser().parsestr((found / "METADATA").read_text(encoding="utf-8"))
    said = meta["License-Expression"] or (meta["License"] or "").split("\n", 1)[0]
    classes = [line.rpartition(" :: ")[2] for line in meta.get_all("Classifier", []) if line.startswith("License ::")]
    licence = said or ", ".join(classes)
    if not licence:
        sys.exit(f"{found.name} names no licence")
    who = meta["Author"] or meta["Author-email"] or meta["Maintainer"] or f"the authors of {meta['Name']}"
    return (
        f"Files: {folder.lstrip('/')}/{meta['Name']}*\nCopyright: {' '.join(who.split())}\n"
        f"License: {meta['Name']}-{meta['Version']}\n {licence}\n"
    )


def libc_of(site: Path) -> str:
    """The oldest C library that has every symbol that a compiled part asks for, like 2.34."""
    needed = {b"2.17"}
    for library in (*site.rglob("*.so"), *site.rglob("*.so.*")):
        needed.update(re.findall(rb"\0GLIBC_(2\.\d+)(?=[\0.])", library.read_bytes()))
    return max(needed, key=lambda version: int(version[2:])).decode()


def preinst(scripts: Path) -> str:
    """The script that refuses a store of a newer version, with what this ctibridge knows in it."""
    known = {
        file: {room: versions.written for room, versions in rooms.items()}
        for file, rooms in (("ctibridge.db", stored.STORE), ("desks.db", stored.DESKS))
    }
    asked = (scripts / "newer_store.py").read_text(encoding="utf-8")
    asked = asked.replace("KNOWN: dict[str, dict[str, int]] = {}", f"KNOWN = {json.dumps(known)}")
    script = (scripts / "preinst.in").read_text(encoding="utf-8")
    return script.replace("@VERSION@", __version__).replace("@NEWER_STORE@\n", asked)


if __name__ == "__main__":
    work = {"copyright": copyright_of, "libc": libc_of, "preinst": preinst}[sys.argv[1]]
    sys.stdout.write(work(Path(sys.argv[2])))
