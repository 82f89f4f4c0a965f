"""Work in other processes: who renders what, and what happens when one dies."""
