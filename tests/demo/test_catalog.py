from exporter.demo.catalog import MODELS, OFFERS
from exporter.demo.dialects import SERVER_DIALECTS
from exporter.probes.evaluation.model_match import is_same_model


def test_the_gateway_offers_all_and_the_vendors_some() -> None:
    offered = {offer.name: set(offer.models) for offer in OFFERS}
    assert (
        offered["holysheep"]
        == set(MODELS)
        == {
            "gpt-4.1",
            "gpt-4o",
            "gpt-4o-mini",
            "o3-mini",
            "claude-sonnet-4",
            "claude-3-5-sonnet",
            "gemini-2.5-flash",
            "deepseek-v3",
        }
    )
    assert all(models and models <= set(MODELS) for models in offered.values())


def test_dialects_exist() -> None:
    assert {offer.dialect for offer in OFFERS} == set(SERVER_DIALECTS)


def test_a_snapshot_is_the_model_and_a_stand_in_is_not() -> None:
    assert [name for name, model in MODELS.items() if not is_same_model(name, model.served)] == []
    assert [name for name, model in MODELS.items() if is_same_model(name, model.stand_in)] == []


def test_names_are_told_once() -> None:
    assert MODELS["gpt-4o-mini"].names == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    assert MODELS["deepseek-v3"].names == ("deepseek-v3",)
