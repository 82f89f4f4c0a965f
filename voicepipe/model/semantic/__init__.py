"""The semantic stage: phonemes and a prompt in, semantic tokens out."""
