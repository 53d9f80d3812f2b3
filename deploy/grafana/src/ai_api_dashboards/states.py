"""How states, availability and error rates look everywhere: words, colours, thresholds."""

from ai_api_dashboards.queries import STATES
from ai_api_dashboards.style import GREEN, GREY, ORANGE, RED, YELLOW, Steps

COLORS = {"unknown": GREY, "up": GREEN, "degraded": YELLOW, "down": RED}
STATE_NAMES = {number: (name, COLORS[name]) for number, name in enumerate(STATES)}
HEALTH_NAMES = {0: ("down", RED), 1: ("up", GREEN)}

AVAILABILITY: Steps = ((None, RED), (99, ORANGE), (99.5, GREEN))
"""Per cent; the objective is 99.5."""

ERRORS: Steps = ((None, GREEN), (1, YELLOW), (5, ORANGE), (20, RED))
"""Per cent of the runs; the alert ErrorRateHigh begins at 20."""

FIRST_TOKEN: Steps = ((None, GREEN), (1.28, YELLOW), (2.56, ORANGE), (10.24, RED))
"""Seconds; the objective is 2.56."""

HEADROOM: Steps = ((None, RED), (10, ORANGE), (25, GREEN))
"""Per cent that is left; the alert RateLimitHeadroomLow begins at 10."""

SPENT: Steps = ((None, GREEN), (75, YELLOW), (90, RED))
"""Per cent of a budget; the alert BudgetNearlySpent begins at 90."""

NETWORK_NAMES = {0: ("down", RED), 1: ("up", GREEN)}
RELOAD_NAMES = {0: ("refused", RED), 1: ("loaded", GREEN)}
STAMP_NAMES = {0: ("process", YELLOW), 1: ("kernel", GREEN)}
