"""An entry of a `probes` list takes the common keys and the probe's own."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from exporter.config.schema.probe_entry import ProbeEntry, Probes
from exporter.config.yaml.problems import Trouble, translate_errors
from tests.config.stand_ins import DiceSettings, known

ADAPTER = TypeAdapter[dict[int, ProbeEntry]](Probes)


def entry(value: Any) -> ProbeEntry:
    return ADAPTER.validate_python([value], context=known())[0]


def said(value: Any) -> list[Trouble]:
    with pytest.raises(ValidationError) as caught:
        entry(value)
    return translate_errors(caught.value, ProbeEntry)


def test_a_name_is_enough() -> None:
    assert entry("chat") == entry({"probe": "chat"})
    assert entry("chat").probe == "chat"


def test_own_settings_are_told_from_common_ones() -> None:
    made = entry({"probe": "dice", "interval": "5m", "name": "d20", "sides": 20})
    assert (made.interval, made.name, made.settings) == (300.0, "d20", DiceSettings(sides=20))


def test_everything_wrong_at_once() -> None:
    assert said({"probe": "dice", "interval": "5", "sides": 1, "color": "red", "colour": 3}) == [
        Trouble((0, "color"), "unknown key", "did you mean colour?"),
        Trouble((0, "sides"), "{given} is out of range", "write at least 2"),
        Trouble((0, "colour"), "{given} is not text", "put it in quotes"),
        Trouble((0, "interval"), "{given} has no unit", "write 5s"),
    ]


def test_a_setting_that_must_be_given() -> None:
    assert said("dice") == [Trouble((0,), "`sides` is missing", "add it")]


def test_settings_of_another_probe_are_unknown() -> None:
    (trouble,) = said({"probe": "chat", "sides": 6})
    assert (trouble.loc, trouble.what) == ((0, "sides"), "unknown key")
    listed = trouble.instead.removeprefix("known are: ").split(", ")
    assert {"probe", "name", "enabled", "interval"} <= set(listed)
    assert not {"settings", "sides"} & set(listed)


def test_the_word_settings_is_no_key() -> None:
    assert said({"probe": "chat", "settings": {}})[0].what == "unknown key"


def test_what_is_no_name_of_a_probe() -> None:
    assert said({"probe": ["chat"]})[0].loc == (0, "probe")


def test_unknown_probes() -> None:
    assert said("dize") == [Trouble((0,), 'there is no probe "dize"', "did you mean dice?")]
    assert said({"probe": 5}) == [
        Trouble((0, "probe"), 'there is no probe "5"', "known are: balance, chat, dice, models, tools")
    ]
