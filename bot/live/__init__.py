"""Hints that something changed: within the process, and between processes."""
