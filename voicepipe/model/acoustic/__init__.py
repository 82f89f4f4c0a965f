"""The acoustic stage: semantic tokens, phonemes and a style in, samples out."""
