"""Files that people make in spreadsheets: CSV in any of their encodings, XLSX, JSON Lines."""
