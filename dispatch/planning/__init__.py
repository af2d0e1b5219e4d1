"""The only bridge to `routing`: open jobs and duties -> problem -> plan -> published routes; the board."""
