"""The organizer's pages: from opening a docking event to its figures."""
