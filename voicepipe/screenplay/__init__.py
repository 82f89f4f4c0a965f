"""The screenplay: from files people write to resolved lines and a branch graph.

This room knows nothing of voices, sound or banks.
"""
