"""What is asked of a sound before it becomes a take, and who decides it.

Knows nothing of scripts, files or processes.
"""
