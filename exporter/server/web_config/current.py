"""The web configuration of now, read again when a file of it changed. One that cannot be used changes nothing."""

import asyncio
import ssl
from collections.abc import Iterable
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from exporter.core.errors import ConfigError, ExporterError, Problem
from exporter.server.web_config.tls import RenewableContext, make_context, make_renewable
from exporter.server.web_config.web_config import WebConfig, read_web_config


class CurrentWebConfig:
    """Holds what the file says. Without a file: plain HTTP for everybody.

    Raises ConfigError, or UsageError for a certificate that cannot be used.
    """

    def __init__(self, path: Path | None, log: FilteringBoundLogger) -> None:
        self._path = path
        self._log = log
        self.config, context = (WebConfig(), None) if path is None else _read(path)
        self.tls: RenewableContext | None = None if context is None else make_renewable(context)
        self._log_notices()

    def list_files(self) -> Iterable[Path]:
        """List the files to watch."""
        return self.config.files

    async def renew(self) -> bool:
        """Read all files anew, on a thread; whether what they say now is used."""
        if self._path is None:
            return True
        try:
            config, context = await asyncio.to_thread(_read, self._path)
            self._take(config, context)
        except ExporterError as error:
            self._log.error("web configuration not read anew, the one before stays in use", problems=str(error))
            return False
        self._log.info("web configuration read anew", config=str(self._path))
        self._log_notices()
        return True

    def _take(self, config: WebConfig, context: ssl.SSLContext | None) -> None:
        if (context is None) != (self.tls is None):
            what = "TLS cannot be turned on or off while serving; restart the exporter"
            raise ConfigError([Problem(str(self._path), None, "tls_server_config", what)])
        self.config = config
        if self.tls is not None and context is not None:
            self.tls.current = context

    def _log_notices(self) -> None:
        for notice in self.config.notices:
            self._log.warning(notice)


def _read(path: Path) -> tuple[WebConfig, ssl.SSLContext | None]:
    config = read_web_config(path)
    return config, None if config.tls is None else make_context(config.tls)
