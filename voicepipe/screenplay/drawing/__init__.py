"""The story as a picture: layers, places, SVG and Mermaid."""
