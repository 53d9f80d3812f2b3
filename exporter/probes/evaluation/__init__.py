"""How an exchange becomes an outcome: answer, measurement, judgement, assertions, model match."""
