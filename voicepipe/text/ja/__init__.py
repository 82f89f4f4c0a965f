"""Japanese: OpenJTalk's dictionary and accents → phonemes with rises and falls."""
