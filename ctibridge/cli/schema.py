"""`ctibridge schema`: what is configured and what is sent, for programs, made from the code that reads and writes."""

import argparse
import json
import sys

from ctibridge import config
from ctibridge.delivery.adapters import stream_files


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("schema", help="JSON Schema of the configuration, or of the desks' events; AsyncAPI")
    parser.add_argument(
        "what",
        choices=["config", "events", "asyncapi"],
        help="the configuration file; one event of the stream; the whole stream, with examples",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.what == "config":
        print(json.dumps(config.schema(), indent=2))
    else:
        document = stream_files.events() if args.what == "events" else stream_files.described()
        sys.stdout.write(document.body.decode())
    return 0
