"""What is spoken: variants, texts and neighbours of every line."""
