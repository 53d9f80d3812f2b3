"""The HTML pages: view models and their templates."""
