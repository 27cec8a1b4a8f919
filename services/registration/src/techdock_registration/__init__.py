"""Registration: what people and organizations declare, and the letters written to them."""
