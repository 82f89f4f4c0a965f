"""What a line says, in the sounds a model was taught: normalization, phonemes, lexicon.

Text goes in, frozen `Utterance` records come out, with ids of the symbol table
that the checkpoint was trained on. Everything here is plain Python but
`features.py`, which alone imports torch. A language's libraries and
dictionaries are loaded the first time a line in that language is read, so that
importing this package costs nothing.

This room knows nothing of voices, takes or sound.
"""
