"""Ids for lines that have none, put into files that belong to the user."""
