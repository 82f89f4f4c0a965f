"""The story that the nodes make: its graph, its checks, and walking through it."""
