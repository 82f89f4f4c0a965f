"""Sound as arrays: reading, writing, measuring and shaping clips.

This room knows nothing of screenplays, voices or banks.
"""
