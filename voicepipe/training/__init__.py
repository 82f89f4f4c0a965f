"""From recordings of one speaker to a checkpoint that speaks like them.

Knows features, batches, loops, their saved states and the files they end in; knows nothing of
screenplays, banks or renders.
"""
