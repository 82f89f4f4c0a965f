"""English: normalization, CMUdict, homographs, guesses for words no dictionary lists."""
