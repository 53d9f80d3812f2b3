"""From the document to the plan: references, what is planned for later, and what is said of it."""

from pathlib import Path

from exporter.config.resolve.plan import iter_label_places
from exporter.config.schema.schema import Document
from exporter.core.plan import Buckets, Budget, Maintenance, Plan
from tests.config.cases import HERE, load, problems, written
from tests.config.stand_ins import known

HEAD = "providers: {openai: {}}\n"


def everything() -> Plan:
    return load(HERE / "valid" / "everything.yaml")


def test_what_is_asked_of_no_single_model() -> None:
    plan = everything()
    assert plan.maintenance == (
        Maintenance(match="openai/*", schedule="30 2 1-7/2 * sat,sun", duration=7200.0),
        Maintenance(match="*", schedule="*/15 0,12 * 1-3 mon-fri", duration=300.0),
    )
    assert plan.budget == Budget(daily_usd=1.0, monthly_usd=20.5)
    assert plan.provider_budgets == {"openai": Budget(monthly_usd=5.0)}
    assert plan.network_check == (("one.one.one.one", 443), ("2606:4700::1111", 443))
    assert (plan.status_pages, plan.max_in_flight, plan.label_keys) == (False, 100, ("team",))
    assert plan.buckets == Buckets(duration=(0.5, 1.0, 2.0), first_token=(0.1, 1.0), per_output_token=(0.01, 0.1))


def test_defaults_of_the_whole(tmp_path: Path) -> None:
    plan = load(written(tmp_path, HEAD))
    assert (plan.buckets, plan.budget, plan.provider_budgets) == (Buckets(), Budget(), {})
    assert (plan.max_in_flight, plan.status_pages, plan.network_check) == (64, True, ())
    assert plan.source == str(tmp_path / "exporter.yaml")


def test_targets_are_all_models_asked_or_only_listed() -> None:
    plan = load(HERE / "valid" / "required.yaml")
    assert [target.model for target in plan.targets] == [
        "with-chat",
        "canary-only",
        "nothing-required",
        "another-required",
        "listed-only",
    ]


def test_quirks_reach_the_checks() -> None:
    quirks = everything().checks[1].target.quirks
    assert (quirks.minimum_cap, quirks.stream_usage, quirks.api_version) == (64, False, "v9")
    assert quirks.extra == {"verbosity": "low", "nested": {"kept": 1}}


def test_a_discovery_makes_the_checks_of_what_it_finds() -> None:
    (row,) = everything().discoveries
    assert (row.provider.name, row.include, row.exclude) == ("openai", ("gpt-*",), ("*-audio*",))
    assert (row.every, row.limit) == (7200.0, 5)
    (check,) = row.checks("gpt-5-nano")
    assert (check.id, check.interval, check.deadlines.total) == ("openai/gpt-5-nano/chat", 3600.0, 15.0)
    assert check.required
    assert check.labels == {"team": "found"}
    assert check.target.quirks.extra["reasoning_effort"] == "minimal"


def test_a_reload_sees_what_changed_and_what_did_not(tmp_path: Path) -> None:
    text = HEAD + "models: [{model: m, provider: openai}, {model: n, provider: openai}]\n"
    text += "discover: [{provider: openai, probes: [chat]}]\n"
    first = load(written(tmp_path, text))
    assert load(written(tmp_path, text)) == first
    changed = load(written(tmp_path, text.replace("model: n,", "model: n, interval: 5m,")))
    same = [check.id for check in changed.checks if check in first.checks]
    assert same == ["openai//models", "openai/m/chat"]
    discovery = load(written(tmp_path, text.replace("probes: [chat]", "probes: [canary]")))
    assert discovery.discoveries != first.discoveries


def test_a_provider_that_is_switched_off_takes_its_models_with_it(tmp_path: Path) -> None:
    text = "providers: {openai: {}, anthropic: {enabled: false, api_key: {env: NOT_SET}}}\n"
    text += "models: [{model: m, providers: [openai, anthropic]}]\ndiscover: [{provider: anthropic}]\n"
    plan = load(written(tmp_path, text))
    assert [check.id for check in plan.checks] == ["openai//models", "openai/m/chat"]
    assert plan.discoveries == ()


def test_a_provider_without_models_is_noticed(tmp_path: Path) -> None:
    notices = load(written(tmp_path, HEAD)).notices
    assert notices == ("provider openai: no model of it is configured, so only the provider itself is asked",)
    found = load(written(tmp_path, HEAD + "discover: [{provider: openai}]\n")).notices
    assert not any("no model of it" in notice for notice in found)


def test_a_problem_of_a_provider_does_not_make_one_of_its_models(tmp_path: Path) -> None:
    text = "providers: {openai: {kind: cloud}}\nmodels: [{model: m, provider: openai}]\n"
    assert problems(written(tmp_path, text)).count("\n") == 0


def test_problems_of_references_stand_beside_those_of_form(tmp_path: Path) -> None:
    text = (
        HEAD + "interval: 5\nmodels:\n  - {model: m, provider: nobody, timeout: x}\n  - {model: n, provider: openai}\n"
    )
    text += "  - {model: n, provider: openai}\n"
    assert [problem.split(": ")[1] for problem in problems(written(tmp_path, text)).split("\n")] == [
        "interval",
        "models[0].timeout",
        "models[0].provider",
        "models[2]",
    ]


def test_everything_with_the_same_problem_is_told_once(tmp_path: Path) -> None:
    text = HEAD + "failures: 9\nwindow: 4\nmodels: [{model: m, provider: openai}, {model: n, provider: openai}]\n"
    assert problems(written(tmp_path, text)).count("failures (9)") == 1


def test_labels_are_looked_for_wherever_they_can_stand() -> None:
    probe = [{"probe": "chat", "labels": {"a": "1"}}]
    tree = {
        "labels": {"a": ""},
        "probes": probe,
        "providers": {"openai": {"probes": probe}},
        "models": [{"model": "m", "probes": probe}],
        "discover": [{"provider": "openai", "probes": probe}],
    }
    places = dict(iter_label_places(Document.model_validate(tree, context=known())))
    assert [place for place, labels in places.items() if labels] == [
        ("probes", 0),
        ("providers", "openai", "probes", 0),
        ("models", 0, "probes", 0),
        ("discover", 0, "probes", 0),
    ]
    assert [place for place, labels in places.items() if not labels] == [
        ("providers", "openai"),
        ("models", 0),
        ("discover", 0),
    ]
