"""Slow proofs, run by `make prove`: each prints its figure; docs/proofs.md keeps them."""
