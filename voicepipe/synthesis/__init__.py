"""From a cast line to a request, and from a request to a take.

Knows phonemes, prompts and models; knows nothing of screenplays' branches or banks.
"""
