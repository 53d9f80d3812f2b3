"""Files that change while the daemon runs: configuration, certificates, web configuration."""

from collections.abc import Callable, Iterable
from pathlib import Path

from exporter.app.parts import Process
from exporter.config.settings import Settings
from exporter.core.target import Provider
from exporter.server.web_config.current import CurrentWebConfig


class FileChanges:
    """Names the files to watch and reacts to their changes.

    `providers` returns the configured providers; `reload` is called with "file" when the configuration changed. Keys in
    files are not watched: they are read at each use.
    """

    def __init__(
        self,
        settings: Settings,
        web: CurrentWebConfig,
        process: Process,
        *,
        providers: Callable[[], Iterable[Provider]],
        reload: Callable[[str], None],
    ) -> None:
        self._config = frozenset({settings.config} - {None})
        self._web = web
        self._transport = process.transport
        self._tasks = process.tasks
        self._log = process.log
        self._providers = providers
        self._reload = reload

    def list_files(self) -> Iterable[Path]:
        """Return the configuration, the web configuration, and certificates, which a session reads when it opens."""
        certificates = (path for provider in self._providers() for path in provider.list_tls_files())
        return {*(path for path in self._config if path is not None), *self._web.list_files(), *certificates}

    async def handle(self, changed: frozenset[Path]) -> None:
        """Reload what changed; a provider's next exchange opens a session that reads its new certificates."""
        for provider in self._providers():
            if not changed.isdisjoint(provider.list_tls_files()):
                await self._transport.forget_provider(provider)
                self._log.info("certificates changed, they are used from now on", provider=provider.name)
        if not changed.isdisjoint(self._web.list_files()):
            self._tasks.start(self._web.renew(), "web configuration")
        if not changed.isdisjoint(self._config):
            self._reload("file")
