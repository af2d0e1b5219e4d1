"""The citizen's look at where a dossier stands."""
