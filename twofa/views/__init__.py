"""The clients' pages. Views translate: forms check the shape, the domain decides."""
