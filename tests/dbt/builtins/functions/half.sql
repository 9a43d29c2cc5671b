select x / 2
