"""ship hồ sơ: the ward's business, a folder a feature. `dispatch` imports `routing`, never the reverse."""
