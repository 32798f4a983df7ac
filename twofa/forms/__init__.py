"""What clients fill in. A form checks the shape; the domain decides."""
