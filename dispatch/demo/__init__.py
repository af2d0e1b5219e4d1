"""The demo ward: invented people on real streets, in a database of its own."""
