"""Weight files in, named tensors and checked configuration out; nothing in a file is run."""
