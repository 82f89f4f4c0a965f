"""The bank: stored objects, plans, manifests and published versions.

Knows line ids, keys and bytes; knows nothing of how they were made.
"""
