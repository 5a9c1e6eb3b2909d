"""Conversation: one turn, a session of turns, and the start-up of engines."""
