"""Roads: OpenStreetMap in, travel times and the line to draw out."""
