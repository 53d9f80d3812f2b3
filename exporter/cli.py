"""The command line: words in, exit code out. Everything it starts is built elsewhere.

Exit codes: 0 fine, 1 a check failed (`probe`), 2 the command line, the configuration or the machine does not allow it.
"""

# ruff: noqa: PLC0415  (a command is imported when it is named: `run` should not pay for the others)
import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from exporter import __version__
from exporter.aio.instrumented_loop import run_instrumented
from exporter.config.settings import DEFAULT_PORT, OPTIONS, PREFIX, Settings, load_settings
from exporter.core.errors import ExporterError

COMMANDS = {
    "run": "probe on a schedule and serve /metrics (the default)",
    "demo": "the same against simulated vendors started inside; needs no key and no network",
    "check-config": "say what would run, or everything that is wrong with the configuration; calls nothing",
    "probe": "run one check now and show where its time went",
    "report": "how the models did in a window: response times, tokens, cost, errors, and which route is best",
    "models": "print a provider's list of models: which are configured, when each retires, what it costs",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = _make_parser().parse_args(_add_default_command(words))
    try:
        return _dispatch(arguments, os.environ)
    except ExporterError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _add_default_command(words: list[str]) -> list[str]:
    """Put `run` before words that name no command; only the first word counts."""
    asks_for_help = any(word in ("-h", "--help", "--version") for word in words)
    names_command = bool(words) and words[0] in COMMANDS
    return words if asks_for_help or names_command else ["run", *words]


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ai-api-exporter", description="Blackbox monitoring for AI model APIs, as Prometheus metrics."
    )
    parser.add_argument("--version", action="version", version=f"ai-api-exporter {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    parts = {name: commands.add_parser(name, help=text, description=text) for name, text in COMMANDS.items()}
    for name, part in parts.items():
        if name != "demo":
            part.add_argument("--config", metavar="FILE", type=Path, help="the YAML file (default: environment only)")
        part.add_argument("--log-level", choices=["debug", "info", "warning", "error"])
        part.add_argument("--log-format", choices=["auto", "console", "json", "logfmt"])
    for name in ("run", "probe", "report"):
        parts[name].add_argument("--state-dir", metavar="DIR", type=Path, help="where state is kept over restarts")
    parts["probe"].add_argument("--no-ledger", action="store_true", help="spend without entering it into the budget")
    parts["probe"].add_argument(
        "--url", metavar="URL", help="ask the exporter there to run the check, and to pay for it"
    )
    parts["probe"].add_argument(
        OPTIONS["http_config_file"],
        dest="http_config_file",
        metavar="FILE",
        type=Path,
        help="password and certificates to ask it with, in the format of promtool",
    )
    parts["report"].add_argument("--window", metavar="SPAN", default="24h", help="how far back (default 24h)")
    parts["report"].add_argument("--output", choices=["table", "json", "csv", "markdown"], default="table")
    parts["report"].add_argument("--from-prometheus", metavar="URL", help="read a Prometheus, not the state directory")
    for name in ("run", "demo"):
        default = f"127.0.0.1:{DEFAULT_PORT}" if name == "demo" else f":{DEFAULT_PORT}, all addresses"
        parts[name].add_argument("--listen", metavar="HOST:PORT", help=f"where to serve (default {default})")
        parts[name].add_argument(
            "--no-schedule",
            action="store_true",
            default=None,
            help="run checks only when /probe asks for them: Prometheus has the schedule",
        )
        _add_web_options(parts[name])
    for name in ("check-config", "probe", "models"):
        parts[name].add_argument("--output", choices=["table", "json"], default="table")
    parts["probe"].add_argument("target", metavar="TARGET", help="provider/model, or provider/model/probe")
    parts["models"].add_argument("provider", metavar="PROVIDER", help="the provider's name in the configuration")
    parts["probe"].add_argument("--debug", action="store_true", help="show the exchange, secrets masked")
    return parser


def _add_web_options(part: argparse.ArgumentParser) -> None:
    """Add the options of who may see and who may act; two of them are named as in other exporters."""
    part.add_argument(
        OPTIONS["web_config_file"],
        dest="web_config_file",
        metavar="FILE",
        type=Path,
        help="TLS, passwords and headers, in the format of Prometheus's exporter-toolkit",
    )
    part.add_argument(
        OPTIONS["web_enable_actions"],
        dest="web_enable_actions",
        action="store_true",
        default=None,
        help="allow everyone who reaches the port to run checks and reload, without a password",
    )
    part.add_argument("--read-only", action="store_true", default=None, help="refuse to run checks or reload by HTTP")


def _dispatch(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = _load_settings(arguments, environ)
    match arguments.command:
        case "check-config":
            from exporter.commands.check_config import check_config

            return check_config(settings, environ, arguments.output)
        case "probe":
            from exporter.commands.probe import run_probe

            how = {"debug": arguments.debug, "ledger": not arguments.no_ledger}
            return asyncio.run(run_probe(settings, environ, arguments.target, arguments.output, **how))
        case "models":
            from exporter.commands.models import list_models

            return asyncio.run(list_models(settings, environ, arguments.provider, arguments.output))
        case "report":
            from exporter.commands.report import show_report

            return show_report(settings.state_dir, arguments.window, arguments.output, arguments.from_prometheus)
        case "demo":
            from exporter.commands.demo import run_demo

            return run_instrumented(lambda: run_demo(settings))
        case _:
            from exporter.commands.run import run_daemon

            return run_instrumented(lambda: run_daemon(settings, environ))


def _load_settings(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
    """Load the process settings: the command line wins over the environment, the environment over the defaults."""
    given = {name: value for name in Settings.model_fields if (value := getattr(arguments, name, None)) is not None}
    if arguments.command == "demo":
        # Unless told otherwise, only this machine may look at a play.
        environ = {f"{PREFIX}LISTEN": f"127.0.0.1:{DEFAULT_PORT}", **environ}
    return load_settings(environ, **given)
