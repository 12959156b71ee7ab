"""CareBoard: a risk board that can be defended, for adult social care providers."""
