"""The daemon: builds every part, applies plans, keeps the accounts."""
