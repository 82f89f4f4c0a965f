"""Lip-sync: when each phoneme and word of a clip sounds, and what a mouth does meanwhile.

From phonemes to files: `aligner` and `estimate` give times, `sounds` says what each phoneme looks
like, `tables/` say how each set of mouths shows that, and the modules of `forms` write files.
"""
