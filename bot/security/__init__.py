"""Who may come in and how often, and what is kept out of sight: sessions, limits, sealing, masking."""
