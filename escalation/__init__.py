"""Tickets and promises: knows no web, no Telegram, no Rasa, no shop."""
