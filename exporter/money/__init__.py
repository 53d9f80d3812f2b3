"""What asking costs: amounts, prices, what a check will cost, and what was spent. No clock, no network, no storage."""
