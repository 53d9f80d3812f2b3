"""What asking costs: prices, budgets, ledger, forecast, budget admission."""
