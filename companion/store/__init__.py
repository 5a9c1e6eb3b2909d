"""What is kept: history in SQLite, and the decks on disk."""
