"""Who fits whom, and why: profiles, features, hard constraints, fit, reasons."""
