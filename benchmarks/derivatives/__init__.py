"""Right and wrong derivatives by hand, on which checkers of derivatives are held beside each other."""
