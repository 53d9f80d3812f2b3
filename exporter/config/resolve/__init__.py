"""The document into the plan: every reference followed, every check made."""
