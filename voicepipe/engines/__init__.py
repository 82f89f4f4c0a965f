"""The engines that can render a line, behind one protocol."""
