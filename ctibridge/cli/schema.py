"""`ctibridge schema`: the JSON Schemas, made from the code that reads and writes."""

import argparse
import json
import sys

from ctibridge import config
from ctibridge.delivery import schema


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("schema", help="JSON Schema of the configuration, or of the desks' events")
    parser.add_argument("what", choices=["config", "events"])
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.what == "events":
        sys.stdout.write(schema.text().decode())
    else:
        print(json.dumps(config.schema(), indent=2))
    return 0
