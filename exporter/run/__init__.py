"""One check becomes one outcome: scheduler, runner, client, admission."""
