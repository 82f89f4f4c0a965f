"""The model library: which weight files a project uses, whence, and that they are still those."""
