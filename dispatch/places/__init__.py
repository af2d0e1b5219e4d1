"""Places of the ward: words as spoken, parts as understood, the pin with its history, the match in the map."""
