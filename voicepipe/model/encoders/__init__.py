"""Networks that hear recordings: what is said, and who says it."""
