"""The flows: what each does next, and the table of them."""
