"""The agent page's files: those of the folder `page`, read once. What was not there then does not exist."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}
INDEX = "index.html"

_CSP = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
    b"base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
HEADERS = (
    (b"content-security-policy", _CSP),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class PageFile:
    body: bytes
    media_type: str


def read() -> dict[str, PageFile]:
    """By name, with `/` between folder and file. Raises FileNotFoundError for an installation without its page."""
    folder = files(__package__).joinpath("page")
    found = dict(_walk(folder, ""))
    if INDEX not in found:
        raise FileNotFoundError(f"{folder}/{INDEX} is not there; install ctibridge again")
    return found


def offering_sign_in(index: PageFile) -> PageFile:
    """The page that asks for a token by itself, as a proxy signs agents in."""
    told = index.body.replace(b'name="sign-in" content="token"', b'name="sign-in" content="proxy"')
    return PageFile(told, index.media_type)


def _walk(folder: Traversable, before: str) -> Iterator[tuple[str, PageFile]]:
    for one in folder.iterdir():
        name, ending = before + one.name, one.name.rpartition(".")[2]
        if one.is_dir():
            yield from _walk(one, f"{name}/")
        elif ending in _TYPES:
            yield name, PageFile(one.read_bytes(), _TYPES[ending])
