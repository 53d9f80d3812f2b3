"""Settings of the process: by environment, by command line, and what is said of those that cannot be used."""

from pathlib import Path

import pytest

from exporter.config.settings import Listen, Settings, find_unknown_settings, load_settings
from exporter.core.errors import ConfigError

P = "AI_API_EXPORTER_"

ACCEPTED: dict[str, tuple[dict[str, str], dict[str, object]]] = {
    "nothing": ({}, {"config": None, "listen": Listen("", 10115), "log_level": "info", "free_only": False}),
    "a file": ({f"{P}CONFIG": "/etc/exporter.yaml"}, {"config": Path("/etc/exporter.yaml")}),
    "loopback": ({f"{P}LISTEN": "127.0.0.1:9000"}, {"listen": Listen("127.0.0.1", 9000)}),
    "a name": ({f"{P}LISTEN": "localhost:0"}, {"listen": Listen("localhost", 0)}),
    "IPv6": ({f"{P}LISTEN": "[::1]:9000"}, {"listen": Listen("::1", 9000)}),
    "every address": ({f"{P}LISTEN": " :9000 "}, {"listen": Listen("", 9000)}),
    "levels in any case": ({f"{P}LOG_LEVEL": "WARNING", f"{P}LOG_FORMAT": "Json"}, {"log_level": "warning"}),
    "no schedule": ({f"{P}NO_SCHEDULE": "1"}, {"no_schedule": True}),
    "free": ({f"{P}FREE_ONLY": "1"}, {"free_only": True}),
    "not free": ({f"{P}FREE_ONLY": "false"}, {"free_only": False}),
    "set to nothing": ({f"{P}LISTEN": "", f"{P}FREE_ONLY": "", f"{P}STATE_DIR": ""}, {"state_dir": None}),
    "others' variables": ({"LISTEN": "x", "CONFIG": "y", f"{P}SERVICE_PORT": "z"}, {"config": None}),
}


@pytest.mark.parametrize(("environ", "values"), [pytest.param(*row, id=name) for name, row in ACCEPTED.items()])
def test_accepted(environ: dict[str, str], values: dict[str, object]) -> None:
    settings = load_settings(environ)
    assert {name: getattr(settings, name) for name in values} == values


REFUSED = {
    "a bare port": ({f"{P}LISTEN": "10115"}, f'{P}LISTEN: "10115" has no colon; write :10115'),
    "no port": (
        {f"{P}LISTEN": "localhost"},
        f'{P}LISTEN: "localhost" is not HOST:PORT; write :10115 or 127.0.0.1:10115',
    ),
    "a port too high": (
        {f"{P}LISTEN": ":65536"},
        f'{P}LISTEN: ":65536" is not HOST:PORT; write :10115 or 127.0.0.1:10115',
    ),
    "IPv6 bare": (
        {f"{P}LISTEN": "::1:80"},
        f'{P}LISTEN: "::1:80" holds an IPv6 address without brackets; write [::1]:10115',
    ),
    "a level": (
        {f"{P}LOG_LEVEL": "loud"},
        f'{P}LOG_LEVEL: "loud" is not one of the choices; write debug, info, warning or error',
    ),
    "a flag": ({f"{P}FREE_ONLY": "maybe"}, f'{P}FREE_ONLY: "maybe" is neither true nor false; write 1 or 0'),
}


@pytest.mark.parametrize(("environ", "said"), [pytest.param(*row, id=name) for name, row in REFUSED.items()])
def test_refused(environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ)
    assert str(caught.value) == f"environment: {said}"


def test_everything_wrong_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({f"{P}LISTEN": "x", f"{P}LOG_LEVEL": "loud"}, log_format="yaml")
    assert [(problem.source, problem.path) for problem in caught.value.problems] == [
        ("command line", "--log-format"),
        ("environment", f"{P}LISTEN"),
        ("environment", f"{P}LOG_LEVEL"),
    ]


def test_the_command_line_wins() -> None:
    environ = {f"{P}LISTEN": ":1", f"{P}LOG_LEVEL": "debug"}
    settings = load_settings(environ, listen=":2", config=Path("x.yaml"))
    assert (settings.listen, settings.log_level, settings.config) == (Listen("", 2), "debug", Path("x.yaml"))


@pytest.mark.parametrize(
    ("listen", "text"), [(Listen("", 1), ":1"), (Listen("127.0.0.1", 2), "127.0.0.1:2"), (Listen("::1", 3), "[::1]:3")]
)
def test_an_address_reads_back(listen: Listen, text: str) -> None:
    assert str(listen) == text
    assert load_settings({}, listen=text).listen == listen
    assert load_settings({}, listen=listen).listen == listen


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().free_only = True  # type: ignore[misc]  # what must not be possible


def test_variables_that_look_misspelt() -> None:
    environ = {f"{P}LISTN": "", f"{P}COLOUR": "", f"{P}LISTEN": "", "LISTN": ""}
    known = ", ".join(f"{P}{name.upper()}" for name in Settings.model_fields)
    assert list(find_unknown_settings(environ)) == [
        f"the variable {P}COLOUR is not a setting; known are: {known}",
        f"the variable {P}LISTN is not a setting; did you mean {P}LISTEN?",
    ]


def test_what_kubernetes_sets_for_a_service_of_our_name_is_no_misspelt_setting() -> None:
    names = ("PORT", "SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT_10115_TCP", "PORT_10115_TCP_ADDR")
    assert list(find_unknown_settings({f"{P}{name}": "x" for name in names})) == []
