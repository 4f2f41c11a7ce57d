"""Pages of the decision desk and the public pages."""
