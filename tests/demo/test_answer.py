import json
import random

import pytest

from exporter.demo.answer import Answer, Question, Stop, Tool, compose_answer, count_prompt_tokens
from exporter.demo.catalog import MODELS, Model

PLAIN = MODELS["gpt-4o"]
THINKER = MODELS["o3-mini"]
WEATHER = Tool(name="weather", parameters={"type": "object", "properties": {"city": {"type": "string"}}})


def said(question: Question, seed: int = 1, *, wrong: bool = False) -> Answer:
    return compose_answer(question, random.Random(seed), created=0, wrong=wrong)


def test_an_answer_has_about_sixteen_tokens() -> None:
    lengths = [len(said(Question(model=PLAIN, prompt="Hello"), seed).pieces) for seed in range(50)]
    assert min(lengths) >= 14
    assert max(lengths) <= 18


def test_a_count_is_one_token_per_number() -> None:
    asked = "f00d: Count from one to sixteen in English words, with single spaces between them."
    answer = said(Question(model=PLAIN, prompt=asked, cap=32))
    assert len(answer.pieces) == 16
    assert answer.text.startswith("one two three")
    assert answer.stop is Stop.END


@pytest.mark.parametrize("model", [PLAIN, THINKER], ids=["plain", "reasoning"])
def test_the_probes_cap_is_enough(model: Model) -> None:
    question = Question(model=model, prompt="Count from one to sixteen.", cap=32)
    assert {said(question, seed).stop for seed in range(50)} == {Stop.END}


@pytest.mark.parametrize(("wrong", "text"), [(False, "42"), (True, "43")])
def test_a_sum_is_right_unless_told_otherwise(text: str, *, wrong: bool) -> None:
    assert said(Question(model=PLAIN, prompt="What is 17 + 25?"), wrong=wrong).text == text


def test_the_cap_ends_an_answer() -> None:
    answer = said(Question(model=PLAIN, prompt="Hello", cap=5))
    assert (len(answer.pieces), answer.stop, answer.output_tokens) == (5, Stop.CAP, 5)


def test_reasoning_counts_against_the_cap_and_may_eat_it() -> None:
    answer = said(Question(model=THINKER, prompt="Hello", cap=5))
    assert (answer.text, answer.thoughts, answer.stop, answer.output_tokens) == ("", 5, Stop.CAP, 5)


@pytest.mark.parametrize(
    ("effort", "least", "most"),
    [pytest.param(0.0, 0, 0, id="none"), pytest.param(0.5, 4, 7, id="half"), pytest.param(None, 8, 14, id="usual")],
)
def test_effort_decides_how_much_is_thought(effort: float | None, least: int, most: int) -> None:
    assert least <= said(Question(model=THINKER, prompt="Hello", effort=effort)).thoughts <= most


def test_a_tool_is_called_with_fitting_arguments() -> None:
    answer = said(Question(model=PLAIN, prompt="Is it cold in Oslo?", tool=WEATHER))
    assert (answer.tool, answer.stop) == ("weather", Stop.TOOL)
    assert json.loads(answer.text) == {"city": "Oslo"}


def test_a_form_is_filled() -> None:
    schema = {"type": "object", "properties": {"sum": {"type": "integer"}}}
    assert json.loads(said(Question(model=PLAIN, prompt="17 + 25", schema=schema)).text) == {"sum": 42}


def test_the_same_chance_gives_the_same_answer() -> None:
    question = Question(model=PLAIN, prompt="Hello")
    assert said(question, 4) == said(question, 4)
    assert said(question, 4).id != said(question, 5).id


def test_longer_prompts_cost_more() -> None:
    assert count_prompt_tokens("") < count_prompt_tokens("Hello") < count_prompt_tokens("Hello, how are you?")
