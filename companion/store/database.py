"""One SQLite file: created when first written, brought up to date, and its failures told in words."""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from companion.core.errors import HistoryError
from companion.home import private_directory
from companion.store.migrations import NAMES, SET, migrations

BUSY_S = 2.0
"""Seconds to wait while another Companion writes; a write of ours takes milliseconds."""

_FULL = "The disk is full, so this could not be written to the history."
_MAGIC = b"SQLite format 3\0"
"""How every database begins (sqlite.org, "Database File Format")."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_DENIED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    """A file of history, opened on the thread that first reads or writes it and used on that one only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """One consistent view of what is kept; None where nothing was ever written. Creates no file."""
        with self._told():
            if self._connection is None and not self.path.exists():
                yield None
                return
            connection = self._opened()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed when the block ends and undone if it raises. Creates the file."""
        with self._told():
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                # SQLite has already undone it where the disk was full.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def empty_log(self) -> None:
        """Move all from the write-ahead log into the file and empty it: it still holds what was deleted."""
        with self._told():
            self._opened().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let the file go; calling it again does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            if not self.path.exists():
                private_directory(self.path.parent)
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self._refuse_strangers()
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_S, isolation_level=None
            )
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _refuse_strangers(self) -> None:
        """Refuse by its first bytes what is no database, before SQLite could mend it from a log beside it."""
        if not self.path.is_file():
            raise HistoryError(f"{self.path} is not a file.", hint="Move it away, or choose another COMPANION_HOME.")
        with self.path.open("rb") as file:
            head = file.read(len(_MAGIC))
        if head and head != _MAGIC:
            raise self._damaged("its first bytes are not those of a database")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Refuse what is not ours before anything is written, then bring it up to date."""
        connection.row_factory = sqlite3.Row
        pending = self._pending(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        # Overwrite what is deleted: a deleted answer must not stay readable in the file.
        connection.execute("PRAGMA secure_delete = ON")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self._enable_wal(connection)
        if pending:
            from sqlite_utils import Database as UtilsDatabase

            # One lock around all steps: of two Companions that start at once, the second finds them done.
            connection.execute("BEGIN IMMEDIATE")
            try:
                migrations().apply(UtilsDatabase(connection, execute_plugins=False, recursive_triggers=False))
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _pending(self, connection: sqlite3.Connection) -> bool:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        applied: set[str] = set()
        if "_sqlite_migrations" in tables:
            rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", [SET])
            applied = {name for (name,) in rows}
        if tables and not applied:
            raise HistoryError(
                f"{self.path} is a database, but not a history of Companion.",
                hint=f"It was left untouched. To begin a new history, move it away:\n{self._set_aside()}",
            )
        if applied - set(NAMES):
            raise HistoryError(
                f"The history at {self.path} was written by a newer version of Companion.",
                hint="It was left untouched. Update Companion to open it, or set COMPANION_HOME to another folder.",
            )
        return applied != set(NAMES)

    @staticmethod
    def _enable_wal(connection: sqlite3.Connection) -> None:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            # Another Companion is in the file: it has set this, or the next to open it will.
            # Rollback journals are as safe; readers only wait a little longer.
            if _primary(error) not in _BUSY:
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise  # a mistake of ours, not the user's
        except sqlite3.Error as error:
            raise self._in_words(error) from error
        except OSError as error:
            raise HistoryError(
                f"The history at {self.path} cannot be used: {error.strerror or error}.",
                hint="Make the folder writable, or set COMPANION_HOME to one that is.",
            ) from error

    def _in_words(self, error: sqlite3.Error) -> HistoryError:
        code = _primary(error)
        if code == sqlite3.SQLITE_FULL:
            return HistoryError(_FULL, hint=f"Free some space. All that was kept before is safe in {self.path}.")
        if code in _BUSY:
            return HistoryError(
                f"The history at {self.path} is in use by another program.", hint="Close it, then try again."
            )
        if code in _DAMAGED:
            return self._damaged(str(error))
        if code in _DENIED:
            return HistoryError(
                f"The history at {self.path} cannot be opened or written ({error}).",
                hint="See that the file and its folder belong to you, or set COMPANION_HOME to another folder.",
            )
        return HistoryError(f"The history at {self.path} cannot be used ({error}).", hint="Is its disk in order?")

    def _damaged(self, how: str) -> HistoryError:
        return HistoryError(
            f"The history at {self.path} is damaged ({how}).",
            hint=f"It was left as it is. To begin a new history, set it aside:\n{self._set_aside()}",
        )

    def _set_aside(self) -> str:
        """The command that moves the file away with its log: a log left behind would be read into the next file."""
        aside = self.path.with_name("history-set-aside")
        if os.name == "nt":
            return f'mkdir "{aside}" && move "{self.path}*" "{aside}"'
        return f"mkdir {shlex.quote(str(aside))} && mv {shlex.quote(str(self.path))}* {shlex.quote(str(aside))}"


def _primary(error: sqlite3.Error) -> int:
    """SQLite's primary result code, without the extended part; 0 where there is none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
