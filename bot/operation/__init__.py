"""Running it: the embedded database, the start, what operators do and look at."""
