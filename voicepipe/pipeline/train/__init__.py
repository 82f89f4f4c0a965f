"""From a voice's recordings to models in the project's library."""
