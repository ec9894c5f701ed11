"""The dialogue: pure; facts go in, effects come out."""
