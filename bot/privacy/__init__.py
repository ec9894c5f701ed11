"""One person's data: found, handed out, erased, and kept no longer than its class allows (product §6, §8)."""
