"""Where OpenAI's methods are: below the base URL, or at Azure below a deployment and with a version in the query.

Azure's form is that of the OpenAI SDK 2.54: chat and embeddings are asked of a deployment, responses and the list of
models are not.
"""

from urllib.parse import quote

from exporter.core.target import Target


def make_model_path(target: Target, method: str) -> str:
    """Make the path of a method that Azure has below each deployment."""
    deployment = f"/deployments/{quote(target.model, safe='')}" if target.quirks.deployment_paths else ""
    return make_account_path(target, f"{deployment}{method}")


def make_account_path(target: Target, method: str) -> str:
    """Make the path of a method that belongs to no deployment."""
    version = target.quirks.api_version
    return f"{method}?api-version={quote(version, safe='')}" if version else method
