"""What a text for everybody must not say: who stands behind it."""
