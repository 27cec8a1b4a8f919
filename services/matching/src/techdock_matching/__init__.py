"""Matching: who should meet whom and why, when they meet, and what comes of it."""
