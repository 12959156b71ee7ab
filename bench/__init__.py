"""Speed as ratios taken in one run: an absolute time means little on a shared machine."""
