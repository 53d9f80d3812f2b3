"""Error answers: read, matched with the rules, named."""
