"""What is known to be spent, and a file that is made to say so."""

from contextlib import closing

from exporter.store.ledger_mirror import ENTRY, OPEN_FOR, SUMS_FOR, Entry, LedgerMirror, Reservation, make_ledger_row
from exporter.store.rows import SETTLED
from exporter.store.startup_state import read_startup_state
from exporter.store.tables import connect
from tests.store.conftest import Fresh

DAY = 86_400.0
NOW = 20_000 * DAY + 5000.0


def reservation(number: int, amount: int = 100, *, at: float = NOW, demand: bool = False) -> Reservation:
    return Reservation(number, "a/m/chat", Entry(at, "a", amount, demand))


def said(books: LedgerMirror) -> list[Entry]:
    """What a file says that was made from them."""
    with closing(connect(None)) as connection:
        books.write(connection, NOW)
        return sorted(read_startup_state(connection).entries, key=lambda entry: (entry.at, entry.amount))


def test_what_is_settled_is_summed_by_day_and_what_is_open_stays() -> None:
    books = LedgerMirror()
    for number in (1, 2, 3):
        books.reserve(reservation(number))
    books.settle(1, 30)
    books.settle(2, 12)
    books.settle(99, 5)
    assert said(books) == [Entry(NOW - 5000, "a", 42, demand=False), Entry(NOW, "a", 100, demand=False)]


def test_an_open_entry_can_be_settled_in_the_new_file(fresh: Fresh) -> None:
    books, connection = LedgerMirror(), fresh()
    books.reserve(reservation(7, demand=True))
    books.write(connection, NOW)
    SETTLED.write(connection, [(7, 60)])
    known = read_startup_state(connection)
    assert known.entries == (Entry(NOW, "a", 60, demand=True),)
    assert known.next_id == 8


def test_what_was_in_the_file_is_replaced(fresh: Fresh) -> None:
    books, connection = LedgerMirror(), fresh()
    ENTRY.write(connection, [make_ledger_row(reservation(1))])
    connection.execute("INSERT INTO spent VALUES (1, 'a', 0, 5)")
    books.write(connection, NOW)
    assert read_startup_state(connection).entries == ()


def test_days_are_those_of_the_calendar() -> None:
    books = LedgerMirror(lambda at: (at + 3600) // DAY * DAY - 3600)
    books.add([Entry(20_000 * DAY - 3601, "a", 1, demand=False), Entry(20_000 * DAY - 3600, "a", 2, demand=False)])
    assert [(entry.at - 20_000 * DAY, entry.amount) for entry in said(books)] == [(-3600 - DAY, 1), (-3600, 2)]


def test_what_nobody_settles_is_kept_as_it_was_reserved() -> None:
    books = LedgerMirror()
    books.reserve(reservation(1))
    books.reserve(reservation(2, at=NOW + OPEN_FOR + 1))
    books.settle(1, 0)
    assert sum(entry.amount for entry in books.list_entries()) == 200


def test_sums_of_long_ago_are_left_out() -> None:
    books = LedgerMirror()
    books.add([Entry(NOW - SUMS_FOR - 2 * DAY, "a", 1, demand=False), Entry(NOW, "a", 2, demand=False)])
    assert [entry.amount for entry in said(books)] == [2]
