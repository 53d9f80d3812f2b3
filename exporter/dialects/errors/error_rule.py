"""One row of the decision table: what a vendor or gateway says, and what it means."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from exporter.core.exchange import Finished
from exporter.core.outcome import Fault, Reason

Statuses = range | tuple[int | None, ...]
ANY: Statuses = ()
CLIENT, SERVER, REDIRECT = range(400, 500), range(500, 600), range(300, 400)


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """One way to say what failed. Every condition given must hold.

    `word` matches one of the vendor's codes or types whole, `says` is found anywhere in its message, `status` is HTTP's
    or the one written inside an error that came with a 200 (None: no status at all), `own` means that the answer is a
    LiteLLM gateway's and shows no upstream.
    """

    name: str
    verdict: Reason | Finished
    word: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    status: Statuses = ANY
    own: bool = False
    fault: Fault | None = None

    def matches(self, words: tuple[str, ...], message: str, status: int | None, *, own: bool) -> bool:
        """Return whether every condition given holds; words and message are in lower case."""
        if self.own and not own:
            return False
        if self.status != ANY and status not in self.status:
            return False
        if self.word and not any(fnmatchcase(word, pattern) for word in words for pattern in self.word):
            return False
        return not self.says or any(fnmatchcase(message, f"*{pattern}*") for pattern in self.says)
