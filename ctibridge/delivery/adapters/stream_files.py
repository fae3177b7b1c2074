"""The stream's documents as they are served and printed; their examples are the files of the folder `examples`."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from ctibridge.delivery import asyncapi, schema
from ctibridge.delivery.adapters.page_files import PageFile

_FOLDER = files(__package__).joinpath("examples")


def events() -> PageFile:
    return PageFile(schema.text(), "application/schema+json")


def described() -> PageFile:
    """The AsyncAPI document."""
    folders = (_FOLDER, _FOLDER.joinpath("desk"), _FOLDER.joinpath("webhook"))
    return PageFile(asyncapi.text(asyncapi.Examples(*map(_written, folders))), asyncapi.MEDIA_TYPE)


def _written(folder: Traversable) -> dict[str, dict[str, Any]]:
    """Frames by the names of their files."""
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".json")), key=lambda one: one.name)
    return {one.name.removesuffix(".json"): msgspec.json.decode(one.read_bytes()) for one in found}
