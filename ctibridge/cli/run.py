"""`ctibridge run`: the daemon, in the foreground."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import structlog

from ctibridge import heap, logs, sweep
from ctibridge.app import App
from ctibridge.cli import options
from ctibridge.cli.problem import Problem
from ctibridge.clocks import new_event_loop
from ctibridge.cluster.settings import RedisAccess
from ctibridge.config import ConfigError, Settings, access_of, read_secret, redis_access, webhook_access
from ctibridge.delivery.webhook_settings import WebhookAccess
from ctibridge.domain.private import Private
from ctibridge.installation import StartError
from ctibridge.sd_notify import Notifier
from ctibridge.sip.adapters import tls
from ctibridge.sip.settings import TrunkAccess, TrunkSettings

SWITCH_EVERY = 0.0005
"""Seconds for which a thread keeps the interpreter while another one wants it."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("run", help="the daemon, in the foreground; SIGTERM drains and stops")
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 after a drained stop. Raises Problem: 2 for the configuration, 1 where it cannot start."""
    logs.configure()
    heap.settle()
    settings = options.settings_of(args)
    accesses, webhooks = _accesses(settings, args.config), _webhooks(settings, args.config)
    secret, redis = _proxy_secret(settings, args.config), _redis(settings, args.config)
    # Secrets are read before root is given up: they may be root's.
    options.own_store(settings.node.state_dir)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(settings, accesses, secret, webhooks, redis, args.config))
    return 0


def _accesses(settings: Settings, path: Path) -> dict[str, TrunkAccess]:
    """Raises Problem (2). path: the configuration's."""
    try:
        for trunk in settings.trunk:
            _check_authorities(trunk)
        return {trunk.name: access_of(trunk, path.resolve().parent) for trunk in settings.trunk}
    except ConfigError as error:
        raise Problem(f"{path}: {error}", code=2) from None


def _webhooks(settings: Settings, path: Path) -> dict[str, WebhookAccess]:
    """Raises Problem (2)."""
    try:
        return {webhook.name: webhook_access(webhook, path.resolve().parent) for webhook in settings.webhook}
    except ConfigError as error:
        raise Problem(f"{path}: {error}", code=2) from None


def _proxy_secret(settings: Settings, path: Path) -> Private | None:
    by = settings.web.sign_in
    if by is None or by.secret is None:
        return None
    try:
        return Private(read_secret(by.secret, "web.sign_in, secret", path.resolve().parent))
    except ConfigError as error:
        raise Problem(f"{path}: {error}", code=2) from None


def _redis(settings: Settings, path: Path) -> RedisAccess | None:
    """Raises Problem (2)."""
    try:
        return None if settings.redis is None else redis_access(settings.redis, path.resolve().parent)
    except ConfigError as error:
        raise Problem(f"{path}: {error}", code=2) from None


def _check_authorities(trunk: TrunkSettings) -> None:
    """Raises ConfigError for a `ca_file` that is none."""
    if trunk.ca_file is not None:
        try:
            tls.client_context(trunk.ca_file)
        except tls.CaFault as fault:
            raise ConfigError(f"trunk {trunk.name}: {fault}") from None


async def _serve(
    settings: Settings,
    accesses: Mapping[str, TrunkAccess],
    secret: Private | None,
    webhooks: Mapping[str, WebhookAccess],
    redis: RedisAccess | None,
    config: Path,
) -> None:
    stop, hang_up = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, hang_up.set)
    notifier = Notifier.from_environment()
    app = App(settings, accesses, notifier, secret, webhooks, redis)
    try:
        await app.open()
        sweep.take_over()
        # The directory's threads work in Python too; the loop gets its turn after a half, not after five milliseconds.
        sys.setswitchinterval(SWITCH_EVERY)
        async with asyncio.TaskGroup() as tasks:
            reloading = tasks.create_task(_keep_reloading(app, config, hang_up, stop, notifier))
            await app.run(stop)
            reloading.cancel()
    except StartError as error:
        raise Problem(str(error)) from None
    finally:
        notifier.close()


async def _keep_reloading(
    app: App, config: Path, hang_up: asyncio.Event, stop: asyncio.Event, notifier: Notifier
) -> None:
    """At each SIGHUP until we stop. What comes while one is under way is one more behind it."""
    while True:
        await hang_up.wait()
        hang_up.clear()
        if stop.is_set():
            return
        notifier.reloading()
        await _reload(app, config, stop)
        if not stop.is_set():
            notifier.ready(app.health.status())


async def _reload(app: App, config: Path, stop: asyncio.Event) -> None:
    """A configuration that does not hold costs nothing but a line in log and status: the old one goes on."""
    try:
        settings, accesses, webhooks = await asyncio.to_thread(_read, config)
        if stop.is_set():
            return  # the ports are not ours any more
        await app.reload(settings, accesses, webhooks)
    except (Problem, StartError) as error:
        structlog.get_logger().error("reload_failed", why=str(error))
        app.health.remark("configuration", "the configuration was not reloaded, the old one counts; the log says why")
    else:
        app.health.well("configuration")


def _read(config: Path) -> tuple[Settings, dict[str, TrunkAccess], dict[str, WebhookAccess]]:
    """Raises Problem. Ten thousand lines are ten thousand files perhaps: not for the loop."""
    try:
        settings = options.settings_at(config)
        return settings, _accesses(settings, config), _webhooks(settings, config)
    except (OSError, ValueError, RecursionError) as error:
        # However odd a file is: it must not end a daemon that runs, and would not let start again.
        structlog.get_logger().error("configuration_unreadable", exc_info=True)
        raise Problem(f"{config}: cannot be read ({type(error).__name__}); take back what was changed last") from None
