"""The placeholder voice: espeak-ng, spoken to over a pipe.

Makes an instant table-read on a machine with no model files. espeak-ng is
GPL-3; it runs as a separate program and nothing here imports or links it.
"""
