"""The shared store: takes and clips that machines and people have in common.

Knows where it lies, how to read and write it safely, and what consent forbids; knows nothing of
screenplays or of how takes are made.
"""
