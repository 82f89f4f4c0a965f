"""Cantonese: characters → Jyutping → symbols of its own."""
