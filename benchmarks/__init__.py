"""Measurements at scale; never part of the timed tests."""
