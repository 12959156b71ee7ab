"""Files in: reading, mapping and checking what providers export from their own systems."""
