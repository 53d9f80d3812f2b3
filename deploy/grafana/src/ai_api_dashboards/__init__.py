"""The Grafana dashboards of AI API Exporter as a program: `python -m ai_api_dashboards FOLDER` writes them as JSON."""
