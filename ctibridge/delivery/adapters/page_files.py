"""The agent page's files: a short list, read once. What is not on it does not exist."""

from dataclasses import dataclass
from importlib.resources import files

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
INDEX = "index.html"
NAMES = (INDEX, "page.css", "pop.css", "page.js", "link.js", "state.js", "view.js", "words.js", "icon.svg")

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
    """By name. Raises FileNotFoundError for an installation without its page."""
    folder = files(__package__).joinpath("page")
    return {name: PageFile(folder.joinpath(name).read_bytes(), _TYPES[name.rpartition(".")[2]]) for name in NAMES}
