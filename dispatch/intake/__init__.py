"""How requests come in: the hotline form and the fanpage's inbox."""
