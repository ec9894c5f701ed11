"""Telegram, through the Bot API: updates come in by webhook or polling, what is said goes out of the outbox."""
