"""The KiCad side: intent, layout, board, checks and fabrication."""
