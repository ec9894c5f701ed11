"""Understanding: one exported text model, served by two engines (embedded, Rasa)."""
