"""Shared state that can be rebuilt: behind one port, over Redis or Valkey."""
