"""Which models said they answered one check: bounded memory of names that a vendor chose."""

from exporter.metrics.text import clean_label

REMEMBERED = 8
"""Distinct models that are kept apart: for changes the last ones seen, for names those of the last hour."""

HOUR_NS = 3_600_000_000_000
OTHER = "other"


class ServedModels:
    """The models seen by one check.

    A change is an answer from a model not among the last eight seen, so that a gateway that alternates between two
    is not one long alarm. A name is shown unless eight others were within the hour, so that a vendor that puts a
    random id there cannot fill the time series database.
    """

    __slots__ = ("_recent", "_shown")

    def __init__(self) -> None:
        self._recent: list[str] = []
        self._shown: dict[str, int] = {}

    def record(self, said: str, now_ns: int) -> bool:
        """Note who answered; whether that is a change. The first model ever seen is none."""
        name = clean_label(said)
        if self._recent and name == self._recent[-1] and name in self._shown:
            self._shown[name] = now_ns
            return False
        changed = bool(self._recent) and name not in self._recent
        self._recent = [*(each for each in self._recent if each != name), name][-REMEMBERED:]
        self._forget_before(now_ns - HOUR_NS)
        if name in self._shown or len(self._shown) < REMEMBERED:
            self._shown[name] = now_ns
        return changed

    def label_for(self, said: str) -> str:
        """Return the label for a name that was just noted."""
        name = clean_label(said)
        return name if name in self._shown else OTHER

    def _forget_before(self, moment_ns: int) -> None:
        self._shown = {name: at for name, at in self._shown.items() if at >= moment_ns}
