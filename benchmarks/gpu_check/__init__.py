"""What a graphics card does with every part of a render, in one run of a few minutes."""
