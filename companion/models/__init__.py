"""Model weights: the catalogue, and how they are fetched, imported, verified and removed."""
