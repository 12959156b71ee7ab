"""The demo's sample organisations: made up, and stored by the same services that people use."""
