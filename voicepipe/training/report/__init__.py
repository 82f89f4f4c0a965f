"""What a training writes down, and the page a person looks at."""
