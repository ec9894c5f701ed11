"""Edges and wiring: everything that talks to the outside."""
