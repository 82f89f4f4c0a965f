"""Screenplays in YAML and CSV: text in, the same frozen nodes out, and back again."""
