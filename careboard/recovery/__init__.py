"""Service recovery: indicators with their readings, and series computed from records."""
