"""One message's way through a turn (`bot/conversation.py`): kept, read, gathered, proven, applied."""
